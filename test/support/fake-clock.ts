import { setImmediate as everythingElse } from 'node:timers/promises';
import type { Clock } from '../../src/async/clock.ts';

/** Resolves when all that can go on without the passing of time has gone on. */
export const settled = (): Promise<void> => everythingElse();

/** Time that stands still until it is told to move. */
export class FakeClock implements Clock {
  readonly #sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();
  #now: number;

  constructor(now = Date.UTC(2030, 0, 1)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted || ms <= 0) return resolve();
      const wake = () => {
        this.#sleepers.delete(sleeper);
        resolve();
      };
      const sleeper = { at: this.#now + ms, wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  /** Moves time on; whoever sleeps wakes in order, each at its own moment, and may sleep again. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (let next = this.#first(end); next; next = this.#first(end)) {
      this.#now = next.at;
      next.wake();
      await settled();
    }
    this.#now = end;
  }

  #first(end: number) {
    return [...this.#sleepers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
  }
}

/** Lets time pass by itself, faster than it does, until it is disposed of: each step waits for what can go on without it. */
export function turning(clock: FakeClock, stepMs = 25): Disposable {
  let over = false;
  const step = async () => {
    await clock.advance(stepMs);
    if (!over) setTimeout(step, 1);
  };
  void step();
  return {
    [Symbol.dispose]: () => {
      over = true;
    },
  };
}
