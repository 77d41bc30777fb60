import { Bell } from '../async/bell.ts';
import type { Clock } from '../async/clock.ts';
import type { Docker, StirredEngine } from '../docker/docker.ts';
import { lossOf, type OwnContainer, type Standing, takeCensus } from '../domain/census.ts';
import { containerIdOf, type Engine, type RunningEngine } from '../domain/engine.ts';
import type { EmergencyMode } from './emergency.ts';
import type { EventLog } from './event-log.ts';
import type { Fleet } from './fleet.ts';
import type { Log } from './log.ts';
import type { Orphans } from './orphans.ts';
import { hostSite } from './sites.ts';

export interface CensusDeps {
  readonly fleet: Fleet;
  readonly emergency: EmergencyMode;
  readonly events: EventLog;
  readonly orphans: Orphans;
  readonly docker: Docker;
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds between two listings where nothing stirs. */
  readonly intervalMs: number;
}

/** Milliseconds between two listings: while Docker does not answer, and at the least. */
const retryMs = 500;
const leastPauseMs = 500;

/** Until then whoever waits for an engine that died has noticed, or has taken another's answer for its own. */
const deathBeforeReadyMs = 1_000;

/** Keeps the engines listed and the containers that exist the same: adopts, and notices what is lost and what is nobody's. */
export class CensusTaker {
  readonly #deps: CensusDeps;
  readonly #bell = new Bell();
  readonly #first = Promise.withResolvers<void>();
  readonly #underWay = new Set<Promise<void>>();
  #trouble: string | null = null;

  constructor(deps: CensusDeps) {
    this.#deps = deps;
  }

  /** Resolves once the engines that ran already are adopted. */
  get first(): Promise<void> {
    return this.#first.promise;
  }

  /** Why the last listing could not be had; null when it could. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** Something may have been missed. */
  stirred(): void {
    this.#bell.ring();
  }

  /** Something happened to an engine's container. */
  engineStirred({ id, own, vpn, ports }: StirredEngine, action: string): void {
    if (!own && action === 'create') this.#deps.fleet.sites.meetNeighbour(vpn ?? hostSite, ports);
    const engine = own ? this.#deps.fleet.roster.engine(id) : undefined;
    if (!engine || engine.state === 'REMOVED') {
      // A container of ours exists that should not, or a neighbour's ports are taken or free.
      if (action === 'create' || action === (own ? 'start' : 'destroy')) this.stirred();
      return;
    }
    if (action !== 'die' && action !== 'destroy') return;
    const check = this.#check(id, engine.state === 'PROVISIONING' ? deathBeforeReadyMs : 0).finally(() =>
      this.#underWay.delete(check),
    );
    this.#underWay.add(check);
  }

  /** Looks whether an engine of another instance has one of an engine's ports. */
  async neighbourHolds(engine: Engine): Promise<boolean> {
    await this.#take();
    return this.#deps.fleet.sites.neighbourHolds(engine);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, intervalMs } = this.#deps;
    while (!signal.aborted) {
      await this.#take();
      await clock.sleep(leastPauseMs, signal);
      await this.#bell.sleep(clock, this.#trouble === null ? intervalMs : retryMs, signal);
    }
    await Promise.all(this.#underWay);
  }

  async #take(): Promise<void> {
    const { fleet, emergency, events, orphans, docker, log } = this.#deps;
    const before = fleet.roster.all.filter((engine) => engine.state === 'RUNNING');
    const listing = await docker.listEngines();
    if (listing.kind !== 'listed') {
      const trouble = `Docker does not answer properly at ${docker.address}: ${listing.message}`;
      if (trouble !== this.#trouble)
        log.warn({ docker: docker.address, reason: listing.message }, 'Docker cannot be used; trying again');
      this.#trouble = trouble;
      return;
    }
    if (this.#trouble !== null) log.info({ docker: docker.address }, 'Docker answers again');
    this.#trouble = null;

    const known = before.flatMap(({ id }) => this.#stillRunning(id) ?? []);
    const standing = ({ engineId, containerId }: OwnContainer): Standing => {
      const engine = engineId === null ? undefined : fleet.roster.engine(engineId);
      if (!engine) return 'unknown';
      const itsOwn = containerIdOf(engine) === null || containerIdOf(engine) === containerId;
      return engine.state !== 'REMOVED' && itsOwn ? 'listed' : 'departed';
    };
    const census = takeCensus(listing.containers, known, standing, (engine) => fleet.hasPlace(engine));
    fleet.sites.meetNeighbours(listing.neighbours);
    for (const engine of census.adopt) fleet.adopt(engine);
    for (const { engine, reason } of census.lost) fleet.turnover.retire(engine, 'FAILED', reason);
    if (census.adopt.length > 0) emergency.settle();
    this.#first.resolve();
    orphans.found(census.orphans);
    if (census.orphans.length > 0) events.nudge();
  }

  /** Looks whether a running engine still does; after a while, if it died when it was still being made. */
  async #check(id: string, delayMs: number): Promise<void> {
    const { fleet, docker, clock } = this.#deps;
    if (delayMs > 0) await clock.sleep(delayMs);
    const engine = this.#stillRunning(id);
    if (!engine) return;
    const found = await docker.findEngine(engine.containerId);
    // Docker did not say: the next listing will.
    if (found.kind !== 'found' && found.kind !== 'absent') return this.stirred();
    const reason = lossOf(engine, found.kind === 'found' ? found.container : undefined);
    const now = this.#stillRunning(engine.id);
    if (reason !== null && now) fleet.turnover.retire(now, 'FAILED', reason);
  }

  #stillRunning(id: string): RunningEngine | null {
    const engine = this.#deps.fleet.roster.engine(id);
    return engine?.state === 'RUNNING' ? engine : null;
  }
}
