/** An engine that ends by itself so soon, in milliseconds, says more of its image than of its life. */
const youngMs = 60_000;

/**
 * Where engines answer and then die: each such start was a success, so that the circuit breaker never hears of it, and
 * another one at once would end like it.
 */
export class Unsteady {
  readonly #deaths = new Map<string | null, readonly number[]>();

  /** An engine that ran on `vpn` for `livedMs` has ended by itself. */
  died(vpn: string | null, livedMs: number, now: number): void {
    // A clock that was set back has made none young.
    if (livedMs >= 0 && livedMs < youngMs)
      this.#deaths.set(vpn, [...(this.#deaths.get(vpn) ?? []), now].slice(-2));
  }

  /** What happened on that VPN says nothing of what comes next. */
  forget(vpn: string | null): void {
    this.#deaths.delete(vpn);
  }

  /** The VPNs on which more than one did so since then: one may be chance. */
  since(then: number): (string | null)[] {
    return [...this.#deaths]
      .filter(([, deaths]) => deaths.filter((at) => at > then).length > 1)
      .map(([vpn]) => vpn);
  }
}
