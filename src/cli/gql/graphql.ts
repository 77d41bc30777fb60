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

/** Which engines to list. All conditions have to hold. */
export type EngineFilter = {
  /** Only these. */
  health?: Array<EngineHealth> | null | undefined;
  /** Only these; without it PROVISIONING and RUNNING. */
  states?: Array<EngineState> | null | undefined;
  /** A VPN's name; then its engines are listed even while it is FAILED. An unknown one is an error. */
  vpn?: string | null | undefined;
};

/** What an engine itself said last. */
export type EngineHealth =
  /** It answered that it is well. */
  | 'HEALTHY'
  /** It failed several checks in a row. */
  | 'UNHEALTHY'
  /** It does not run, or was not asked yet. */
  | 'UNKNOWN';

/** One engine, by one of its whole ids. A name is used again for another engine, an id never is. */
export type EngineRef =
  {   /** Docker's id of the container, all 64 digits. */
  containerId: string | number; id?: never; name?: never; }
  |  { containerId?: never;   /** The engine's id. */
  id: string | number; name?: never; }
  |  { containerId?: never; id?: never;   /** The container's name, such as acestream-1. */
  name: string; };

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

/** A variable of the engine's environment. */
export type EnvInput = {
  /** Letters, digits and "_". Not those that carry the ports. */
  name: string;
  /** Up to 32768 characters. */
  value: string;
};

/** The kinds of events. */
export type EventType =
  /** The circuit breaker opened, closed, or lets a trial through. */
  | 'CIRCUIT_CHANGED'
  /** Emergency mode was entered or left, or the set of FAILED VPNs changed within it. */
  | 'EMERGENCY_MODE_CHANGED'
  /** A VPN was chosen for an engine. */
  | 'ENGINE_ASSIGNED'
  /** An engine entered another stage of its life, or its health changed. */
  | 'ENGINE_CHANGED'
  /** The wanted number of engines changed. */
  | 'SCALING'
  /** A VPN's state, health or container changed, or what its control server tells. */
  | 'VPN_CHANGED';

/** A caller's own mark on an engine. */
export type LabelInput = {
  /** Up to 128 characters. Not tandem.*, com.docker.*, io.docker.*, nor the key of CONTAINER_LABEL. */
  key: string;
  /** Up to 4096 characters, none of them a control character. */
  value: string;
};

/** What to start, and how often. */
export type ProvisionEnginesInput = {
  /** 1 to 1000. */
  count: number;
  /** Variables for each engine, at most 64 and 131072 characters in all. */
  env?: Array<EnvInput> | null | undefined;
  /** Of the whole batch: the same key within 24 h gives the same engines, and tries those again that failed. */
  idempotencyKey?: string | null | undefined;
  /** Labels for each engine, at most 64. */
  labels?: Array<LabelInput> | null | undefined;
};

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

export type StatusQueryVariables = Exact<{ [key: string]: never; }>;


export type StatusQuery = { fleet: { minReplicas: number, maxReplicas: number, running: number, pending: number, desired: number, autoscalerPaused: boolean, healthManagerPaused: boolean, pausedReason: string | null, circuit: CircuitState, simulated: boolean }, vpnStatus: { mode: VpnMode, health: VpnHealth, lastEventId: string, vpns: Array<{ name: string, state: VpnState, health: VpnHealth, containerStatus: string | null, acceptsEngines: boolean, failedSince: string | null, failureReason: string | null, suspectedSince: string | null, stabilizingUntil: string | null, stabilizationRemainingSeconds: number, engineCount: number, pendingEngineCount: number, forwardedPort: number | null, publicIp: string | null, country: string | null, city: string | null, region: string | null, provider: string | null, tunnelStatus: string | null, controlProblem: string | null, portRange: { first: number, last: number, free: number } | null }>, emergencyMode: { episodeId: string | null, active: boolean, outage: boolean, enteredAt: string | null, durationSeconds: number, failedVpn: { name: string } | null, healthyVpn: { name: string } | null, failedVpns: Array<{ name: string }>, healthyVpns: Array<{ name: string }> } } };

export type EnginesQueryVariables = Exact<{
  filter?: EngineFilter | null | undefined;
}>;


