import { Moving } from '../async/follow.ts';
import { ClientMistake } from '../domain/client-mistake.ts';
import type { Change, Event } from '../domain/events.ts';
import type { Snapshot } from '../domain/snapshot.ts';

/**
 * Every change, in order: the one place where something becomes an event. Readers keep a position and read at their own
 * pace, so a slow one costs nothing and a subscription is a by-product of state changing.
 */
export class EventLog {
  readonly #moving = new Moving();
  readonly #events = new Map<number, Event>();
  readonly #run: string;
  readonly #longest: number;
  #last = 0;

  /** `run` sets this log's ids apart from those of any other run; `longest` is how many events are kept. */
  constructor(run: string, longest: number) {
    this.#run = run;
    this.#longest = longest;
  }

  get lastId(): string {
    return this.#id(this.#last);
  }

  get followers(): number {
    return this.#moving.size;
  }

  /** Appends a change. `snapshot` is asked for the moment right after it, this event included. */
  append(change: Change, message: string, snapshot: (lastEventId: string) => Snapshot): void {
    const id = this.#id(++this.#last);
    const after = snapshot(id);
    this.#events.set(this.#last, { ...change, id, at: after.at, message, snapshot: after });
    this.#events.delete(this.#last - this.#longest);
    this.#moving.moved();
  }

  /**
   * The events that `pick` picks, from right after the id `after`, or from now on, until the reader returns or `signal` aborts.
   * @throws {ClientMistake} CURSOR_EXPIRED: at once for an unknown id; later, if the reader falls behind by more than the log holds.
   */
  follow<T extends Event>(
    after: string | null,
    pick: (event: Event) => event is T,
    signal?: AbortSignal,
  ): AsyncIterableIterator<T> {
    let read = after === null ? this.#last : this.#position(after);
    return this.#moving.follow(() => {
      while (read < this.#last) {
        const event = this.#events.get(read + 1);
        if (!event)
          throw expired(`The reader fell behind: the events after ${this.#id(read)} are no longer kept.`);
        read++;
        if (pick(event)) return event;
      }
      return undefined;
    }, signal);
  }

  /** What `read` gives now, then again after every change; changes that come faster than they are read count as one. */
  latest<T>(read: () => T, signal?: AbortSignal): AsyncIterableIterator<T> {
    let seen = -1;
    return this.#moving.follow(() => {
      if (seen === this.#last) return undefined;
      seen = this.#last;
      return read();
    }, signal);
  }

  #id(position: number): string {
    return `${this.#run}-${position.toString().padStart(12, '0')}`;
  }

  #position(id: string): number {
    const position = Number(id.slice(this.#run.length + 1));
    const kept = position <= this.#last && position >= this.#last - this.#events.size;
    const known = Number.isInteger(position) && id === this.#id(position) && kept;
    if (!known) {
      throw expired(
        'The id given as "after" is not known here: it is too old, or from before a restart. Ask for the present state and follow its lastEventId.',
      );
    }
    return position;
  }
}

const expired = (message: string) => new ClientMistake('CURSOR_EXPIRED', message);
