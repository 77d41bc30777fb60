import type { ProvisionRefusal } from '../domain/refusal.ts';

interface Ruling {
  readonly status: number;
  readonly error: 'provisioning_blocked' | 'provisioning_failed';
  readonly code: 'vpn_disconnected' | 'circuit_breaker' | 'max_capacity' | 'general_error';
  /** Whether it makes sense to try again now, and to wait for it to get better: what proxies go by. */
  readonly can_retry: boolean;
  readonly should_wait: boolean;
}

const blocked = { status: 503, error: 'provisioning_blocked', should_wait: true } as const;

/** The original's words for each reason to start no engine. */
const rulings: Readonly<Record<ProvisionRefusal['kind'], Ruling>> = {
  NoHealthyVpnError: { ...blocked, code: 'vpn_disconnected', can_retry: true },
  VpnStabilizingError: { ...blocked, code: 'vpn_disconnected', can_retry: true },
  CircuitOpenError: { ...blocked, code: 'circuit_breaker', can_retry: false },
  CapacityReachedError: { ...blocked, code: 'max_capacity', can_retry: false },
  NoFreePortError: { ...blocked, code: 'max_capacity', can_retry: false },
  OverloadedError: { ...blocked, code: 'general_error', can_retry: true },
  ServiceUnavailableError: { ...blocked, code: 'general_error', can_retry: true },
  DockerUnavailableError: { ...blocked, code: 'general_error', can_retry: true },
  EngineStartError: {
    status: 500,
    error: 'provisioning_failed',
    code: 'general_error',
    can_retry: false,
    should_wait: false,
  },
  InvalidInputError: {
    status: 422,
    error: 'provisioning_failed',
    code: 'general_error',
    can_retry: false,
    should_wait: false,
  },
};

/** Whole seconds, for the clients' sake; null when nobody can say. */
export const waitOf = ({ retryAfterSeconds }: ProvisionRefusal): number | null =>
  retryAfterSeconds === null ? null : Math.ceil(retryAfterSeconds);

export const statusOf = ({ kind }: ProvisionRefusal): number => rulings[kind].status;

export function detailOf(refusal: ProvisionRefusal) {
  const { error, code, can_retry, should_wait } = rulings[refusal.kind];
  return {
    error,
    code,
    message: refusal.message,
    recovery_eta_seconds: waitOf(refusal),
    can_retry,
    should_wait,
  };
}
