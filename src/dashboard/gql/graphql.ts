/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** Whether starts are let through to Docker. */
export type CircuitState =
  /** Yes. */
  | 'CLOSED'
  /** One at a time, on trial. */
  | 'HALF_OPEN'
  /** No: several in a row failed by fault of the image or by refusal of Docker. */
  | 'OPEN';

/** What became of the emergency. */
export type EmergencyChange =
  /** A first VPN is FAILED: an episode begins. */
  | 'ENTERED'
  /** No VPN is FAILED any longer: the episode is over. */
  | 'EXITED'
  /** The set of FAILED VPNs changed within the episode. */
  | 'UPDATED';

/** What happened to an engine. */
export type EngineChange =
  /** It ran already when the service found it. */
  | 'ADOPTED'
  /** It could not be started, or ended by itself. */
  | 'FAILED'
  /** It is well again. */
  | 'HEALTHY'
  /** Its container is gone; its name and ports are free. */
  | 'REMOVED'
  /** It answers on its port. */
  | 'STARTED'
  /** It is being stopped, on request or because its VPN failed. */
  | 'STOPPED'
  /** It failed several health checks in a row. */
  | 'UNHEALTHY';

/** What an engine itself said last. */
export type EngineHealth =
  /** It answered that it is well. */
  | 'HEALTHY'
  /** It failed several checks in a row. */
  | 'UNHEALTHY'
  /** It does not run, or was not asked yet. */
  | 'UNKNOWN';

/** The stages of an engine's life. */
export type EngineState =
  /** A VPN, ports and a name are promised; the container is being made. */
  | 'PROVISIONING'
  /** Gone. Only in events, and in the answers of stopEngine and of a repeated idempotency key. */
  | 'REMOVED'
  /** It has answered on its port. */
  | 'RUNNING'
  /** Its container is being removed. */
  | 'STOPPING';

/** What the last look at a VPN said. */
export type VpnHealth =
  /** Its container runs, and is healthy or has no health check. */
  | 'HEALTHY'
  /** Its container does not run, was restarted, or Docker calls it unhealthy. */
  | 'UNHEALTHY'
  /** It could not be looked at, or it is still starting. */
  | 'UNKNOWN';

/** How many VPNs the engines run behind. */
export type VpnMode =
  /** None: engines join a Docker network and publish their own port. */
  | 'DISABLED'
  /** Two or more: when one fails, the others carry on. */
  | 'REDUNDANT'
  /** One. */
  | 'SINGLE';

/** What follows from all looks at a VPN so far. */
export type VpnState =
  /** Down, missing, paused, restarted under its engines, or unhealthy. */
  | 'FAILED'
  /** Accepts engines. */
  | 'READY'
  /** Recovered less than VPN_STABILIZATION_S ago; accepts none yet. */
  | 'STABILIZING'
  /** Never yet seen healthy or unhealthy. */
  | 'UNKNOWN';

export type PresentQueryVariables = Exact<{
  rows: number;
}>;


