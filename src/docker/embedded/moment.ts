import type { Clock } from '../../async/clock.ts';

/** Whole microseconds since the epoch. */
export type Micros = number;

/** Hands out moments that strictly increase, as a real machine's nanoseconds do, even while the clock is held. */
export class Moments {
  readonly #clock: Clock;
  #last: Micros = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  next(): Micros {
    this.#last = Math.max(this.#last + 1, Math.floor(this.#clock.now() * 1000));
    return this.#last;
  }
}

export const neverHappened = '0001-01-01T00:00:00Z';

/** A moment as the daemon prints it: RFC 3339 with nanoseconds. */
export function rfc3339(at: Micros): string {
  // biome-ignore lint/style/noRestrictedGlobals: it formats a moment that is given, and reads no clock
  const seconds = new Date(Math.floor(at / 1_000_000) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${String(at % 1_000_000).padStart(6, '0')}000Z`;
}

export const unixSeconds = (at: Micros) => Math.floor(at / 1_000_000);