export type EnginesQuery = { engines: Array<{ id: string, name: string, containerId: string | null, state: EngineState, health: EngineHealth, healthProblem: string | null, connected: boolean | null, url: string, host: string, httpPort: number, p2pPort: number, forwarded: boolean, image: string, createdAt: string, startedAt: string | null, labels: Array<{ key: string, value: string }>, vpn: { name: string } | null }> };

export type ListedEngineFragment = { id: string, name: string, containerId: string | null, state: EngineState, health: EngineHealth, healthProblem: string | null, connected: boolean | null, url: string, host: string, httpPort: number, p2pPort: number, forwarded: boolean, image: string, createdAt: string, startedAt: string | null, labels: Array<{ key: string, value: string }>, vpn: { name: string } | null };

export type ProvisionEnginesMutationVariables = Exact<{
  input: ProvisionEnginesInput;
}>;


export type ProvisionEnginesMutation = { provisionEngines: { requested: number, engines: Array<{ id: string, name: string, containerId: string | null, state: EngineState, health: EngineHealth, healthProblem: string | null, connected: boolean | null, url: string, host: string, httpPort: number, p2pPort: number, forwarded: boolean, image: string, createdAt: string, startedAt: string | null, labels: Array<{ key: string, value: string }>, vpn: { name: string } | null }>, errors: Array<
      | { __typename: 'CapacityReachedError', message: string, retryable: boolean, retryAfterSeconds: number | null }
      | { __typename: 'CircuitOpenError', message: string, retryable: boolean, retryAfterSeconds: number | null }
      | { __typename: 'DockerUnavailableError', message: string, retryable: boolean, retryAfterSeconds: number | null }
      | { __typename: 'EngineNotFoundError', message: string, retryable: boolean, retryAfterSeconds: number | null }
      | { __typename: 'EngineStartError', message: string, retryable: boolean, retryAfterSeconds: number | null }
      | { __typename: 'InvalidInputError', message: string, retryable: boolean, retryAfterSeconds: number | null }
      | { __typename: 'NoFreePortError', message: string, retryable: boolean, retryAfterSeconds: number | null }
      | { __typename: 'NoHealthyVpnError', message: string, retryable: boolean, retryAfterSeconds: number | null }
      | { __typename: 'OverloadedError', message: string, retryable: boolean, retryAfterSeconds: number | null }
      | { __typename: 'ServiceUnavailableError', message: string, retryable: boolean, retryAfterSeconds: number | null }
      | { __typename: 'VpnStabilizingError', message: string, retryable: boolean, retryAfterSeconds: number | null }
    > } };

export type StopEngineMutationVariables = Exact<{
  engine: EngineRef;
}>;


export type StopEngineMutation = { stopEngine:
    | { __typename: 'DockerUnavailableError', message: string, retryable: boolean, retryAfterSeconds: number | null }
    | { __typename: 'Engine', id: string, name: string, containerId: string | null, state: EngineState, health: EngineHealth, healthProblem: string | null, connected: boolean | null, url: string, host: string, httpPort: number, p2pPort: number, forwarded: boolean, image: string, createdAt: string, startedAt: string | null, labels: Array<{ key: string, value: string }>, vpn: { name: string } | null }
    | { __typename: 'EngineNotFoundError', message: string, retryable: boolean, retryAfterSeconds: number | null }
    | { __typename: 'InvalidInputError', message: string, retryable: boolean, retryAfterSeconds: number | null }
    | { __typename: 'ServiceUnavailableError', message: string, retryable: boolean, retryAfterSeconds: number | null }
   };

export type ScaleEnginesMutationVariables = Exact<{
  to: number;
}>;


export type ScaleEnginesMutation = { scaleEngines: { minReplicas: number, maxReplicas: number, running: number, pending: number, desired: number } };

export type LastEventQueryVariables = Exact<{ [key: string]: never; }>;


export type LastEventQuery = { lastEventId: string };

export type EventPageQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  types?: Array<EventType> | EventType | null | undefined;
}>;


