import type { Rules } from '../oracles/sights.ts';

/** Short periods, in seconds: an hour sees what takes days with the usual ones. */
const periods = {
  GLUETUN_HEALTH_CHECK_INTERVAL_S: 1,
  VPN_STABILIZATION_S: 2,
  AUTOSCALE_INTERVAL_S: 2,
  HEALTH_CHECK_INTERVAL_S: 2,
  HEALTH_UNHEALTHY_GRACE_PERIOD_S: 3,
  HEALTH_REPLACEMENT_COOLDOWN_S: 3,
  CIRCUIT_BREAKER_RECOVERY_TIMEOUT_S: 5,
  FORWARDED_PORT_COOLDOWN_S: 5,
  VPN_SILENT_FAILURE_S: 30,
  STARTUP_TIMEOUT_S: 25,
};

const ms = (name: keyof typeof periods): number => periods[name] * 1_000;

export const minReplicas = 4;
export const maxReplicas = 14;
const emergencyMin = 1;

/** Fewer than MAX_REPLICAS, so that a VPN that is alone runs out of them. */
const portsEach = 12;

export const environment = (firstPort: number): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(periods).map(([name, seconds]) => [name, String(seconds)])),
  MIN_REPLICAS: String(minReplicas),
  MAX_REPLICAS: String(maxReplicas),
  EMERGENCY_MIN_REPLICAS: String(emergencyMin),
  EMERGENCY_CAPACITY: 'share',
  HEALTH_FAILURE_THRESHOLD: '2',
  GLUETUN_PORT_RANGE_1: `${firstPort}-${firstPort + portsEach - 1}`,
  GLUETUN_PORT_RANGE_2: `${firstPort + portsEach}-${firstPort + 2 * portsEach - 1}`,
});

export const rulesFor = (label: readonly [string, string], vpns: readonly string[]): Rules => ({
  label,
  vpns,
  minReplicas,
  maxReplicas,
  stabilizationMs: ms('VPN_STABILIZATION_S'),
  confirmMs: 0,
  startGraceMs: 60_000,
  lookMs: ms('GLUETUN_HEALTH_CHECK_INTERVAL_S'),
  beatMs: ms('AUTOSCALE_INTERVAL_S'),
  healthMs: ms('HEALTH_CHECK_INTERVAL_S'),
  graceMs: ms('HEALTH_UNHEALTHY_GRACE_PERIOD_S'),
  cooldownMs: ms('HEALTH_REPLACEMENT_COOLDOWN_S'),
  startupTimeoutMs: ms('STARTUP_TIMEOUT_S'),
  restartAfterMs: 0,
  emergencyMin,
  capacity: 'share',
  circuitRecoveryMs: ms('CIRCUIT_BREAKER_RECOVERY_TIMEOUT_S'),
  slackMs: 2_000,
});
