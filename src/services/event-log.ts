import { Moving } from '../async/follow.ts';
import { Place } from '../async/place.ts';
import {
  type Change,
  type Event,
  type EventPage,
  type EventType,
  eventId,
  readEventId,
} from '../domain/events.ts';
import { PlainError } from '../domain/plain-error.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { StorageTrouble } from '../domain/storage-trouble.ts';
import type { Journal, Selection } from '../journal/journal.ts';
import type { Meter } from './meter.ts';

/** A change, and the same in words. */
export type Saying = readonly [change: Change, message: string];

export interface Following<T extends Event = Event> {
  /** From right after the event of this id; from now on when null. */
  readonly after: string | null;
  /** All when left out. */
  readonly types?: readonly EventType[] | null;
  /** All when left out. */
  readonly pick?: (event: Event) => event is T;
  /** Where the reader is, by positions, is written here. */
  readonly place?: Place | undefined;
}

export interface Paging {
  readonly after: string | null;
  readonly before: string | null;
  readonly types: readonly EventType[] | null;
  /** From the end of the range, though what is given is in order all the same. */
  readonly newestFirst: boolean;
  readonly most: number;
}

/** Events that are read from the journal at once, and written to it when it can be written again. */
const batch = 100;

/** Events that one reader is given before others have their turn: sockets that take all make no pause of their own. */
const streak = 20;

/**
 * Every change, in order: the one place where something becomes an event. It is written to the journal before anybody is
 * told. Readers keep a position and read at their own pace, so a slow one costs nothing and a subscription is a by-product
 * of state changing.
 */
export class EventLog {
  readonly #journal: Journal;
  readonly #run: string;
  readonly #tail: number;
  readonly #meter: Meter | undefined;
  readonly #moving = new Moving();
  /** The newest events, and those that are not written yet: few, for nothing is promised meanwhile. */
  readonly #recent = new Map<number, Event>();
  #first: number;
  #last: number;
  #lastId: string;
  #written: number;
  #version = 0;
  #trouble: string | null = null;

  /** `run` sets the ids that this process gives apart from those of another; `tail` is how many events stay in memory. */
  constructor(journal: Journal, run: string, tail: number, meter?: Meter) {
    this.#journal = journal;
    this.#run = run;
    this.#tail = tail;
    this.#meter = meter;
    this.#last = journal.newest?.position ?? 0;
    this.#lastId = journal.newest?.id ?? eventId(0, journal.id);
    this.#written = this.#last;
    this.#first = this.#last + 1;
  }

  get lastId(): string {
    return this.#lastId;
  }

  get followers(): number {
    return this.#moving.size;
  }

  /** Why the journal cannot be written; null when it can. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /**
   * Tells what has happened; `snapshot` is the moment right after it. What the journal does not take now is told all the
   * same and written as soon as it can be: what happened, happened.
   */
  record(sayings: readonly Saying[], snapshot: Snapshot): void {
    if (sayings.length === 0) return;
    const events = this.#eventsOf(sayings, snapshot);
    this.#take(events);
    this.catchUp();
    this.#tell();
  }

