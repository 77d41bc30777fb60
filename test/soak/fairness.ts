import { setTimeout as sleep } from 'node:timers/promises';
import type { Fairness as Told } from '../oracles/sights.ts';
import type { Witness } from './witness.ts';

type Word = Told['fairness'];

/** Milliseconds for which a call that failed may be waited with before it is tried again. */
const settlingMs = 6_000;
/** Milliseconds by which a timer may be late on a machine that is not swamped, and for how long one that was is not trusted. */
const lateMs = 150;
const swampedMs = 1_000;
const tickMs = 50;

/** What goes wrong between the service and Docker, or with the machine. */
export interface Trouble {
  /** When the last of it was; now, while there is some. */
  readonly lastAt: () => number;
  readonly daemonIsSlow: () => boolean;
}

/** Says whether the service can do in time what it promises. */
export class Fairness implements AsyncDisposable {
  /** No events come, and nothing else is wrong. */
  deaf = false;
  readonly #trouble: Trouble;
  readonly #witness: Witness;
  readonly #stop = new AbortController();
  readonly #ticking: Promise<void>;
  #swampedAt = 0;
  #quiet = false;
  #word: Word | null = null;
  /** Milliseconds for which each word was so. */
  readonly #spent = new Map<Word, number>();

  constructor(trouble: Trouble, witness: Witness) {
    this.#trouble = trouble;
    this.#witness = witness;
    this.#ticking = this.#tick();
  }

  get isFair(): boolean {
    return this.#word !== null && this.#word !== 'unfair';
  }

  get spent(): ReadonlyMap<Word, number> {
    return this.#spent;
  }

  /** Nothing is left to be done until this is taken back. */
  set quiet(quiet: boolean) {
    this.#quiet = quiet;
    this.look();
  }

  /** Whoever begins a trouble says so before it can be felt. */
  look(): void {
    const word = this.#now();
    if (word === this.#word) return;
    this.#word = word;
    this.#witness.see({ kind: 'fairness', fairness: word });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#ticking;
  }

  #now(): Word {
    const now = Date.now();
    const { lastAt, daemonIsSlow } = this.#trouble;
    if (daemonIsSlow()) this.#swampedAt = now;
    const troubled = now - lastAt() < settlingMs || now - this.#swampedAt < swampedMs;
    if (troubled) return 'unfair';
    if (this.deaf) return 'deaf';
    return this.#quiet ? 'quiet' : 'fair';
  }

  async #tick(): Promise<void> {
    for (let before = Date.now(); !this.#stop.signal.aborted; before = Date.now()) {
      await sleep(tickMs);
      const now = Date.now();
      if (now - before > tickMs + lateMs) this.#swampedAt = now;
      if (this.#word) this.#spent.set(this.#word, (this.#spent.get(this.#word) ?? 0) + now - before);
      this.look();
    }
  }
}
