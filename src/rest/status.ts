import { toIso } from '../async/clock.ts';
import { admit, type Phase } from '../domain/admission.ts';
import { circuitShown } from '../domain/circuit.ts';
import type { RunningEngine } from '../domain/engine.ts';
import { isRefusal, type ProvisionRefusal, unwritten } from '../domain/refusal.ts';
import { healthOf, listEngines, type Snapshot } from '../domain/snapshot.ts';
import { runningOf } from '../domain/status.ts';
import { detailOf } from './refusals.ts';
import { vpnStatus } from './vpns.ts';

/** The engines on offer, and how many of them are known to be well, or ill. */
function headcount(snapshot: Snapshot) {
  const healths = listEngines(snapshot, { states: ['RUNNING'] }).map(({ engine }) => healthOf(engine));
  return {
    total: healths.length,
    healthy: healths.filter((health) => health === 'HEALTHY').length,
    unhealthy: healths.filter((health) => health === 'UNHEALTHY').length,
  };
}

/** When the circuit opened last, as far as that still shows. */
const openedAt = ({ circuit, policy }: Snapshot): string | null =>
  circuit.kind === 'OPEN' ? toIso(circuit.until - policy.circuitRecoveryMs) : null;

/** While it is not closed, at least as many starts have failed in a row as open it. */
function breaker(snapshot: Snapshot) {
  const { circuit, policy, at } = snapshot;
  return {
    state: circuitShown(circuit, at).toLowerCase(),
    failure_count: circuit.kind === 'CLOSED' ? circuit.failures : policy.circuitFailureThreshold,
    failure_threshold: policy.circuitFailureThreshold,
    last_failure_time: openedAt(snapshot),
    last_success_time: null,
    recovery_timeout: policy.circuitRecoveryMs / 1_000,
  };
}

/** There is one breaker, whichever of the original's is named. */
export const closed = ({ circuit }: Snapshot) => ({
  message: `Circuit breaker all reset successfully: it is ${circuit.kind.toLowerCase()}`,
});

const isSuccessorOfIll = ({ replaces }: Pick<RunningEngine, 'replaces'>): boolean =>
  replaces?.because === 'UNHEALTHY';

export function healthStatus(snapshot: Snapshot) {
  const { total, healthy, unhealthy } = headcount(snapshot);
  const engines = snapshot.sites.flatMap(({ running, provisioning }) => [...running, ...provisioning]);
  return {
    total_engines: total,
    healthy_engines: healthy,
    unhealthy_engines: unhealthy,
    marked_for_replacement: engines.filter(isSuccessorOfIll).length,
    minimum_required: snapshot.policy.minReplicas,
    health_check_interval: null,
    circuit_breakers: { general: breaker(snapshot) },
  };
}

/**
 * What a proxy asks before it asks for an engine: whether one would be started now, and if not, for how long.
 * `trouble` says why the journal cannot be written; null when it can.
 */
export function orchestratorStatus(snapshot: Snapshot, phase: Phase, trouble: string | null) {
  const { total, healthy, unhealthy } = headcount(snapshot);
  const { enabled, connected, health, container, forwarded_port } = vpnStatus(snapshot);
  const { maxReplicas, minReplicas } = snapshot.policy;
  const admitted = phase === 'SERVING' && trouble !== null ? unwritten(trouble) : admit(snapshot, phase);
  const refusal = isRefusal(admitted) ? admitted : null;
  const running = runningOf(snapshot);
  return {
    status: running === 0 ? 'unavailable' : refusal && isTrouble(refusal) ? 'degraded' : 'healthy',
    engines: { total, running, healthy, unhealthy },
    streams: { active: 0, total: 0 },
    capacity: {
      total,
      used: 0,
      available: total,
      max_replicas: maxReplicas,
      min_replicas: minReplicas,
    },
    vpn: { enabled, connected, health, container, forwarded_port },
    provisioning: {
      can_provision: refusal === null,
      circuit_breaker_state: breaker(snapshot).state,
      last_failure: openedAt(snapshot),
      blocked_reason: refusal?.message ?? null,
      blocked_reason_details: refusal && detailOf(refusal),
    },
    acexy: { enabled: false },
    config: { auto_delete: false, grace_period_s: null, engine_variant: null, debug_mode: false },
    timestamp: toIso(snapshot.at),
  };
}

/** Having as many engines as may be is no trouble. */
const isTrouble = (refusal: ProvisionRefusal): boolean => detailOf(refusal).code !== 'max_capacity';
