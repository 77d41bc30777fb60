import { desired } from '../domain/capacity.ts';
import { circuitShown } from '../domain/circuit.ts';
import { healthOf, isVpnSite, type Site, type Snapshot } from '../domain/snapshot.ts';
import { pendingOf } from '../domain/status.ts';
import { circuitStates, healths, vpnStates } from './label-values.ts';

/** A value, and the labels of its series. */
export type Sample = readonly [value: number, labels?: Readonly<Record<string, string>>];

/** Something to be read off a snapshot whenever somebody asks: what nobody keeps in step cannot drift. */
interface SnapshotGauge {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
  readonly read: (snapshot: Snapshot) => Iterable<Sample>;
}

const one =
  (read: (snapshot: Snapshot) => number): SnapshotGauge['read'] =>
  (snapshot) => [[read(snapshot)]];

export const gauges: readonly SnapshotGauge[] = [
  {
    name: 'tandem_engines',
    help: 'Engines by VPN, state and health; only one that runs has a health. Without a VPN in VPN_MODE=disabled.',
    labelNames: ['vpn', 'state', 'health'],
    read: ({ sites }) => sites.flatMap(enginesAt),
  },
  {
    name: 'tandem_engines_pending',
    help: 'Engines in state PROVISIONING.',
    read: one(pendingOf),
  },
  { name: 'tandem_replicas_min', help: 'MIN_REPLICAS.', read: one(({ policy }) => policy.minReplicas) },
  {
    name: 'tandem_replicas_max',
    help: 'MAX_REPLICAS: running and pending never exceed it.',
    read: one(({ policy }) => policy.maxReplicas),
  },
  {
    name: 'tandem_replicas_desired',
    help: 'How many engines are kept without being asked for, as things are now.',
    read: one(desired),
  },
  {
    name: 'tandem_ports_free',
    help: 'HTTP ports that new engines may take, by VPN; no series where it is not known which ports there are.',
    labelNames: ['vpn'],
    read: ({ sites }) =>
      sites.flatMap((site): Sample[] => (site.ports ? [[site.ports.free, { vpn: vpnOf(site) }]] : [])),
  },
  {
    name: 'tandem_vpn_state',
    help: '1 for the state that a VPN is in, 0 for the others.',
    labelNames: ['vpn', 'state'],
    read: ({ sites }) =>
      sites.filter(isVpnSite).flatMap(({ vpn }) => states(vpnStates, vpn.state.kind, { vpn: vpn.name })),
  },
  {
    name: 'tandem_emergency_active',
    help: '1 while emergency mode is active: at least one of several VPNs is FAILED.',
    read: one(({ emergency }) => (emergency.kind === 'ACTIVE' ? 1 : 0)),
  },
  {
    name: 'tandem_emergency_episode_seconds',
    help: 'How long the present emergency has lasted; 0 without one.',
    read: one(({ at, emergency }) => (emergency.kind === 'ACTIVE' ? (at - emergency.since) / 1_000 : 0)),
  },
  {
    name: 'tandem_circuit_state',
    help: '1 for the state of the circuit breaker that guards starts, 0 for the others.',
    labelNames: ['state'],
    read: ({ circuit, at }) => states(circuitStates, circuitShown(circuit, at), {}),
  },
];

/** An empty label is none to Prometheus. */
const vpnOf = ({ vpn }: Site): string => vpn?.name ?? '';

function enginesAt(site: Site): Sample[] {
  const { provisioning, running, stopping } = site;
  const counted = (count: number, state: string, health: string): Sample => [
    count,
    { vpn: vpnOf(site), state, health },
  ];
  return [
    counted(provisioning.length, 'PROVISIONING', 'UNKNOWN'),
    ...healths.map((health) =>
      counted(running.filter((engine) => healthOf(engine) === health).length, 'RUNNING', health),
    ),
    counted(stopping.length, 'STOPPING', 'UNKNOWN'),
  ];
}

const states = (
  all: readonly string[],
  present: string,
  labels: Readonly<Record<string, string>>,
): Sample[] => all.map((state) => [state === present ? 1 : 0, { ...labels, state }]);
