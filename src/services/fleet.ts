import type { Clock } from '../async/clock.ts';
import { admit, type Phase } from '../domain/admission.ts';
import { closedCircuit } from '../domain/circuit.ts';
import { type Emergency, noEmergency } from '../domain/emergency.ts';
import {
  type Engine,
  type KeyedRequest,
  type Label,
  type ListedEngine,
  type ProvisioningEngine,
  type Replaces,
  type RunningEngine,
  removed,
  type StoppingEngine,
  stopping,
} from '../domain/engine.ts';
import { type Health, rememberedEngine } from '../domain/health.ts';
import type { Policy } from '../domain/policy.ts';
import { isRefusal, type ProvisionRefusal, unwritten } from '../domain/refusal.ts';
import type { Site, Snapshot, VpnMode } from '../domain/snapshot.ts';
import { StorageTrouble } from '../domain/storage-trouble.ts';
import { remembered, unseenVpn, type Vpn } from '../domain/vpn.ts';
import { Breaker } from './breaker.ts';
import type { Departed } from './departed.ts';
import type { EventLog, Saying } from './event-log.ts';
import * as say from './messages.ts';
import { type Abandoned, Reservation } from './reservation.ts';
import { Roster } from './roster.ts';
import { keyOf, Sites, siteOf } from './sites.ts';
import { changed, Turnover } from './turnover.ts';
import { Unsteady } from './unsteady.ts';

export interface FleetOptions {
  readonly mode: VpnMode;
  readonly simulated: boolean;
  readonly vpns: readonly string[];
  /** HTTP ports by VPN, where the operator named them; by '' for the host in VPN_MODE=disabled. */
  readonly ports: ReadonlyMap<string, readonly number[]>;
  readonly controlPort: number;
  readonly policy: Policy;
  readonly engine: {
    readonly image: string;
    readonly hostOf: (vpn: string | null, engineName: string) => string;
  };
}

export interface FleetDeps {
  readonly clock: Clock;
  readonly log: EventLog;
  readonly departed: Departed;
  readonly newId: () => string;
  /** What was so when the last process ended; null when nobody remembers. */
  readonly past: Snapshot | null;
}

/** What a place is taken for. */
export interface Wish {
  readonly labels: readonly Label[];
  readonly request: KeyedRequest | null;
  /** The only VPN that will do; null in VPN_MODE=disabled, undefined for whichever has the fewest engines. */
  readonly on?: string | null;
  readonly replaces: Replaces | null;
}

/**
 * The one owner of what is true now: engines, VPNs and the promises made to them. Every method is synchronous, so that
 * nothing can happen between looking and claiming, and every change is journaled and told before the method returns.
 */
export class Fleet {
  readonly sites: Sites;
  readonly roster: Roster;
  readonly turnover: Turnover;
  readonly breaker: Breaker;
  readonly unsteady = new Unsteady();
  emergency: Emergency;
  readonly #options: FleetOptions;
  readonly #deps: FleetDeps;
  /** Of engines that somebody is making. Until that has ended, nobody knows whether there is a container to be removed. */
  readonly #reservations = new Map<string, Reservation>();
  #phase: Phase = 'RECOVERING';

  constructor(options: FleetOptions, deps: FleetDeps) {
    const { mode, vpns, ports, controlPort, policy } = options;
    const { clock, past } = deps;
    this.#options = options;
    this.#deps = deps;
    this.roster = new Roster(deps.departed);
    this.turnover = new Turnover(this, deps);
    this.breaker = new Breaker(past?.circuit ?? closedCircuit, clock, policy, (message) =>
      this.record([[{ type: 'CIRCUIT_CHANGED' }, message]]),
    );
    this.emergency = emergencyAt(clock.now(), past?.emergency);
    const known = new Map(past?.sites.map((site) => [keyOf(site), site]));
    const recalled = (name: string): Vpn => {
      const vpn = known.get(name)?.vpn;
      return vpn ? remembered(vpn, clock.now(), policy) : unseenVpn(name, clock.now());
    };
    this.sites = new Sites(mode === 'DISABLED' ? [null] : vpns.map(recalled), ports, controlPort);
    for (const engine of past?.sites.flatMap(listedAt) ?? []) {
      this.sites.claim(engine);
      this.put(engine.state === 'RUNNING' ? rememberedEngine(engine, clock.now()) : engine);
    }
  }

  snapshot(): Snapshot {
    const { mode, simulated, policy } = this.#options;
    return {
      at: this.#deps.clock.now(),
      lastEventId: this.#deps.log.lastId,
      mode,
      simulated,
      sites: this.sites.all,
      emergency: this.emergency,
      circuit: this.breaker.circuit,
      policy,
      scaledTo: this.turnover.scaledTo,
      replacedAt: this.turnover.replacedAt,
    };
  }

  get phase(): Phase {
    return this.#phase;
  }

  enter(phase: Phase): void {
    this.#phase = phase;
    this.#deps.log.nudge();
  }

