import { FakeClock } from './fake-clock.ts';
import { quiet } from './quiet.ts';
import { type Simulated, type SimulatedOptions, simulated } from './simulated.ts';
import { UnderWay } from './under-way.ts';

/** In milliseconds, as a simulated world counts them. */
export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;

type Found<T> = Exclude<T, false | undefined>;
type Until = <T>(what: string, withinMs: number, look: () => T | Promise<T>) => Promise<Found<T>>;

/**
 * Time under the test's hand: it stands still while anything goes on, and when only time can bring anything more, it leaps to
 * the next moment for which somebody waits.
 */
export class Leaping {
  readonly clock = new FakeClock();
  readonly underWay = new UnderWay();

  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    const end = this.clock.now() + ms;
    do await this.#rest();
    while (this.clock.step(end));
  }

  /**
   * Lets time pass until `look`, which is asked whenever all is at rest, finds something other than false or undefined, and
   * returns it; fails with `what` when that many milliseconds have passed.
   */
  readonly until: Until = async <T>(what: string, withinMs: number, look: () => T | Promise<T>) => {
    const end = this.clock.now() + withinMs;
    for (;;) {
      await this.#rest();
      const found = await look();
      if (found !== false && found !== undefined) return found as Found<T>;
      if (this.clock.now() >= end) throw new Error(`not within ${withinMs / second} s: ${what}`);
      this.clock.step(end);
    }
  };

  /** Lets as much time pass as `work` needs. */
  async during<T>(work: PromiseLike<T>): Promise<T> {
    let over = false;
    const end = () => {
      over = true;
    };
    this.underWay.add(Promise.resolve(work)).then(end, end);
    await this.until('it has ended', hour, () => over);
    return work;
  }

  #rest(): Promise<void> {
    return quiet(() => this.underWay.count);
  }
}

export interface LeapingWorld extends Simulated {
  readonly time: Leaping;
  /** Like that of `time`, of what the service shows: it looks only where the log has a new line, as it has after every change. */
  readonly until: Until;
}

/** A whole service on the embedded engine, in which time passes only as the test lets it. */
export async function leaping(
  options: Omit<SimulatedOptions, 'clock' | 'around'> = {},
): Promise<LeapingWorld> {
  const time = new Leaping();
  const world = await simulated({ ...options, clock: time.clock, around: time.underWay.counting });
  return {
    ...world,
    time,
    until<T>(what: string, withinMs: number, look: () => T | Promise<T>) {
      let seen = -1;
      return time.until<T | undefined>(what, withinMs, () => {
        const { length } = world.tandem.logged;
        if (length === seen) return undefined;
        seen = length;
        return look();
      });
    },
    // What is under way when it is told to end may wait for time.
    [Symbol.asyncDispose]: () => time.during(world[Symbol.asyncDispose]()),
  };
}
