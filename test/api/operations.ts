import { graphql } from './gql/gql.ts';

/** The operations of the API tests, typed by the schema. */

export const ProvisionEngine = graphql(`
  mutation ProvisionEngine($input: ProvisionEngineInput) {
    provisionEngine(input: $input) {
      __typename
      ... on Engine { id name containerId state health host httpPort httpsPort p2pPort url forwarded image createdAt startedAt labels { key value } vpn { name } }
      ... on Error { message retryable retryAfterSeconds }
      ... on InvalidInputError { field }
      ... on EngineStartError { phase }
      ... on CapacityReachedError { maxReplicas }
      ... on ServiceUnavailableError { reason }
      ... on NoHealthyVpnError { vpns { name state } }
      ... on VpnStabilizingError { vpns { name state stabilizationRemainingSeconds } }
      ... on NoFreePortError { fullVpn: vpn { name } }
    }
  }
`);

export const ProvisionEngines = graphql(`
  mutation ProvisionEngines($input: ProvisionEnginesInput!) {
    provisionEngines(input: $input) {
      requested
      engines { id name containerId state httpPort vpn { name } }
      errors { __typename message retryable ... on InvalidInputError { field } ... on EngineStartError { phase } }
    }
  }
`);

export const StopEngine = graphql(`
  mutation StopEngine($engine: EngineRef!) {
    stopEngine(engine: $engine) {
      __typename
      ... on Engine { id name state containerId }
      ... on Error { message retryable }
      ... on InvalidInputError { field }
    }
  }
`);

export const Engines = graphql(`
  query Engines($filter: EngineFilter) {
    engines(filter: $filter) { id name containerId state health httpPort httpsPort p2pPort vpn { name } labels { key value } }
  }
`);

export const OneEngine = graphql(`
  query OneEngine($by: EngineRef!) {
    engine(by: $by) { id name state containerId vpn { name } }
  }
`);

export const Status = graphql(`
  query Status {
    fleet { minReplicas maxReplicas running pending desired autoscalerPaused healthManagerPaused pausedReason circuit simulated }
    vpnStatus { ...VpnStatusParts }
    lastEventId
  }
  fragment VpnStatusParts on VpnStatus {
    mode enabled connected health lastEventId
    vpn1 { name }
    vpn2 { name }
    vpns {
      id name state health containerStatus acceptsEngines failedSince stabilizingUntil stabilizationRemainingSeconds
      engineCount pendingEngineCount portRange { first last free } lastSeenAt
      forwardedPort publicIp country city region provider controlProblem engines { name state }
    }
    emergencyMode { episodeId active outage failedVpn { name } healthyVpn { name } failedVpns { name } healthyVpns { name } enteredAt durationSeconds }
  }
`);

export const ScaleEngines = graphql(`
  mutation ScaleEngines($to: Int!) {
    scaleEngines(to: $to) { desired running minReplicas maxReplicas }
  }
`);

/** How everything is kept. */
export const Keeping = graphql(`
  query Keeping {
    engines {
      id name containerId state health healthProblem connected forwarded httpPort p2pPort lastHealthCheckAt createdAt vpn { name }
    }
    fleet { desired running pending circuit }
    vpnStatus {
      vpns { name state failureReason suspectedSince tunnelStatus forwardedPort engineCount pendingEngineCount }
    }
  }
`);

export const ResetCircuit = graphql(`
  mutation ResetCircuit { resetCircuit { circuit } }
`);

export const EngineAssigned = graphql(`
  subscription EngineAssigned($vpn: String, $after: ID) {
    engineAssigned(vpn: $vpn, after: $after) {
      id at type message
      engine { id name state httpPort vpn { name } }
      vpn { name engineCount pendingEngineCount }
      loads { vpn running pending }
    }
  }
`);

export const EngineChanged = graphql(`
  subscription EngineChanged($vpn: String, $after: ID) {
    engineChanged(vpn: $vpn, after: $after) { id at type message change reason engine { id name state vpn { name } } }
  }
`);

