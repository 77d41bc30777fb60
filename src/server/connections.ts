import type { Clock } from '../async/clock.ts';
import type { Grant } from './access.ts';

/** A WebSocket, or a stream of server-sent events. */
export interface Connection {
  /** Those in use: one for the connection, and one for each operation that brought its own key. */
  readonly grants: Iterable<Grant>;
  /** Shows the client that it is still there, and gives it up if it has not shown the same since the last time. */
  beat(): void;
  /** Closes it for a client that may be here no longer. */
  evict(): void;
  /** Closes it so that the client comes back: elsewhere, or here later. */
  drain(): void;
  /** Closes it without a word. */
  destroy(): void;
}

/** Connections that are pinged at once. */
const row = 100;

/** Milliseconds between two looks whether all have gone. */
const lookMs = 10;

/** Every connection that is held open for what is followed on it. */
export class Connections {
  readonly #open = new Set<Connection>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get full(): boolean {
    return this.#open.size >= this.#most;
  }

  add(connection: Connection): void {
    this.#open.add(connection);
  }

  delete(connection: Connection): void {
    this.#open.delete(connection);
  }

  /** Closes the connections on which something is open that would not be let in now, and says how many. */
  evict(isStillGood: (grant: Grant) => boolean): number {
    const evicted = [...this.#open].filter(({ grants }) => ![...grants].every(isStillGood));
    for (const connection of evicted) connection.evict();
    return evicted.length;
  }

  /**
   * Keeps connections alive that nothing is said on, and gives up those of clients that are gone without a word: each has its
   * turn once in `everyMs`. They are spread over that time, for thousands of answers at once would keep everybody waiting.
   */
  async keepAlive(clock: Clock, everyMs: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      const all = [...this.#open];
      for (let first = 0; first === 0 || first < all.length; first += row) {
        await clock.sleep(everyMs / Math.max(1, Math.ceil(all.length / row)), signal);
        if (signal.aborted) return;
        for (const connection of all.slice(first, first + row))
          if (this.#open.has(connection)) connection.beat();
      }
    }
  }

  /** Closes all politely; who has not gone after `graceMs` is cut off. */
  async drain(clock: Clock, graceMs: number): Promise<void> {
    for (const connection of this.#open) connection.drain();
    const deadline = clock.now() + graceMs;
    while (this.#open.size > 0 && clock.now() < deadline) await clock.sleep(lookMs);
    for (const connection of this.#open) connection.destroy();
  }
}
