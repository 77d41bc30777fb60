import { Semaphore } from 'async-mutex';
import type { Docker } from '../docker/docker.ts';
import type { OwnContainer } from '../domain/census.ts';
import type { Log } from './log.ts';

/** Orphans removed at once. */
const width = 4;

/** The containers of ours that are no engine's, as the last listing found them. */
export class Orphans {
  readonly #docker: Docker;
  readonly #log: Log;
  readonly #slots = new Semaphore(width);
  readonly #beingRemoved = new Set<string>();
  #found: readonly OwnContainer[] = [];

  constructor(docker: Docker, log: Log) {
    this.#docker = docker;
    this.#log = log;
  }

  /** Those that nobody is removing. */
  get waiting(): readonly OwnContainer[] {
    return this.#found.filter(({ containerId }) => !this.#beingRemoved.has(containerId));
  }

  found(orphans: readonly OwnContainer[]): void {
    this.#found = orphans;
  }

  /** What cannot be removed now is an orphan again in the next listing. */
  async remove({ containerId, status }: OwnContainer): Promise<void> {
    this.#beingRemoved.add(containerId);
    const result = await this.#slots.runExclusive(() => this.#docker.removeEngine(containerId));
    this.#beingRemoved.delete(containerId);
    this.#found = this.#found.filter((orphan) => orphan.containerId !== containerId);
    const reason = result.kind === 'removed' ? undefined : result.message;
    const what = reason ? 'an orphaned container cannot be removed yet' : 'an orphaned container was removed';
    this.#log.warn({ containerId, status, reason }, what);
  }
}
