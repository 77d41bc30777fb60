import type { ExecutionResult } from 'graphql';
import type { Place } from '../../async/place.ts';
import { turn } from '../../async/turn.ts';
import { end } from './end.ts';
import type { Hub, Member } from './hub.ts';
import type { LiveDeps } from './live.ts';
import type { Outlet } from './outlet.ts';
import { Update } from './update.ts';

/** Milliseconds for which the clocks in a state that was written down for another are near enough. */
const freshMs = 100;

/**
 * One subscription of one client. It begins by itself, as any subscription does, so that everything is checked for everyone;
 * where it is shared it reads its own stream only until it has come as far as the hub, and joins that.
 */
export class Subscriber implements Member {
  readonly outlet: Outlet;
  /** Let go of when it is no longer read, for it keeps what it gave last. */
  #own: AsyncIterator<ExecutionResult> | null;
  readonly #place: Place;
  readonly #deps: LiveDeps;
  #hub: Hub | null = null;
  #joined: (() => void) | null = null;
  #ended = false;
  #received = 0;
  since = Number.NEGATIVE_INFINITY;
  behind = false;

  constructor(own: AsyncIterator<ExecutionResult>, place: Place, outlet: Outlet, deps: LiveDeps) {
    this.#own = own;
    this.#place = place;
    this.outlet = outlet;
    this.#deps = deps;
  }

  /** Hands on what comes. Resolves when the hub does that from now on, or when nothing comes any more. */
  async run(findHub: () => Promise<Hub | null>): Promise<void> {
    try {
      const hub = await findHub();
      this.#hub = hub;
      hub?.approach(this);
      if (this.#ended) hub?.leave(this);
      while (!this.#ended && !this.#joins()) await this.#step();
    } catch (problem) {
      this.over(problem);
    }
  }

  /** The client has completed it, or is gone. */
  leave(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#hub?.leave(this);
    this.#joined?.();
    this.#endOwn();
  }

  over(problem: unknown): void {
    if (this.#ended) return;
    this.leave();
    this.outlet.finish(problem);
  }

  /** One who reads by itself waits for its socket: what it has not read yet costs nothing. */
  async #step(): Promise<void> {
    if (this.outlet.clogged) await new Promise<void>((resolve) => this.outlet.whenDrained(resolve));
    if (this.#ended) return;
    if (this.outlet.gone) return this.leave();
    const next = this.#own?.next();
    // Where nothing comes at once there is nothing left to catch up with.
    if (this.#hub && (await Promise.race([next, turn()])) === undefined && this.#joins()) return;
    const result = await next;
    if (!result || this.#ended) return;
    const { value, done } = result;
    if (done) return this.over(null);
    this.#received++;
    this.since = this.#place.at;
    const update = new Update(value, this.since, this.#deps.now());
    // Others who waited for the same socket may have filled it, and may again while this one waits.
    while (this.outlet.clogged && !this.#ended)
      await new Promise<void>((resolve) => this.outlet.whenDrained(resolve));
    if (this.#ended) return;
    if (this.outlet.gone) return this.leave();
    this.outlet.put(update);
    this.#deps.metrics.delivered();
    this.#hub?.refresh(update);
  }

  /** Joins the hub if that gives everything that this one has not been given, and nothing that it has. */
  #joins(): boolean {
    const hub = this.#hub;
    if (!hub || this.#joined) return this.#joined !== null;
    if (hub.ended) {
      this.#hub = null;
      return false;
    }
    const { newest } = hub;
    if (hub.broadcast === 'STATE' && newest && this.#wouldSee(newest)) {
      this.since = newest.at;
      this.outlet.put(newest);
      this.#deps.metrics.delivered();
    } else if (this.#place.given === this.#received && this.#place.at >= hub.at) {
      this.since = this.#place.at;
    } else {
      return false;
    }
    this.#joined = this.#deps.metrics.subscribed();
    this.#endOwn();
    hub.join(this);
    return true;
  }

  #endOwn(): void {
    if (this.#own) end(this.#own);
    this.#own = null;
  }

  /** Whether a look of its own would give the same as what is written down already. */
  #wouldSee({ at, made }: Update): boolean {
    return at > this.#place.at && this.#deps.now() - made < freshMs;
  }
}
