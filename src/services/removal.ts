import { Semaphore } from 'async-mutex';
import { Scope } from '../async/scope.ts';
import type { Docker } from '../docker/docker.ts';
import type { Engine, StoppingEngine } from '../domain/engine.ts';
import type { Log } from './log.ts';
import { type UntilEngineDeps, untilEngine } from './until-engine.ts';

export interface RemovalDeps extends UntilEngineDeps {
  readonly docker: Docker;
  readonly log: Log;
}

/** Removals at once: measured, more is hardly faster, and leaves nobody else a processor meanwhile. */
const width = 4;

/** Milliseconds after which a slot is given on, though Docker has said nothing yet. */
const longestTurnMs = 1_000;

/** Milliseconds between two tries. */
const firstPauseMs = 250;
const longestPauseMs = 5_000;

/** Removes what is STOPPING until it is gone: driven by that state, so that nothing that is condemned can be forgotten. */
export class Removal {
  readonly #deps: RemovalDeps;
  readonly #slots = new Semaphore(width);
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(deps: RemovalDeps) {
    this.#deps = deps;
  }

  /** Runs until `signal` aborts, then waits for the tries it began. */
  async run(signal: AbortSignal): Promise<void> {
    const { fleet, events } = this.#deps;
    // Driven by what is STOPPING and not by events, of which a slow reader may miss some.
    for await (const leaving of events.latest(() => fleet.leaving, signal)) {
      for (const engine of leaving) this.#begin(engine, signal);
    }
    await Promise.all(this.#underWay.values());
  }

  /** Resolves when no container is left to be removed. */
  async untilNoneLeaves(signal: AbortSignal): Promise<void> {
    const { fleet, events } = this.#deps;
    for await (const leaving of events.latest(() => fleet.leaving, signal)) if (leaving.length === 0) return;
  }

  /** The engine once it is REMOVED, or as it is after `longestMs`. */
  untilGone(id: string, longestMs: number): Promise<Engine> {
    return untilEngine(id, ({ state }) => state === 'REMOVED', longestMs, this.#deps);
  }

  #begin(engine: StoppingEngine, signal: AbortSignal): void {
    if (this.#underWay.has(engine.id)) return;
    const work = this.#remove(engine, signal).finally(() => this.#underWay.delete(engine.id));
    this.#underWay.set(engine.id, work);
  }

  async #remove(engine: StoppingEngine, signal: AbortSignal): Promise<void> {
    const { fleet, clock, log } = this.#deps;
    for (let pause = firstPauseMs; !signal.aborted; pause = Math.min(pause * 2, longestPauseMs)) {
      const problem = await this.#inTurn(engine, signal);
      if (signal.aborted && problem !== null) return;
      if (problem === null) {
        fleet.gone(engine);
        return;
      }
      log.warn({ engine: engine.name, reason: problem }, 'an engine cannot be removed yet');
      await clock.sleep(pause, signal);
    }
  }

  /** A removal that hangs must not hold up the others; what comes of it is waited for all the same. */
  async #inTurn(engine: StoppingEngine, signal: AbortSignal): Promise<string | null> {
    const { outcome } = await this.#slots.runExclusive(async () => {
      if (signal.aborted) return { outcome: 'the service stops' };
      const outcome = this.#try(engine);
      using turn = new Scope(signal);
      await Promise.race([outcome, this.#deps.clock.sleep(longestTurnMs, turn.signal)]);
      return { outcome };
    });
    return outcome;
  }

  /** Null when the container is known not to exist. */
  async #try(engine: StoppingEngine): Promise<string | null> {
    const { docker } = this.#deps;
    // An id that was remembered may be somebody else's container by now, as far as anybody can tell without asking.
    const found = await docker.findEngine(engine.containerId ?? engine.name);
    if (found.kind === 'absent') return null;
    if (found.kind !== 'found') return found.message;
    if (found.container.engineId !== engine.id) return null;
    const result = await docker.removeEngine(found.container.containerId);
    return result.kind === 'removed' ? null : result.message;
  }
}
