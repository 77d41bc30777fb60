import type { EngineView, VpnView } from './snapshot.ts';
import { plainWords } from './words.ts';

interface Said {
  readonly message: string;
  readonly retryable: boolean;
  /** null: nobody can say. */
  readonly retryAfterSeconds: number | null;
}

/** Every expected reason to say no. Plain data: GraphQL throws what is an instance of Error. */
export type Refusal = Said &
  (
    | { readonly kind: 'NoHealthyVpnError'; readonly vpns: readonly VpnView[] }
    | { readonly kind: 'VpnStabilizingError'; readonly vpns: readonly VpnView[] }
    | { readonly kind: 'CapacityReachedError'; readonly maxReplicas: number }
    | { readonly kind: 'NoFreePortError'; readonly vpn: VpnView }
    | { readonly kind: 'CircuitOpenError' }
    | { readonly kind: 'EngineStartError'; readonly phase: StartPhase }
    | { readonly kind: 'ServiceUnavailableError'; readonly reason: UnavailableReason }
    | { readonly kind: 'OverloadedError' }
    | { readonly kind: 'DockerUnavailableError' }
    | { readonly kind: 'InvalidInputError'; readonly field: string }
    | { readonly kind: 'EngineNotFoundError' }
  );

export type StartPhase = 'PULL' | 'CREATE' | 'START' | 'READINESS';
export type UnavailableReason = 'RECOVERING' | 'SHUTTING_DOWN' | 'STORAGE';

/** What came of a request for several engines: together as many as were requested, a wrong count aside. */
export interface BatchResult {
  readonly requested: number;
  readonly engines: readonly EngineView[];
  readonly errors: readonly ProvisionRefusal[];
}

export type RefusalOf<K extends Refusal['kind']> = Extract<Refusal, { readonly kind: K }>;

/** The refusals that starting, and stopping, an engine can meet. */
export type ProvisionRefusal = Exclude<Refusal, { kind: 'EngineNotFoundError' }>;
export type StopRefusal = RefusalOf<
  'EngineNotFoundError' | 'DockerUnavailableError' | 'ServiceUnavailableError' | 'InvalidInputError'
>;

export const isRefusal = <T extends object>(value: T): value is Extract<T, Said> =>
  'kind' in value && 'retryable' in value;

export const invalid = (field: string, message: string): RefusalOf<'InvalidInputError'> => ({
  kind: 'InvalidInputError',
  field,
  message,
  retryable: false,
  retryAfterSeconds: null,
});

export const startFailed = (phase: StartPhase, message: string): RefusalOf<'EngineStartError'> => ({
  kind: 'EngineStartError',
  phase,
  message,
  retryable: true,
  retryAfterSeconds: null,
});

export const dockerUnavailable = (message: string): RefusalOf<'DockerUnavailableError'> => ({
  kind: 'DockerUnavailableError',
  message,
  retryable: true,
  retryAfterSeconds: 5,
});

export const unavailable = (
  reason: UnavailableReason,
  message: string,
): RefusalOf<'ServiceUnavailableError'> => ({
  kind: 'ServiceUnavailableError',
  reason,
  message,
  retryable: true,
  retryAfterSeconds: reason === 'RECOVERING' ? 1 : null,
});

/** `trouble` says why the journal cannot be written. */
export const unwritten = (trouble: string): RefusalOf<'ServiceUnavailableError'> =>
  unavailable('STORAGE', `${trouble} What cannot be written down is not promised.`);

/** A caller's own words, cut to a length that an error message bears. */
export const quote = (text: string): string =>
  plainWords(JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text));
