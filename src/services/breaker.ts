import type { Clock } from '../async/clock.ts';
import { circuitOpen } from '../domain/admission.ts';
import {
  type Circuit,
  circuitBegin,
  circuitEnd,
  circuitWait,
  closedCircuit,
  type StartOutcome,
} from '../domain/circuit.ts';
import type { Policy } from '../domain/policy.ts';
import type { ProvisionRefusal } from '../domain/refusal.ts';
import * as say from './messages.ts';

/** The circuit breaker's present state. Every path that starts an engine asks it and reports to it. */
export class Breaker {
  readonly #clock: Clock;
  readonly #policy: Policy;
  readonly #tell: (message: string) => void;
  readonly #unheard: [engineId: string, outcome: StartOutcome][] = [];
  #circuit: Circuit;

  constructor(past: Circuit, clock: Clock, policy: Policy, tell: (message: string) => void) {
    this.#clock = clock;
    this.#policy = policy;
    this.#tell = tell;
    this.#circuit = remembered(past, clock.now(), policy);
  }

  get circuit(): Circuit {
    return this.#circuit;
  }

  /** An engine that was let in begins to be made. */
  begin(engineId: string): void {
    this.#become(circuitBegin(this.#circuit, engineId));
  }

  /** Why an engine that was let in may not be started after all: the circuit has opened meanwhile. */
  refusedNow(engineId: string): ProvisionRefusal | null {
    if (this.#circuit.kind === 'HALF_OPEN' && this.#circuit.trial === engineId) return null;
    const wait = circuitWait(this.#circuit, this.#clock.now());
    if (wait !== null) return circuitOpen(wait);
    this.begin(engineId);
    return null;
  }

  ended(engineId: string, outcome: StartOutcome): void {
    this.#become(circuitEnd(this.#circuit, engineId, outcome, this.#clock.now(), this.#policy));
  }

  /** How a start has ended that is about to be told of: what comes of it is told by itself, and must not come before. */
  willHear(engineId: string, outcome: StartOutcome): void {
    this.#unheard.push([engineId, outcome]);
  }

  /** Takes in what it was to hear, now that nothing is half told. */
  hear(): void {
    for (const [engineId, outcome] of this.#unheard.splice(0)) this.ended(engineId, outcome);
  }

  reset(): void {
    this.#become(closedCircuit);
  }

  #become(circuit: Circuit): void {
    const before = this.#circuit.kind;
    this.#circuit = circuit;
    if (circuit.kind !== before) this.#tell(say.circuit(circuit, this.#clock.now()));
  }
}

/** A trial that a process took along when it ended was none, and no wait is longer than a whole one. */
function remembered(past: Circuit, now: number, policy: Policy): Circuit {
  switch (past.kind) {
    case 'CLOSED':
      return past;
    case 'OPEN':
      return { kind: 'OPEN', until: Math.min(past.until, now + policy.circuitRecoveryMs) };
    case 'HALF_OPEN':
      return { kind: 'OPEN', until: now };
  }
}
