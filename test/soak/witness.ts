import { Oracles } from '../oracles/oracles.ts';
import type {
  Answered,
  Asked,
  Called,
  Fairness,
  Left,
  Missed,
  Rules,
  Shown,
  Sight,
  Stage,
  Told,
  Violation,
  World,
} from '../oracles/sights.ts';
import { inWords } from './words.ts';

/** What the service says and shows. */
export type Heard = Told | Missed | Shown | Answered | Left | Stage;
/** What is done to it, and what it does. */
export type Done = Called | World | Asked | Fairness;

/** A promise that was broken, and what was seen before. */
export interface Breach extends Violation {
  readonly story: readonly string[];
}

/** How many sights a story goes back. */
const storyLength = 120;
/** More tell nothing new. */
const mostBreaches = 40;

/** Milliseconds: what the service says of Docker may reach us before what Docker says itself, and is no lie for that. */
const lagMs = 100;

/** Puts all that is seen in order, shows it to the oracles, and remembers what was seen before a promise was broken. */
export class Witness {
  readonly breaches: Breach[] = [];
  readonly #oracles: Oracles;
  readonly #listeners: ((sight: Sight) => void)[] = [];
  readonly #recent: Sight[] = [];
  #judged = 0;
  #hearsay: Promise<void> = Promise.resolve();

  constructor(rules: Rules) {
    this.#oracles = new Oracles(rules);
  }

  /** From now on told of every sight, in order. */
  listen(listener: (sight: Sight) => void): void {
    this.#listeners.push(listener);
  }

  see(done: Done): void {
    this.#take({ at: Date.now(), ...done });
  }

  hear(heard: Heard): void {
    const sight = { at: Date.now(), ...heard };
    const ripe = new Promise((resolve) => setTimeout(resolve, lagMs));
    this.#hearsay = this.#hearsay.then(() => ripe).then(() => this.#take(sight));
  }

  /** Resolves when all that was heard so far is taken in. */
  get upToNow(): Promise<void> {
    return this.#hearsay;
  }

  /** What is only promised by the whole, and no oracle's business. */
  broken(promise: string, what: string): void {
    this.#note({ promise, at: Date.now(), what });
  }

  #take(sight: Sight): void {
    this.#recent.push(sight);
    if (this.#recent.length > storyLength) this.#recent.shift();
    for (const listener of this.#listeners) listener(sight);
    this.#oracles.see(sight);
    const { violations } = this.#oracles;
    for (; this.#judged < violations.length; this.#judged++) {
      const violation = violations[this.#judged];
      if (violation) this.#note(violation);
    }
  }

  #note(violation: Violation): void {
    if (this.breaches.length >= mostBreaches) return;
    this.breaches.push({ ...violation, story: this.#recent.map(inWords) });
  }
}