  /** The engines whose containers are to be removed, those that somebody is still making left out. */
  get leaving(): readonly StoppingEngine[] {
    return this.roster.all
      .filter((engine) => engine.state === 'STOPPING')
      .filter(({ id }) => !this.#reservations.has(id));
  }

  /** Those that a process which is no more was making. */
  get halfMade(): readonly ProvisioningEngine[] {
    return this.sites.all.flatMap(({ provisioning }) =>
      provisioning.filter(({ id }) => !this.#reservations.has(id)),
    );
  }

  /** Chooses a place for an engine and promises it, or says why there is none. */
  reserve(wish: Wish): Reservation | ProvisionRefusal {
    const site = admit(this.snapshot(), this.#phase, wish.on);
    if (isRefusal(site)) return site;
    const place = this.sites.take(keyOf(site));
    const { image, hostOf } = this.#options.engine;
    const incarnation = site.vpn?.incarnation;
    const engine: ProvisioningEngine = {
      state: 'PROVISIONING',
      id: this.#deps.newId(),
      ...place,
      tunnel: site.vpn && incarnation ? { vpn: site.vpn.name, incarnation } : null,
      host: hostOf(site.vpn?.name ?? null, place.name),
      forwarded: place.ports.p2p === site.spareForwardedPort,
      image,
      labels: wish.labels,
      request: wish.request,
      createdAt: this.#deps.clock.now(),
      replaces: wish.replaces,
    };
    this.put(engine);
    try {
      this.#deps.log.promise([[{ type: 'ENGINE_ASSIGNED', engine }, say.assigned(engine)]], this.snapshot());
    } catch (problem) {
      if (!(problem instanceof StorageTrouble)) throw problem;
      this.roster.unlist(engine.id);
      this.sites.drop(engine);
      return unwritten(problem.message);
    }
    this.breaker.begin(engine.id);
    return this.#reservation(engine);
  }

  /** Goes on with an engine that a process which is no more was making. */
  resume(engine: ProvisioningEngine): Reservation {
    const reservation = this.#reservation(engine);
    reservation.mayBeMade();
    return reservation;
  }

  /** Gives a reserved engine another name. `strangers` are the names that turned out to be taken. */
  rename(engine: ProvisioningEngine, strangers: readonly string[]): ProvisioningEngine {
    const renamed = { ...engine, name: this.sites.rename(engine.name, strangers) };
    this.put(renamed);
    return renamed;
  }

  /** Turns a promise into a running engine. The one that it replaces goes when it is found well, which may be now. */
  fill(engine: ProvisioningEngine, containerId: string, health: Health): RunningEngine {
    const now = this.#deps.clock.now();
    const running: RunningEngine = {
      ...engine,
      state: 'RUNNING',
      containerId,
      startedAt: now,
      health,
      connected: null,
      wasConnected: false,
    };
    this.#reservations.delete(engine.id);
    if (health.kind !== 'UNKNOWN') this.roster.probed(engine.id, now);
    this.put(running);
    this.record([changed(running, 'STARTED', null), ...this.turnover.succeed(running)]);
    return running;
  }

  /** Has whoever makes an engine give it up. */
  abandon(engineId: string, why: Abandoned): void {
    this.#reservations.get(engineId)?.abandon(why);
  }

  /** Nobody makes this engine any longer, and it does not run. `containerId` is null when a container is not known by id. */
  released(engine: ProvisioningEngine, containerId: string | null, mayExist: boolean, failure: string): void {
    this.#reservations.delete(engine.id);
    const givenUp = this.roster.listed(engine.id)?.state === 'STOPPING';
    const leaving = stopping(engine, containerId);
    this.turnover.rest(engine.replaces?.because);
    this.put(leaving);
    if (!givenUp) this.record([changed(leaving, 'FAILED', failure)]);
    if (mayExist) this.#deps.log.nudge();
    else this.gone(leaving);
  }

  /** The engine's container is known not to exist: the only place where a name and ports are given back. */
  gone(engine: ListedEngine): void {
    // Whoever finds it out second must not give back what is promised to another engine by now.
    if (!this.roster.listed(engine.id)) return;
    const departed = removed(engine);
    this.roster.bury(departed);
    this.sites.drop(engine);
    this.record([changed(departed, 'REMOVED', null)]);
  }

  /** Takes over an engine that runs already and that nobody remembers. */
  adopt(engine: RunningEngine): void {
    this.sites.claim(engine);
    this.put(engine);
    this.record([changed(engine, 'ADOPTED', null)]);
  }

  /** Whether an engine's VPN is one of those configured; engines without a VPN belong to VPN_MODE=disabled. */
  hasPlace(engine: Engine): boolean {
    return this.sites.get(siteOf(engine)) !== undefined;
  }

  vpn(name: string): Vpn {
    const vpn = this.sites.get(name)?.vpn;
    if (!vpn) throw new Error(`no VPN is called ${name}`);
    return vpn;
  }

  /** Lists an engine as it is now, and tells nobody. */
  put(engine: ListedEngine): void {
    this.sites.put(engine, this.roster.listed(engine.id));
    this.roster.list(engine);
  }

  /** Journals and tells what has changed, all of it at one moment; what the circuit makes of it comes after. */
  record(sayings: readonly Saying[]): void {
    this.#deps.log.record(sayings, this.snapshot());
    this.breaker.hear();
  }

  #reservation(engine: ProvisioningEngine): Reservation {
    const reservation = new Reservation(engine, this);
    this.#reservations.set(engine.id, reservation);
    return reservation;
  }
}

/** A clock that was set back puts no beginning into the future. */
const emergencyAt = (now: number, past: Emergency = noEmergency): Emergency =>
  past.kind === 'ACTIVE' ? { ...past, since: Math.min(past.since, now) } : past;

const listedAt = ({ provisioning, running, stopping }: Site): ListedEngine[] => [
  ...provisioning,
  ...running,
  ...stopping,
];
