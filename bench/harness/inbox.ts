/** Something that came, and when, on the clock of performance.now. */
export interface Arrival<T> {
  readonly at: number;
  readonly value: T;
}

/** What has come since it was last emptied. Whoever waits for something finds it no matter which came first, the wait or the thing. */
export class Inbox<T> {
  #arrivals: Arrival<T>[] = [];
  readonly #waiting = new Set<() => void>();

  put(value: T, at = performance.now()): void {
    this.#arrivals.push({ at, value });
    for (const look of this.#waiting) look();
  }

  empty(): void {
    this.#arrivals = [];
  }

  /** The first that fits, or an error with `what` after a while. */
  async first(what: string, fits: (value: T) => boolean, patienceMs = 20_000): Promise<Arrival<T>> {
    const { promise, resolve, reject } = Promise.withResolvers<Arrival<T>>();
    const look = () => {
      const found = this.#arrivals.find(({ value }) => fits(value));
      if (found) resolve(found);
    };
    const late = setTimeout(() => reject(new Error(`waited ${patienceMs} ms in vain: ${what}`)), patienceMs);
    this.#waiting.add(look);
    look();
    try {
      return await promise;
    } finally {
      this.#waiting.delete(look);
      clearTimeout(late);
    }
  }
}