  /**
   * Tells of a promise, which is one only once it is written.
   * @throws {StorageTrouble} when it cannot be: then nothing was told.
   */
  promise(sayings: readonly Saying[], snapshot: Snapshot): void {
    if (this.#written < this.#last && !this.catchUp()) throw new StorageTrouble(this.#trouble ?? '');
    const events = this.#eventsOf(sayings, snapshot);
    this.#write(events);
    this.#take(events);
    this.#tell();
  }

  /** Tries to write what is not written yet. True when nothing is left. */
  catchUp(): boolean {
    if (this.#written === this.#last && this.#trouble === null) return true;
    try {
      // A little at a time, so that what was written stays so when the disk is full again.
      do this.#write(this.#unwritten(batch));
      while (this.#written < this.#last);
    } catch (problem) {
      if (!(problem instanceof StorageTrouble)) throw problem;
    }
    return this.#trouble === null;
  }

  /** Something that readers of the latest watch has changed without being an event. */
  nudge(): void {
    this.#version++;
    this.#moving.moved();
  }

  /**
   * Events in order, until the reader returns or `signal` aborts.
   * @throws {PlainError} CURSOR_EXPIRED: at once for an unknown id; later, if the reader falls behind by more than is kept.
   */
  follow<T extends Event>(
    { after, types = null, pick, place = new Place() }: Following<T>,
    signal?: AbortSignal,
  ): AsyncIterableIterator<T> {
    place.at = after === null ? this.#last : this.#positionOf(after);
    let fetched: Event[] = [];
    let inARow = 0;
    const next = (again: () => void): T | undefined => {
      while (place.at < this.#last) {
        if (inARow >= streak) {
          inARow = 0;
          return void setImmediate(again);
        }
        const old = place.at + 1 < this.#first;
        if (old && place.at + 1 < this.#journal.oldest) throw expired(fellBehind);
        if (old && fetched.length === 0) {
          const before = this.#first;
          fetched = this.#journal.read({ after: place.at, before, types, newestFirst: false, most: batch });
          inARow = streak;
          if (fetched.length === 0) place.at = before - 1;
          continue;
        }
        const event = fetched.shift() ?? this.#recent.get(place.at + 1);
        if (!event) throw expired(fellBehind);
        place.at = event.position;
        inARow++;
        if ((!types || types.includes(event.type)) && (!pick || pick(event))) {
          place.given++;
          return event as T;
        }
      }
      return undefined;
    };
    return this.#moving.follow(next, signal);
  }

  /**
   * What `read` gives now, then again after every change; changes that come faster than they are read count as one. `place` is
   * told how many changes there have been.
   */
  latest<T>(read: () => T, signal?: AbortSignal, place = new Place()): AsyncIterableIterator<T> {
    place.at = this.#version - 1;
    return this.#moving.follow(() => {
      if (place.at === this.#version) return undefined;
      place.at = this.#version;
      place.given++;
      return read();
    }, signal);
  }

  /** @throws {PlainError} CURSOR_EXPIRED for a cursor that is not known. */
  async page({ after, before, types, newestFirst, most }: Paging): Promise<EventPage> {
    const from = after === null ? 0 : this.#positionOf(after);
    const to = before === null ? this.#last + 1 : this.#positionOf(before);
    const found: Event[] = [];
    for (let rest = { after: from, before: to }; found.length < most; ) {
      const some = this.#select({ ...rest, types, newestFirst, most: Math.min(batch, most - found.length) });
      found.push(...some);
      const last = some.at(-1)?.position;
      if (last === undefined) break;
      rest = newestFirst ? { ...rest, before: last } : { ...rest, after: last };
      // Others have their turn between two batches.
      await new Promise((resolve) => setImmediate(resolve));
    }
    const events = newestFirst ? found.toReversed() : found;
    const exists = (range: Pick<Selection, 'after' | 'before'>): boolean =>
      this.#select({ ...range, types, newestFirst: false, most: 1 }).length > 0;
    return {
      events,
      hasPrevious: exists({ after: 0, before: events[0]?.position ?? (newestFirst ? to : from + 1) }),
      hasNext: exists({
        after: events.at(-1)?.position ?? (newestFirst ? to - 1 : from),
        before: this.#last + 1,
      }),
    };
  }

  #select(selection: Selection): Event[] {
    const { after, before, types, newestFirst, most } = selection;
    const recent = [...this.#recent.values()].filter(
      ({ position, type }) => position > after && position < before && (!types || types.includes(type)),
    );
    const old = (left: number): Event[] =>
      left > 0 && after + 1 < this.#first
        ? this.#journal.read({ ...selection, before: Math.min(before, this.#first), most: left })
        : [];
    if (newestFirst) {
      const newest = recent.toReversed().slice(0, most);
      return [...newest, ...old(most - newest.length)];
    }
    return [...old(most), ...recent].slice(0, most);
  }

  #eventsOf(sayings: readonly Saying[], snapshot: Snapshot): Event[] {
    return sayings.map(([change, message], index) => {
      const position = this.#last + 1 + index;
      const id = eventId(position, this.#run);
      return {
        ...change,
        position,
        id,
        at: snapshot.at,
        message,
        snapshot: { ...snapshot, lastEventId: id },
      };
    });
  }

  #unwritten(most: number): Event[] {
    const count = Math.min(most, this.#last - this.#written);
    const positions = Array.from({ length: count }, (_, index) => this.#written + 1 + index);
    return positions.flatMap((position) => this.#recent.get(position) ?? []);
  }

  #take(events: readonly Event[]): void {
    for (const event of events) {
      this.#recent.set(event.position, event);
      this.#last = event.position;
      this.#lastId = event.id;
      this.#meter?.told(event);
    }
  }

  #write(events: readonly Event[]): void {
    try {
      this.#journal.append(events);
      this.#written = events.at(-1)?.position ?? this.#written;
      this.#trouble = null;
    } catch (problem) {
      if (problem instanceof StorageTrouble) this.#trouble = problem.message;
      throw problem;
    }
  }

  #tell(): void {
    const keep = Math.max(this.#tail, this.#last - this.#written);
    for (; this.#first <= this.#last - keep; this.#first++) this.#recent.delete(this.#first);
    this.nudge();
  }

  #positionOf(id: string): number {
    const read = readEventId(id);
    if (read && this.#idAt(read.position) === id) return read.position;
    throw expired(
      'The event id given is not known here: it is too old, or from before the journal was lost. Ask for the present state and follow its lastEventId.',
    );
  }

  #idAt(position: number): string | undefined {
    if (position === 0 && this.#journal.oldest === 1) return eventId(0, this.#journal.id);
    const [event] = this.#select({
      after: position - 1,
      before: position + 1,
      types: null,
      newestFirst: false,
      most: 1,
    });
    return event?.id;
  }
}

const expired = (message: string) => new PlainError('CURSOR_EXPIRED', message);
const fellBehind = 'The reader fell behind: the events that it would read next are no longer kept.';
