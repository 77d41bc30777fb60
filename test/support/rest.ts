import { z } from 'zod';

export interface RestAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
}

/** Asks one of the original's paths. A body goes as JSON. */
export async function rest(
  url: string,
  method: string,
  path: string,
  { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {},
): Promise<RestAnswer> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json(), headers: response.headers };
}

const moment = z.iso.datetime();

/** The original's shapes, with every key and no other. */
export const engineShape = z.strictObject({
  container_id: z.string().regex(/^[0-9a-f]{64}$/),
  container_name: z.string(),
  host: z.string(),
  port: z.int(),
  labels: z.record(z.string(), z.string()),
  forwarded: z.boolean(),
  first_seen: moment,
  last_seen: moment,
  streams: z.tuple([]),
  health_status: z.enum(['healthy', 'unhealthy', 'unknown']),
  last_health_check: moment.nullable(),
  last_stream_usage: z.null(),
  vpn_container: z.string().nullable(),
  engine_variant: z.null(),
  platform: z.null(),
  version: z.null(),
  forwarded_port: z.int().nullable(),
});

export const provisionedShape = z.strictObject({
  container_id: z.string().regex(/^[0-9a-f]{64}$/),
  container_name: z.string(),
  host_http_port: z.int(),
  container_http_port: z.int(),
  container_https_port: z.int(),
});

/** How the original refuses an engine. */
export const refusedShape = z.strictObject({
  detail: z.strictObject({
    error: z.enum(['provisioning_blocked', 'provisioning_failed']),
    code: z.enum(['vpn_disconnected', 'circuit_breaker', 'max_capacity', 'general_error']),
    message: z.string(),
    recovery_eta_seconds: z.int().nullable(),
    can_retry: z.boolean(),
    should_wait: z.boolean(),
  }),
});

/** What FastAPI says of input that breaks a rule. */
export const mistakesShape = z.strictObject({
  detail: z
    .array(
      z.strictObject({
        type: z.string(),
        loc: z.array(z.union([z.string(), z.int()])).min(1),
        msg: z.string(),
      }),
    )
    .min(1),
});

const oneVpnShape = z.strictObject({
  enabled: z.literal(true),
  status: z.string(),
  container_name: z.string(),
  container: z.string(),
  health: z.enum(['healthy', 'unhealthy', 'unknown']),
  connected: z.boolean(),
  forwarded_port: z.int().nullable(),
  public_ip: z.string().nullable(),
  provider: z.string().nullable(),
  country: z.string().nullable(),
  city: z.string().nullable(),
  region: z.string().nullable(),
  last_check: moment.nullable(),
  last_check_at: moment.nullable(),
});

const emergencyShape = z.discriminatedUnion('active', [
  z.strictObject({
    active: z.literal(false),
    failed_vpn: z.null(),
    healthy_vpn: z.null(),
    duration_seconds: z.literal(0),
  }),
  z.strictObject({
    active: z.literal(true),
    failed_vpn: z.string(),
    healthy_vpn: z.string().nullable(),
    duration_seconds: z.number(),
    entered_at: moment,
  }),
]);

export const redundantShape = z.strictObject({
  mode: z.literal('redundant'),
  enabled: z.literal(true),
  status: z.enum(['running', 'unhealthy']),
  container_name: z.string(),
  container: z.string(),
  health: z.enum(['healthy', 'unhealthy', 'unknown']),
  connected: z.boolean(),
  forwarded_port: z.int().nullable(),
  last_check: moment.nullable(),
  last_check_at: moment.nullable(),
  vpn1: oneVpnShape,
  vpn2: oneVpnShape,
  emergency_mode: emergencyShape,
});

export const singleShape = z.strictObject({
  ...oneVpnShape.shape,
  mode: z.literal('single'),
  vpn1: oneVpnShape,
  vpn2: z.null(),
  emergency_mode: emergencyShape,
});

const breakerShape = z.strictObject({
  state: z.enum(['closed', 'open', 'half_open']),
  failure_count: z.int(),
  failure_threshold: z.int(),
  last_failure_time: moment.nullable(),
  last_success_time: z.null(),
  recovery_timeout: z.number(),
});

export const healthShape = z.strictObject({
  total_engines: z.int(),
  healthy_engines: z.int(),
  unhealthy_engines: z.int(),
  marked_for_replacement: z.int(),
  minimum_required: z.int(),
  health_check_interval: z.null(),
  circuit_breakers: z.strictObject({ general: breakerShape }),
});

export const statusShape = z.strictObject({
  status: z.enum(['healthy', 'degraded', 'unavailable']),
  engines: z.strictObject({ total: z.int(), running: z.int(), healthy: z.int(), unhealthy: z.int() }),
  streams: z.strictObject({ active: z.literal(0), total: z.literal(0) }),
  capacity: z.strictObject({
    total: z.int(),
    used: z.int(),
    available: z.int(),
    max_replicas: z.int(),
    min_replicas: z.int(),
  }),
  vpn: z.strictObject({
    enabled: z.boolean(),
    connected: z.boolean(),
    health: z.string(),
    container: z.string().nullable(),
    forwarded_port: z.int().nullable(),
  }),
  provisioning: z.strictObject({
    can_provision: z.boolean(),
    circuit_breaker_state: breakerShape.shape.state,
    last_failure: moment.nullable(),
    blocked_reason: z.string().nullable(),
    blocked_reason_details: refusedShape.shape.detail.nullable(),
  }),
  acexy: z.strictObject({ enabled: z.literal(false) }),
  config: z.strictObject({
    auto_delete: z.literal(false),
    grace_period_s: z.null(),
    engine_variant: z.null(),
    debug_mode: z.literal(false),
  }),
  timestamp: moment,
});

export const eventShape = z.strictObject({
  id: z.int().min(1),
  timestamp: moment,
  event_type: z.enum(['engine', 'vpn', 'health', 'system']),
  category: z.string(),
  message: z.string(),
  details: z.record(z.string(), z.unknown()),
  container_id: z.string().nullable(),
  stream_id: z.null(),
});
