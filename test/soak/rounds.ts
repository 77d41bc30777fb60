import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultProxy } from '../support/docker/fault-proxy.ts';
import type { Random } from '../support/random.ts';
import type { ApiWatch } from './api-watch.ts';
import type { Clients } from './clients.ts';
import type { DaemonWatch } from './daemon-watch.ts';
import type { EngineTroubles } from './engine-troubles.ts';
import type { Fairness } from './fairness.ts';
import { unrest } from './rest.ts';
import type { Service } from './service.ts';
import type { TroubledVpn } from './vpn-troubles.ts';
import type { Witness } from './witness.ts';

interface Cast {
  readonly random: Random;
  readonly proxy: FaultProxy;
  readonly service: Service;
  readonly clients: Clients;
  readonly vpns: readonly TroubledVpn[];
  readonly engines: EngineTroubles;
  readonly daemon: DaemonWatch;
  readonly watch: ApiWatch;
  readonly fairness: Fairness;
  readonly witness: Witness;
  readonly killsPerMs: number;
}

/** Milliseconds. */
const stretch = { first: 12_000, last: 20_000 };
/** In which it is at rest again, all that takes its time in a row: a stabilization, an open circuit, engines that were ill. */
const restlessMs = 60_000;
const lookMs = 100;
/** For so long it is at rest before it is taken at its word, and then does nothing. */
const settledMs = 500;
const quietMs = 1_000;

const clientsAtOnce = 3;
/** Of a hundred calls, and of a hundred events. */
const rates = { changing: 25, reading: 8, events: 35 };

/** Stretches in which everything happens at once, and after each of them the way back to rest. */
export class Rounds {
  readonly restMs: number[] = [];
  count = 0;
  faulty = 0;
  deaf = 0;
  /** It did not come to rest, and what comes after says nothing. */
  stuck = false;
  readonly #cast: Cast;
  readonly #begun = performance.now();
  /** What is done to VPNs, engines and Docker just now. */
  readonly #acting = new Set<Promise<void>>();
  #starting: Promise<void> = Promise.resolve();
  #isAboutToStart = false;

  constructor(cast: Cast) {
    this.#cast = cast;
  }

  async next(): Promise<void> {
    const { random, service, proxy, vpns, engines, fairness, daemon } = this.#cast;
    this.count++;
    const faulty = this.count % 3 !== 0;
    if (faulty) this.faulty++;
    await this.#chaos(faulty);

    fairness.deaf = random.chance(0.15);
    if (fairness.deaf) this.deaf++;
    proxy.mend();
    if (fairness.deaf) proxy.deafen();
    if (service.stage === 'dead') this.#start();
    await this.#starting;
    await Promise.all(vpns.map((vpn) => vpn.heal()));
    await engines.heal();
    await Promise.all(vpns.map((vpn) => vpn.untilHealthy()));
    await this.#rest(() => unrest(this.#cast.watch.shown, daemon.vpns, daemon.engines));
    fairness.deaf = false;
    proxy.mend();
  }

  async #chaos(faulty: boolean): Promise<void> {
    const { random, clients, vpns, engines, proxy, fairness } = this.#cast;
    const over = AbortSignal.timeout(random.whole(stretch.first, stretch.last));
    const acting = [
      ...Array.from({ length: clientsAtOnce }, () => this.#repeat(over, 10, 250, () => clients.act())),
      this.#repeat(over, 1_000, 4_500, () => this.#unsheltered(() => this.#troubleVpn(vpns))),
      this.#repeat(over, 1_500, 6_000, () => this.#unsheltered(() => engines.act())),
      this.#repeat(over, 100, 500, () => this.#interrupt()),
    ];
    if (faulty) {
      proxy.faults.rates = rates;
      fairness.look();
      acting.push(this.#repeat(over, 1_000, 3_500, () => this.#unsheltered(() => this.#spell())));
    }
    const done = Promise.all(acting);
    await Promise.race([done, new Promise((resolve) => over.addEventListener('abort', resolve))]);
    // What hangs by the proxy's doing would hang for long.
    proxy.mend();
    await done;
  }

  /** Does something again and again, with pauses between so many milliseconds. */
  async #repeat(over: AbortSignal, least: number, most: number, act: () => Promise<void>): Promise<void> {
    while (!over.aborted) {
      await sleep(this.#cast.random.whole(least, most), undefined, { signal: over }).catch(() => undefined);
      if (!over.aborted) await act();
    }
  }

  /** Not while a start is to be measured. */
  async #unsheltered(act: () => Promise<void>): Promise<void> {
    if (this.#cast.proxy.faults.suspended) return;
    const acting = act().finally(() => this.#acting.delete(acting));
    this.#acting.add(acting);
    await acting;
  }

  /** One VPN goes down or comes back; now and then all of them go at once. */
  async #troubleVpn(vpns: readonly TroubledVpn[]): Promise<void> {
    const { random } = this.#cast;
    const down = vpns.filter(({ isDown }) => isDown);
    const one = random.pick(down.length > 0 && random.chance(0.5) ? down : vpns);
    const chosen = random.chance(0.1) ? vpns : [one];
    await Promise.all(chosen.map((vpn) => (vpn.isDown ? vpn.heal() : vpn.fail())));
  }

  async #spell(): Promise<void> {
    const { random, proxy } = this.#cast;
    const ms = random.pick([300, 1_000, 2_500, 4_500]);
    if (random.chance(0.5)) await proxy.leave(ms);
    else await proxy.hush(ms);
  }

  /** Kills the service as often as was asked for, in time; ends it politely now and then; and starts it again, or not at once. */
  async #interrupt(): Promise<void> {
    const { random, service, killsPerMs } = this.#cast;
    if (service.stage === 'dead') {
      this.#start();
      return;
    }
    const due = (performance.now() - this.#begun) * killsPerMs;
    if (service.kills >= due) return;
    if (service.stage === 'serving' && random.chance(0.1)) await service.end();
    else await service.kill();
    if (random.chance(0.8)) this.#start();
  }

  /** It is not waited for, so that it may be killed before it is ready. */
  #start(): void {
    const { random, service, proxy, witness } = this.#cast;
    if (this.#isAboutToStart) return;
    this.#isAboutToStart = true;
    // Most are to be ready in the time that is promised where Docker answers, which it does not of a container that it stops.
    const sheltered = random.chance(0.7);
    proxy.faults.suspended = sheltered;
    const starting = Promise.all(sheltered ? this.#acting : [])
      .then(() => {
        this.#isAboutToStart = false;
        return service.start();
      })
      .catch((problem: Error) => {
        this.stuck = true;
        witness.broken('start', problem.message);
      })
      .finally(() => {
        if (this.#starting === starting) proxy.faults.suspended = false;
      });
    this.#starting = starting;
  }

  async #rest(missing: () => string[]): Promise<void> {
    const { fairness, witness } = this.#cast;
    const begun = performance.now();
    for (let since: number | null = null; ; ) {
      const now = performance.now();
      const lacks = fairness.isFair ? missing() : ['it is not fair to ask'];
      if (lacks.length > 0) since = null;
      else since ??= now;
      if (since !== null && now - since > settledMs) break;
      if (now - begun > restlessMs) {
        this.stuck = true;
        witness.broken('rest', `after ${restlessMs / 1_000} s: ${lacks.join('; ')}`);
        return;
      }
      await sleep(lookMs);
    }
    this.restMs.push(performance.now() - begun);
    fairness.quiet = true;
    await sleep(quietMs);
    fairness.quiet = false;
  }
}
