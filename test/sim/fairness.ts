import type { Policy } from '../../src/domain/policy.ts';
import type { Fairness, Rules } from '../oracles/sights.ts';
import type { Host } from './host.ts';
import type { Disk } from './memory-journal.ts';
import type { Schedule } from './schedule.ts';
import type { Trouble } from './trouble.ts';

export type Fair = Fairness['fairness'];

export interface FairnessDeps {
  readonly rules: Rules;
  readonly policy: Policy;
  readonly schedule: Schedule;
  readonly trouble: Trouble;
  readonly host: Host;
  readonly disk: Disk;
  readonly isFollowed: () => boolean;
  readonly judged: (fairness: Fair) => void;
}

/** Milliseconds after which every call of Docker is given up, and what hung is known to. */
const longestCallMs = 31_000;

/** Milliseconds until what has failed is tried again, if it was not its first failure. */
const settlingMs = 6_000;

/** Judges what the service can be asked to do in time, by what is done to it. */
export class FairnessJudge {
  readonly #deps: FairnessDeps;
  #unfairUntil = 0;
  #deafUntil = 0;
  #now: Fair = 'unfair';

  constructor(deps: FairnessDeps) {
    this.#deps = deps;
  }

  get now(): Fair {
    return this.#now;
  }

  /** Milliseconds until nothing that was done counts any longer. */
  get remainingMs(): number {
    return Math.max(0, this.#unfairUntil - this.#deps.schedule.now);
  }

  unfairFor(ms: number): void {
    this.#unfairUntil = Math.max(this.#unfairUntil, this.#deps.schedule.now + ms);
  }

  judge(): void {
    const { trouble, disk, host, rules, policy, schedule, isFollowed } = this.#deps;
    // What nobody is told of, nobody can judge by.
    if (!isFollowed() || trouble.disturbs || disk.full || host.badImage > 0) {
      const badMs = host.badImage > 0 ? policy.circuitRecoveryMs + rules.startupTimeoutMs : 0;
      this.unfairFor(settlingMs + rules.beatMs + badMs);
    }
    if (trouble.hungAt !== null) this.unfairFor(trouble.hungAt - schedule.now + longestCallMs + rules.beatMs);
    // What was not told of is found on the beat.
    if (trouble.deafens) this.#deafUntil = schedule.now + Math.max(rules.lookMs, rules.beatMs) + 1_000;
    if (schedule.now < this.#unfairUntil) this.set('unfair');
    else this.set(schedule.now < this.#deafUntil ? 'deaf' : 'fair');
  }

  set(fairness: Fair): void {
    this.#now = fairness;
    this.#deps.judged(fairness);
  }
}