export const LiveVpnStatus = graphql(`
  subscription LiveVpnStatus {
    vpnStatus { ...VpnStatusParts }
  }
`);

/** What an event says that tests look at, whatever its kind. */
export const EventPage = graphql(`
  query EventPage($first: Int, $after: String, $last: Int, $before: String, $types: [EventType!]) {
    events(first: $first, after: $after, last: $last, before: $before, types: $types) {
      edges { cursor }
      nodes { ...EventParts }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
  fragment EventParts on Event {
    __typename id at type message
    ... on EngineAssigned { engine { id name } chosen: vpn { name state } loads { vpn running pending } }
    ... on EngineChanged { change reason engine { id name state labels { key value } vpn { name } } }
    ... on EmergencyModeChanged {
      turn: change episodeId episodeSeconds vpn { name state }
      emergencyMode { active episodeId enteredAt failedVpns { name } }
      removedEngines { id name state }
    }
    ... on VpnChanged { vpn { name state } }
  }
`);

export const AllEvents = graphql(`
  subscription AllEvents($after: ID, $types: [EventType!]) {
    events(after: $after, types: $types) { ...EventParts }
  }
`);

export const EmergencyModeChanged = graphql(`
  subscription EmergencyModeChanged($after: ID) {
    emergencyModeChanged(after: $after) {
      id at type message change episodeId episodeSeconds
      vpn { name state }
      removedEngines { id name state }
      emergencyMode { active episodeId outage failedVpns { name } healthyVpn { name } }
    }
  }
`);

export const EventsQuery = graphql(`
  query Events($first: Int, $after: String, $last: Int, $before: String, $types: [EventType!]) {
    events(first: $first, after: $after, last: $last, before: $before, types: $types) {
      edges { cursor }
      nodes {
        __typename id at type message
        ... on EngineAssigned { engine { id name } assignedTo: vpn { name } }
        ... on EngineChanged { change engine { id name } }
        ... on VpnChanged { vpn { name state } }
        ... on EmergencyModeChanged { turn: change episodeId turned: vpn { name } removedEngines { id } }
      }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);

export const EventsFollowed = graphql(`
  subscription EventsFollowed($types: [EventType!], $after: ID) {
    events(types: $types, after: $after) { __typename id type message }
  }
`);

/** All that an event says, as whoever judges a service is told it. */
export const ToldEvents = graphql(`
  subscription ToldEvents($after: ID) {
    events(after: $after) { ...ToldParts }
  }
  fragment ToldEngineParts on Engine { id name vpn { name } labels { key value } }
  fragment ToldParts on Event {
    __typename id at type message
    ... on EngineAssigned { engine { ...ToldEngineParts } chosen: vpn { name state } loads { vpn running pending } }
    ... on EngineChanged { change reason engine { ...ToldEngineParts } }
    ... on EmergencyModeChanged {
      turn: change episodeId vpn { name state } emergencyMode { active failedVpns { name } } removedEngines { id }
    }
    ... on VpnChanged { vpn { name state } }
  }
`);

export const ToldPage = graphql(`
  query ToldPage($first: Int!, $after: String) {
    lastEventId
    events(first: $first, after: $after) { nodes { ...ToldParts } pageInfo { hasNextPage } }
  }
`);

/** All that is shown of engines and VPNs at one moment. */
export const ShownState = graphql(`
  query ShownState($first: String!, $second: String!) {
    lastEventId
    fleet { running pending desired circuit }
    offered: engines { id }
    first: engines(filter: { vpn: $first, states: [PROVISIONING, RUNNING, STOPPING] }) { ...ShownEngineParts }
    second: engines(filter: { vpn: $second, states: [PROVISIONING, RUNNING, STOPPING] }) { ...ShownEngineParts }
    vpnStatus {
      vpns { name state acceptsEngines engineCount pendingEngineCount portRange { free } forwardedPort }
      emergencyMode { failedVpns { name } }
    }
  }
  fragment ShownEngineParts on Engine {
    id name state health containerId httpPort httpsPort p2pPort forwarded vpn { name } labels { key value }
  }
`);