export type PresentQuery = { lastEventId: string, vpnStatus: { mode: VpnMode, vpns: Array<{ name: string, state: VpnState, health: VpnHealth, containerStatus: string | null, lastSeenAt: string | null, failedSince: string | null, failureReason: string | null, suspectedSince: string | null, stabilizingUntil: string | null, stabilizationRemainingSeconds: number, engineCount: number, pendingEngineCount: number, country: string | null, city: string | null, provider: string | null, publicIp: string | null, forwardedPort: number | null, controlProblem: string | null, portRange: { free: number } | null, engines: Array<{ id: string, name: string, state: EngineState, health: EngineHealth, healthProblem: string | null, connected: boolean | null, forwarded: boolean, host: string, httpPort: number, url: string }> }>, emergencyMode: { active: boolean, outage: boolean, enteredAt: string | null, durationSeconds: number } }, fleet: { simulated: boolean, minReplicas: number, maxReplicas: number, desired: number, running: number, pending: number, circuit: CircuitState, pausedReason: string | null }, events: { nodes: Array<
      | { __typename: 'EmergencyModeChanged', id: string, at: string, message: string, emergencyChange: EmergencyChange }
      | { __typename: 'EngineAssigned', id: string, at: string, message: string }
      | { __typename: 'EngineChanged', id: string, at: string, message: string, engineChange: EngineChange }
      | { __typename: 'FleetChanged', id: string, at: string, message: string, fleet: { circuit: CircuitState } }
      | { __typename: 'VpnChanged', id: string, at: string, message: string, vpn: { name: string, state: VpnState, stabilizingUntil: string | null, stabilizationRemainingSeconds: number } }
    >, pageInfo: { endCursor: string | null } }, turns: { nodes: Array<
      | { __typename: 'EmergencyModeChanged', episodeId: string, removedEngines: Array<{ id: string, name: string, httpPort: number, vpn: { name: string } | null }> }
      | { __typename: 'EngineAssigned' }
      | { __typename: 'EngineChanged' }
      | { __typename: 'FleetChanged' }
      | { __typename: 'VpnChanged' }
    > } };

export type StatusSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type StatusSubscription = { vpnStatus: { mode: VpnMode, vpns: Array<{ name: string, state: VpnState, health: VpnHealth, containerStatus: string | null, lastSeenAt: string | null, failedSince: string | null, failureReason: string | null, suspectedSince: string | null, stabilizingUntil: string | null, stabilizationRemainingSeconds: number, engineCount: number, pendingEngineCount: number, country: string | null, city: string | null, provider: string | null, publicIp: string | null, forwardedPort: number | null, controlProblem: string | null, portRange: { free: number } | null, engines: Array<{ id: string, name: string, state: EngineState, health: EngineHealth, healthProblem: string | null, connected: boolean | null, forwarded: boolean, host: string, httpPort: number, url: string }> }>, emergencyMode: { active: boolean, outage: boolean, enteredAt: string | null, durationSeconds: number } } };

export type StatusPartsFragment = { mode: VpnMode, vpns: Array<{ name: string, state: VpnState, health: VpnHealth, containerStatus: string | null, lastSeenAt: string | null, failedSince: string | null, failureReason: string | null, suspectedSince: string | null, stabilizingUntil: string | null, stabilizationRemainingSeconds: number, engineCount: number, pendingEngineCount: number, country: string | null, city: string | null, provider: string | null, publicIp: string | null, forwardedPort: number | null, controlProblem: string | null, portRange: { free: number } | null, engines: Array<{ id: string, name: string, state: EngineState, health: EngineHealth, healthProblem: string | null, connected: boolean | null, forwarded: boolean, host: string, httpPort: number, url: string }> }>, emergencyMode: { active: boolean, outage: boolean, enteredAt: string | null, durationSeconds: number } };

export type VpnPartsFragment = { name: string, state: VpnState, health: VpnHealth, containerStatus: string | null, lastSeenAt: string | null, failedSince: string | null, failureReason: string | null, suspectedSince: string | null, stabilizingUntil: string | null, stabilizationRemainingSeconds: number, engineCount: number, pendingEngineCount: number, country: string | null, city: string | null, provider: string | null, publicIp: string | null, forwardedPort: number | null, controlProblem: string | null, portRange: { free: number } | null, engines: Array<{ id: string, name: string, state: EngineState, health: EngineHealth, healthProblem: string | null, connected: boolean | null, forwarded: boolean, host: string, httpPort: number, url: string }> };

export type EnginePartsFragment = { id: string, name: string, state: EngineState, health: EngineHealth, healthProblem: string | null, connected: boolean | null, forwarded: boolean, host: string, httpPort: number, url: string };

export type EventsSubscriptionVariables = Exact<{
  after?: string | number | null | undefined;
}>;


