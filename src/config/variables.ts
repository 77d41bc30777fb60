import { z } from 'zod';
import { dockerHostForms, parseDockerHost } from '../docker/address.ts';
import { type VariantName, variants } from '../docker/variants.ts';
import type { Complain, Environment } from './mistakes.ts';

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
    .refine((ms) => ms >= min * 1_000 && ms <= 2_147_483_000, {
      error: `seconds from ${min} to 2147483, decimals allowed`,
    });

const days = (min: number) =>
  z
    .string()
    .regex(/^\d{1,5}(\.\d+)?$/)
    .transform((text) => Number(text) * 86_400_000)
    .refine((ms) => ms >= min * 86_400_000);

const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

export const containerName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/);
/** What can stand in an HTTP header. */
const headerValue = z.string().regex(/^[\x21-\x7e]+$/);
const unknownForm = (context: z.RefinementCtx): never => {
  context.addIssue('an unknown form');
  return z.NEVER;
};

const [firstVariant, ...otherVariants] = Object.keys(variants) as [VariantName, ...VariantName[]];

/** What each variable allows, in words, beside how it is read. Absent or empty means the default. */
const variables = {
  APP_PORT: ['a port, 0 to 65535', whole(0, 65_535).default(8_000)],
  HOST: ['an address or name to listen on', z.string().optional()],
  ALLOWED_HOSTS: [
    'host names with commas between them, without ports',
    z
      .string()
      .regex(/^[\w.-]{1,255}(, *[\w.-]{1,255})*$/)
      .transform((text) => text.toLowerCase().split(/, */))
      .default([]),
  ],
  GRAPHQL_INTROSPECTION: ['true or false', flag.default(true)],
  LOG_LEVEL: [
    'trace, debug, info, warn, error, fatal or silent',
    z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  ],
  DATA_DIR: ['a folder', z.string().optional()],
  EVENTS_MAX: ['a whole number from 100 to 100000', whole(100, 100_000).default(10_000)],
  EVENTS_MAX_DAYS: ['days from 0.01, decimals allowed', days(0.01).default(30 * 86_400_000)],
  CONTAINER_LABEL: [
    'key=value, without spaces',
    z
      .string()
      .regex(/^[^=\s]{1,128}=[^\s]{1,128}$/)
      .default('tandem.instance=default'),
  ],
  DOCKER_HOST: [
    dockerHostForms,
    z
      .string()
      .transform((text, context) => parseDockerHost(text) ?? unknownForm(context))
      .optional(),
  ],
  VPN_MODE: ['disabled, single or redundant', z.enum(['disabled', 'single', 'redundant']).optional()],
  GLUETUN_API_PORT: ['a port, 1 to 65535', whole(1, 65_535).default(8_000)],
  GLUETUN_API_KEY: ['printable ASCII characters without spaces', headerValue.optional()],
  GLUETUN_API_USER: [
    'a name without spaces and colons',
    z
      .string()
      .regex(/^[^\s:]+$/)
      .optional(),
  ],
  GLUETUN_API_PASSWORD: ['any text', z.string().optional()],
  GLUETUN_HEALTH_CHECK_INTERVAL_S: ['seconds from 0.1, decimals allowed', seconds(0.1).default(5_000)],
  VPN_STABILIZATION_S: ['seconds from 0, decimals allowed', seconds(0).default(120_000)],
  VPN_START_GRACE_S: ['seconds from 0, decimals allowed', seconds(0).default(60_000)],
  VPN_FAILURE_CONFIRM_S: ['seconds from 0, decimals allowed', seconds(0).default(0)],
  VPN_SILENT_FAILURE_S: [
    'seconds, decimals allowed; 0 to listen to Docker alone',
    seconds(0).default(30_000),
  ],
  VPN_UNHEALTHY_RESTART_TIMEOUT_S: ['seconds, decimals allowed; 0 for never', seconds(0).default(0)],
  VPN_RESTART_ENGINES_ON_RECONNECT: ['true or false', flag.default(true)],
  ENGINE_VARIANT: [
    `one of ${Object.keys(variants).join(', ')}`,
    z.enum([firstVariant, ...otherVariants]).default('nano-ace'),
  ],
  ENGINE_IMAGE: [
    'an image name',
    z
      .string()
      .regex(/^[\w./:@-]{1,255}$/)
      .optional(),
  ],
  ENGINE_HOST: [
    'a host name or address',
    z
      .string()
      .regex(/^[\w.:-]{1,255}$/)
      .optional(),
  ],
  ENGINE_MEMORY_LIMIT: [
    'bytes with b, k, m or g behind them, from 32m to 128g; 0 or empty for no limit',
    memory().optional(),
  ],
  DOCKER_NETWORK: ["a network's name", containerName.optional()],
  STARTUP_TIMEOUT_S: ['seconds from 0.1, decimals allowed', seconds(0.1).default(25_000)],
  MAX_CONCURRENT_STARTS: ['a whole number from 1 to 64', whole(1, 64).default(4)],
  MIN_REPLICAS: ['a whole number from 0 to 10000', whole(0, 10_000).optional()],
  MAX_REPLICAS: ['a whole number from 1 to 10000', whole(1, 10_000).default(20)],
  EMERGENCY_MIN_REPLICAS: ['a whole number from 0 to 10000', whole(0, 10_000).default(1)],
  EMERGENCY_CAPACITY: ['share or freeze', z.enum(['share', 'freeze']).default('share')],
  AUTOSCALE_INTERVAL_S: ['seconds from 0.1, decimals allowed', seconds(0.1).default(30_000)],
  HEALTH_CHECK_INTERVAL_S: ['seconds from 0.1, decimals allowed', seconds(0.1).default(20_000)],
  HEALTH_FAILURE_THRESHOLD: ['a whole number from 1 to 1000', whole(1, 1_000).default(3)],
  HEALTH_UNHEALTHY_GRACE_PERIOD_S: ['seconds from 0, decimals allowed', seconds(0).default(60_000)],
  HEALTH_REPLACEMENT_COOLDOWN_S: ['seconds from 0, decimals allowed', seconds(0).default(60_000)],
  FORWARDED_PORT_COOLDOWN_S: ['seconds from 0, decimals allowed', seconds(0).default(300_000)],
  STOP_ENGINES_ON_EXIT: ['true or false', flag.default(false)],
  CIRCUIT_BREAKER_FAILURE_THRESHOLD: ['a whole number from 1 to 1000', whole(1, 1_000).default(5)],
  CIRCUIT_BREAKER_RECOVERY_TIMEOUT_S: ['seconds from 0, decimals allowed', seconds(0).default(300_000)],
} as const satisfies Record<string, readonly [string, z.ZodType]>;

export type Values = { [K in keyof typeof variables]: z.output<(typeof variables)[K][1]> };

export function readVariables(env: Environment, complain: Complain): Values {
  const entries = Object.entries(variables).map(([name, [allowed, schema]]) => {
    const parsed = schema.safeParse(env[name] || undefined);
    if (parsed.success) return [name, parsed.data];
    complain(name, allowed);
    return [name, schema.safeParse(undefined).data];
  });
  return Object.fromEntries(entries) as Values;
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
