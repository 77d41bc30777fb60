import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Clock } from '../async/clock.ts';
import type { RemovedEngine } from '../domain/engine.ts';
import { type Event, readEventId } from '../domain/events.ts';
import { PlainError } from '../domain/plain-error.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { DepartedEngines } from './departed.ts';
import { type EventRow, EventRows } from './event-rows.ts';
import { bytesOf, idOf } from './file.ts';
import type { Journal, Selection } from './journal.ts';
import { Objects, type Rows } from './objects.ts';
import { isTrouble, storageTrouble } from './trouble.ts';

export interface JournalOptions {
  readonly folder: string;
  /** So many events are kept, or somewhat more: they are deleted many at a time. */
  readonly eventsMax: number;
  readonly eventsMaxMs: number;
  readonly clock: Clock;
  /** 8 hexadecimal digits, at random. */
  readonly newRun: () => string;
  /** Is told what kept old events from being deleted: they are tried again with the next ones. */
  readonly report?: (problem: Error) => void;
}

/** How many events may be too many before some are deleted, and how many go by before the age of the oldest is looked at. */
const leeway = 100;

/**
 * Writes about as much as an event does. The bytes are new ones each time, for SQLite writes nothing where nothing changes;
 * and fewer would find room in what an event that failed has left in the log.
 */
const tryToWrite = 'UPDATE meta SET filler = randomblob(32768)';

export class SqliteJournal implements Journal {
  readonly id: string;
  readonly #db: DatabaseSync;
  readonly #path: string;
  readonly #options: JournalOptions;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #try: StatementSync;
  readonly #events: EventRows;
  readonly #objects: Objects;
  readonly #departed: DepartedEngines;
  #newest: Event | null = null;
  #oldest = 1;
  #sincePruned = 0;
  #pruneFailed = false;