export type EventsSubscription = { events:
    | { __typename: 'EmergencyModeChanged', id: string, at: string, message: string, episodeId: string, emergencyChange: EmergencyChange, removedEngines: Array<{ id: string, name: string, httpPort: number, vpn: { name: string } | null }> }
    | { __typename: 'EngineAssigned', id: string, at: string, message: string }
    | { __typename: 'EngineChanged', id: string, at: string, message: string, engineChange: EngineChange }
    | { __typename: 'FleetChanged', id: string, at: string, message: string, fleet: { circuit: CircuitState } }
    | { __typename: 'VpnChanged', id: string, at: string, message: string, vpn: { name: string, state: VpnState, stabilizingUntil: string | null, stabilizationRemainingSeconds: number } }
   };

type RowParts_EmergencyModeChanged_Fragment = { __typename: 'EmergencyModeChanged', id: string, at: string, message: string, emergencyChange: EmergencyChange };

type RowParts_EngineAssigned_Fragment = { __typename: 'EngineAssigned', id: string, at: string, message: string };

type RowParts_EngineChanged_Fragment = { __typename: 'EngineChanged', id: string, at: string, message: string, engineChange: EngineChange };

type RowParts_FleetChanged_Fragment = { __typename: 'FleetChanged', id: string, at: string, message: string, fleet: { circuit: CircuitState } };

type RowParts_VpnChanged_Fragment = { __typename: 'VpnChanged', id: string, at: string, message: string, vpn: { name: string, state: VpnState, stabilizingUntil: string | null, stabilizationRemainingSeconds: number } };

export type RowPartsFragment =
  | RowParts_EmergencyModeChanged_Fragment
  | RowParts_EngineAssigned_Fragment
  | RowParts_EngineChanged_Fragment
  | RowParts_FleetChanged_Fragment
  | RowParts_VpnChanged_Fragment
;

type LossParts_EmergencyModeChanged_Fragment = { __typename: 'EmergencyModeChanged', episodeId: string, removedEngines: Array<{ id: string, name: string, httpPort: number, vpn: { name: string } | null }> };

type LossParts_EngineAssigned_Fragment = { __typename: 'EngineAssigned' };

type LossParts_EngineChanged_Fragment = { __typename: 'EngineChanged' };

type LossParts_FleetChanged_Fragment = { __typename: 'FleetChanged' };

type LossParts_VpnChanged_Fragment = { __typename: 'VpnChanged' };

export type LossPartsFragment =
  | LossParts_EmergencyModeChanged_Fragment
  | LossParts_EngineAssigned_Fragment
  | LossParts_EngineChanged_Fragment
  | LossParts_FleetChanged_Fragment
  | LossParts_VpnChanged_Fragment
;

export type NumbersQueryVariables = Exact<{
  loose: boolean;
}>;


export type NumbersQuery = { fleet: { simulated: boolean, minReplicas: number, maxReplicas: number, desired: number, running: number, pending: number, circuit: CircuitState, pausedReason: string | null }, engines?: Array<{ id: string, name: string, state: EngineState, health: EngineHealth, healthProblem: string | null, connected: boolean | null, forwarded: boolean, host: string, httpPort: number, url: string }> };

export type FleetPartsFragment = { simulated: boolean, minReplicas: number, maxReplicas: number, desired: number, running: number, pending: number, circuit: CircuitState, pausedReason: string | null };

export type ProvisionMutationVariables = Exact<{
  count: number;
}>;


export type ProvisionMutation = { provisionEngines: { requested: number, engines: Array<{ id: string }>, errors: Array<
      | { message: string, retryAfterSeconds: number | null }
      | { message: string, retryAfterSeconds: number | null }
      | { message: string, retryAfterSeconds: number | null }
      | { message: string, retryAfterSeconds: number | null }
      | { message: string, retryAfterSeconds: number | null }
      | { message: string, retryAfterSeconds: number | null }
      | { message: string, retryAfterSeconds: number | null }
      | { message: string, retryAfterSeconds: number | null }
      | { message: string, retryAfterSeconds: number | null }
      | { message: string, retryAfterSeconds: number | null }
      | { message: string, retryAfterSeconds: number | null }
    > } };

