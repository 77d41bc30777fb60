import type { RemovedEngine } from '../domain/engine.ts';

/** Remembers the engines removed last, so that stopping one twice and repeating an idempotency key have an answer. */
export class Departed {
  static readonly #most = 10_000;
  readonly #engines = new Map<string, RemovedEngine>();
  readonly #idByContainer = new Map<string, string>();
  /** The same engines by age, round and round: the first entry of a Map is slow to find where many were deleted before it. */
  readonly #ring: RemovedEngine[] = [];
  #added = 0;

  add(engine: RemovedEngine): void {
    const slot = this.#added++ % Departed.#most;
    const oldest = this.#ring[slot];
    if (oldest) this.#engines.delete(oldest.id);
    if (oldest && oldest.containerId !== null) this.#idByContainer.delete(oldest.containerId);
    this.#ring[slot] = engine;
    this.#engines.set(engine.id, engine);
    if (engine.containerId !== null) this.#idByContainer.set(engine.containerId, engine.id);
  }

  byId(id: string): RemovedEngine | undefined {
    return this.#engines.get(id);
  }

  byContainerId(containerId: string): RemovedEngine | undefined {
    const id = this.#idByContainer.get(containerId);
    return id === undefined ? undefined : this.#engines.get(id);
  }
}
