import { range } from '../support/build.ts';
import type { Random } from '../support/random.ts';
import { Clients } from './clients.ts';
import { EngineAccidents } from './engine-accidents.ts';
import type { Host } from './host.ts';
import type { Life } from './life.ts';
import type { Tally } from './tally.ts';
import { VpnAccidents } from './vpn-accidents.ts';
import type { Watcher } from './watcher.ts';

export interface AccidentsDeps {
  readonly vpns: readonly string[];
  readonly random: Random;
  readonly host: Host;
  readonly life: () => Life | null;
  /** Something is done that is counted and told. */
  readonly note: (what: string) => void;
  readonly said: (line: string) => void;
}

export interface DriverDeps extends Omit<AccidentsDeps, 'note'> {
  readonly watcher: Watcher;
  readonly tally: Tally;
}

/** There are fewer kinds: a seed's world draws no less when one is added. */
const draws = 32;

/** Something that somebody does, and how often against the rest. */
type Kind = readonly [weight: number, act: (vpn: string) => void];

/** Clients who want engines, and operators and accidents that take them away. */
export class Driver {
  readonly #deps: DriverDeps;
  readonly #clients: Clients;
  readonly #vpns: VpnAccidents;
  readonly #engines: EngineAccidents;
  readonly #kinds: readonly Kind[];

  constructor(deps: DriverDeps) {
    this.#deps = deps;
    const { random, tally, said } = deps;
    const note = (what: string) => {
      tally.count(what);
      said(`! ${what}`);
    };
    this.#clients = new Clients({ ...deps, note });
    this.#vpns = new VpnAccidents({ ...deps, note });
    this.#engines = new EngineAccidents({ ...deps, note });
    // Where everything happens, little lasts: in many worlds much never does. The first kind always does.
    const share = random.pick([0, 0.3, 0.6]);
    const spared = new Set(range(1, draws - 1).filter(() => random.chance(share)));
    this.#kinds = this.#all().filter((_, index) => !spared.has(index));
  }

  #all(): readonly Kind[] {
    const clients = this.#clients;
    const vpns = this.#vpns;
    const engines = this.#engines;
    const { random } = this.#deps;
    return [
      [8, () => clients.provision(1, null)],
      [3, () => clients.burst()],
      [2, () => clients.provision(random.whole(2, 6), null)],
      [3, () => clients.provision(1, `key ${random.below(4)}`)],
      [4, () => clients.stop()],
      [1, () => clients.scale()],
      [4, (vpn) => vpns.unhealthy(vpn)],
      [5, (vpn) => vpns.healed(vpn)],
      [2, (vpn) => vpns.flap(vpn)],
      [2, (vpn) => vpns.killed(vpn)],
      [2, (vpn) => vpns.stopped(vpn)],
      [5, (vpn) => vpns.started(vpn)],
      [2, (vpn) => vpns.paused(vpn)],
      [3, (vpn) => vpns.unpaused(vpn)],
      [3, (vpn) => vpns.restarted(vpn)],
      [2, (vpn) => vpns.recreate(vpn)],
      [1, () => vpns.allDown()],
      [2, (vpn) => vpns.control(vpn)],
      [3, (vpn) => vpns.cut(vpn)],
      [5, () => engines.harm()],
      [2, () => engines.harmSeveral()],
      [1, () => clients.pose()],
      [1, () => engines.stranger()],
    ];
  }

  /** Does something, whatever it is. */
  act(): void {
    const { random, vpns } = this.#deps;
    const vpn = random.pick(vpns);
    let left = random.below(this.#kinds.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, act] of this.#kinds) {
      left -= weight;
      if (left >= 0) continue;
      act(vpn);
      return;
    }
  }

  /** Somebody has waited for the service to begin. */
  knock(): void {
    this.#clients.burst();
  }

  /** Puts everything right that somebody would put right. */
  async heal(): Promise<void> {
    const { host } = this.#deps;
    await this.#engines.sendStrangersAway();
    host.badImage = 0;
    await this.#vpns.mend();
    await this.#engines.mend();
    host.touch();
  }
}
