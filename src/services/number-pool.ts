/**
 * Gives the lowest free number of a range, and takes it back. Taken is what was passed and is not free again: a Set of the
 * taken ones would get slow as it grows, for the same few numbers come and go, and each time leave a gap in it to be skipped.
 */
export class NumberPool {
  readonly #first: number;
  readonly #last: number;
  readonly #allowed: (number: number) => boolean;
  /** Free numbers below #next, the lowest at the end. */
  readonly #returned: number[] = [];
  #next: number;
  /** How many numbers below #next are allowed. */
  #passed = 0;

  constructor(first: number, last: number, allowed: (number: number) => boolean = () => true) {
    this.#first = first;
    this.#last = last;
    this.#allowed = allowed;
    this.#next = first;
  }

  get taken(): number {
    return this.#passed - this.#returned.length;
  }

  take(): number | undefined {
    return this.#returned.pop() ?? this.#advance();
  }

  /** Marks a number that somebody holds already. One outside the range is nothing to this pool. */
  claim(number: number): void {
    if (!this.#covers(number)) return;
    while (this.#next <= number) {
      const passed = this.#advance();
      if (passed !== undefined) this.#returned.unshift(passed);
    }
    const index = this.#indexOf(number);
    if (this.#returned[index] === number) this.#returned.splice(index, 1);
  }

  give(number: number): void {
    if (!this.#covers(number) || number >= this.#next) return;
    const index = this.#indexOf(number);
    if (this.#returned[index] !== number) this.#returned.splice(index, 0, number);
  }

  #covers(number: number): boolean {
    return number >= this.#first && number <= this.#last && this.#allowed(number);
  }

  #advance(): number | undefined {
    while (this.#next <= this.#last) {
      const number = this.#next++;
      if (!this.#allowed(number)) continue;
      this.#passed++;
      return number;
    }
    return undefined;
  }

  /** Where a number is among the returned ones, or belongs. */
  #indexOf(number: number): number {
    let [low, high] = [0, this.#returned.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#returned[middle] ?? 0) > number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
