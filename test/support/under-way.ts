import type { Outside } from '../../src/app.ts';

/** What was begun and has not ended yet. */
export class UnderWay {
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Counts `work` until it ends, whichever way. */
  add<T>(work: Promise<T>): Promise<T> {
    this.#count++;
    return work.finally(() => this.#count--);
  }

  /**
   * The same outside, where each question that a service asks over loopback counts until it is answered or given up. Docker
   * is asked over a unix socket: there nothing is ever between the two ends, and so nothing needs to be waited for.
   */
  readonly counting = (outside: Outside): Outside => ({
    ...outside,
    probe: (...question) => this.add(outside.probe(...question)),
    checkUp: (...question) => this.add(outside.checkUp(...question)),
    askControl: (...question) => this.add(outside.askControl(...question)),
  });
}
