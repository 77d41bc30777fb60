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

/** What to start. */
export type ProvisionEngineInput = {
  /** Variables for each engine, at most 64 and 131072 characters in all. */
  env?: Array<EnvInput> | null | undefined;
  /** The same key within 24 h gives the same engine (REMOVED, if it is gone by then); a failure is not remembered. The same key with other input is an InvalidInputError. */
  idempotencyKey?: string | null | undefined;
  /** Labels for each engine, at most 64. */
  labels?: Array<LabelInput> | null | undefined;
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

/** The steps of starting an engine. */
export type StartPhase =
  /** Creating the container. */
  | 'CREATE'
  /** Fetching the image. */
  | 'PULL'
  /** Waiting until the engine answers HTTP on its port. */
  | 'READINESS'
  /** Starting the container. */
  | 'START';

/** Why the service takes no order now. */
export type UnavailableReason =
  /** It has just started: engines are being adopted and VPNs looked at. */
  | 'RECOVERING'
  /** It is about to end. */
  | 'SHUTTING_DOWN'
  /** It cannot write down what it would promise. */
  | 'STORAGE';

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

export type ProvisionEngineMutationVariables = Exact<{
  input?: ProvisionEngineInput | null | undefined;
}>;


export type ProvisionEngineMutation = { provisionEngine:
    | { __typename: 'CapacityReachedError', message: string, retryable: boolean, retryAfterSeconds: number | null, maxReplicas: number }
    | { __typename: 'CircuitOpenError', message: string, retryable: boolean, retryAfterSeconds: number | null }
    | { __typename: 'DockerUnavailableError', message: string, retryable: boolean, retryAfterSeconds: number | null }
    | { __typename: 'Engine', id: string, name: string, containerId: string | null, state: EngineState, health: EngineHealth, host: string, httpPort: number, httpsPort: number, p2pPort: number, url: string, forwarded: boolean, image: string, createdAt: string, startedAt: string | null, labels: Array<{ key: string, value: string }>, vpn: { name: string } | null }
    | { __typename: 'EngineStartError', message: string, retryable: boolean, retryAfterSeconds: number | null, phase: StartPhase }
    | { __typename: 'InvalidInputError', message: string, retryable: boolean, retryAfterSeconds: number | null, field: string }
    | { __typename: 'NoFreePortError', message: string, retryable: boolean, retryAfterSeconds: number | null, fullVpn: { name: string } }
    | { __typename: 'NoHealthyVpnError', message: string, retryable: boolean, retryAfterSeconds: number | null, vpns: Array<{ name: string, state: VpnState }> }
    | { __typename: 'OverloadedError', message: string, retryable: boolean, retryAfterSeconds: number | null }
    | { __typename: 'ServiceUnavailableError', message: string, retryable: boolean, retryAfterSeconds: number | null, reason: UnavailableReason }
    | { __typename: 'VpnStabilizingError', message: string, retryable: boolean, retryAfterSeconds: number | null, vpns: Array<{ name: string, state: VpnState, stabilizationRemainingSeconds: number }> }
   };

export type ProvisionEnginesMutationVariables = Exact<{
  input: ProvisionEnginesInput;
}>;


export type ProvisionEnginesMutation = { provisionEngines: { requested: number, engines: Array<{ id: string, name: string, containerId: string | null, state: EngineState, httpPort: number, vpn: { name: string } | null }>, errors: Array<
      | { __typename: 'CapacityReachedError', message: string, retryable: boolean }
      | { __typename: 'CircuitOpenError', message: string, retryable: boolean }
      | { __typename: 'DockerUnavailableError', message: string, retryable: boolean }
      | { __typename: 'EngineNotFoundError', message: string, retryable: boolean }
      | { __typename: 'EngineStartError', phase: StartPhase, message: string, retryable: boolean }
      | { __typename: 'InvalidInputError', field: string, message: string, retryable: boolean }
      | { __typename: 'NoFreePortError', message: string, retryable: boolean }
      | { __typename: 'NoHealthyVpnError', message: string, retryable: boolean }
      | { __typename: 'OverloadedError', message: string, retryable: boolean }
      | { __typename: 'ServiceUnavailableError', message: string, retryable: boolean }
      | { __typename: 'VpnStabilizingError', message: string, retryable: boolean }
    > } };

export type StopEngineMutationVariables = Exact<{
  engine: EngineRef;
}>;


export type StopEngineMutation = { stopEngine:
    | { __typename: 'DockerUnavailableError', message: string, retryable: boolean }
    | { __typename: 'Engine', id: string, name: string, state: EngineState, containerId: string | null }
    | { __typename: 'EngineNotFoundError', message: string, retryable: boolean }
    | { __typename: 'InvalidInputError', message: string, retryable: boolean, field: string }
    | { __typename: 'ServiceUnavailableError', message: string, retryable: boolean }
   };

export type EnginesQueryVariables = Exact<{
  filter?: EngineFilter | null | undefined;
}>;


export type EnginesQuery = { engines: Array<{ id: string, name: string, containerId: string | null, state: EngineState, health: EngineHealth, httpPort: number, httpsPort: number, p2pPort: number, vpn: { name: string } | null, labels: Array<{ key: string, value: string }> }> };

export type OneEngineQueryVariables = Exact<{
  by: EngineRef;
}>;


export type OneEngineQuery = { engine: { id: string, name: string, state: EngineState, containerId: string | null, vpn: { name: string } | null } | null };

export type StatusQueryVariables = Exact<{ [key: string]: never; }>;


export type StatusQuery = { lastEventId: string, fleet: { minReplicas: number, maxReplicas: number, running: number, pending: number, desired: number, autoscalerPaused: boolean, healthManagerPaused: boolean, pausedReason: string | null, circuit: CircuitState, simulated: boolean }, vpnStatus: { mode: VpnMode, enabled: boolean, connected: boolean, health: VpnHealth, lastEventId: string, vpn1: { name: string } | null, vpn2: { name: string } | null, vpns: Array<{ id: string, name: string, state: VpnState, health: VpnHealth, containerStatus: string | null, acceptsEngines: boolean, failedSince: string | null, stabilizingUntil: string | null, stabilizationRemainingSeconds: number, engineCount: number, pendingEngineCount: number, lastSeenAt: string | null, forwardedPort: number | null, publicIp: string | null, country: string | null, city: string | null, region: string | null, provider: string | null, controlProblem: string | null, portRange: { first: number, last: number, free: number } | null, engines: Array<{ name: string, state: EngineState }> }>, emergencyMode: { episodeId: string | null, active: boolean, outage: boolean, enteredAt: string | null, durationSeconds: number, failedVpn: { name: string } | null, healthyVpn: { name: string } | null, failedVpns: Array<{ name: string }>, healthyVpns: Array<{ name: string }> } } };

export type VpnStatusPartsFragment = { mode: VpnMode, enabled: boolean, connected: boolean, health: VpnHealth, lastEventId: string, vpn1: { name: string } | null, vpn2: { name: string } | null, vpns: Array<{ id: string, name: string, state: VpnState, health: VpnHealth, containerStatus: string | null, acceptsEngines: boolean, failedSince: string | null, stabilizingUntil: string | null, stabilizationRemainingSeconds: number, engineCount: number, pendingEngineCount: number, lastSeenAt: string | null, forwardedPort: number | null, publicIp: string | null, country: string | null, city: string | null, region: string | null, provider: string | null, controlProblem: string | null, portRange: { first: number, last: number, free: number } | null, engines: Array<{ name: string, state: EngineState }> }>, emergencyMode: { episodeId: string | null, active: boolean, outage: boolean, enteredAt: string | null, durationSeconds: number, failedVpn: { name: string } | null, healthyVpn: { name: string } | null, failedVpns: Array<{ name: string }>, healthyVpns: Array<{ name: string }> } };

export type ScaleEnginesMutationVariables = Exact<{
  to: number;
}>;


export type ScaleEnginesMutation = { scaleEngines: { desired: number, running: number, minReplicas: number, maxReplicas: number } };

export type KeepingQueryVariables = Exact<{ [key: string]: never; }>;


export type KeepingQuery = { engines: Array<{ id: string, name: string, containerId: string | null, state: EngineState, health: EngineHealth, healthProblem: string | null, connected: boolean | null, forwarded: boolean, httpPort: number, p2pPort: number, lastHealthCheckAt: string | null, createdAt: string, vpn: { name: string } | null }>, fleet: { desired: number, running: number, pending: number, circuit: CircuitState }, vpnStatus: { vpns: Array<{ name: string, state: VpnState, failureReason: string | null, suspectedSince: string | null, tunnelStatus: string | null, forwardedPort: number | null, engineCount: number, pendingEngineCount: number }> } };

export type ResetCircuitMutationVariables = Exact<{ [key: string]: never; }>;


export type ResetCircuitMutation = { resetCircuit: { circuit: CircuitState } };

export type EngineAssignedSubscriptionVariables = Exact<{
  vpn?: string | null | undefined;
  after?: string | number | null | undefined;
}>;


export type EngineAssignedSubscription = { engineAssigned: { id: string, at: string, type: EventType, message: string, engine: { id: string, name: string, state: EngineState, httpPort: number, vpn: { name: string } | null }, vpn: { name: string, engineCount: number, pendingEngineCount: number } | null, loads: Array<{ vpn: string, running: number, pending: number }> } };

export type EngineChangedSubscriptionVariables = Exact<{
  vpn?: string | null | undefined;
  after?: string | number | null | undefined;
}>;


export type EngineChangedSubscription = { engineChanged: { id: string, at: string, type: EventType, message: string, change: EngineChange, reason: string | null, engine: { id: string, name: string, state: EngineState, vpn: { name: string } | null } } };

export type LiveVpnStatusSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type LiveVpnStatusSubscription = { vpnStatus: { mode: VpnMode, enabled: boolean, connected: boolean, health: VpnHealth, lastEventId: string, vpn1: { name: string } | null, vpn2: { name: string } | null, vpns: Array<{ id: string, name: string, state: VpnState, health: VpnHealth, containerStatus: string | null, acceptsEngines: boolean, failedSince: string | null, stabilizingUntil: string | null, stabilizationRemainingSeconds: number, engineCount: number, pendingEngineCount: number, lastSeenAt: string | null, forwardedPort: number | null, publicIp: string | null, country: string | null, city: string | null, region: string | null, provider: string | null, controlProblem: string | null, portRange: { first: number, last: number, free: number } | null, engines: Array<{ name: string, state: EngineState }> }>, emergencyMode: { episodeId: string | null, active: boolean, outage: boolean, enteredAt: string | null, durationSeconds: number, failedVpn: { name: string } | null, healthyVpn: { name: string } | null, failedVpns: Array<{ name: string }>, healthyVpns: Array<{ name: string }> } } };

export type EventPageQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
  types?: Array<EventType> | EventType | null | undefined;
}>;


