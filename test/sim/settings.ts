import { readSettings, type Settings } from '../../src/config.ts';
import type { Rules } from '../oracles/sights.ts';
import type { Random } from '../support/random.ts';

export const label = ['tandem.sim', 'this'] as const;
export const firstPortOf = (place: number): number => 19_000 + 100 * place;

/** Settings as an operator might have them, with short periods. */
export function drawSettings(random: Random): {
  readonly settings: Settings;
  readonly rules: Rules;
  /** HTTP ports that each VPN publishes. */
  readonly portsEach: number;
} {
  const vpns = random.pick([
    ['red', 'blue'],
    ['red', 'blue'],
    ['red', 'blue'],
    ['red', 'blue', 'green'],
    ['red'],
  ]);
  const seconds = (low: number, high: number) => random.between(low, high).toFixed(2);
  const minReplicas = random.whole(0, 6);
  const settings = readSettings(
    {
      DOCKER_HOST: 'unix:///simulated.sock',
      CONTAINER_LABEL: label.join('='),
      ...Object.fromEntries(
        vpns.map((name, place) => [`GLUETUN_CONTAINER_NAME${place === 0 ? '' : `_${place + 1}`}`, name]),
      ),
      MIN_REPLICAS: String(minReplicas),
      MAX_REPLICAS: String(random.whole(Math.max(2, minReplicas), 14)),
      EMERGENCY_MIN_REPLICAS: String(random.whole(0, 2)),
      EMERGENCY_CAPACITY: random.pick(['share', 'share', 'freeze']),
      GLUETUN_HEALTH_CHECK_INTERVAL_S: seconds(1, 6),
      VPN_STABILIZATION_S: random.pick(['0', seconds(1, 4), seconds(3, 20), seconds(3, 20)]),
      VPN_START_GRACE_S: seconds(1, 10),
      VPN_FAILURE_CONFIRM_S: random.pick(['0', '0', '0', seconds(0.2, 3)]),
      VPN_SILENT_FAILURE_S: random.pick(['0', seconds(2, 8), seconds(2, 8)]),
      VPN_UNHEALTHY_RESTART_TIMEOUT_S: random.pick(['0', '0', '0', seconds(1, 8)]),
      VPN_RESTART_ENGINES_ON_RECONNECT: random.pick(['true', 'false']),
      AUTOSCALE_INTERVAL_S: seconds(2, 12),
      HEALTH_CHECK_INTERVAL_S: seconds(1, 8),
      HEALTH_FAILURE_THRESHOLD: String(random.whole(1, 3)),
      HEALTH_UNHEALTHY_GRACE_PERIOD_S: random.pick(['0', seconds(0, 6)]),
      HEALTH_REPLACEMENT_COOLDOWN_S: random.pick(['0', seconds(0, 6)]),
      FORWARDED_PORT_COOLDOWN_S: seconds(0, 10),
      CIRCUIT_BREAKER_FAILURE_THRESHOLD: String(random.whole(2, 6)),
      CIRCUIT_BREAKER_RECOVERY_TIMEOUT_S: seconds(1, 10),
      STARTUP_TIMEOUT_S: seconds(4, 20),
      MAX_CONCURRENT_STARTS: String(random.whole(1, 6)),
      STOP_ENGINES_ON_EXIT: random.pick(['false', 'false', 'true']),
    },
    null,
  );
  const { policy } = settings;
  // Where they are few, they are all taken sooner than MAX_REPLICAS is reached; as many as MIN_REPLICAS there always are.
  const fewest = Math.max(3, Math.ceil(minReplicas / vpns.length) + 1);
  const portsEach = random.pick([16, fewest, random.whole(fewest, 16)]);
  return {
    settings,
    portsEach,
    rules: {
      label,
      vpns,
      minReplicas,
      maxReplicas: policy.maxReplicas,
      stabilizationMs: policy.stabilizationMs,
      confirmMs: policy.failureConfirmMs,
      startGraceMs: policy.startGraceMs,
      lookMs: settings.lookIntervalMs,
      beatMs: settings.reconcileIntervalMs,
      healthMs: settings.healthIntervalMs,
      graceMs: policy.unhealthyGraceMs,
      cooldownMs: policy.replacementCooldownMs,
      startupTimeoutMs: settings.engine.startupTimeoutMs,
      restartAfterMs: policy.vpnRestartAfterMs,
      emergencyMin: policy.emergencyMinReplicas,
      capacity: policy.emergencyCapacity,
      circuitRecoveryMs: policy.circuitRecoveryMs,
      slackMs: 0,
    },
  };
}
