import type { Circuit } from '../domain/circuit.ts';
import type { Step } from '../domain/plan.ts';
import type { StartPhase } from '../domain/refusal.ts';
import type { healthOf } from '../domain/snapshot.ts';
import type { VpnState } from '../domain/vpn.ts';
import type { Provisioned } from '../services/meter.ts';

type Kind = Extract<Provisioned, { readonly kind: string }>['kind'];

/** How the making of an engine can end. Bad input never gets so far. */
type Outcome = 'success' | Exclude<Kind, 'running' | 'InvalidInputError'>;

/**
 * Every value that a label can have, so that every series is there from the beginning: one that began with its first event
 * would hide that event from rate().
 */
const all = <K extends string>(values: Readonly<Record<K, true>>): readonly K[] => Object.keys(values) as K[];

export const healths = all<ReturnType<typeof healthOf>>({ HEALTHY: true, UNHEALTHY: true, UNKNOWN: true });

export const vpnStates = all<VpnState['kind']>({
  UNKNOWN: true,
  READY: true,
  STABILIZING: true,
  FAILED: true,
});

export const circuitStates = all<Circuit['kind']>({ CLOSED: true, OPEN: true, HALF_OPEN: true });

export const stepKinds = all<Step['kind']>({ START: true, REPLACE: true, RESTART_VPN: true, CLEAR: true });

export const phases = all<StartPhase>({ PULL: true, CREATE: true, START: true, READINESS: true });

export const outcomes = all<Outcome>({
  success: true,
  NoHealthyVpnError: true,
  VpnStabilizingError: true,
  CapacityReachedError: true,
  NoFreePortError: true,
  CircuitOpenError: true,
  EngineStartError: true,
  ServiceUnavailableError: true,
  OverloadedError: true,
  DockerUnavailableError: true,
  'vpn-trouble': true,
  'port-taken': true,
  stopped: true,
});