export type EventPageQuery = { events: { edges: Array<{ cursor: string }>, nodes: Array<
      | { __typename: 'EmergencyModeChanged', episodeId: string, episodeSeconds: number, id: string, at: string, type: EventType, message: string, turn: EmergencyChange, vpn: { name: string, state: VpnState }, emergencyMode: { active: boolean, episodeId: string | null, enteredAt: string | null, failedVpns: Array<{ name: string }> }, removedEngines: Array<{ id: string, name: string, state: EngineState }> }
      | { __typename: 'EngineAssigned', id: string, at: string, type: EventType, message: string, engine: { id: string, name: string }, chosen: { name: string, state: VpnState } | null, loads: Array<{ vpn: string, running: number, pending: number }> }
      | { __typename: 'EngineChanged', change: EngineChange, reason: string | null, id: string, at: string, type: EventType, message: string, engine: { id: string, name: string, state: EngineState, labels: Array<{ key: string, value: string }>, vpn: { name: string } | null } }
      | { __typename: 'FleetChanged', id: string, at: string, type: EventType, message: string }
      | { __typename: 'VpnChanged', id: string, at: string, type: EventType, message: string, vpn: { name: string, state: VpnState } }
    >, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } };

type EventParts_EmergencyModeChanged_Fragment = { __typename: 'EmergencyModeChanged', episodeId: string, episodeSeconds: number, id: string, at: string, type: EventType, message: string, turn: EmergencyChange, vpn: { name: string, state: VpnState }, emergencyMode: { active: boolean, episodeId: string | null, enteredAt: string | null, failedVpns: Array<{ name: string }> }, removedEngines: Array<{ id: string, name: string, state: EngineState }> };

