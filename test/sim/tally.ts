import type { Sight } from '../oracles/sights.ts';

/** How often everything has happened. */
export class Tally {
  readonly counts = new Map<string, number>();

  count(what: string, times = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + times);
  }

  see(sight: Sight): void {
    if (sight.kind === 'told' && sight.event.type === 'EMERGENCY_MODE_CHANGED')
      this.count(`emergency: ${sight.event.change}`);
    if (sight.kind !== 'answered') return;
    for (const error of sight.errors) this.count(`refusal: ${error}`);
    this.count('engines given', sight.engines.length);
  }

  add(other: Iterable<readonly [string, number]>): void {
    for (const [what, times] of other) this.count(what, times);
  }
}
