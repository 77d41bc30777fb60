import type { Random } from '../support/random.ts';
import type { Schedule } from './schedule.ts';
import type { Tally } from './tally.ts';

/** What becomes of one call to Docker. */
export type CallFate =
  | 'answered'
  | 'refused'
  | '500 before'
  | '500 after'
  | 'reset before'
  | 'reset after'
  | 'hang before'
  | 'hang after'
  | 'truncated';

const spoilt: readonly CallFate[] = [
  'refused',
  '500 before',
  '500 after',
  'reset before',
  'reset after',
  'hang before',
  'hang after',
  'truncated',
];

/** What becomes of one event on its way. */
export type EventFate = 'told' | 'lost' | 'repeated' | 'late';

/** What goes wrong between the service and Docker, while it lasts. */
export class Trouble {
  readonly #random: Random;
  readonly #schedule: Schedule;
  readonly #tally: Tally;
  readonly #eventMs: number;
  /** When a call began last that has no answer; null when none did. */
  hungAt: number | null = null;
  /** The share of calls that are spoilt. */
  calls = 0;
  /** The share of events that are lost, repeated or late. */
  events = 0;
  /** No daemon is there at all. */
  gone = false;
  /** The daemon hears and answers nothing. */
  mute = false;
  /** The stream of events stays open, and nothing comes. */
  silent = false;
  /** The share of calls that take long. */
  slow = 0.02;

  constructor(random: Random, schedule: Schedule, tally: Tally) {
    this.#random = random;
    this.#schedule = schedule;
    this.#tally = tally;
    this.#eventMs = random.pick([3, 3, 40]);
  }

  /** Whether calls may fail, so that nothing can be promised in time. */
  get disturbs(): boolean {
    return this.calls > 0 || this.gone || this.mute || this.slow > 0.02;
  }

  /** Whether events may not come. */
  get deafens(): boolean {
    return this.events > 0 || this.silent;
  }

  end(): void {
    this.calls = 0;
    this.events = 0;
    this.gone = false;
    this.mute = false;
    this.silent = false;
    this.slow = 0.02;
  }

  fateOfCall(): CallFate {
    const fate = this.#fateOfCall();
    if (fate !== 'answered') this.#tally.count(`call: ${fate}`);
    if (fate.startsWith('hang')) this.hungAt = this.#schedule.now;
    return fate;
  }

  fateOfEvent(): EventFate {
    if (this.silent) {
      this.#tally.count('events: silent');
      return 'lost';
    }
    if (this.events === 0 || !this.#random.chance(this.events)) return 'told';
    const fate = this.#random.pick(['lost', 'lost', 'repeated', 'late'] as const);
    this.#tally.count(`event: ${fate}`);
    return fate;
  }

  /** Milliseconds from here to Docker, or back. */
  latency(): number {
    if (this.slow > 0 && this.#random.chance(this.slow)) {
      if (this.slow > 0.02) {
        this.#tally.count('call: slow');
        return this.#random.between(100, 6_000);
      }
      return this.#random.between(5, 25);
    }
    return this.#random.between(0.1, 3);
  }

  /** Milliseconds that an event takes, so that looks may know first. */
  eventLatency(): number {
    return this.#random.between(0.1, this.#eventMs);
  }

  /** Milliseconds after which an event comes once more. */
  echo(): number {
    return this.#random.pick([this.latency(), this.#random.between(0, 900)]);
  }

  /** Milliseconds that an event takes which is late. */
  lateness(): number {
    return this.#random.between(300, 6_000);
  }

  #fateOfCall(): CallFate {
    if (this.gone) return 'refused';
    if (this.mute) return this.#random.chance(0.5) ? 'hang before' : 'hang after';
    return this.calls > 0 && this.#random.chance(this.calls) ? this.#random.pick(spoilt) : 'answered';
  }
}
