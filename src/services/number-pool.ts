/**
 * Gives the lowest free number of a range, and takes it back. Taken is what was passed and is not free again: a Set of the
 * taken ones would get slow as it grows, for the same few numbers come and go, and each time leave a gap in it to be skipped.
 */
export class NumberPool {
  readonly #first: number;
  readonly #last: number;
  readonly #allowed: (number: number) => boolean;
  /** Free numbers below #next, the lowest at the end. */
  #returned: number[] = [];
  /** Free numbers that are given when there is no other, the longest free first. */
  readonly #shelved: number[] = [];
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
    return this.#passed - this.#returned.length - this.#shelved.length;
  }

  take(): number | undefined {
    return this.#returned.pop() ?? this.#advance() ?? this.#shelved.shift();
  }

  /** Marks a number that somebody holds already. False when it was taken before, or is outside the range. */
  claim(number: number): boolean {
    if (!this.#covers(number)) return false;
    const skipped: number[] = [];
    while (this.#next <= number) {
      const passed = this.#advance();
      if (passed !== undefined) skipped.push(passed);
    }
    // All of them are above what was returned so far.
    if (skipped.length > 0) this.#returned = [...skipped.reverse(), ...this.#returned];
    const index = this.#indexOf(number);
    if (this.#returned[index] === number) this.#returned.splice(index, 1);
    else if (this.#shelved.includes(number)) this.#shelved.splice(this.#shelved.indexOf(number), 1);
    else return false;
    return true;
  }

  give(number: number): void {
    if (this.#isFree(number)) return;
    this.#returned.splice(this.#indexOf(number), 0, number);
  }

  /** Takes a number back that something was wrong with. */
  shelve(number: number): void {
    if (!this.#isFree(number)) this.#shelved.push(number);
  }

  #isFree(number: number): boolean {
    if (!this.#covers(number) || number >= this.#next) return true;
    return this.#returned[this.#indexOf(number)] === number || this.#shelved.includes(number);
  }

  #covers(number: number): boolean {
    return Number.isInteger(number) && number >= this.#first && number <= this.#last && this.#allowed(number);
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
