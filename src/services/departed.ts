import type { RemovedEngine } from '../domain/engine.ts';

/** Remembers the engines removed last, so that stopping one twice and repeating an idempotency key have an answer. */
export class Departed {
  static readonly #most = 10_000;
  readonly #engines = new Map<string, RemovedEngine>();
  readonly #idByContainer = new Map<string, string>();

  add(engine: RemovedEngine): void {
    this.#engines.set(engine.id, engine);
    if (engine.containerId !== null) this.#idByContainer.set(engine.containerId, engine.id);
    const [oldest] = this.#engines.values();
    if (!oldest || this.#engines.size <= Departed.#most) return;
    this.#engines.delete(oldest.id);
    if (oldest.containerId !== null) this.#idByContainer.delete(oldest.containerId);
  }

  byId(id: string): RemovedEngine | undefined {
    return this.#engines.get(id);
  }

  byContainerId(containerId: string): RemovedEngine | undefined {
    const id = this.#idByContainer.get(containerId);
    return id === undefined ? undefined : this.#engines.get(id);
  }
}