  constructor(db: DatabaseSync, path: string, options: JournalOptions) {
    this.id = idOf(db);
    this.#db = db;
    this.#path = path;
    this.#options = options;
    this.#begin = db.prepare('BEGIN');
    this.#commit = db.prepare('COMMIT');
    this.#try = db.prepare(tryToWrite);
    this.#events = new EventRows(db);
    this.#departed = new DepartedEngines(db);
    this.#departed.verify();

    const extent = this.#events.extent();
    const row = extent && this.#events.at(extent.newest);
    this.#objects = new Objects(db, row?.first_object ?? 1);
    if (!row) return;
    const rows: Rows = new Map();
    const snapshot = this.#objects.read(row.snapshot, rows);
    this.#objects.remember(rows);
    const newest = { ...this.#objects.read(row.body, rows), snapshot } as Event;
    this.#newest = newest;
    this.#oldest = extent.oldest;
    this.#prune(newest, 0, Number.POSITIVE_INFINITY);
  }

  get newest(): Event | null {
    return this.#newest;
  }

  get oldest(): number {
    return this.#oldest;
  }

  append(events: readonly Event[]): void {
    const newest = events.at(-1);
    if (!newest) {
      this.#attempt(() => this.#transaction(() => this.#try.run()));
      return;
    }
    const next = (this.#newest?.position ?? 0) + 1;
    const runs = events.map((event, index) => runOf(event, next + index));
    this.#attempt(() =>
      this.#transaction(() => {
        const firstObject = this.#objects.next;
        for (const [index, event] of events.entries()) this.#write(event, runs[index] ?? '', firstObject);
      }),
    );
    this.#newest = newest;
    this.#sincePruned += events.length;
    const most = Math.max(leeway, this.#options.eventsMax / 10);
    if (this.#sincePruned >= leeway || (this.#tooMany(newest) > most && !this.#pruneFailed))
      this.#prune(newest, most, 2 * Math.max(leeway, this.#sincePruned));
  }

  read(selection: Selection): Event[] {
    const rows: Rows = new Map();
    return this.#attempt(() => this.#events.select(selection).map((row) => this.#read(row, rows)));
  }

  departed(by: 'id' | 'containerId', value: string): RemovedEngine | null {
    return this.#attempt(() => this.#departed.find(by, value, this.#options.clock.now()));
  }

  departedUnderKeys(): RemovedEngine[] {
    return this.#attempt(() => this.#departed.underKeys(this.#options.clock.now()));
  }

  size(): { events: number; bytes: number | null } {
    const events = this.#newest === null ? 0 : this.#newest.position - this.#oldest + 1;
    return { events, bytes: bytesOf(this.#path) };
  }

  /** SQLite moves the log into the database as it closes it. */
  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }

  /** The snapshot comes first: what only the change holds may be forgotten, but nothing of what the snapshot holds. */
  #write(event: Event, run: string, firstObject: number): void {
    const { snapshot, ...change } = event;
    const { position, at, type } = event;
    const state = this.#objects.write(snapshot);
    const body = this.#objects.writeOnce(change);
    this.#events.insert({ position, run, at, type, body, snapshot: state, first_object: firstObject });
    if (event.type === 'ENGINE_CHANGED' && event.engine.state === 'REMOVED')
      this.#departed.write(event.engine, at);
  }

  /** Snapshots are large and seldom looked at: each is put together when it first is. */
  #read({ position, body, snapshot }: EventRow, rows: Rows): Event {
    const assemble = (): Snapshot => {
      try {
        return this.#objects.read(snapshot, rows) as Snapshot;
      } catch (problem) {
        if (position < this.#oldest)
          throw new PlainError('CURSOR_EXPIRED', `The event at position ${position} is no longer kept.`);
        throw storageTrouble(this.#path, problem);
      }
    };
    let assembled: Snapshot | null = null;
    return {
      ...(this.#objects.read(body, rows) as Event),
      get snapshot() {
        assembled ??= assemble();
        return assembled;
      },
    };
  }

  #tooMany(newest: Event): number {
    return newest.position - this.#oldest + 1 - this.#options.eventsMax;
  }

  /**
   * Deletes events by number, where more than `most` are too many, and by age; the newest one stays. Only so many at once as
   * nobody has to wait for. A disk in trouble must not fail the append that is done already: what could not be deleted now
   * is the next time.
   */
  #prune(newest: Event, most: number, atOnce: number): void {
    this.#sincePruned = 0;
    const { clock, eventsMax, eventsMaxMs } = this.#options;
    try {
      const now = clock.now();
      const young = this.#events.since(now - eventsMaxMs) ?? newest.position;
      const last = this.#tooMany(newest) > most ? newest.position - eventsMax + 1 : 0;
      const wanted = Math.min(newest.position, Math.max(this.#oldest, young, last));
      const oldest = Math.min(wanted, this.#oldest + atOnce);
      this.#transaction(() => {
        this.#departed.deleteOld(now);
        if (oldest > this.#oldest) this.#deleteBefore(oldest);
      });
      this.#oldest = oldest;
      this.#pruneFailed = false;
    } catch (problem) {
      if (!isTrouble(problem)) throw problem;
      this.#pruneFailed = true;
      this.#options.report?.(problem);
    }
  }

  /**
   * An object is in every snapshot from the first that holds it to the last; one that was replaced does not come back. So
   * of the objects that were there before the oldest event, the later ones need none but those that it reaches itself.
   */
  #deleteBefore(oldest: number): void {
    this.#events.deleteBefore(oldest);
    const row = this.#events.at(oldest);
    const reached: Rows = new Map();
    this.#objects.read(row.snapshot, reached);
    this.#objects.read(row.body, reached);
    this.#objects.collect(row.first_object, reached);
  }

  #transaction(work: () => void): void {
    this.#begin.run();
    try {
      work();
      this.#commit.run();
      this.#objects.keep();
    } catch (problem) {
      this.#objects.forget();
      // SQLite may have rolled it back by itself.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw problem;
    }
  }

  #attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (problem) {
      throw storageTrouble(this.#path, problem);
    }
  }
}

function runOf(event: Event, position: number): string {
  const id = readEventId(event.id);
  if (event.position !== position || id?.position !== position)
    throw new Error(`event ${event.id} at ${event.position} is not the next one, which is ${position}`);
  return id.run;
}
