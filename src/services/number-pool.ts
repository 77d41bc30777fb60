/** Gives the lowest free number of a range, and takes it back. */
export class NumberPool {
  readonly #first: number;
  readonly #last: number;
  readonly #allowed: (number: number) => boolean;
  readonly #taken = new Set<number>();
  /** Free numbers below #next, the lowest at the end. */
  #returned: number[] = [];
  #next: number;

  constructor(first: number, last: number, allowed: (number: number) => boolean = () => true) {
    this.#first = first;
    this.#last = last;
    this.#allowed = allowed;
    this.#next = first;
  }

  get taken(): number {
    return this.#taken.size;
  }

  take(): number | undefined {
    const number = this.#returned.pop() ?? this.#advance();
    if (number !== undefined) this.#taken.add(number);
    return number;
  }

  /** Marks a number that somebody holds already. One outside the range is nothing to this pool. */
  claim(number: number): void {
    if (!this.#covers(number) || this.#taken.has(number)) return;
    const skipped: number[] = [];
    while (this.#next <= number) {
      const passed = this.#advance();
      if (passed !== undefined && passed !== number) skipped.push(passed);
    }
    // All of them are above what was returned so far.
    if (skipped.length > 0) this.#returned = [...skipped.reverse(), ...this.#returned];
    const index = this.#returned.indexOf(number);
    if (index >= 0) this.#returned.splice(index, 1);
    this.#taken.add(number);
  }

  give(number: number): void {
    if (this.#taken.delete(number)) this.#putBack(number);
  }

  #covers(number: number): boolean {
    return Number.isInteger(number) && number >= this.#first && number <= this.#last && this.#allowed(number);
  }

  #advance(): number | undefined {
    while (this.#next <= this.#last) {
      const number = this.#next++;
      if (this.#allowed(number)) return number;
    }
    return undefined;
  }

  #putBack(number: number): void {
    let [low, high] = [0, this.#returned.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#returned[middle] ?? 0) > number) low = middle + 1;
      else high = middle;
    }
    this.#returned.splice(low, 0, number);
  }
}
