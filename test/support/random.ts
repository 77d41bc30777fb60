/** Chance that is the same again for the same seed (sfc32). */
export class Random {
  #a: number;
  #b: number;
  #c = 0x9e3779b9;
  #counter = 1;

  constructor(seed: number) {
    this.#a = seed >>> 0;
    this.#b = Math.floor(seed / 2 ** 32) >>> 0;
    for (let mixed = 0; mixed < 12; mixed++) this.#next();
  }

  /** From 0 to 1, 1 excluded. */
  share(): number {
    return this.#next() / 2 ** 32;
  }

  /** A whole number from 0, `limit` excluded. */
  below(limit: number): number {
    return Math.floor(this.share() * limit);
  }

  between(low: number, high: number): number {
    return low + this.share() * (high - low);
  }

  /** Whole numbers, both included. */
  whole(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  chance(probability: number): boolean {
    return this.share() < probability;
  }

  /** @throws where there is nothing to choose from. */
  pick<T>(list: readonly T[]): T {
    const [first, ...others] = list;
    if (first === undefined) throw new Error('there is nothing to choose from');
    return list[this.below(others.length + 1)] ?? first;
  }

  /** So many hexadecimal digits. */
  hex(digits: number): string {
    let text = '';
    while (text.length < digits) text += this.#next().toString(16).padStart(8, '0');
    return text.slice(0, digits);
  }

  #next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }
}
