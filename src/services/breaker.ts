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

/** The circuit breaker's present state. Every path that starts an engine asks it and reports to it. */
export class Breaker {
  readonly #clock: Clock;
  readonly #policy: Policy;
  #circuit: Circuit;

  /** A trial that a process took along with it when it ended was none. */
  constructor(remembered: Circuit, clock: Clock, policy: Policy) {
    this.#clock = clock;
    this.#policy = policy;
    this.#circuit = remembered.kind === 'HALF_OPEN' ? { kind: 'OPEN', until: clock.now() } : remembered;
  }

  get circuit(): Circuit {
    return this.#circuit;
  }

  /** An engine that was let in begins to be made. */
  begin(engineId: string): void {
    this.#circuit = circuitBegin(this.#circuit, engineId);
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
    this.#circuit = circuitEnd(this.#circuit, engineId, outcome, this.#clock.now(), this.#policy);
  }

  reset(): void {
    this.#circuit = closedCircuit;
  }
}