export type StopMutationVariables = Exact<{
  id: string | number;
}>;


export type StopMutation = { stopEngine:
    | { __typename: 'DockerUnavailableError', message: string, retryAfterSeconds: number | null }
    | { __typename: 'Engine', name: string }
    | { __typename: 'EngineNotFoundError', message: string, retryAfterSeconds: number | null }
    | { __typename: 'InvalidInputError', message: string, retryAfterSeconds: number | null }
    | { __typename: 'ServiceUnavailableError', message: string, retryAfterSeconds: number | null }
   };

export type ScaleMutationVariables = Exact<{
  to: number;
}>;


export type ScaleMutation = { scaleEngines: { simulated: boolean, minReplicas: number, maxReplicas: number, desired: number, running: number, pending: number, circuit: CircuitState, pausedReason: string | null } };

export type ResetCircuitMutationVariables = Exact<{ [key: string]: never; }>;


export type ResetCircuitMutation = { resetCircuit: { simulated: boolean, minReplicas: number, maxReplicas: number, desired: number, running: number, pending: number, circuit: CircuitState, pausedReason: string | null } };

export type SimulateMutationVariables = Exact<{
  vpn: string;
  health: VpnHealth;
}>;


export type SimulateMutation = { simulate: { name: string, state: VpnState } };

export type MayChangeMutationVariables = Exact<{ [key: string]: never; }>;


export type MayChangeMutation = { stopEngine:
    | { __typename: 'DockerUnavailableError' }
    | { __typename: 'Engine' }
    | { __typename: 'EngineNotFoundError' }
    | { __typename: 'InvalidInputError' }
    | { __typename: 'ServiceUnavailableError' }
   };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const EnginePartsFragmentDoc = new TypedDocumentString(`
    fragment EngineParts on Engine {
  id
  name
  state
  health
  healthProblem
  connected
  forwarded
  host
  httpPort
  url
}
    `, {"fragmentName":"EngineParts"}) as unknown as TypedDocumentString<EnginePartsFragment, unknown>;
export const VpnPartsFragmentDoc = new TypedDocumentString(`
    fragment VpnParts on Vpn {
  name
  state
  health
  containerStatus
  lastSeenAt
  failedSince
  failureReason
  suspectedSince
  stabilizingUntil
  stabilizationRemainingSeconds
  engineCount
  pendingEngineCount
  portRange {
    free
  }
  country
  city
  provider
  publicIp
  forwardedPort
  controlProblem
  engines {
    ...EngineParts
  }
}
    fragment EngineParts on Engine {
  id
  name
  state
  health
  healthProblem
  connected
  forwarded
  host
  httpPort
  url
}`, {"fragmentName":"VpnParts"}) as unknown as TypedDocumentString<VpnPartsFragment, unknown>;
export const StatusPartsFragmentDoc = new TypedDocumentString(`
    fragment StatusParts on VpnStatus {
  mode
  vpns {
    ...VpnParts
  }
  emergencyMode {
    active
    outage
    enteredAt
    durationSeconds
  }
}
    fragment VpnParts on Vpn {
  name
  state
  health
  containerStatus
  lastSeenAt
  failedSince
  failureReason
  suspectedSince
  stabilizingUntil
  stabilizationRemainingSeconds
  engineCount
  pendingEngineCount
  portRange {
    free
  }
  country
  city
  provider
  publicIp
  forwardedPort
  controlProblem
  engines {
    ...EngineParts
  }
}
fragment EngineParts on Engine {
  id
  name
  state
  health
  healthProblem
  connected
  forwarded
  host
  httpPort
  url
}`, {"fragmentName":"StatusParts"}) as unknown as TypedDocumentString<StatusPartsFragment, unknown>;
export const RowPartsFragmentDoc = new TypedDocumentString(`
    fragment RowParts on Event {
  __typename
  id
  at
  message
  ... on EngineChanged {
    engineChange: change
  }
  ... on EmergencyModeChanged {
    emergencyChange: change
  }
  ... on VpnChanged {
    vpn {
      name
      state
      stabilizingUntil
      stabilizationRemainingSeconds
    }
  }
  ... on FleetChanged {
    fleet {
      circuit
    }
  }
}
    `, {"fragmentName":"RowParts"}) as unknown as TypedDocumentString<RowPartsFragment, unknown>;
