import type { Grant } from './access.ts';

interface Open {
  readonly close: () => void;
  readonly grants: Set<Grant>;
}

/** The sockets and streams that are open, and what opened them: a key that is good no longer ends what it has opened. */
export class Connections {
  readonly #open = new Map<object, Open>();

  /** Notes what opens a connection, which may be several keys in turn. `close` has it end; it is released by then. */
  hold(connection: object, grant: Grant, close: () => void): void {
    const held = this.#open.get(connection);
    if (held) held.grants.add(grant);
    else this.#open.set(connection, { close, grants: new Set([grant]) });
  }

  release(connection: object): void {
    this.#open.delete(connection);
  }

  /** Closes every connection that not all of its grants are good for. Says how many. */
  evict(isStillGood: (grant: Grant) => boolean): number {
    const evicted = [...this.#open].filter(([, { grants }]) => ![...grants].every(isStillGood));
    for (const [connection, { close }] of evicted) {
      this.release(connection);
      close();
    }
    return evicted.length;
  }
}
