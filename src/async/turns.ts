import { Semaphore } from 'async-mutex';

/** One request's place in the rotation: a batch takes turns with the others, whatever its size. */
export class Lane {
  last = 0;
}

/**
 * Lets at most `width` tasks run at once, and lanes take turns (start-time fair queueing): a task's tag is one more than
 * its lane's last one, though never behind the tag that was served last; the smallest tag goes first, and among equals
 * whoever came first. So a lone request waits for one turn of each other lane, not for a batch of a thousand.
 */
export class Turns {
  readonly #semaphore: Semaphore;
  #served = 0;

  constructor(width: number) {
    this.#semaphore = new Semaphore(width);
  }

  /** Runs `task` when its turn has come, and gives the turn back when it ends, whichever way. */
  async take<T>(lane: Lane, task: () => Promise<T>): Promise<T> {
    const tag = Math.max(lane.last, this.#served) + 1;
    lane.last = tag;
    return this.#semaphore.runExclusive(
      () => {
        this.#served = Math.max(this.#served, tag);
        return task();
      },
      1,
      -tag,
    );
  }
}