export const LossPartsFragmentDoc = new TypedDocumentString(`
    fragment LossParts on Event {
  __typename
  ... on EmergencyModeChanged {
    episodeId
    removedEngines {
      id
      name
      httpPort
      vpn {
        name
      }
    }
  }
}
    `, {"fragmentName":"LossParts"}) as unknown as TypedDocumentString<LossPartsFragment, unknown>;
export const FleetPartsFragmentDoc = new TypedDocumentString(`
    fragment FleetParts on Fleet {
  simulated
  minReplicas
  maxReplicas
  desired
  running
  pending
  circuit
  pausedReason
}
    `, {"fragmentName":"FleetParts"}) as unknown as TypedDocumentString<FleetPartsFragment, unknown>;
export const PresentDocument = new TypedDocumentString(`
    query Present($rows: Int!) {
  vpnStatus {
    ...StatusParts
  }
  fleet {
    ...FleetParts
  }
  events(last: $rows) {
    nodes {
      ...RowParts
    }
    pageInfo {
      endCursor
    }
  }
  turns: events(last: 5, types: [EMERGENCY_MODE_CHANGED]) {
    nodes {
      ...LossParts
    }
  }
  lastEventId
}
    fragment StatusParts on VpnStatus {
  mode
  vpns {
    ...VpnParts
  }
  emergencyMode {
    active
    outage
    enteredAt
    durationSeconds
  }
}
fragment VpnParts on Vpn {
  name
  state
  health
  containerStatus
  lastSeenAt
  failedSince
  failureReason
  suspectedSince
  stabilizingUntil
  stabilizationRemainingSeconds
  engineCount
  pendingEngineCount
  portRange {
    free
  }
  country
  city
  provider
  publicIp
  forwardedPort
  controlProblem
  engines {
    ...EngineParts
  }
}
fragment EngineParts on Engine {
  id
  name
  state
  health
  healthProblem
  connected
  forwarded
  host
  httpPort
  url
}
fragment RowParts on Event {
  __typename
  id
  at
  message
  ... on EngineChanged {
    engineChange: change
  }
  ... on EmergencyModeChanged {
    emergencyChange: change
  }
  ... on VpnChanged {
    vpn {
      name
      state
      stabilizingUntil
      stabilizationRemainingSeconds
    }
  }
  ... on FleetChanged {
    fleet {
      circuit
    }
  }
}
fragment LossParts on Event {
  __typename
  ... on EmergencyModeChanged {
    episodeId
    removedEngines {
      id
      name
      httpPort
      vpn {
        name
      }
    }
  }
}
fragment FleetParts on Fleet {
  simulated
  minReplicas
  maxReplicas
  desired
  running
  pending
  circuit
  pausedReason
}`) as unknown as TypedDocumentString<PresentQuery, PresentQueryVariables>;
export const StatusDocument = new TypedDocumentString(`
    subscription Status {
  vpnStatus {
    ...StatusParts
  }
}
    fragment StatusParts on VpnStatus {
  mode
  vpns {
    ...VpnParts
  }
  emergencyMode {
    active
    outage
    enteredAt
    durationSeconds
  }
}
fragment VpnParts on Vpn {
  name
  state
  health
  containerStatus
  lastSeenAt
  failedSince
  failureReason
  suspectedSince
  stabilizingUntil
  stabilizationRemainingSeconds
  engineCount
  pendingEngineCount
  portRange {
    free
  }
  country
  city
  provider
  publicIp
  forwardedPort
  controlProblem
  engines {
    ...EngineParts
  }
}
fragment EngineParts on Engine {
  id
  name
  state
  health
  healthProblem
  connected
  forwarded
  host
  httpPort
  url
}`) as unknown as TypedDocumentString<StatusSubscription, StatusSubscriptionVariables>;
export const EventsDocument = new TypedDocumentString(`
    subscription Events($after: ID) {
  events(after: $after) {
    ...RowParts
    ...LossParts
  }
}
    fragment RowParts on Event {
  __typename
  id
  at
  message
  ... on EngineChanged {
    engineChange: change
  }
  ... on EmergencyModeChanged {
    emergencyChange: change
  }
  ... on VpnChanged {
    vpn {
      name
      state
      stabilizingUntil
      stabilizationRemainingSeconds
    }
  }
  ... on FleetChanged {
    fleet {
      circuit
    }
  }
}
fragment LossParts on Event {
  __typename
  ... on EmergencyModeChanged {
    episodeId
    removedEngines {
      id
      name
      httpPort
      vpn {
        name
      }
    }
  }
}`) as unknown as TypedDocumentString<EventsSubscription, EventsSubscriptionVariables>;
export const NumbersDocument = new TypedDocumentString(`
    query Numbers($loose: Boolean!) {
  fleet {
    ...FleetParts
  }
  engines @include(if: $loose) {
    ...EngineParts
  }
}
    fragment EngineParts on Engine {
  id
  name
  state
  health
  healthProblem
  connected
  forwarded
  host
  httpPort
  url
}
fragment FleetParts on Fleet {
  simulated
  minReplicas
  maxReplicas
  desired
  running
  pending
  circuit
  pausedReason
}`) as unknown as TypedDocumentString<NumbersQuery, NumbersQueryVariables>;
export const ProvisionDocument = new TypedDocumentString(`
    mutation Provision($count: Int!) {
  provisionEngines(input: { count: $count }) {
    requested
    engines {
      id
    }
    errors {
      message
      retryAfterSeconds
    }
  }
}
    `) as unknown as TypedDocumentString<ProvisionMutation, ProvisionMutationVariables>;
