import { Random } from '../random.ts';

/** What can happen to one call on its way to the daemon and back. */
export const callFaults = [
  'delayed',
  'refused',
  'reset before its effect',
  'reset after its effect',
  'error 500 before its effect',
  'error 500 after its effect',
  'truncated answer',
  'hangs before its effect',
  'hangs after its effect',
] as const;
export type CallFault = (typeof callFaults)[number];

/** What can happen to the stream of events as one of them passes. */
export const streamFaults = [
  'event lost',
  'event repeated',
  'event delayed',
  'stream cut',
  'stream silenced',
] as const;
export type StreamFault = (typeof streamFaults)[number];

/** What can happen to the daemon as a whole for a while. */
export const spells = ['daemon gone', 'daemon mute'] as const;
export type Spell = (typeof spells)[number];

export type Fault = CallFault | StreamFault | Spell;

/** How many of a hundred meet a fault, whichever. */
export interface FaultRates {
  /** Of the calls that change something. */
  readonly changing: number;
  /** Of the others. */
  readonly reading: number;
  /** Of the events. */
  readonly events: number;
}

const none: FaultRates = { changing: 0, reading: 0, events: 0 };

/** Which faults happen, by random, and how often each of them has. */
export class Faults {
  readonly #random: Random;
  readonly #counts = new Map<Fault, number>(
    [...callFaults, ...streamFaults, ...spells].map((fault) => [fault, 0]),
  );
  rates = none;
  /** None happens for now. */
  suspended = false;
  #lastAt = 0;
  #spells = 0;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  get counts(): ReadonlyMap<Fault, number> {
    return this.#counts;
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** When there was trouble last: now, while any may come. */
  get lastAt(): number {
    return this.rates !== none || this.#spells > 0 ? Date.now() : this.#lastAt;
  }

  /** Whether there was any since that moment. */
  since(moment: number): boolean {
    return this.#spells > 0 || this.#lastAt >= moment;
  }

  disarm(): void {
    this.rates = none;
  }

  ofCall(changes: boolean): CallFault | null {
    const { changing, reading } = this.rates;
    const percent = this.suspended ? 0 : changes ? changing : reading;
    return this.#random.chance(percent / 100) ? this.happened(this.#rarest(callFaults)) : null;
  }

  ofEvent(): StreamFault | null {
    const percent = this.suspended ? 0 : this.rates.events;
    return this.#random.chance(percent / 100) ? this.happened(this.#rarest(streamFaults)) : null;
  }

  happened<F extends Fault>(fault: F): F {
    this.#counts.set(fault, (this.#counts.get(fault) ?? 0) + 1);
    this.#lastAt = Date.now();
    return fault;
  }

  /** A spell begins, which ends with the scope. */
  spell(spell: Spell): Disposable {
    this.happened(spell);
    this.#spells++;
    return {
      [Symbol.dispose]: () => {
        this.#spells--;
        this.#lastAt = Date.now();
      },
    };
  }

  /** Milliseconds. */
  delay(): number {
    return this.#random.pick([20, 200, 1_000, 2_500]);
  }

  /** How many of so many bytes come through, not all. */
  cut(length: number): number {
    return this.#random.below(length);
  }

  /** One of those that have not been seen more often than others by much: some end the random for all others. */
  #rarest<F extends Fault>(faults: readonly [F, ...F[]]): F {
    const a = this.#random.pick(faults);
    const b = this.#random.pick(faults);
    return (this.#counts.get(a) ?? 0) <= (this.#counts.get(b) ?? 0) ? a : b;
  }
}
