import { Bell } from '../async/bell.ts';
import type { Clock } from '../async/clock.ts';
import type { Docker } from '../docker/docker.ts';
import { lossOf, type Standing, takeCensus } from '../domain/census.ts';
import type { RunningEngine } from '../domain/engine.ts';
import type { Fleet } from './fleet.ts';
import type { Log } from './log.ts';

export interface CensusDeps {
  readonly fleet: Fleet;
  readonly docker: Docker;
  readonly clock: Clock;
  readonly log: Log;
}

/** Milliseconds between two listings: where nothing stirs, while Docker does not answer, and at the least. */
const beatMs = 30_000;
const retryMs = 500;
const leastPauseMs = 500;

/** Keeps the engines listed and the containers that exist the same: adopts, clears away, and notices what was lost. */
export class CensusTaker {
  readonly #deps: CensusDeps;
  readonly #bell = new Bell();
  readonly #first = Promise.withResolvers<void>();
  readonly #underWay = new Set<Promise<void>>();
  #trouble: string | null = 'Docker was not asked yet';

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
  engineStirred({ id, own }: { readonly id: string; readonly own: boolean }, action: string): void {
    const engine = own ? this.#deps.fleet.engine(id) : undefined;
    if (!engine) {
      // A neighbour's ports are taken or free, or a container of ours exists that nobody here knows.
      if (action === 'create' || action === 'start' || action === 'destroy') this.stirred();
      return;
    }
    if (engine.state !== 'RUNNING' || (action !== 'die' && action !== 'destroy')) return;
    const check = this.#check(engine).finally(() => this.#underWay.delete(check));
    this.#underWay.add(check);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    while (!signal.aborted) {
      await this.#take();
      await clock.sleep(leastPauseMs, signal);
      await this.#bell.sleep(clock, this.#trouble === null ? beatMs : retryMs, signal);
    }
    await Promise.all(this.#underWay);
  }

  async #take(): Promise<void> {
    const { fleet, docker, log } = this.#deps;
    const before = fleet.engines.filter((engine) => engine.state === 'RUNNING');
    const listing = await docker.listEngines();
    if (listing.kind !== 'listed') {
      const trouble = `Docker does not answer properly at ${docker.address}: ${listing.message}`;
      if (trouble !== this.#trouble)
        log.warn(
          { docker: docker.address, reason: listing.message },
          'Docker cannot be used; trying again every second',
        );
      this.#trouble = trouble;
      return;
    }
    if (this.#trouble !== null) log.info({ docker: docker.address }, 'Docker answers');
    this.#trouble = null;

    const known = before.flatMap(({ id }) => this.#stillRunning(id) ?? []);
    const standing = (id: string): Standing => {
      const state = fleet.engine(id)?.state;
      return state === undefined ? 'unknown' : state === 'REMOVED' ? 'departed' : 'listed';
    };
    const census = takeCensus(listing.containers, known, standing, (engine) => fleet.hasPlace(engine));
    fleet.meetNeighbours(listing.neighbours);
    for (const engine of census.adopt) fleet.adopt(engine);
    for (const { engine, reason } of census.lost) fleet.retire(engine, 'FAILED', reason, engine.containerId);
    await Promise.all(
      census.orphans.map(async ({ containerId, status }) => {
        const result = await docker.removeEngine(containerId);
        const reason = result.kind === 'removed' ? undefined : result.message;
        log.warn(
          { containerId, status, reason },
          reason ? 'an orphaned container cannot be removed yet' : 'an orphaned container was removed',
        );
      }),
    );
    this.#first.resolve();
  }

  async #check(engine: RunningEngine): Promise<void> {
    const { fleet, docker } = this.#deps;
    const found = await docker.findEngine(engine.containerId);
    // Docker did not say: the next listing will.
    if (found.kind !== 'found' && found.kind !== 'absent') return this.stirred();
    const reason = lossOf(engine, found.kind === 'found' ? found.container : undefined);
    const now = this.#stillRunning(engine.id);
    if (reason !== null && now) fleet.retire(now, 'FAILED', reason, now.containerId);
  }

  #stillRunning(id: string): RunningEngine | null {
    const engine = this.#deps.fleet.engine(id);
    return engine?.state === 'RUNNING' ? engine : null;
  }
}
