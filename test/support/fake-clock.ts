import { setImmediate as everythingElse } from 'node:timers/promises';
import type { Clock } from '../../src/async/clock.ts';

/** Resolves when all that can go on without the passing of time has gone on. */
export const settled = (): Promise<void> => everythingElse();

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** Time that stands still until it is told to move. */
export class FakeClock implements Clock {
  readonly #sleepers = new Set<Sleeper>();
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
        signal?.removeEventListener('abort', wake);
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
    while (this.step(end)) await settled();
  }

  /** Moves time on to the next moment at which somebody wakes, and wakes one; to `end`, and false, if there is none by then. */
  step(end: number): boolean {
    let first: Sleeper | null = null;
    for (const sleeper of this.#sleepers)
      if (sleeper.at < (first?.at ?? Number.POSITIVE_INFINITY)) first = sleeper;
    if (!first || first.at > end) {
      this.#now = end;
      return false;
    }
    this.#now = first.at;
    first.wake();
    return true;
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
