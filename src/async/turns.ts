import { Semaphore } from 'async-mutex';
import type { Clock } from './clock.ts';

/** One request's place in the rotation: a batch takes turns with the others, whatever its size. */
export class Lane {
  last = 0;
}

/** Milliseconds for which a burst has half of the turns. */
const narrowMs = 250;

/**
 * Lets at most `width` tasks run at once, and lanes take turns (start-time fair queueing): a task's tag is one more than
 * its lane's last one, though never behind the tag that was served last; the smallest tag goes first, and among equals
 * whoever came first. So a lone request waits for one turn of each other lane, not for a batch of a thousand.
 *
 * A burst begins with half of the turns: what the first tasks set off is under way before all the others press on it.
 */
export class Turns {
  readonly #semaphore: Semaphore;
  readonly #clock: Clock;
  readonly #half: number;
  #withheld = 0;
  #tasks = 0;
  #served = 0;

  constructor(width: number, clock: Clock) {
    this.#semaphore = new Semaphore(width);
    this.#clock = clock;
    this.#half = Math.floor(width / 2);
  }

  /** Runs `task` when its turn has come, and gives the turn back when it ends, whichever way. */
  async take<T>(lane: Lane, task: () => Promise<T>): Promise<T> {
    if (this.#tasks === 0) void this.#beginNarrow();
    this.#tasks++;
    const tag = Math.max(lane.last, this.#served) + 1;
    lane.last = tag;
    try {
      return await this.#semaphore.runExclusive(
        () => {
          this.#served = Math.max(this.#served, tag);
          return task();
        },
        1,
        -tag,
      );
    } finally {
      this.#tasks--;
    }
  }

  async #beginNarrow(): Promise<void> {
    if (this.#withheld > 0) return;
    this.#withheld = this.#half;
    this.#semaphore.setValue(this.#semaphore.getValue() - this.#withheld);
    await this.#clock.sleep(narrowMs);
    const given = this.#withheld;
    this.#withheld = 0;
    this.#semaphore.setValue(this.#semaphore.getValue() + given);
  }
}