export type EventPageQuery = { lastEventId: string, events: { nodes: Array<
      | { __typename: 'EmergencyModeChanged', episodeId: string, episodeSeconds: number, id: string, at: string, type: EventType, message: string, turn: EmergencyChange, vpn: { name: string, state: VpnState }, emergencyMode: { active: boolean, outage: boolean, failedVpns: Array<{ name: string }>, healthyVpns: Array<{ name: string }> }, removedEngines: Array<{ id: string, name: string }> }
      | { __typename: 'EngineAssigned', id: string, at: string, type: EventType, message: string, engine: { id: string, name: string, labels: Array<{ key: string, value: string }> }, chosen: { name: string } | null, loads: Array<{ vpn: string, running: number, pending: number }> }
      | { __typename: 'EngineChanged', change: EngineChange, reason: string | null, id: string, at: string, type: EventType, message: string, engine: { id: string, name: string, state: EngineState, health: EngineHealth, labels: Array<{ key: string, value: string }>, vpn: { name: string } | null } }
      | { __typename: 'FleetChanged', id: string, at: string, type: EventType, message: string, fleet: { running: number, pending: number, desired: number, circuit: CircuitState } }
      | { __typename: 'VpnChanged', id: string, at: string, type: EventType, message: string, vpn: { name: string, state: VpnState, health: VpnHealth, failureReason: string | null, forwardedPort: number | null, publicIp: string | null, country: string | null } }
    >, pageInfo: { hasNextPage: boolean } } };

type ToldEvent_EmergencyModeChanged_Fragment = { __typename: 'EmergencyModeChanged', episodeId: string, episodeSeconds: number, id: string, at: string, type: EventType, message: string, turn: EmergencyChange, vpn: { name: string, state: VpnState }, emergencyMode: { active: boolean, outage: boolean, failedVpns: Array<{ name: string }>, healthyVpns: Array<{ name: string }> }, removedEngines: Array<{ id: string, name: string }> };

type ToldEvent_EngineAssigned_Fragment = { __typename: 'EngineAssigned', id: string, at: string, type: EventType, message: string, engine: { id: string, name: string, labels: Array<{ key: string, value: string }> }, chosen: { name: string } | null, loads: Array<{ vpn: string, running: number, pending: number }> };

type ToldEvent_EngineChanged_Fragment = { __typename: 'EngineChanged', change: EngineChange, reason: string | null, id: string, at: string, type: EventType, message: string, engine: { id: string, name: string, state: EngineState, health: EngineHealth, labels: Array<{ key: string, value: string }>, vpn: { name: string } | null } };

type ToldEvent_FleetChanged_Fragment = { __typename: 'FleetChanged', id: string, at: string, type: EventType, message: string, fleet: { running: number, pending: number, desired: number, circuit: CircuitState } };

type ToldEvent_VpnChanged_Fragment = { __typename: 'VpnChanged', id: string, at: string, type: EventType, message: string, vpn: { name: string, state: VpnState, health: VpnHealth, failureReason: string | null, forwardedPort: number | null, publicIp: string | null, country: string | null } };

export type ToldEventFragment =
  | ToldEvent_EmergencyModeChanged_Fragment
  | ToldEvent_EngineAssigned_Fragment
  | ToldEvent_EngineChanged_Fragment
  | ToldEvent_FleetChanged_Fragment
  | ToldEvent_VpnChanged_Fragment
;

export type EventsSubscriptionVariables = Exact<{
  types?: Array<EventType> | EventType | null | undefined;
  after?: string | number | null | undefined;
}>;


