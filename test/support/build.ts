import type { Clock } from '../../src/async/clock.ts';
import { closedCircuit } from '../../src/domain/circuit.ts';
import { nothingTold } from '../../src/domain/control.ts';
import { nextEmergency, noEmergency } from '../../src/domain/emergency.ts';
import {
  type ProvisioningEngine,
  type RunningEngine,
  type StoppingEngine,
  stopping,
} from '../../src/domain/engine.ts';
import { foundWell, type Health } from '../../src/domain/health.ts';
import type { Policy } from '../../src/domain/policy.ts';
import { isRefusal } from '../../src/domain/refusal.ts';
import { isVpnSite, type Site, type Snapshot, type VpnSite } from '../../src/domain/snapshot.ts';
import type { Incarnation, Look, Vpn, VpnState } from '../../src/domain/vpn.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { Departed } from '../../src/services/departed.ts';
import { EmergencyMode } from '../../src/services/emergency.ts';
import { EventLog } from '../../src/services/event-log.ts';
import { Evidence } from '../../src/services/evidence.ts';
import { Fleet, type FleetOptions, type Wish } from '../../src/services/fleet.ts';
import type { Reservation } from '../../src/services/reservation.ts';
import { FakeClock } from './fake-clock.ts';
import { Forgetful } from './forgetful.ts';

/** The moment at which everything built here is looked at. */
export const now = Date.UTC(2030, 0, 1);
export const seconds = (count: number): number => count * 1_000;
export const hours = (count: number): number => count * 3_600_000;

/** The whole numbers from `first` to `last`. */
export const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

export const aPolicy = (changes: Partial<Policy> = {}): Policy => ({
  minReplicas: 2,
  maxReplicas: 20,
  emergencyMinReplicas: 1,
  emergencyCapacity: 'share',
  stabilizationMs: seconds(120),
  startGraceMs: seconds(60),
  failureConfirmMs: 0,
  vpnRestartAfterMs: 0,
  replaceOnReconnect: true,
  healthFailureThreshold: 3,
  unhealthyGraceMs: seconds(60),
  replacementCooldownMs: seconds(60),
  portCooldownMs: seconds(300),
  silentFailureMs: seconds(30),
  circuitFailureThreshold: 5,
  circuitRecoveryMs: seconds(300),
  ...changes,
});

export const firstRun: Incarnation = { containerId: 'c1', startedAt: '2029-12-31T00:00:00.000000001Z' };
export const restarted: Incarnation = { ...firstRun, startedAt: '2030-01-01T00:00:00.000000001Z' };
export const recreated: Incarnation = { containerId: 'c2', startedAt: firstRun.startedAt };

export const ready: VpnState = { kind: 'READY', doubtedSince: null };
export const doubted: VpnState = { kind: 'READY', doubtedSince: now };
export const unknown: VpnState = { kind: 'UNKNOWN', since: now, doubtedSince: null };
export const failed: VpnState = { kind: 'FAILED', since: now, reason: 'its container is exited', hold: null };
export const stabilizing = (ms = seconds(120)): VpnState => ({
  kind: 'STABILIZING',
  until: now + ms,
  doubtedSince: null,
});

export const aVpn = (name: string, state: VpnState = ready, changes: Partial<Vpn> = {}): Vpn => ({
  name,
  state,
  health: state.kind === 'FAILED' ? 'UNHEALTHY' : state.kind === 'UNKNOWN' ? 'UNKNOWN' : 'HEALTHY',
  containerStatus: 'running',
  incarnation: firstRun,
  provider: null,
  control: { ...nothingTold(now), heard: true },
  evidence: null,
  outcries: { count: 0, lastAt: now },
  lookedAt: now,
  lastSeenAt: now,
  recoveredAt: null,
  restartedAt: null,
  portReplacedAt: null,
  ...changes,
});

/** Of an engine that has failed its probes until now. */
export const unwell: Health & { kind: 'UNHEALTHY' } = {
  kind: 'UNHEALTHY',
  fresh: false,
  since: now,
  problem: 'it gave no answer in time',
};

export const unwellFor = (ms: number): Health => ({ ...unwell, since: now - ms });

/** What Docker says of a VPN's container that runs and is well. */
export const aLook = (at: number, changes: Partial<Extract<Look, { kind: 'seen' }>> = {}): Look => ({
  kind: 'seen',
  at,
  answeredAt: at,
  incarnation: firstRun,
  status: 'running',
  health: 'healthy',
  provider: null,
  ...changes,
});

/** The number makes its ports and its name; `vpn` is null for one that joins the host. */
export const aProvisioningEngine = (
  number: number,
  vpn: string | null,
  changes: Partial<ProvisioningEngine> = {},
): ProvisioningEngine => ({
  ...promised(number, vpn),
  state: 'PROVISIONING',
  replaces: null,
  ...changes,
});

const promised = (number: number, vpn: string | null) => ({
  id: `engine-${number}`,
  name: `acestream-${number}`,
  tunnel: vpn === null ? null : { vpn, incarnation: firstRun },
  host: 'localhost',
  ports: {
    http: 19_000 + number,
    https: 20_000 + 3 * number,
    p2p: 20_001 + 3 * number,
    api: 20_002 + 3 * number,
  },
  forwarded: false,
  image: 'an/engine:1',
  labels: [],
  request: null,
  createdAt: now,
});