type EventParts_EngineAssigned_Fragment = { __typename: 'EngineAssigned', id: string, at: string, type: EventType, message: string, engine: { id: string, name: string }, chosen: { name: string, state: VpnState } | null, loads: Array<{ vpn: string, running: number, pending: number }> };

type EventParts_EngineChanged_Fragment = { __typename: 'EngineChanged', change: EngineChange, reason: string | null, id: string, at: string, type: EventType, message: string, engine: { id: string, name: string, state: EngineState, labels: Array<{ key: string, value: string }>, vpn: { name: string } | null } };

type EventParts_FleetChanged_Fragment = { __typename: 'FleetChanged', id: string, at: string, type: EventType, message: string };

type EventParts_VpnChanged_Fragment = { __typename: 'VpnChanged', id: string, at: string, type: EventType, message: string, vpn: { name: string, state: VpnState } };

export type EventPartsFragment =
  | EventParts_EmergencyModeChanged_Fragment
  | EventParts_EngineAssigned_Fragment
  | EventParts_EngineChanged_Fragment
  | EventParts_FleetChanged_Fragment
  | EventParts_VpnChanged_Fragment
;

export type AllEventsSubscriptionVariables = Exact<{
  after?: string | number | null | undefined;
  types?: Array<EventType> | EventType | null | undefined;
}>;


export type AllEventsSubscription = { events:
    | { __typename: 'EmergencyModeChanged', episodeId: string, episodeSeconds: number, id: string, at: string, type: EventType, message: string, turn: EmergencyChange, vpn: { name: string, state: VpnState }, emergencyMode: { active: boolean, episodeId: string | null, enteredAt: string | null, failedVpns: Array<{ name: string }> }, removedEngines: Array<{ id: string, name: string, state: EngineState }> }
    | { __typename: 'EngineAssigned', id: string, at: string, type: EventType, message: string, engine: { id: string, name: string }, chosen: { name: string, state: VpnState } | null, loads: Array<{ vpn: string, running: number, pending: number }> }
    | { __typename: 'EngineChanged', change: EngineChange, reason: string | null, id: string, at: string, type: EventType, message: string, engine: { id: string, name: string, state: EngineState, labels: Array<{ key: string, value: string }>, vpn: { name: string } | null } }
    | { __typename: 'FleetChanged', id: string, at: string, type: EventType, message: string }
    | { __typename: 'VpnChanged', id: string, at: string, type: EventType, message: string, vpn: { name: string, state: VpnState } }
   };

