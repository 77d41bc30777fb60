import type { Clock } from '../async/clock.ts';
import { admit, circuitOpen, type Phase } from '../domain/admission.ts';
import {
  type Circuit,
  circuitBegin,
  circuitEnd,
  circuitWait,
  closedCircuit,
  type StartOutcome,
} from '../domain/circuit.ts';
import { condemned } from '../domain/condemn.ts';
import { tellsOtherwise } from '../domain/control.ts';
import { type ControlReport, hear } from '../domain/control-report.ts';
import { type Emergency, nextEmergency, noEmergency } from '../domain/emergency.ts';
import {
  containerIdOf,
  type Engine,
  type Label,
  type ListedEngine,
  type ProvisioningEngine,
  type RemovedEngine,
  type RunningEngine,
  removed,
  type StoppingEngine,
  stopping,
} from '../domain/engine.ts';
import type { EngineRef } from '../domain/engine-ref.ts';
import type { Change, EngineChange } from '../domain/events.ts';
import type { Policy } from '../domain/policy.ts';
import { isRefusal, type ProvisionRefusal } from '../domain/refusal.ts';
import type { Snapshot, VpnMode } from '../domain/snapshot.ts';
import { type Look, observe, sameIncarnation, unseenVpn, type Vpn } from '../domain/vpn.ts';
import { Departed } from './departed.ts';
import type { EventLog } from './event-log.ts';
import * as say from './messages.ts';
import { Reservation } from './reservation.ts';
import { hostSite, keyOf, Sites, siteOf } from './sites.ts';

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

