import type { StartOutcome } from '../domain/circuit.ts';
import type { ProvisioningEngine, RunningEngine } from '../domain/engine.ts';
import { type Health, isUntried } from '../domain/health.ts';
import type { ProvisionRefusal } from '../domain/refusal.ts';
import type { Fleet } from './fleet.ts';

/** Why whoever made an engine has to give it up before it runs. */
export interface Abandoned {
  readonly kind: 'vpn-failed' | 'stopped';
  readonly reason: string;
}

/**
 * A place promised to an engine: VPN, name, four ports, and the trial of a circuit that is half open: one thing. Leaving its
 * scope without `fill` gives it back, at once where no container can exist, and otherwise when its container is gone.
 */
export class Reservation implements Disposable {
  readonly #fleet: Fleet;
  readonly #abandoning = new AbortController();
  #engine: ProvisioningEngine;
  #abandoned: Abandoned | null = null;
  #containerId: string | null = null;
  #mayExist = false;
  #filled = false;
  #failure: string | null = null;
  #reported = false;

  constructor(engine: ProvisioningEngine, fleet: Fleet) {
    this.#engine = engine;
    this.#fleet = fleet;
  }

  get engine(): ProvisioningEngine {
    return this.#engine;
  }

  /** Aborts when the engine has to be given up. */
  get signal(): AbortSignal {
    return this.#abandoning.signal;
  }

  get abandoned(): Abandoned | null {
    return this.#abandoned;
  }

  abandon(why: Abandoned): void {
    this.#abandoned ??= why;
    this.#abandoning.abort();
  }

  /** Why it may not be started after all, now that its turn has come. */
  refusedNow(): ProvisionRefusal | null {
    return this.#fleet.breaker.refusedNow(this.#engine.id);
  }

  rename(strangers: readonly string[]): void {
    if (!this.#abandoned) this.#engine = this.#fleet.rename(this.#engine, strangers);
  }

  /** Docker was asked for the container and its answer leaves open whether it exists. */
  mayBeMade(): void {
    this.#mayExist = true;
  }

  made(containerId: string): void {
    this.#containerId = containerId;
    this.#mayExist = true;
  }

  /** `outcome` is what the failure says about the image. */
  failed(reason: string, outcome: StartOutcome): void {
    this.#failure ??= reason;
    this.#report(outcome);
  }

  /** The engine runs. The caller has checked, in the same turn, that it was not abandoned. */
  fill(containerId: string, health: Health): RunningEngine {
    this.#filled = true;
    // Of one that was not found well yet, the circuit hears when it is, or when it is known not to be.
    if (!isUntried(health)) this.#report('success');
    return this.#fleet.fill(this.#engine, containerId, health);
  }

  /** The circuit hears of each start once, and as soon as it is known, so that the next one in turn is asked about it. */
  #report(outcome: StartOutcome): void {
    if (this.#reported) return;
    this.#reported = true;
    this.#fleet.breaker.ended(this.#engine.id, outcome);
  }

  [Symbol.dispose](): void {
    if (this.#filled) return;
    this.#report('neutral');
    const failure = this.#failure ?? 'the attempt ended unexpectedly';
    this.#fleet.released(this.#engine, this.#containerId, this.#mayExist, failure);
  }
}
