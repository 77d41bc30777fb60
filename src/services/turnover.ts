import type { Clock } from '../async/clock.ts';
import {
  type Because,
  containerIdOf,
  type Engine,
  type ProvisioningEngine,
  type RunningEngine,
  type StoppingEngine,
  stopping,
} from '../domain/engine.ts';
import type { Change, EngineChange } from '../domain/events.ts';
import { isFresh, isUntried, problemOf } from '../domain/health.ts';
import { surplus } from '../domain/scaling.ts';
import type { EventLog, Saying } from './event-log.ts';
import type { Fleet, FleetDeps } from './fleet.ts';
import * as say from './messages.ts';
import type { Abandoned } from './reservation.ts';

/** Which of the Fleet's engines stay and which go: found well or ill, replaced, too many, condemned, or told to. */
export class Turnover {
  readonly #fleet: Fleet;
  readonly #clock: Clock;
  readonly #log: EventLog;
  #scaledTo: number | null;
  #replacedAt: number | null;

  constructor(fleet: Fleet, { clock, log, past }: Pick<FleetDeps, 'clock' | 'log' | 'past'>) {
    this.#fleet = fleet;
    this.#clock = clock;
    this.#log = log;
    this.#scaledTo = past?.scaledTo ?? null;
    this.#replacedAt = past?.replacedAt == null ? null : Math.min(past.replacedAt, clock.now());
  }

  /** How many engines somebody has asked to be kept; null when nobody has. */
  get scaledTo(): number | null {
    return this.#scaledTo;
  }

  /** When the last replacement of an engine that was UNHEALTHY ended. */
  get replacedAt(): number | null {
    return this.#replacedAt;
  }

  /** Takes in how an engine was found, in the place of what it was `before`. */
  examined(before: RunningEngine, engine: RunningEngine): void {
    if (engine === before) return;
    this.#fleet.put(engine);
    if (engine.health.kind === before.health.kind) return;
    const isWell = engine.health.kind === 'HEALTHY';
    const reason = problemOf(engine.health);
    if (isFresh(before.health)) this.#fleet.breaker.willHear(engine.id, isWell ? 'success' : 'failure');
    // Where the new one is ill, the other one would be no better off with it in its place.
    this.#fleet.record([
      changed(engine, isWell ? 'HEALTHY' : 'UNHEALTHY', reason),
      ...(isWell || !engine.replaces ? this.succeed(engine) : this.retireAll([engine], 'FAILED', reason)),
    ]);
  }

  /** Lets the engine go that a new one has replaced, now that this one is well. */
  succeed(engine: RunningEngine): Saying[] {
    const { replaces } = engine;
    if (!replaces || engine.health.kind !== 'HEALTHY') return [];
    this.rest(replaces.because);
    this.#fleet.put({ ...engine, replaces: null });
    const replaced = this.#fleet.roster.listed(replaces.id);
    if (replaced?.state !== 'RUNNING') return [];
    return this.retireAll([replaced], 'STOPPED', `${engine.name} has taken its place`);
  }

  /** Begins to remove an engine whose place another one is to take. */
  makeWay(engine: RunningEngine, because: Because): void {
    this.rest(because);
    this.retire(engine, 'STOPPED', 'it makes way for another one');
  }

  /** A replacement has ended, whichever way: the next one waits for the cooldown. */
  rest(because: Because | undefined): void {
    if (because === 'UNHEALTHY') this.#replacedAt = this.#clock.now();
  }

  /**
   * Notes how many engines are wanted from now on, and lets those go that are too many.
   * @throws {StorageTrouble} when it cannot be written down: then nothing has changed.
   */
  scale(to: number): void {
    // A try, before anything is changed: the number and what has to go are then written down as one.
    this.#log.promise([], this.#fleet.snapshot());
    this.#scaledTo = to;
    const stopped = this.retireAll(surplus(this.#fleet.snapshot(), to), 'STOPPED', `scaled to ${to}`);
    this.#fleet.record([[{ type: 'SCALING' }, say.scaled(to)], ...stopped]);
  }

  /**
   * Begins to remove an engine. Its name and ports stay taken until `gone`, for its container may still hold them. One that
   * is being made is given up, and removed when it is known whether there is anything to remove.
   */
  retire(
    engine: ProvisioningEngine | RunningEngine,
    change: EngineChange,
    reason: string | null,
    kind: Abandoned['kind'] = 'stopped',
  ): void {
    this.#fleet.record(this.retireAll([engine], change, reason, kind));
  }

  /** The same for several, told of by whoever asks for it. */
  retireAll(
    engines: readonly (ProvisioningEngine | RunningEngine)[],
    change: EngineChange,
    reason: string | null,
    kind: Abandoned['kind'] = 'stopped',
  ): EngineSaying<StoppingEngine>[] {
    const now = this.#clock.now();
    return engines.map((engine) => {
      // What boot finds dead may have died with the whole host.
      if (change === 'FAILED' && engine.state === 'RUNNING' && this.#fleet.phase === 'SERVING')
        this.#fleet.unsteady.died(engine.tunnel?.vpn ?? null, now - engine.startedAt, now);
      // What becomes of one that nobody has found well says something about its image, unless it was told to go.
      if (engine.state === 'RUNNING' && isUntried(engine.health))
        this.#fleet.breaker.willHear(engine.id, change === 'FAILED' ? 'failure' : 'neutral');
      const leaving = stopping(engine, containerIdOf(engine));
      this.rest(engine.replaces?.because);
      this.#fleet.put(leaving);
      this.#fleet.abandon(engine.id, { kind, reason: reason ?? 'it is not wanted any longer' });
      return changed(leaving, change, reason);
    });
  }

  /** Lets the engines go whose VPN is configured no longer: what is remembered of them is told before it can be forgotten. */
  evict(): void {
    const evicted = this.#fleet.roster.all.flatMap((engine) =>
      engine.state === 'STOPPING' || this.#fleet.hasPlace(engine)
        ? []
        : [stopping(engine, containerIdOf(engine))],
    );
    for (const engine of evicted) this.#fleet.put(engine);
    this.#fleet.record(evicted.map((engine) => changed(engine, 'STOPPED', say.evicted(engine))));
  }
}

type EngineSaying<E extends Engine> = readonly [
  Extract<Change, { type: 'ENGINE_CHANGED' }> & { readonly engine: E },
  string,
];

/** What has become of an engine, as it is to be told. */
export const changed = <E extends Engine>(
  engine: E,
  change: EngineChange,
  reason: string | null,
): EngineSaying<E> => [
  { type: 'ENGINE_CHANGED', change, reason, engine },
  say.engineChanged(engine, change, reason),
];