export type EmergencyModeChangedSubscriptionVariables = Exact<{
  after?: string | number | null | undefined;
}>;


export type EmergencyModeChangedSubscription = { emergencyModeChanged: { id: string, at: string, type: EventType, message: string, change: EmergencyChange, episodeId: string, episodeSeconds: number, vpn: { name: string, state: VpnState }, removedEngines: Array<{ id: string, name: string, state: EngineState }>, emergencyMode: { active: boolean, episodeId: string | null, outage: boolean, failedVpns: Array<{ name: string }>, healthyVpn: { name: string } | null } } };

export type EventsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
  types?: Array<EventType> | EventType | null | undefined;
}>;


export type EventsQuery = { events: { edges: Array<{ cursor: string }>, nodes: Array<
      | { __typename: 'EmergencyModeChanged', episodeId: string, id: string, at: string, type: EventType, message: string, turn: EmergencyChange, turned: { name: string }, removedEngines: Array<{ id: string }> }
      | { __typename: 'EngineAssigned', id: string, at: string, type: EventType, message: string, engine: { id: string, name: string }, assignedTo: { name: string } | null }
      | { __typename: 'EngineChanged', change: EngineChange, id: string, at: string, type: EventType, message: string, engine: { id: string, name: string } }
      | { __typename: 'FleetChanged', id: string, at: string, type: EventType, message: string }
      | { __typename: 'VpnChanged', id: string, at: string, type: EventType, message: string, vpn: { name: string, state: VpnState } }
    >, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } };

export type EventsFollowedSubscriptionVariables = Exact<{
  types?: Array<EventType> | EventType | null | undefined;
  after?: string | number | null | undefined;
}>;


export type EventsFollowedSubscription = { events:
    | { __typename: 'EmergencyModeChanged', id: string, type: EventType, message: string }
    | { __typename: 'EngineAssigned', id: string, type: EventType, message: string }
    | { __typename: 'EngineChanged', id: string, type: EventType, message: string }
    | { __typename: 'FleetChanged', id: string, type: EventType, message: string }
    | { __typename: 'VpnChanged', id: string, type: EventType, message: string }
   };

export type ToldEventsSubscriptionVariables = Exact<{
  after?: string | number | null | undefined;
}>;


export type ToldEventsSubscription = { events:
    | { __typename: 'EmergencyModeChanged', episodeId: string, id: string, at: string, type: EventType, message: string, turn: EmergencyChange, vpn: { name: string, state: VpnState }, emergencyMode: { active: boolean, failedVpns: Array<{ name: string }> }, removedEngines: Array<{ id: string }> }
    | { __typename: 'EngineAssigned', id: string, at: string, type: EventType, message: string, engine: { id: string, name: string, vpn: { name: string } | null, labels: Array<{ key: string, value: string }> }, chosen: { name: string, state: VpnState } | null, loads: Array<{ vpn: string, running: number, pending: number }> }
    | { __typename: 'EngineChanged', change: EngineChange, reason: string | null, id: string, at: string, type: EventType, message: string, engine: { id: string, name: string, vpn: { name: string } | null, labels: Array<{ key: string, value: string }> } }
    | { __typename: 'FleetChanged', id: string, at: string, type: EventType, message: string }
    | { __typename: 'VpnChanged', id: string, at: string, type: EventType, message: string, vpn: { name: string, state: VpnState } }
   };

export type ToldEnginePartsFragment = { id: string, name: string, vpn: { name: string } | null, labels: Array<{ key: string, value: string }> };

type ToldParts_EmergencyModeChanged_Fragment = { __typename: 'EmergencyModeChanged', episodeId: string, id: string, at: string, type: EventType, message: string, turn: EmergencyChange, vpn: { name: string, state: VpnState }, emergencyMode: { active: boolean, failedVpns: Array<{ name: string }> }, removedEngines: Array<{ id: string }> };

type ToldParts_EngineAssigned_Fragment = { __typename: 'EngineAssigned', id: string, at: string, type: EventType, message: string, engine: { id: string, name: string, vpn: { name: string } | null, labels: Array<{ key: string, value: string }> }, chosen: { name: string, state: VpnState } | null, loads: Array<{ vpn: string, running: number, pending: number }> };

type ToldParts_EngineChanged_Fragment = { __typename: 'EngineChanged', change: EngineChange, reason: string | null, id: string, at: string, type: EventType, message: string, engine: { id: string, name: string, vpn: { name: string } | null, labels: Array<{ key: string, value: string }> } };

