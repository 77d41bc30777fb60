/**
 * Something that moves on, told apart from how it is read: every follower reads at its own pace and costs no more memory
 * than its place, however slow it is.
 */
export class Moving {
  readonly #followers = new Set<() => void>();

  moved(): void {
    for (const wake of this.#followers) wake();
  }

  /** The number of followers. */
  get size(): number {
    return this.#followers.size;
  }

  /**
   * Yields what `next` gives; where it gives undefined, waits until something moved, or until `again`, which it is handed,
   * is called. Ends when `signal` aborts, or at once when the reader returns: an async generator parked at an `await` would
   * not (it waits for that await first).
   */
  follow<T>(
    next: (again: () => void) => T | undefined,
    signal?: AbortSignal,
  ): AsyncIterableIterator<T, undefined> {
    let waiting: ((result: IteratorResult<T, undefined>) => void) | null = null;
    let fail: (problem: unknown) => void = () => {};
    let over = false;

    const step = () => {
      if (!waiting) return;
      const settle = waiting;
      if (over) {
        waiting = null;
        return settle({ done: true, value: undefined });
      }
      try {
        const value = next(step);
        if (value === undefined) return;
        waiting = null;
        settle({ done: false, value });
      } catch (problem) {
        waiting = null;
        end();
        fail(problem);
      }
    };
    const end = () => {
      over = true;
      this.#followers.delete(step);
      signal?.removeEventListener('abort', end);
      step();
    };
    this.#followers.add(step);
    signal?.addEventListener('abort', end, { once: true });
    if (signal?.aborted) end();

    return {
      next: () =>
        new Promise((resolve, reject) => {
          waiting = resolve;
          fail = reject;
          step();
        }),
      return: async () => {
        end();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }
}
