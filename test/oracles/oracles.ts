import { causes } from './causes.ts';
import { deadlines } from './deadlines.ts';
import { episodes } from './episodes.ts';
import { lives } from './lives.ts';
import type { Oracle } from './oracle.ts';
import { ownership } from './ownership.ts';
import { placement } from './placement.ts';
import { ports } from './ports.ts';
import { refusals } from './refusals.ts';
import { restoration } from './restoration.ts';
import type { Rules, Sight, Violation } from './sights.ts';
import { stabilization } from './stabilization.ts';

/** Watches every promise, over whatever is seen. */
export class Oracles {
  readonly #oracles: readonly Oracle[];
  readonly #violations: Violation[] = [];

  constructor(rules: Rules) {
    this.#oracles = [
      placement(rules),
      stabilization(rules),
      lives(),
      ports(),
      refusals(rules),
      ownership(rules),
      episodes(rules),
      causes(rules),
      restoration(rules),
      deadlines(rules),
    ];
  }

  /** What was broken so far, in order. */
  get violations(): readonly Violation[] {
    return this.#violations;
  }

  see(sight: Sight): void {
    const broken = (promise: string, what: string) =>
      void this.#violations.push({ promise, at: sight.at, what });
    for (const oracle of this.#oracles) oracle(sight, broken);
  }
}
