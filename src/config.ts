import { readControlAccess } from './config/control-access.ts';
import { readKeys } from './config/keys.ts';
import { ConfigurationError, complaint, type Environment, type Mistake } from './config/mistakes.ts';
import { readVariables } from './config/variables.ts';
import { hostPorts, modeOf, namesVpn, readPorts, readVpns } from './config/vpns.ts';
import { type DockerAddress, defaultDockerHost, parseDockerHost } from './docker/address.ts';
import { type VariantName, variants } from './docker/variants.ts';
import type { Keys } from './domain/keys.ts';
import type { Policy } from './domain/policy.ts';
import type { VpnMode } from './domain/snapshot.ts';
import type { ControlAccess } from './gluetun/control.ts';

export interface Settings {
  readonly http: {
    readonly host: string;
    readonly port: number;
    readonly keys: Keys;
    /** Names by which others may reach it where no key is asked for. */
    readonly allowedHosts: readonly string[];
    /** Whether the schema is told, and what a misspelt name may have meant. */
    readonly introspection: boolean;
  };
  readonly logLevel: string;
  /** null: a folder that ends with the process, for a simulation. */
  readonly dataDir: string | null;
  readonly eventsMax: number;
  readonly eventsMaxMs: number;
  readonly instance: { readonly key: string; readonly value: string };
  /** null: the embedded engine. */
  readonly docker: DockerAddress | null;
  readonly mode: VpnMode;
  readonly vpns: readonly string[];
  /** HTTP ports by VPN where they were named; by '' for the host in mode DISABLED. */
  readonly ports: ReadonlyMap<string, readonly number[]>;
  readonly controlPort: number;
  readonly controlAccess: ControlAccess;
  readonly lookIntervalMs: number;
  readonly reconcileIntervalMs: number;
  readonly healthIntervalMs: number;
  readonly stopEnginesOnExit: boolean;
  readonly policy: Policy;
  readonly engine: {
    readonly variant: VariantName;
    readonly image: string;
    readonly host: string | null;
    readonly memoryLimit: number | null;
    readonly network: string | null;
    readonly startupTimeoutMs: number;
    readonly maxConcurrentStarts: number;
  };
}

/** True when the environment says nothing about Docker or VPNs: then, and only with --embedded, the embedded engine runs. */
export const isUnconfigured = (env: Environment): boolean =>
  !Object.entries(env).some(
    ([name, value]) => value && (name === 'VPN_MODE' || name === 'DOCKER_HOST' || namesVpn(name)),
  );

/**
 * Reads the environment. `embedded` are the VPNs of the embedded engine, where that is to run, and the ranges of ports that
 * they publish unless others are named.
 * @throws {ConfigurationError} with every mistake that there is.
 */