type ToldParts_FleetChanged_Fragment = { __typename: 'FleetChanged', id: string, at: string, type: EventType, message: string };

type ToldParts_VpnChanged_Fragment = { __typename: 'VpnChanged', id: string, at: string, type: EventType, message: string, vpn: { name: string, state: VpnState } };

export type ToldPartsFragment =
  | ToldParts_EmergencyModeChanged_Fragment
  | ToldParts_EngineAssigned_Fragment
  | ToldParts_EngineChanged_Fragment
  | ToldParts_FleetChanged_Fragment
  | ToldParts_VpnChanged_Fragment
;

export type ToldPageQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
}>;


export type ToldPageQuery = { lastEventId: string, events: { nodes: Array<
      | { __typename: 'EmergencyModeChanged', episodeId: string, id: string, at: string, type: EventType, message: string, turn: EmergencyChange, vpn: { name: string, state: VpnState }, emergencyMode: { active: boolean, failedVpns: Array<{ name: string }> }, removedEngines: Array<{ id: string }> }
      | { __typename: 'EngineAssigned', id: string, at: string, type: EventType, message: string, engine: { id: string, name: string, vpn: { name: string } | null, labels: Array<{ key: string, value: string }> }, chosen: { name: string, state: VpnState } | null, loads: Array<{ vpn: string, running: number, pending: number }> }
      | { __typename: 'EngineChanged', change: EngineChange, reason: string | null, id: string, at: string, type: EventType, message: string, engine: { id: string, name: string, vpn: { name: string } | null, labels: Array<{ key: string, value: string }> } }
      | { __typename: 'FleetChanged', id: string, at: string, type: EventType, message: string }
      | { __typename: 'VpnChanged', id: string, at: string, type: EventType, message: string, vpn: { name: string, state: VpnState } }
    >, pageInfo: { hasNextPage: boolean } } };

export type ShownStateQueryVariables = Exact<{
  first: string;
  second: string;
}>;


export type ShownStateQuery = { lastEventId: string, fleet: { running: number, pending: number, desired: number, circuit: CircuitState }, offered: Array<{ id: string }>, first: Array<{ id: string, name: string, state: EngineState, health: EngineHealth, containerId: string | null, httpPort: number, httpsPort: number, p2pPort: number, forwarded: boolean, vpn: { name: string } | null, labels: Array<{ key: string, value: string }> }>, second: Array<{ id: string, name: string, state: EngineState, health: EngineHealth, containerId: string | null, httpPort: number, httpsPort: number, p2pPort: number, forwarded: boolean, vpn: { name: string } | null, labels: Array<{ key: string, value: string }> }>, vpnStatus: { vpns: Array<{ name: string, state: VpnState, acceptsEngines: boolean, engineCount: number, pendingEngineCount: number, forwardedPort: number | null, portRange: { free: number } | null }>, emergencyMode: { failedVpns: Array<{ name: string }> } } };

export type ShownEnginePartsFragment = { id: string, name: string, state: EngineState, health: EngineHealth, containerId: string | null, httpPort: number, httpsPort: number, p2pPort: number, forwarded: boolean, vpn: { name: string } | null, labels: Array<{ key: string, value: string }> };

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
export const VpnStatusPartsFragmentDoc = new TypedDocumentString(`
    fragment VpnStatusParts on VpnStatus {
  mode
  enabled
  connected
  health
  lastEventId
  vpn1 {
    name
  }
  vpn2 {
    name
  }
  vpns {
    id
    name
    state
    health
    containerStatus
    acceptsEngines
    failedSince
    stabilizingUntil
    stabilizationRemainingSeconds
    engineCount
    pendingEngineCount
    portRange {
      first
      last
      free
    }
    lastSeenAt
    forwardedPort
    publicIp
    country
    city
    region
    provider
    controlProblem
    engines {
      name
      state
    }
  }
  emergencyMode {
    episodeId
    active
    outage
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
    enteredAt
    durationSeconds
  }
}
    `, {"fragmentName":"VpnStatusParts"}) as unknown as TypedDocumentString<VpnStatusPartsFragment, unknown>;
export const EventPartsFragmentDoc = new TypedDocumentString(`
    fragment EventParts on Event {
  __typename
  id
  at
  type
  message
  ... on EngineAssigned {
    engine {
      id
      name
    }
    chosen: vpn {
      name
      state
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
      episodeId
      enteredAt
      failedVpns {
        name
      }
    }
    removedEngines {
      id
      name
      state
    }
  }
  ... on VpnChanged {
    vpn {
      name
      state
    }
  }
}
    `, {"fragmentName":"EventParts"}) as unknown as TypedDocumentString<EventPartsFragment, unknown>;
export const ToldEnginePartsFragmentDoc = new TypedDocumentString(`
    fragment ToldEngineParts on Engine {
  id
  name
  vpn {
    name
  }
  labels {
    key
    value
  }
}
    `, {"fragmentName":"ToldEngineParts"}) as unknown as TypedDocumentString<ToldEnginePartsFragment, unknown>;
