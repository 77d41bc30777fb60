/** Chance by a seed: the same again for the same one. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 up to, and without, this one. */
  below(end: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * end);
  }

  between(first: number, last: number): number {
    return first + this.below(last - first + 1);
  }

  /** True so often in a hundred times. */
  happens(percent: number): boolean {
    return this.below(10_000) < percent * 100;
  }

  pick<T>(things: readonly [T, ...T[]]): T;
  pick<T>(things: readonly T[]): T | undefined;
  pick<T>(things: readonly T[]): T | undefined {
    return things[this.below(things.length)];
  }

  /** Another source that follows from this one: two that act at once do not take from each other. */
  fork(): Chance {
    return new Chance(this.below(2 ** 32));
  }
}
