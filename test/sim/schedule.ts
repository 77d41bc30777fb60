import type { Clock } from '../../src/async/clock.ts';
import type { Random } from '../support/random.ts';

interface Task {
  readonly at: number;
  /** Among those of one moment, chance says who is first. */
  readonly order: number;
  run: (() => void) | null;
}

/** Whether whoever waits for something is still there to learn of it. */
export interface Alive {
  readonly alive: boolean;
}

/** Everything that is to happen, and the only source of time: one thing at a time, at its moment. */
export class Schedule {
  readonly #random: Random;
  readonly #heap: Task[] = [];
  #now = Date.UTC(2030, 0, 1);

  constructor(random: Random) {
    this.#random = random;
  }

  /** Milliseconds since the epoch. */
  get now(): number {
    return this.#now;
  }

  /** Lets something happen in so many milliseconds; the function returned calls it off. */
  after(ms: number, run: () => void): () => void {
    const task: Task = { at: this.#now + Math.max(0, ms), order: this.#random.share(), run };
    this.#push(task);
    return () => {
      task.run = null;
    };
  }

  /** Moves time to the next thing that is to happen by `end`, and lets it happen; false, at `end`, if there is none. */
  step(end: number): boolean {
    for (;;) {
      const [first] = this.#heap;
      if (!first || first.at > end) {
        this.#now = end;
        return false;
      }
      this.#pop();
      if (!first.run) continue;
      this.#now = first.at;
      first.run();
      return true;
    }
  }

  /** A clock by this time, off by `skewMs`, on which only the living wake. */
  clockOf(life: Alive, skewMs: number): Clock {
    return {
      now: () => this.#now + skewMs,
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          if (signal?.aborted || ms <= 0) return resolve();
          const end = () => {
            callOff();
            signal?.removeEventListener('abort', end);
            resolve();
          };
          const callOff = this.after(ms, () => {
            if (life.alive) end();
          });
          signal?.addEventListener('abort', end, { once: true });
        }),
    };
  }

  #push(task: Task): void {
    const heap = this.#heap;
    let at = heap.push(task) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (!parent || !isBefore(task, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = task;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]];
      const first = left && right && isBefore(right, left) ? right : left;
      if (!first || !isBefore(first, last)) break;
      heap[at] = first;
      at = first === left ? 2 * at + 1 : 2 * at + 2;
    }
    heap[at] = last;
  }
}

const isBefore = (a: Task, b: Task): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