export const ToldPartsFragmentDoc = new TypedDocumentString(`
    fragment ToldParts on Event {
  __typename
  id
  at
  type
  message
  ... on EngineAssigned {
    engine {
      ...ToldEngineParts
    }
    chosen: vpn {
      name
      state
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
      ...ToldEngineParts
    }
  }
  ... on EmergencyModeChanged {
    turn: change
    episodeId
    vpn {
      name
      state
    }
    emergencyMode {
      active
      failedVpns {
        name
      }
    }
    removedEngines {
      id
    }
  }
  ... on VpnChanged {
    vpn {
      name
      state
    }
  }
}
    fragment ToldEngineParts on Engine {
  id
  name
  vpn {
    name
  }
  labels {
    key
    value
  }
}`, {"fragmentName":"ToldParts"}) as unknown as TypedDocumentString<ToldPartsFragment, unknown>;
export const ShownEnginePartsFragmentDoc = new TypedDocumentString(`
    fragment ShownEngineParts on Engine {
  id
  name
  state
  health
  containerId
  httpPort
  httpsPort
  p2pPort
  forwarded
  vpn {
    name
  }
  labels {
    key
    value
  }
}
    `, {"fragmentName":"ShownEngineParts"}) as unknown as TypedDocumentString<ShownEnginePartsFragment, unknown>;
