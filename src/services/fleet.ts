import type { Clock } from '../async/clock.ts';
import { admit, type Phase } from '../domain/admission.ts';
import { closedCircuit } from '../domain/circuit.ts';
import { type Emergency, noEmergency } from '../domain/emergency.ts';
import {
  type Because,
  containerIdOf,
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
import type { Change, EngineChange } from '../domain/events.ts';
import { type Health, isFresh, isUntried, problemOf } from '../domain/health.ts';
import type { Policy } from '../domain/policy.ts';
import { isRefusal, type ProvisionRefusal, unavailable } from '../domain/refusal.ts';
import { surplus } from '../domain/scaling.ts';
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
  readonly breaker: Breaker;
  readonly unsteady = new Unsteady();
  readonly #options: FleetOptions;
  readonly #deps: FleetDeps;
  readonly roster: Roster;
  /** Of engines that somebody is making. Until that has ended, nobody knows whether there is a container to be removed. */
  readonly #reservations = new Map<string, Reservation>();
  emergency: Emergency;
  #scaledTo: number | null;
  #replacedAt: number | null;
  #phase: Phase = 'RECOVERING';

  constructor(options: FleetOptions, deps: FleetDeps) {
    const { mode, vpns, ports, controlPort, policy } = options;
    const { clock, past } = deps;
    this.#options = options;
    this.#deps = deps;
    this.roster = new Roster(deps.departed);
    this.breaker = new Breaker(past?.circuit ?? closedCircuit, clock, policy, (message) =>
      this.record([[{ type: 'CIRCUIT_CHANGED' }, message]]),
    );
    this.emergency = emergencyAt(clock.now(), past?.emergency);
    this.#scaledTo = past?.scaledTo ?? null;
    this.#replacedAt = past?.replacedAt == null ? null : Math.min(past.replacedAt, clock.now());
    const known = new Map(past?.sites.map((site) => [keyOf(site), site]));
    const recalled = (name: string): Vpn => {
      const vpn = known.get(name)?.vpn;
      return vpn ? remembered(vpn, clock.now(), policy) : unseenVpn(name, clock.now());
    };
    this.sites = new Sites(mode === 'DISABLED' ? [null] : vpns.map(recalled), ports, controlPort);
    for (const engine of past?.sites.flatMap(listedAt) ?? []) {
      this.sites.claim(engine);
      this.put(engine);
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
      scaledTo: this.#scaledTo,
      replacedAt: this.#replacedAt,
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

  /** Lets the engines go whose VPN is configured no longer: what is remembered of them is told before it can be forgotten. */
  evict(): void {
    const evicted = this.roster.all.flatMap((engine) =>
      engine.state === 'STOPPING' || this.hasPlace(engine) ? [] : [stopping(engine, containerIdOf(engine))],
    );
    for (const engine of evicted) this.put(engine);
    this.record(evicted.map((engine) => changed(engine, 'STOPPED', say.evicted(engine))));
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
      return unavailable('STORAGE', `${problem.message} What cannot be written down is not promised.`);
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
    this.record([changed(running, 'STARTED', null), ...this.#succeed(running)]);
    return running;
  }

  /** Takes in how an engine was found, in the place of what it was `before`. */
  examined(before: RunningEngine, engine: RunningEngine): void {
    if (engine === before) return;
    this.put(engine);
    if (engine.health.kind === before.health.kind) return;
    const isWell = engine.health.kind === 'HEALTHY';
    const reason = problemOf(engine.health);
    if (isFresh(before.health)) this.breaker.willHear(engine.id, isWell ? 'success' : 'failure');
    // Where the new one is ill, the other one would be no better off with it in its place.
    this.record([
      changed(engine, isWell ? 'HEALTHY' : 'UNHEALTHY', reason),
      ...(isWell || !engine.replaces ? this.#succeed(engine) : this.retireAll([engine], 'FAILED', reason)),
    ]);
  }

  /** Lets the engine go that a new one has replaced, now that this one is well. */
  #succeed(engine: RunningEngine): Saying[] {
    const { replaces } = engine;
    if (!replaces || engine.health.kind !== 'HEALTHY') return [];
    this.#rest(replaces.because);
    this.put({ ...engine, replaces: null });
    const replaced = this.roster.listed(replaces.id);
    if (replaced?.state !== 'RUNNING') return [];
    return this.retireAll([replaced], 'STOPPED', `${engine.name} has taken its place`);
  }

  /** Begins to remove an engine whose place another one is to take. */
  makeWay(engine: RunningEngine, because: Because): void {
    this.#rest(because);
    this.retire(engine, 'STOPPED', 'it makes way for another one');
  }

  /** A replacement has ended, whichever way: the next one waits for the cooldown. */
  #rest(because: Because): void {
    if (because === 'UNHEALTHY') this.#replacedAt = this.#deps.clock.now();
  }

  /**
   * Notes how many engines are wanted from now on, and lets those go that are too many.
   * @throws {StorageTrouble} when it cannot be written down: then nothing has changed.
   */
  scale(to: number): void {
    // A try, before anything is changed: the number and what has to go are then written down as one.
    this.#deps.log.promise([], this.snapshot());
    this.#scaledTo = to;
    const stopped = this.retireAll(surplus(this.snapshot(), to), 'STOPPED', `scaled to ${to}`);
    this.record([[{ type: 'SCALING' }, say.scaled(to)], ...stopped]);
  }

  /**
   * Begins to remove an engine. Its name and ports stay taken until `gone`, for its container may still hold them. One that
   * is being made is given up, and removed when it is known whether there is anything to remove.
   */
  retire(
    engine: ProvisioningEngine | RunningEngine,
    change: EngineChange,
    reason: string | null,
    kind: Abandoned['kind'] = 'stopped',
  ): void {
    this.record(this.retireAll([engine], change, reason, kind));
  }

  /** The same for several, told of by whoever asks for it. */
  retireAll(
    engines: readonly (ProvisioningEngine | RunningEngine)[],
    change: EngineChange,
    reason: string | null,
    kind: Abandoned['kind'] = 'stopped',
  ): EngineSaying<StoppingEngine>[] {
    const now = this.#deps.clock.now();
    return engines.map((engine) => {
      // What boot finds dead may have died with the whole host.
      if (change === 'FAILED' && engine.state === 'RUNNING' && this.#phase === 'SERVING')
        this.unsteady.died(engine.tunnel?.vpn ?? null, now - engine.startedAt, now);
      // What becomes of one that nobody has found well says something about its image, unless it was told to go.
      if (engine.state === 'RUNNING' && isUntried(engine.health))
        this.breaker.willHear(engine.id, change === 'FAILED' ? 'failure' : 'neutral');
      const leaving = stopping(engine, containerIdOf(engine));
      if (engine.replaces) this.#rest(engine.replaces.because);
      this.put(leaving);
      this.#reservations.get(engine.id)?.abandon({ kind, reason: reason ?? 'it is not wanted any longer' });
      return changed(leaving, change, reason);
    });
  }

  /** Nobody makes this engine any longer, and it does not run. `containerId` is null when a container is not known by id. */
  released(engine: ProvisioningEngine, containerId: string | null, mayExist: boolean, failure: string): void {
    this.#reservations.delete(engine.id);
    const givenUp = this.roster.listed(engine.id)?.state === 'STOPPING';
    const leaving = stopping(engine, containerId);
    if (engine.replaces) this.#rest(engine.replaces.because);
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

type EngineSaying<E extends Engine> = readonly [
  Extract<Change, { type: 'ENGINE_CHANGED' }> & { readonly engine: E },
  string,
];

const changed = <E extends Engine>(
  engine: E,
  change: EngineChange,
  reason: string | null,
): EngineSaying<E> => [
  { type: 'ENGINE_CHANGED', change, reason, engine },
  say.engineChanged(engine, change, reason),
];
