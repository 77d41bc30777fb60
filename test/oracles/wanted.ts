import type { Rules, Sight } from './sights.ts';

/**
 * How many engines are kept where no VPN fails, as it follows from what was asked for: between the wish for another number and
 * the word that it counts, either may.
 */
export class Wanted {
  readonly #rules: Rules;
  /** By request. */
  readonly #wishes = new Map<string, number>();
  #number: number;

  constructor(rules: Rules) {
    this.#rules = rules;
    this.#number = rules.minReplicas;
  }

  get least(): number {
    return Math.min(this.#number, ...this.#wishes.values());
  }

  get most(): number {
    return Math.max(this.#number, ...this.#wishes.values());
  }

  /** What the READY VPNs carry of it in an emergency. */
  share(number: number, ready: number): number {
    const { capacity, vpns, emergencyMin } = this.#rules;
    const carried = capacity === 'share' ? Math.floor((number * ready) / vpns.length) : 0;
    return Math.min(number, Math.max(carried, emergencyMin));
  }

  see(sight: Sight): void {
    if (sight.kind === 'asked' && sight.what === 'scale')
      this.#wishes.set(sight.request, this.#allowed(sight.count));
    if (sight.kind === 'answered' || sight.kind === 'left') this.#wishes.delete(sight.request);
    if (sight.kind !== 'told' || sight.event.type !== 'SCALING') return;
    const [, number] = /^(\d+) /.exec(sight.event.message) ?? [];
    if (number !== undefined) this.#number = Number(number);
  }

  #allowed(count: number): number {
    const { minReplicas, maxReplicas } = this.#rules;
    return Math.min(maxReplicas, Math.max(minReplicas, count));
  }
}