export const ProvisionEngineDocument = new TypedDocumentString(`
    mutation ProvisionEngine($input: ProvisionEngineInput) {
  provisionEngine(input: $input) {
    __typename
    ... on Engine {
      id
      name
      containerId
      state
      health
      host
      httpPort
      httpsPort
      p2pPort
      url
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
    ... on Error {
      message
      retryable
      retryAfterSeconds
    }
    ... on InvalidInputError {
      field
    }
    ... on EngineStartError {
      phase
    }
    ... on CapacityReachedError {
      maxReplicas
    }
    ... on ServiceUnavailableError {
      reason
    }
    ... on NoHealthyVpnError {
      vpns {
        name
        state
      }
    }
    ... on VpnStabilizingError {
      vpns {
        name
        state
        stabilizationRemainingSeconds
      }
    }
    ... on NoFreePortError {
      fullVpn: vpn {
        name
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ProvisionEngineMutation, ProvisionEngineMutationVariables>;
export const ProvisionEnginesDocument = new TypedDocumentString(`
    mutation ProvisionEngines($input: ProvisionEnginesInput!) {
  provisionEngines(input: $input) {
    requested
    engines {
      id
      name
      containerId
      state
      httpPort
      vpn {
        name
      }
    }
    errors {
      __typename
      message
      retryable
      ... on InvalidInputError {
        field
      }
      ... on EngineStartError {
        phase
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ProvisionEnginesMutation, ProvisionEnginesMutationVariables>;
export const StopEngineDocument = new TypedDocumentString(`
    mutation StopEngine($engine: EngineRef!) {
  stopEngine(engine: $engine) {
    __typename
    ... on Engine {
      id
      name
      state
      containerId
    }
    ... on Error {
      message
      retryable
    }
    ... on InvalidInputError {
      field
    }
  }
}
    `) as unknown as TypedDocumentString<StopEngineMutation, StopEngineMutationVariables>;
export const EnginesDocument = new TypedDocumentString(`
    query Engines($filter: EngineFilter) {
  engines(filter: $filter) {
    id
    name
    containerId
    state
    health
    httpPort
    httpsPort
    p2pPort
    vpn {
      name
    }
    labels {
      key
      value
    }
  }
}
    `) as unknown as TypedDocumentString<EnginesQuery, EnginesQueryVariables>;
export const OneEngineDocument = new TypedDocumentString(`
    query OneEngine($by: EngineRef!) {
  engine(by: $by) {
    id
    name
    state
    containerId
    vpn {
      name
    }
  }
}
    `) as unknown as TypedDocumentString<OneEngineQuery, OneEngineQueryVariables>;
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
    ...VpnStatusParts
  }
  lastEventId
}
    fragment VpnStatusParts on VpnStatus {
  mode
  enabled
  connected
  health
  lastEventId
  vpn1 {
    name
  }
  vpn2 {
    name
  }
  vpns {
    id
    name
    state
    health
    containerStatus
    acceptsEngines
    failedSince
    stabilizingUntil
    stabilizationRemainingSeconds
    engineCount
    pendingEngineCount
    portRange {
      first
      last
      free
    }
    lastSeenAt
    forwardedPort
    publicIp
    country
    city
    region
    provider
    controlProblem
    engines {
      name
      state
    }
  }
  emergencyMode {
    episodeId
    active
    outage
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
    enteredAt
    durationSeconds
  }
}`) as unknown as TypedDocumentString<StatusQuery, StatusQueryVariables>;
export const ScaleEnginesDocument = new TypedDocumentString(`
    mutation ScaleEngines($to: Int!) {
  scaleEngines(to: $to) {
    desired
    running
    minReplicas
    maxReplicas
  }
}
    `) as unknown as TypedDocumentString<ScaleEnginesMutation, ScaleEnginesMutationVariables>;
export const KeepingDocument = new TypedDocumentString(`
    query Keeping {
  engines {
    id
    name
    containerId
    state
    health
    healthProblem
    connected
    forwarded
    httpPort
    p2pPort
    lastHealthCheckAt
    createdAt
    vpn {
      name
    }
  }
  fleet {
    desired
    running
    pending
    circuit
  }
  vpnStatus {
    vpns {
      name
      state
      failureReason
      suspectedSince
      tunnelStatus
      forwardedPort
      engineCount
      pendingEngineCount
    }
  }
}
    `) as unknown as TypedDocumentString<KeepingQuery, KeepingQueryVariables>;
export const ResetCircuitDocument = new TypedDocumentString(`
    mutation ResetCircuit {
  resetCircuit {
    circuit
  }
}
    `) as unknown as TypedDocumentString<ResetCircuitMutation, ResetCircuitMutationVariables>;
export const EngineAssignedDocument = new TypedDocumentString(`
    subscription EngineAssigned($vpn: String, $after: ID) {
  engineAssigned(vpn: $vpn, after: $after) {
    id
    at
    type
    message
    engine {
      id
      name
      state
      httpPort
      vpn {
        name
      }
    }
    vpn {
      name
      engineCount
      pendingEngineCount
    }
    loads {
      vpn
      running
      pending
    }
  }
}
    `) as unknown as TypedDocumentString<EngineAssignedSubscription, EngineAssignedSubscriptionVariables>;
export const EngineChangedDocument = new TypedDocumentString(`
    subscription EngineChanged($vpn: String, $after: ID) {
  engineChanged(vpn: $vpn, after: $after) {
    id
    at
    type
    message
    change
    reason
    engine {
      id
      name
      state
      vpn {
        name
      }
    }
  }
}
    `) as unknown as TypedDocumentString<EngineChangedSubscription, EngineChangedSubscriptionVariables>;
export const LiveVpnStatusDocument = new TypedDocumentString(`
    subscription LiveVpnStatus {
  vpnStatus {
    ...VpnStatusParts
  }
}
    fragment VpnStatusParts on VpnStatus {
  mode
  enabled
  connected
  health
  lastEventId
  vpn1 {
    name
  }
  vpn2 {
    name
  }
  vpns {
    id
    name
    state
    health
    containerStatus
    acceptsEngines
    failedSince
    stabilizingUntil
    stabilizationRemainingSeconds
    engineCount
    pendingEngineCount
    portRange {
      first
      last
      free
    }
    lastSeenAt
    forwardedPort
    publicIp
    country
    city
    region
    provider
    controlProblem
    engines {
      name
      state
    }
  }
  emergencyMode {
    episodeId
    active
    outage
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
    enteredAt
    durationSeconds
  }
}`) as unknown as TypedDocumentString<LiveVpnStatusSubscription, LiveVpnStatusSubscriptionVariables>;
export const EventPageDocument = new TypedDocumentString(`
    query EventPage($first: Int, $after: String, $last: Int, $before: String, $types: [EventType!]) {
  events(
    first: $first
    after: $after
    last: $last
    before: $before
    types: $types
  ) {
    edges {
      cursor
    }
    nodes {
      ...EventParts
    }
    pageInfo {
      hasNextPage
      hasPreviousPage
      startCursor
      endCursor
    }
  }
}
    fragment EventParts on Event {
  __typename
  id
  at
  type
  message
  ... on EngineAssigned {
    engine {
      id
      name
    }
    chosen: vpn {
      name
      state
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
      episodeId
      enteredAt
      failedVpns {
        name
      }
    }
    removedEngines {
      id
      name
      state
    }
  }
  ... on VpnChanged {
    vpn {
      name
      state
    }
  }
}`) as unknown as TypedDocumentString<EventPageQuery, EventPageQueryVariables>;
export const AllEventsDocument = new TypedDocumentString(`
    subscription AllEvents($after: ID, $types: [EventType!]) {
  events(after: $after, types: $types) {
    ...EventParts
  }
}
    fragment EventParts on Event {
  __typename
  id
  at
  type
  message
  ... on EngineAssigned {
    engine {
      id
      name
    }
    chosen: vpn {
      name
      state
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
      episodeId
      enteredAt
      failedVpns {
        name
      }
    }
    removedEngines {
      id
      name
      state
    }
  }
  ... on VpnChanged {
    vpn {
      name
      state
    }
  }
}`) as unknown as TypedDocumentString<AllEventsSubscription, AllEventsSubscriptionVariables>;
export const EmergencyModeChangedDocument = new TypedDocumentString(`
    subscription EmergencyModeChanged($after: ID) {
  emergencyModeChanged(after: $after) {
    id
    at
    type
    message
    change
    episodeId
    episodeSeconds
    vpn {
      name
      state
    }
    removedEngines {
      id
      name
      state
    }
    emergencyMode {
      active
      episodeId
      outage
      failedVpns {
        name
      }
      healthyVpn {
        name
      }
    }
  }
}
    `) as unknown as TypedDocumentString<EmergencyModeChangedSubscription, EmergencyModeChangedSubscriptionVariables>;
export const EventsDocument = new TypedDocumentString(`
    query Events($first: Int, $after: String, $last: Int, $before: String, $types: [EventType!]) {
  events(
    first: $first
    after: $after
    last: $last
    before: $before
    types: $types
  ) {
    edges {
      cursor
    }
    nodes {
      __typename
      id
      at
      type
      message
      ... on EngineAssigned {
        engine {
          id
          name
        }
        assignedTo: vpn {
          name
        }
      }
      ... on EngineChanged {
        change
        engine {
          id
          name
        }
      }
      ... on VpnChanged {
        vpn {
          name
          state
        }
      }
      ... on EmergencyModeChanged {
        turn: change
        episodeId
        turned: vpn {
          name
        }
        removedEngines {
          id
        }
      }
    }
    pageInfo {
      hasNextPage
      hasPreviousPage
      startCursor
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<EventsQuery, EventsQueryVariables>;
export const EventsFollowedDocument = new TypedDocumentString(`
    subscription EventsFollowed($types: [EventType!], $after: ID) {
  events(types: $types, after: $after) {
    __typename
    id
    type
    message
  }
}
    `) as unknown as TypedDocumentString<EventsFollowedSubscription, EventsFollowedSubscriptionVariables>;
export const ToldEventsDocument = new TypedDocumentString(`
    subscription ToldEvents($after: ID) {
  events(after: $after) {
    ...ToldParts
  }
}
    fragment ToldEngineParts on Engine {
  id
  name
  vpn {
    name
  }
  labels {
    key
    value
  }
}
fragment ToldParts on Event {
  __typename
  id
  at
  type
  message
  ... on EngineAssigned {
    engine {
      ...ToldEngineParts
    }
    chosen: vpn {
      name
      state
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
      ...ToldEngineParts
    }
  }
  ... on EmergencyModeChanged {
    turn: change
    episodeId
    vpn {
      name
      state
    }
    emergencyMode {
      active
      failedVpns {
        name
      }
    }
    removedEngines {
      id
    }
  }
  ... on VpnChanged {
    vpn {
      name
      state
    }
  }
}`) as unknown as TypedDocumentString<ToldEventsSubscription, ToldEventsSubscriptionVariables>;
export const ToldPageDocument = new TypedDocumentString(`
    query ToldPage($first: Int!, $after: String) {
  lastEventId
  events(first: $first, after: $after) {
    nodes {
      ...ToldParts
    }
    pageInfo {
      hasNextPage
    }
  }
}
    fragment ToldEngineParts on Engine {
  id
  name
  vpn {
    name
  }
  labels {
    key
    value
  }
}
fragment ToldParts on Event {
  __typename
  id
  at
  type
  message
  ... on EngineAssigned {
    engine {
      ...ToldEngineParts
    }
    chosen: vpn {
      name
      state
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
      ...ToldEngineParts
    }
  }
  ... on EmergencyModeChanged {
    turn: change
    episodeId
    vpn {
      name
      state
    }
    emergencyMode {
      active
      failedVpns {
        name
      }
    }
    removedEngines {
      id
    }
  }
  ... on VpnChanged {
    vpn {
      name
      state
    }
  }
}`) as unknown as TypedDocumentString<ToldPageQuery, ToldPageQueryVariables>;
export const ShownStateDocument = new TypedDocumentString(`
    query ShownState($first: String!, $second: String!) {
  lastEventId
  fleet {
    running
    pending
    desired
    circuit
  }
  offered: engines {
    id
  }
  first: engines(
    filter: { vpn: $first, states: [PROVISIONING, RUNNING, STOPPING] }
  ) {
    ...ShownEngineParts
  }
  second: engines(
    filter: { vpn: $second, states: [PROVISIONING, RUNNING, STOPPING] }
  ) {
    ...ShownEngineParts
  }
  vpnStatus {
    vpns {
      name
      state
      acceptsEngines
      engineCount
      pendingEngineCount
      portRange {
        free
      }
      forwardedPort
    }
    emergencyMode {
      failedVpns {
        name
      }
    }
  }
}
    fragment ShownEngineParts on Engine {
  id
  name
  state
  health
  containerId
  httpPort
  httpsPort
  p2pPort
  forwarded
  vpn {
    name
  }
  labels {
    key
    value
  }
}`) as unknown as TypedDocumentString<ShownStateQuery, ShownStateQueryVariables>;