export const anEngine = (
  number: number,
  vpn: string | null,
  changes: Partial<RunningEngine> = {},
): RunningEngine => ({
  ...promised(number, vpn),
  state: 'RUNNING',
  containerId: `container-${number}`,
  startedAt: now,
  health: foundWell,
  connected: null,
  wasConnected: false,
  replaces: null,
  ...changes,
});

export const aStoppingEngine = (number: number, vpn: string | null): StoppingEngine =>
  stopping(anEngine(number, vpn), `container-${number}`);

export const aSite = (vpn: Vpn, changes: Partial<Omit<Site, 'vpn'>> = {}): VpnSite => ({
  vpn,
  ports: { first: 19_000, last: 19_019, free: 20 },
  spareForwardedPort: null,
  provisioning: [],
  running: [],
  stopping: [],
  ...changes,
});

export const theHost = (changes: Partial<Omit<Site, 'vpn'>> = {}): Site => ({
  ...aSite(aVpn('host'), changes),
  vpn: null,
});

export const aSnapshot = (sites: readonly Site[], changes: Partial<Snapshot> = {}): Snapshot => ({
  at: now,
  lastEventId: '000000000000-00000000',
  mode: sites.some(({ vpn }) => vpn === null) ? 'DISABLED' : sites.length > 1 ? 'REDUNDANT' : 'SINGLE',
  simulated: false,
  sites,
  emergency: noEmergency,
  circuit: closedCircuit,
  policy: aPolicy(),
  scaledTo: null,
  replacedAt: null,
  ...changes,
});

/** What is so at these sites, and the emergency that follows from their VPNs. */
export const aMoment = (
  sites: readonly Site[],
  policy: Partial<Policy> = {},
  changes: Partial<Snapshot> = {},
): Snapshot => {
  const vpns = sites.filter(isVpnSite).map(({ vpn }) => vpn);
  const { emergency } = nextEmergency(noEmergency, vpns, now, () => 'episode');
  return aSnapshot(sites, { policy: aPolicy(policy), emergency, ...changes });
};

export interface FleetWishes {
  readonly vpns?: readonly string[];
  readonly policy?: Partial<Policy>;
  readonly ports?: ReadonlyMap<string, readonly number[]>;
  readonly mode?: FleetOptions['mode'];
  readonly clock?: Clock;
  readonly journal?: Journal;
  /** Events that stay in memory. */
  readonly tail?: number;
}

export interface World {
  readonly fleet: Fleet;
  readonly emergency: EmergencyMode;
  readonly evidence: Evidence;
  readonly events: EventLog;
  readonly journal: Journal;
}

/** A serving fleet whose VPNs are all READY and publish twenty ports each, unless they are given. */
export const aFleet = (wishes: FleetWishes = {}): Fleet => aWorld(wishes).fleet;

/** The same, and what takes in looks at its VPNs. */
export function aWorld({
  vpns = ['red', 'blue'],
  policy = {},
  ports = new Map(),
  mode = 'REDUNDANT',
  clock = new FakeClock(now),
  journal = new Forgetful(),
  tail = 100,
}: FleetWishes = {}): World {
  const events = new EventLog(journal, 'abcdef01', tail);
  let ids = 0;
  const newId = () => `id-${++ids}`;
  const engine = { image: 'an/engine:1', hostOf: () => 'localhost' };
  const options: FleetOptions = {
    mode,
    simulated: false,
    vpns,
    ports,
    controlPort: 8_000,
    policy: aPolicy(policy),
    engine,
  };
  const departed = new Departed(journal, clock);
  const past = journal.newest?.snapshot ?? null;
  const fleet = new Fleet(options, { clock, log: events, departed, newId, past });
  const evidence = new Evidence({ fleet, events, policy: options.policy, stirred: () => {} });
  const emergency = new EmergencyMode({ fleet, events, evidence, policy: options.policy, newId });
  for (const [index, vpn] of vpns.entries())
    emergency.observe(vpn, aLook(clock.now()), range(19_000 + 100 * index, 19_019 + 100 * index));
  fleet.enter('SERVING');
  emergency.settle();
  return { fleet, emergency, evidence, events, journal };
}

/** The wish for an engine without any wish. */
export const anyPlace: Wish = { labels: [], request: null, replaces: null };

/** A reservation where one is bound to be given. */
export function reserved(fleet: Fleet, wish: Wish = anyPlace): Reservation {
  const result = fleet.reserve(wish);
  if (isRefusal(result)) throw new Error(result.message);
  return result;
}

/** An engine that runs, on the VPN that `fleet` chooses. */
export function started(fleet: Fleet, health: Health = foundWell, wish: Wish = anyPlace): RunningEngine {
  using reservation = reserved(fleet, wish);
  const containerId = `container of ${reservation.engine.id}`;
  reservation.made(containerId);
  return reservation.fill(containerId, health);
}
