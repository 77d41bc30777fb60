import { z } from 'zod';
import { type DockerAddress, defaultDockerHost, dockerHostForms, parseDockerHost } from './docker/address.ts';
import { type VariantName, variants } from './docker/variants.ts';
import type { Policy } from './domain/policy.ts';
import type { VpnMode } from './domain/snapshot.ts';

export interface Settings {
  readonly http: { readonly host: string; readonly port: number; readonly apiKey: string | null };
  readonly logLevel: string;
  readonly eventsMax: number;
  readonly instance: { readonly key: string; readonly value: string };
  /** null: the embedded engine. */
  readonly docker: DockerAddress | null;
  readonly mode: VpnMode;
  readonly vpns: readonly string[];
  /** HTTP ports by VPN where they were named; by '' for the host in mode DISABLED. */
  readonly ports: ReadonlyMap<string, readonly number[]>;
  readonly controlPort: number;
  readonly lookIntervalMs: number;
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

export interface Mistake {
  readonly name: string;
  readonly message: string;
}

/** Every mistake in the environment at once. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly Mistake[]) {
    super(mistakes.map(({ name, message }) => `${name}: ${message}`).join('\n'));
    this.mistakes = mistakes;
  }
}

const defaultHostPorts = '19000-19999';
const vpnName = /^GLUETUN_CONTAINER_NAME(?:_(\d+))?$/;
const secrets = new Set(['API_KEY']);

const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .refine((n) => n >= min && n <= max, { error: `a whole number from ${min} to ${max}` });

const seconds = (min: number) =>
  z
    .string()
    .regex(/^\d{1,9}(\.\d+)?$/)
    .transform((text) => Number(text) * 1_000)
    .refine((ms) => ms >= min * 1_000 && ms <= 2_147_483_000, { error: `seconds from ${min} to 2147483, decimals allowed` });

const range = z.string().transform((text, context) => {
  const [, first = 0, last = 0] = (/^(\d{1,5})-(\d{1,5})$/.exec(text) ?? []).map(Number);
  if (first >= 1 && first <= last && last <= 65_535) return { first, last };
  context.addIssue('a range of ports such as 19000-19999');
  return z.NEVER;
});

const container = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/);
const [firstVariant, ...otherVariants] = Object.keys(variants) as [VariantName, ...VariantName[]];

/** What each variable allows, in words, beside how it is read. Absent or empty means the default. */
const variables = {
  APP_PORT: ['a port, 0 to 65535', whole(0, 65_535).default(8_000)],
  HOST: ['an address or name to listen on', z.string().optional()],
  API_KEY: ['at least 8 characters without spaces', z.string().regex(/^\S{8,}$/).optional()],
  LOG_LEVEL: ['trace, debug, info, warn, error, fatal or silent', z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info')],
  EVENTS_MAX: ['a whole number from 100 to 1000000', whole(100, 1_000_000).default(10_000)],
  CONTAINER_LABEL: ['key=value, without spaces', z.string().regex(/^[^=\s]{1,128}=[^\s]{1,128}$/).default('tandem.instance=default')],
  DOCKER_HOST: [dockerHostForms, z.string().transform((text, context) => parseDockerHost(text) ?? (context.addIssue('unknown form'), z.NEVER)).optional()],
  VPN_MODE: ['disabled, single or redundant', z.enum(['disabled', 'single', 'redundant']).optional()],
  GLUETUN_API_PORT: ['a port, 1 to 65535', whole(1, 65_535).default(8_000)],
  GLUETUN_HEALTH_CHECK_INTERVAL_S: ['seconds from 0.1, decimals allowed', seconds(0.1).default(5_000)],
  VPN_STABILIZATION_S: ['seconds from 0, decimals allowed', seconds(0).default(120_000)],
  VPN_START_GRACE_S: ['seconds from 0, decimals allowed', seconds(0).default(60_000)],
  VPN_FAILURE_CONFIRM_S: ['seconds from 0, decimals allowed', seconds(0).default(0)],
  ENGINE_VARIANT: [`one of ${Object.keys(variants).join(', ')}`, z.enum([firstVariant, ...otherVariants]).default('nano-ace')],
  ENGINE_IMAGE: ['an image name', z.string().regex(/^[\w./:@-]{1,255}$/).optional()],
  ENGINE_HOST: ['a host name or address', z.string().regex(/^[\w.:-]{1,255}$/).optional()],
  ENGINE_MEMORY_LIMIT: ['bytes with b, k, m or g behind them, from 32m to 128g; 0 or empty for no limit', memory().optional()],
  DOCKER_NETWORK: ["a network's name", container.optional()],
  STARTUP_TIMEOUT_S: ['seconds from 0.1, decimals allowed', seconds(0.1).default(25_000)],
  MAX_CONCURRENT_STARTS: ['a whole number from 1 to 64', whole(1, 64).default(4)],
  MIN_REPLICAS: ['a whole number from 0 to 10000', whole(0, 10_000).default(2)],
  MAX_REPLICAS: ['a whole number from 1 to 10000', whole(1, 10_000).default(20)],
  CIRCUIT_BREAKER_FAILURE_THRESHOLD: ['a whole number from 1 to 1000', whole(1, 1_000).default(5)],
  CIRCUIT_BREAKER_RECOVERY_TIMEOUT_S: ['seconds from 0, decimals allowed', seconds(0).default(300_000)],
} as const satisfies Record<string, readonly [string, z.ZodType]>;

type Values = { [K in keyof typeof variables]: z.output<(typeof variables)[K][1]> };

type Environment = Readonly<Record<string, string | undefined>>;

/** True when the environment says nothing about Docker or VPNs: then, and only with --embedded, the embedded engine runs. */
export const isUnconfigured = (env: Environment): boolean =>
  !Object.entries(env).some(([name, value]) => value && (name === 'VPN_MODE' || name === 'DOCKER_HOST' || vpnName.test(name)));

/**
 * Reads the environment. `embedded` are the VPNs of the embedded engine and their ports, where that is to run.
 * @throws {ConfigurationError} with every mistake that there is.
 */
export function readSettings(env: Environment, embedded: ReadonlyMap<string, readonly number[]> | null): Settings {
  const mistakes: Mistake[] = [];
  const complain = (name: string, allowed: string) => mistakes.push({ name, message: complaint(name, env[name], allowed) });

  const values = readVariables(env, complain);
  const vpns = embedded ? [...embedded.keys()] : readVpns(env, complain);
  const mode = modeOf(values.VPN_MODE, vpns);
  const ports = embedded ?? readPorts(env, mode === 'DISABLED' ? [] : vpns, complain);

  if (mode === 'DISABLED' && values.VPN_MODE === undefined) {
    complain('VPN_MODE', 'disabled, single or redundant; it can be left out where GLUETUN_CONTAINER_NAME names a VPN. (npm start runs a simulation where nothing at all is configured.)');
  }
  if (!embedded && mode !== 'DISABLED') {
    const wanted = mode === 'REDUNDANT' ? 2 : 1;
    if (vpns.length < wanted) complain(vpns.length === 0 ? 'GLUETUN_CONTAINER_NAME' : 'GLUETUN_CONTAINER_NAME_2', `VPN_MODE=${mode.toLowerCase()} needs the name of a VPN container here`);
    if (mode === 'SINGLE' && vpns.length > 1) complain('VPN_MODE', `${vpns.length} VPN containers are named, so it has to be redundant`);
  }
  if (values.MIN_REPLICAS > values.MAX_REPLICAS) complain('MIN_REPLICAS', `at most MAX_REPLICAS, which is ${values.MAX_REPLICAS}`);
  if (mistakes.length > 0) throw new ConfigurationError(mistakes);

  const [, key = '', value = ''] = /^([^=]+)=(.*)$/.exec(values.CONTAINER_LABEL) ?? [];
  const hostPorts = mode === 'DISABLED' ? (ports.get('')?.length ?? 0) : Number.POSITIVE_INFINITY;
  return {
    http: { host: values.HOST ?? (values.API_KEY ? '0.0.0.0' : '127.0.0.1'), port: values.APP_PORT, apiKey: values.API_KEY ?? null },
    logLevel: values.LOG_LEVEL,
    eventsMax: values.EVENTS_MAX,
    instance: { key, value },
    docker: embedded ? null : (values.DOCKER_HOST ?? parseDockerHost(defaultDockerHost)),
    mode,
    vpns: mode === 'DISABLED' ? [] : vpns,
    ports,
    controlPort: values.GLUETUN_API_PORT,
    lookIntervalMs: values.GLUETUN_HEALTH_CHECK_INTERVAL_S,
    policy: {
      minReplicas: values.MIN_REPLICAS,
      maxReplicas: Math.min(values.MAX_REPLICAS, hostPorts),
      stabilizationMs: values.VPN_STABILIZATION_S,
      startGraceMs: values.VPN_START_GRACE_S,
      failureConfirmMs: values.VPN_FAILURE_CONFIRM_S,
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

type Complain = (name: string, allowed: string) => void;

function readVariables(env: Environment, complain: Complain): Values {
  const entries = Object.entries(variables).map(([name, [allowed, schema]]) => {
    const parsed = schema.safeParse(env[name] || undefined);
    if (parsed.success) return [name, parsed.data];
    complain(name, allowed);
    return [name, schema.safeParse(undefined).data];
  });
  return Object.fromEntries(entries) as Values;
}

/** GLUETUN_CONTAINER_NAME, _2, _3, … without a gap. */
function readVpns(env: Environment, complain: Complain): string[] {
  const numbers = Object.keys(env)
    .filter((name) => env[name] && vpnName.test(name))
    .map((name) => Number(vpnName.exec(name)?.[1] ?? 1))
    .sort((a, b) => a - b);
  const seen = new Set<string>();
  return numbers.flatMap((number, index) => {
    const name = number === 1 ? 'GLUETUN_CONTAINER_NAME' : `GLUETUN_CONTAINER_NAME_${number}`;
    const value = env[name] ?? '';
    if (number !== index + 1) complain(name, `numbers without a gap: GLUETUN_CONTAINER_NAME${index === 0 ? '' : `_${index + 1}`} is not set`);
    else if (!container.safeParse(value).success) complain(name, "a container's name");
    else if (seen.has(value)) complain(name, 'a name of its own; another VPN has this one already');
    else {
      seen.add(value);
      return [value];
    }
    return [];
  });
}

function readPorts(env: Environment, vpns: readonly string[], complain: Complain): Map<string, readonly number[]> {
  const sites = vpns.length === 0 ? [''] : vpns;
  const ports = new Map<string, readonly number[]>();
  const taken = new Map<number, string>();
  for (const [index, site] of sites.entries()) {
    const name = `GLUETUN_PORT_RANGE_${index + 1}`;
    const text = env[name] || (site === '' ? defaultHostPorts : undefined);
    if (text === undefined) continue;
    const parsed = range.safeParse(text);
    if (!parsed.success) {
      complain(name, 'a range of ports such as 19000-19999');
      continue;
    }
    const { first, last } = parsed.data;
    const numbers = Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
    const clash = numbers.find((port) => taken.has(port));
    if (clash !== undefined) complain(name, `a range of its own; port ${clash} is in ${taken.get(clash)} too, and a host publishes a port once`);
    for (const port of numbers) taken.set(port, name);
    ports.set(site, numbers);
  }
  return ports;
}

function modeOf(named: Values['VPN_MODE'], vpns: readonly string[]): VpnMode {
  switch (named) {
    case 'disabled':
      return 'DISABLED';
    case 'single':
      return 'SINGLE';
    case 'redundant':
      return 'REDUNDANT';
    case undefined:
      return vpns.length > 1 ? 'REDUNDANT' : vpns.length === 1 ? 'SINGLE' : 'DISABLED';
  }
}

function memory() {
  const units: Record<string, number> = { b: 1, k: 1_024, m: 1_024 ** 2, g: 1_024 ** 3 };
  return z.string().transform((text, context) => {
    const [, digits = '', unit = 'b'] = /^(\d{1,15})([bkmg])?$/i.exec(text) ?? [];
    const bytes = Number(digits) * (units[unit.toLowerCase()] ?? 1);
    if (digits !== '' && bytes === 0) return null;
    if (digits !== '' && bytes >= 32 * 1_024 ** 2 && bytes <= 128 * 1_024 ** 3) return bytes;
    context.addIssue('out of range');
    return z.NEVER;
  });
}

function complaint(name: string, value: string | undefined, allowed: string): string {
  const given = value === undefined || value === '' ? 'is not set' : secrets.has(name) ? 'has a value that is not allowed' : `is ${JSON.stringify(value.slice(0, 100))}`;
  return `${given}; allowed: ${allowed}`;
}
