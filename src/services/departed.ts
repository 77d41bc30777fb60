import type { Clock } from '../async/clock.ts';
import { type RemovedEngine, rememberedMs } from '../domain/engine.ts';
import { StorageTrouble } from '../domain/storage-trouble.ts';
import type { Journal } from '../journal/journal.ts';

/**
 * Remembers the engines that are gone, so that stopping one twice and repeating an idempotency key have an answer: the last
 * ones and those with a key in memory, and all of a day in the journal.
 */
export class Departed {
  static readonly #most = 1_000;
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #engines = new Map<string, RemovedEngine>();
  readonly #idByContainer = new Map<string, string>();
  /** The same engines by age, round and round: the first entry of a Map is slow to find where many were deleted before it. */
  readonly #ring: RemovedEngine[] = [];
  readonly #byKey = new Map<string, RemovedEngine[]>();
  #added = 0;

  constructor(journal: Journal, clock: Clock) {
    this.#journal = journal;
    this.#clock = clock;
    for (const engine of journal.departedUnderKeys()) this.#addToKey(engine);
  }

  add(engine: RemovedEngine): void {
    const slot = this.#added++ % Departed.#most;
    const oldest = this.#ring[slot];
    if (oldest) this.#engines.delete(oldest.id);
    if (oldest && oldest.containerId !== null) this.#idByContainer.delete(oldest.containerId);
    this.#ring[slot] = engine;
    this.#engines.set(engine.id, engine);
    if (engine.containerId !== null) this.#idByContainer.set(engine.containerId, engine.id);
    this.#addToKey(engine);
  }

  byId(id: string): RemovedEngine | undefined {
    return this.#engines.get(id) ?? this.#fromJournal('id', id);
  }

  byContainerId(containerId: string): RemovedEngine | undefined {
    const id = this.#idByContainer.get(containerId);
    if (id !== undefined) return this.#engines.get(id);
    return this.#fromJournal('containerId', containerId);
  }

  underKey(key: string): readonly RemovedEngine[] {
    return this.#byKey.get(key) ?? [];
  }

  /** What cannot be read is not known: an engine that left long ago must not end a service that has others to keep. */
  #fromJournal(by: 'id' | 'containerId', value: string): RemovedEngine | undefined {
    try {
      return this.#journal.departed(by, value) ?? undefined;
    } catch (problem) {
      if (!(problem instanceof StorageTrouble)) throw problem;
      return undefined;
    }
  }

  /** Keys are in the order of the first engine that left under each. */
  #addToKey(engine: RemovedEngine): void {
    if (engine.request === null) return;
    const { key } = engine.request;
    this.#byKey.set(key, [...(this.#byKey.get(key) ?? []), engine]);
    for (const [each, engines] of this.#byKey) {
      if (engines.some(({ createdAt }) => createdAt + rememberedMs > this.#clock.now())) return;
      this.#byKey.delete(each);
    }
  }
}
