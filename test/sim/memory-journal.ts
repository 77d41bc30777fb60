import type { RemovedEngine } from '../../src/domain/engine.ts';
import type { Event } from '../../src/domain/events.ts';
import { StorageTrouble } from '../../src/domain/storage-trouble.ts';
import type { Journal, Selection } from '../../src/journal/journal.ts';
import type { Alive } from './schedule.ts';

/** What outlives a process: the disk. */
export class Disk {
  readonly id: string;
  readonly events: Event[] = [];
  full = false;
  /** Called after every write, when nothing has followed from it yet. */
  written = (): void => {};

  constructor(id: string) {
    this.id = id;
  }
}

/** A journal on that disk, as one process has it. What another has written it knows by its content alone. */
export class MemoryJournal implements Journal {
  readonly #disk: Disk;
  readonly #life: Alive;
  readonly #departed = new Map<string, RemovedEngine>();
  #newest: Event | null;

  constructor(disk: Disk, life: Alive) {
    this.#disk = disk;
    this.#life = life;
    this.#newest = structuredClone(disk.events.at(-1) ?? null);
    for (const event of disk.events) this.#note(event);
  }

  get id(): string {
    return this.#disk.id;
  }

  get newest(): Event | null {
    return this.#newest;
  }

  get oldest(): number {
    return this.#disk.events[0]?.position ?? 1;
  }

  append(events: readonly Event[]): void {
    if (!this.#life.alive) return;
    if (this.#disk.full) throw new StorageTrouble('The disk is full.');
    if (events.length === 0) return;
    this.#disk.events.push(...events);
    for (const event of events) this.#note(event);
    this.#newest = events.at(-1) ?? this.#newest;
    this.#disk.written();
  }

  read({ after, before, types, newestFirst, most }: Selection): Event[] {
    const found = this.#disk.events.filter(
      ({ position, type }) => position > after && position < before && (!types || types.includes(type)),
    );
    return newestFirst ? found.toReversed().slice(0, most) : found.slice(0, most);
  }

  departed(by: 'id' | 'containerId', value: string): RemovedEngine | null {
    if (by === 'id') return this.#departed.get(value) ?? null;
    return [...this.#departed.values()].find(({ containerId }) => containerId === value) ?? null;
  }

  departedUnderKeys(): RemovedEngine[] {
    return [...this.#departed.values()].filter(({ request }) => request !== null);
  }

  size(): { events: number; bytes: null } {
    return { events: this.#disk.events.length, bytes: null };
  }

  close(): void {}

  #note(event: Event): void {
    if (event.type === 'ENGINE_CHANGED' && event.engine.state === 'REMOVED')
      this.#departed.set(event.engine.id, event.engine);
  }
}