export const StopDocument = new TypedDocumentString(`
    mutation Stop($id: ID!) {
  stopEngine(engine: { id: $id }) {
    __typename
    ... on Engine {
      name
    }
    ... on Error {
      message
      retryAfterSeconds
    }
  }
}
    `) as unknown as TypedDocumentString<StopMutation, StopMutationVariables>;
export const ScaleDocument = new TypedDocumentString(`
    mutation Scale($to: Int!) {
  scaleEngines(to: $to) {
    ...FleetParts
  }
}
    fragment FleetParts on Fleet {
  simulated
  minReplicas
  maxReplicas
  desired
  running
  pending
  circuit
  pausedReason
}`) as unknown as TypedDocumentString<ScaleMutation, ScaleMutationVariables>;
export const ResetCircuitDocument = new TypedDocumentString(`
    mutation ResetCircuit {
  resetCircuit {
    ...FleetParts
  }
}
    fragment FleetParts on Fleet {
  simulated
  minReplicas
  maxReplicas
  desired
  running
  pending
  circuit
  pausedReason
}`) as unknown as TypedDocumentString<ResetCircuitMutation, ResetCircuitMutationVariables>;
export const SimulateDocument = new TypedDocumentString(`
    mutation Simulate($vpn: String!, $health: VpnHealth!) {
  simulate(vpn: $vpn, health: $health) {
    name
    state
  }
}
    `) as unknown as TypedDocumentString<SimulateMutation, SimulateMutationVariables>;
export const MayChangeDocument = new TypedDocumentString(`
    mutation MayChange {
  stopEngine(engine: { id: "none" }) {
    __typename
  }
}
    `) as unknown as TypedDocumentString<MayChangeMutation, MayChangeMutationVariables>;