export function readSettings(env: Environment, embedded: ReadonlyMap<string, string> | null): Settings {
  const mistakes: Mistake[] = [];
  const complain = (name: string, allowed: string) =>
    mistakes.push({ name, message: complaint(name, env[name], allowed) });

  const values = readVariables(env, complain);
  const keys = readKeys(env, complain);
  const vpns = embedded ? [...embedded.keys()] : readVpns(env, complain);
  const mode = modeOf(values.VPN_MODE, vpns);
  const controlAccess = readControlAccess(env, values, complain);
  const ports = readPorts(env, mode === 'DISABLED' ? [] : vpns, embedded ?? hostPorts, complain);

  if (mode === 'DISABLED' && values.VPN_MODE === undefined) {
    complain(
      'VPN_MODE',
      'disabled, single or redundant; it can be left out where GLUETUN_CONTAINER_NAME names a VPN. (npm start runs a simulation where nothing at all is configured.)',
    );
  }
  if (!embedded && mode !== 'DISABLED') {
    const wanted = mode === 'REDUNDANT' ? 2 : 1;
    if (vpns.length < wanted)
      complain(
        vpns.length === 0 ? 'GLUETUN_CONTAINER_NAME' : 'GLUETUN_CONTAINER_NAME_2',
        `VPN_MODE=${mode.toLowerCase()} needs the name of a VPN container here`,
      );
    if (mode === 'SINGLE' && vpns.length > 1)
      complain('VPN_MODE', `${vpns.length} VPN containers are named, so it has to be redundant`);
  }
  const minReplicas = values.MIN_REPLICAS ?? Math.min(2, values.MAX_REPLICAS);
  if (minReplicas > values.MAX_REPLICAS)
    complain('MIN_REPLICAS', `at most MAX_REPLICAS, which is ${values.MAX_REPLICAS}`);
  if (mistakes.length > 0) throw new ConfigurationError(mistakes);

  const [, key = '', value = ''] = /^([^=]+)=(.*)$/.exec(values.CONTAINER_LABEL) ?? [];
  const mostPorts = mode === 'DISABLED' ? (ports.get('')?.length ?? 0) : Number.POSITIVE_INFINITY;
  return {
    http: {
      host: values.HOST ?? (keys.all === null ? '127.0.0.1' : '0.0.0.0'),
      port: values.APP_PORT,
      keys,
      allowedHosts: values.ALLOWED_HOSTS,
      introspection: values.GRAPHQL_INTROSPECTION,
    },
    logLevel: values.LOG_LEVEL,
    dataDir: values.DATA_DIR ?? (embedded ? null : './data'),
    eventsMax: values.EVENTS_MAX,
    eventsMaxMs: values.EVENTS_MAX_DAYS,
    instance: { key, value },
    docker: embedded ? null : (values.DOCKER_HOST ?? parseDockerHost(defaultDockerHost)),
    mode,
    vpns: mode === 'DISABLED' ? [] : vpns,
    ports,
    controlPort: values.GLUETUN_API_PORT,
    controlAccess,
    lookIntervalMs: values.GLUETUN_HEALTH_CHECK_INTERVAL_S,
    reconcileIntervalMs: values.AUTOSCALE_INTERVAL_S,
    healthIntervalMs: values.HEALTH_CHECK_INTERVAL_S,
    stopEnginesOnExit: values.STOP_ENGINES_ON_EXIT,
    policy: {
      minReplicas,
      maxReplicas: Math.min(values.MAX_REPLICAS, mostPorts),
      stabilizationMs: values.VPN_STABILIZATION_S,
      startGraceMs: values.VPN_START_GRACE_S,
      failureConfirmMs: values.VPN_FAILURE_CONFIRM_S,
      emergencyMinReplicas: values.EMERGENCY_MIN_REPLICAS,
      emergencyCapacity: values.EMERGENCY_CAPACITY,
      vpnRestartAfterMs: values.VPN_UNHEALTHY_RESTART_TIMEOUT_S,
      replaceOnReconnect: values.VPN_RESTART_ENGINES_ON_RECONNECT,
      healthFailureThreshold: values.HEALTH_FAILURE_THRESHOLD,
      unhealthyGraceMs: values.HEALTH_UNHEALTHY_GRACE_PERIOD_S,
      replacementCooldownMs: values.HEALTH_REPLACEMENT_COOLDOWN_S,
      portCooldownMs: values.FORWARDED_PORT_COOLDOWN_S,
      silentFailureMs: values.VPN_SILENT_FAILURE_S,
      circuitFailureThreshold: values.CIRCUIT_BREAKER_FAILURE_THRESHOLD,
      circuitRecoveryMs: values.CIRCUIT_BREAKER_RECOVERY_TIMEOUT_S,
    },
    engine: {
      variant: values.ENGINE_VARIANT,
      image: values.ENGINE_IMAGE ?? variants[values.ENGINE_VARIANT].image,
      host: values.ENGINE_HOST ?? null,
      memoryLimit: values.ENGINE_MEMORY_LIMIT ?? null,
      network: values.DOCKER_NETWORK ?? null,
      startupTimeoutMs: values.STARTUP_TIMEOUT_S,
      maxConcurrentStarts: values.MAX_CONCURRENT_STARTS,
    },
  };
}