export type EventsSubscription = { events:
    | { __typename: 'EmergencyModeChanged', episodeId: string, episodeSeconds: number, id: string, at: string, type: EventType, message: string, turn: EmergencyChange, vpn: { name: string, state: VpnState }, emergencyMode: { active: boolean, outage: boolean, failedVpns: Array<{ name: string }>, healthyVpns: Array<{ name: string }> }, removedEngines: Array<{ id: string, name: string }> }
    | { __typename: 'EngineAssigned', id: string, at: string, type: EventType, message: string, engine: { id: string, name: string, labels: Array<{ key: string, value: string }> }, chosen: { name: string } | null, loads: Array<{ vpn: string, running: number, pending: number }> }
    | { __typename: 'EngineChanged', change: EngineChange, reason: string | null, id: string, at: string, type: EventType, message: string, engine: { id: string, name: string, state: EngineState, health: EngineHealth, labels: Array<{ key: string, value: string }>, vpn: { name: string } | null } }
    | { __typename: 'FleetChanged', id: string, at: string, type: EventType, message: string, fleet: { running: number, pending: number, desired: number, circuit: CircuitState } }
    | { __typename: 'VpnChanged', id: string, at: string, type: EventType, message: string, vpn: { name: string, state: VpnState, health: VpnHealth, failureReason: string | null, forwardedPort: number | null, publicIp: string | null, country: string | null } }
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
export const ListedEngineFragmentDoc = new TypedDocumentString(`
    fragment ListedEngine on Engine {
  id
  name
  containerId
  state
  health
  healthProblem
  connected
  url
  host
  httpPort
  p2pPort
  forwarded
  image
  createdAt
  startedAt
  labels {
    key
    value
  }
  vpn {
    name
  }
}
    `, {"fragmentName":"ListedEngine"}) as unknown as TypedDocumentString<ListedEngineFragment, unknown>;
export const ToldEventFragmentDoc = new TypedDocumentString(`
    fragment ToldEvent on Event {
  __typename
  id
  at
  type
  message
  ... on EngineAssigned {
    engine {
      id
      name
      labels {
        key
        value
      }
    }
    chosen: vpn {
      name
    }
    loads {
      vpn
      running
      pending
    }
  }
  ... on EngineChanged {
    change
    reason
    engine {
      id
      name
      state
      health
      labels {
        key
        value
      }
      vpn {
        name
      }
    }
  }
  ... on EmergencyModeChanged {
    turn: change
    episodeId
    episodeSeconds
    vpn {
      name
      state
    }
    emergencyMode {
      active
      outage
      failedVpns {
        name
      }
      healthyVpns {
        name
      }
    }
    removedEngines {
      id
      name
    }
  }
  ... on VpnChanged {
    vpn {
      name
      state
      health
      failureReason
      forwardedPort
      publicIp
      country
    }
  }
  ... on FleetChanged {
    fleet {
      running
      pending
      desired
      circuit
    }
  }
}
    `, {"fragmentName":"ToldEvent"}) as unknown as TypedDocumentString<ToldEventFragment, unknown>;
export const StatusDocument = new TypedDocumentString(`
    query Status {
  fleet {
    minReplicas
    maxReplicas
    running
    pending
    desired
    autoscalerPaused
    healthManagerPaused
    pausedReason
    circuit
    simulated
  }
  vpnStatus {
    mode
    health
    lastEventId
    vpns {
      name
      state
      health
      containerStatus
      acceptsEngines
      failedSince
      failureReason
      suspectedSince
      stabilizingUntil
      stabilizationRemainingSeconds
      engineCount
      pendingEngineCount
      portRange {
        first
        last
        free
      }
      forwardedPort
      publicIp
      country
      city
      region
      provider
      tunnelStatus
      controlProblem
    }
    emergencyMode {
      episodeId
      active
      outage
      enteredAt
      durationSeconds
      failedVpn {
        name
      }
      healthyVpn {
        name
      }
      failedVpns {
        name
      }
      healthyVpns {
        name
      }
    }
  }
}
    `) as unknown as TypedDocumentString<StatusQuery, StatusQueryVariables>;
export const EnginesDocument = new TypedDocumentString(`
    query Engines($filter: EngineFilter) {
  engines(filter: $filter) {
    ...ListedEngine
  }
}
    fragment ListedEngine on Engine {
  id
  name
  containerId
  state
  health
  healthProblem
  connected
  url
  host
  httpPort
  p2pPort
  forwarded
  image
  createdAt
  startedAt
  labels {
    key
    value
  }
  vpn {
    name
  }
}`) as unknown as TypedDocumentString<EnginesQuery, EnginesQueryVariables>;
export const ProvisionEnginesDocument = new TypedDocumentString(`
    mutation ProvisionEngines($input: ProvisionEnginesInput!) {
  provisionEngines(input: $input) {
    requested
    engines {
      ...ListedEngine
    }
    errors {
      __typename
      message
      retryable
      retryAfterSeconds
    }
  }
}
    fragment ListedEngine on Engine {
  id
  name
  containerId
  state
  health
  healthProblem
  connected
  url
  host
  httpPort
  p2pPort
  forwarded
  image
  createdAt
  startedAt
  labels {
    key
    value
  }
  vpn {
    name
  }
}`) as unknown as TypedDocumentString<ProvisionEnginesMutation, ProvisionEnginesMutationVariables>;
export const StopEngineDocument = new TypedDocumentString(`
    mutation StopEngine($engine: EngineRef!) {
  stopEngine(engine: $engine) {
    __typename
    ... on Engine {
      ...ListedEngine
    }
    ... on Error {
      message
      retryable
      retryAfterSeconds
    }
  }
}
    fragment ListedEngine on Engine {
  id
  name
  containerId
  state
  health
  healthProblem
  connected
  url
  host
  httpPort
  p2pPort
  forwarded
  image
  createdAt
  startedAt
  labels {
    key
    value
  }
  vpn {
    name
  }
}`) as unknown as TypedDocumentString<StopEngineMutation, StopEngineMutationVariables>;
export const ScaleEnginesDocument = new TypedDocumentString(`
    mutation ScaleEngines($to: Int!) {
  scaleEngines(to: $to) {
    minReplicas
    maxReplicas
    running
    pending
    desired
  }
}
    `) as unknown as TypedDocumentString<ScaleEnginesMutation, ScaleEnginesMutationVariables>;
export const LastEventDocument = new TypedDocumentString(`
    query LastEvent {
  lastEventId
}
    `) as unknown as TypedDocumentString<LastEventQuery, LastEventQueryVariables>;
export const EventPageDocument = new TypedDocumentString(`
    query EventPage($first: Int, $after: String, $last: Int, $types: [EventType!]) {
  lastEventId
  events(first: $first, after: $after, last: $last, types: $types) {
    nodes {
      ...ToldEvent
    }
    pageInfo {
      hasNextPage
    }
  }
}
    fragment ToldEvent on Event {
  __typename
  id
  at
  type
  message
  ... on EngineAssigned {
    engine {
      id
      name
      labels {
        key
        value
      }
    }
    chosen: vpn {
      name
    }
    loads {
      vpn
      running
      pending
    }
  }
  ... on EngineChanged {
    change
    reason
    engine {
      id
      name
      state
      health
      labels {
        key
        value
      }
      vpn {
        name
      }
    }
  }
  ... on EmergencyModeChanged {
    turn: change
    episodeId
    episodeSeconds
    vpn {
      name
      state
    }
    emergencyMode {
      active
      outage
      failedVpns {
        name
      }
      healthyVpns {
        name
      }
    }
    removedEngines {
      id
      name
    }
  }
  ... on VpnChanged {
    vpn {
      name
      state
      health
      failureReason
      forwardedPort
      publicIp
      country
    }
  }
  ... on FleetChanged {
    fleet {
      running
      pending
      desired
      circuit
    }
  }
}`) as unknown as TypedDocumentString<EventPageQuery, EventPageQueryVariables>;
export const EventsDocument = new TypedDocumentString(`
    subscription Events($types: [EventType!], $after: ID) {
  events(types: $types, after: $after) {
    ...ToldEvent
  }
}
    fragment ToldEvent on Event {
  __typename
  id
  at
  type
  message
  ... on EngineAssigned {
    engine {
      id
      name
      labels {
        key
        value
      }
    }
    chosen: vpn {
      name
    }
    loads {
      vpn
      running
      pending
    }
  }
  ... on EngineChanged {
    change
    reason
    engine {
      id
      name
      state
      health
      labels {
        key
        value
      }
      vpn {
        name
      }
    }
  }
  ... on EmergencyModeChanged {
    turn: change
    episodeId
    episodeSeconds
    vpn {
      name
      state
    }
    emergencyMode {
      active
      outage
      failedVpns {
        name
      }
      healthyVpns {
        name
      }
    }
    removedEngines {
      id
      name
    }
  }
  ... on VpnChanged {
    vpn {
      name
      state
      health
      failureReason
      forwardedPort
      publicIp
      country
    }
  }
  ... on FleetChanged {
    fleet {
      running
      pending
      desired
      circuit
    }
  }
}`) as unknown as TypedDocumentString<EventsSubscription, EventsSubscriptionVariables>;