/**
 * The one owner of what is true now: engines, VPNs and the promises made to them. Every method is synchronous, so that
 * nothing can happen between looking and claiming, and every change appends its event before the method returns.
 */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #clock: Clock;
  readonly #log: EventLog;
  readonly #newId: () => string;
  readonly #sites: Sites;
  readonly #departed = new Departed();
  readonly #engines = new Map<string, ListedEngine>();
  readonly #reservations = new Map<string, Reservation>();
  #emergency: Emergency = noEmergency;
  #circuit: Circuit = closedCircuit;
  #phase: Phase = 'RECOVERING';

  constructor(options: FleetOptions, clock: Clock, log: EventLog, newId: () => string) {
    this.#options = options;
    this.#clock = clock;
    this.#log = log;
    this.#newId = newId;
    const vpns =
      options.mode === 'DISABLED' ? [null] : options.vpns.map((name) => unseenVpn(name, clock.now()));
    this.#sites = new Sites(vpns, options.ports, options.controlPort);
  }

  snapshot(lastEventId = this.#log.lastId): Snapshot {
    return {
      at: this.#clock.now(),
      lastEventId,
      mode: this.#options.mode,
      simulated: this.#options.simulated,
      sites: this.#sites.all,
      emergency: this.#emergency,
      circuit: this.#circuit,
      policy: this.#options.policy,
    };
  }

  get phase(): Phase {
    return this.#phase;
  }

  enter(phase: Phase): void {
    this.#phase = phase;
  }

  get engines(): readonly ListedEngine[] {
    return [...this.#engines.values()];
  }

  /** The engines whose containers are to be removed. */
  get leaving(): readonly StoppingEngine[] {
    return this.#sites.all.flatMap(({ stopping }) => stopping);
  }

  /** The engine of that id, removed ones included for as long as they are remembered. */
  engine(id: string): Engine | undefined {
    return this.#engines.get(id) ?? this.#departed.byId(id);
  }

  /** By whole id. A removed engine is still found by its own id and its container's; its name may be another's by now. */
  find(ref: EngineRef): Engine | undefined {
    if (ref.id != null) return this.engine(ref.id);
    if (ref.name != null) return this.engines.find((engine) => engine.name === ref.name);
    if (ref.containerId == null) return undefined;
    const listed = this.engines.find((engine) => containerIdOf(engine) === ref.containerId);
    return listed ?? this.#departed.byContainerId(ref.containerId);
  }

  /** Chooses a place for an engine and promises it, or says why there is none. */
  reserve(labels: readonly Label[]): Reservation | ProvisionRefusal {
    const site = admit(this.snapshot(), this.#phase);
    if (isRefusal(site)) return site;
    const place = this.#sites.take(keyOf(site));
    const { image, hostOf } = this.#options.engine;
    const incarnation = site.vpn?.incarnation;
    const engine: ProvisioningEngine = {
      state: 'PROVISIONING',
      id: this.#newId(),
      ...place,
      tunnel: site.vpn && incarnation ? { vpn: site.vpn.name, incarnation } : null,
      host: hostOf(site.vpn?.name ?? null, place.name),
      forwarded: false,
      image,
      labels,
      createdAt: this.#clock.now(),
    };
    this.#circuit = circuitBegin(this.#circuit, engine.id);
    this.#put(engine);
    const reservation = new Reservation(engine, this);
    this.#reservations.set(engine.id, reservation);
    this.#append({ type: 'ENGINE_ASSIGNED', engine }, say.assigned(engine));
    return reservation;
  }

  /** Gives a reserved engine another name. `strangers` are the names that turned out to be taken. */
  rename(engine: ProvisioningEngine, strangers: readonly string[]): ProvisioningEngine {
    const renamed = { ...engine, name: this.#sites.rename(engine.name, strangers) };
    this.#put(renamed);
    return renamed;
  }

  /** Turns a promise into a running engine. */
  fill(engine: ProvisioningEngine, containerId: string, health: RunningEngine['health']): RunningEngine {
    const now = this.#clock.now();
    const lastHealthCheckAt = health === 'UNKNOWN' ? null : now;
    const running: RunningEngine = {
      ...engine,
      state: 'RUNNING',
      containerId,
      startedAt: now,
      health,
      lastHealthCheckAt,
    };
    this.#reservations.delete(engine.id);
    this.#put(running);
    this.#changed(running, 'STARTED', null);
    return running;
  }

  /**
   * Begins to remove an engine. Its name and ports stay taken until `gone`, for its container may still hold them.
   * `containerId` is null when a container may exist but is not known by id.
   */
  retire(
    engine: ProvisioningEngine | RunningEngine,
    change: EngineChange,
    reason: string | null,
    containerId: string | null,
  ): StoppingEngine {
    this.#reservations.delete(engine.id);
    const leaving = stopping(engine, containerId);
    this.#put(leaving);
    this.#changed(leaving, change, reason);
    return leaving;
  }

  /** The engine's container is known not to exist: the only place where a name and ports are given back. */
  gone(engine: ListedEngine): RemovedEngine {
    const departed = removed(engine);
    // Whoever finds it out second must not give back what is promised to another engine by now.
    if (!this.#engines.has(engine.id)) return departed;
    this.#reservations.delete(engine.id);
    this.#engines.delete(engine.id);
    this.#departed.add(departed);
    this.#sites.drop(engine);
    this.#changed(departed, 'REMOVED', null);
    return departed;
  }

  /** Takes over an engine that runs already. */
  adopt(engine: RunningEngine): void {
    this.#sites.claim(engine);
    this.#put(engine);
    this.#changed(engine, 'ADOPTED', null);
    this.#condemn();
  }

  /** Keeps clear of the ports that engines of other instances hold on our VPNs. */
  meetNeighbours(neighbours: readonly Engine[]): void {
    this.#sites.meetNeighbours(neighbours);
  }

  /** The same for one that has just been made. */
  meetNeighbour(vpn: string | null, ports: readonly number[]): void {
    this.#sites.meetNeighbour(vpn ?? hostSite, ports);
  }

  /** Whether an engine of another instance has one of these ports, on the same VPN. */
  neighbourHolds(engine: Engine): boolean {
    return this.#sites.neighbourHolds(engine);
  }

  /** Asks whoever holds an engine's reservation to give it up. */
  abandon(engine: ProvisioningEngine, reason: string): void {
    this.#reservations.get(engine.id)?.abandon({ kind: 'stopped', reason });
  }

  /** Whether an engine's VPN is one of those configured; engines without a VPN belong to VPN_MODE=disabled. */
  hasPlace(engine: Engine): boolean {
    return this.#sites.get(siteOf(engine)) !== undefined;
  }

  /**
   * Takes in one look at a VPN, and the HTTP ports that its container offers (null: not shown). True when a client would
   * see a difference.
   */
  observe(name: string, look: Look, ports: readonly number[] | null): boolean {
    const before = this.#vpn(name);
    const after = observe(before, look, this.#options.policy);
    if (after === before) return false;

    this.#sites.see(after, ports);
    const vpns = this.#sites.all.flatMap(({ vpn }) => (vpn ? [vpn] : []));
    this.#emergency = nextEmergency(this.#emergency, vpns, look.at, this.#newId);
    const changed = showsOtherwise(before, after);
    if (changed) this.#append({ type: 'VPN_CHANGED', vpn: name }, say.vpnChanged(before, after));
    this.#condemn();
    return changed;
  }

  /** Takes in what a VPN's control server said. */
  hear(name: string, report: ControlReport): void {
    const before = this.#vpn(name);
    const after = hear(before, report);
    if (after === before) return;
    this.#sites.see(after, null);
    if (tellsOtherwise(before.control, after.control))
      this.#append({ type: 'VPN_CHANGED', vpn: name }, say.vpnTold(after));
  }

  /** Why an engine that was let in may not be started after all: the circuit has opened meanwhile. */
  refusedNow(engineId: string): ProvisionRefusal | null {
    if (this.#circuit.kind === 'HALF_OPEN' && this.#circuit.trial === engineId) return null;
    const wait = circuitWait(this.#circuit, this.#clock.now());
    if (wait !== null) return circuitOpen(wait);
    this.#circuit = circuitBegin(this.#circuit, engineId);
    return null;
  }

  /** Tells the circuit breaker how a start ended. */
  startEnded(engineId: string, outcome: StartOutcome): void {
    this.#circuit = circuitEnd(this.#circuit, engineId, outcome, this.#clock.now(), this.#options.policy);
  }

  resetCircuit(): Snapshot {
    this.#circuit = closedCircuit;
    return this.snapshot();
  }

  #vpn(name: string): Vpn {
    const vpn = this.#sites.get(name)?.vpn;
    if (!vpn) throw new Error(`no VPN is called ${name}`);
    return vpn;
  }

  #condemn(): void {
    for (const engine of condemned(this.#sites.all)) {
      const reason = `its VPN ${engine.tunnel?.vpn} failed`;
      if (engine.state === 'RUNNING') this.retire(engine, 'STOPPED', reason, engine.containerId);
      else this.#reservations.get(engine.id)?.abandon({ kind: 'vpn-failed', reason });
    }
  }

  #put(engine: ListedEngine): void {
    this.#sites.put(engine, this.#engines.get(engine.id));
    this.#engines.set(engine.id, engine);
  }

  #changed(engine: Engine, change: EngineChange, reason: string | null): void {
    this.#append(
      { type: 'ENGINE_CHANGED', change, reason, engine },
      say.engineChanged(engine, change, reason),
    );
  }

  #append(change: Change, message: string): void {
    this.#log.append(change, message, (id) => this.snapshot(id));
  }
}

/** Whether a client would see a difference, clocks aside. */
const showsOtherwise = (a: Vpn, b: Vpn): boolean =>
  a.state.kind !== b.state.kind ||
  a.health !== b.health ||
  a.containerStatus !== b.containerStatus ||
  a.provider !== b.provider ||
  !sameIncarnation(a.incarnation, b.incarnation);
