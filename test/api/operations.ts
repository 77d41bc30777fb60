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

export const EmergencyModeChanged = graphql(`
  subscription EmergencyModeChanged($after: ID) {
    emergencyModeChanged(after: $after) {
      id at message change episodeId episodeSeconds
      vpn { name state }
      removedEngines { id name vpn { name } }
      emergencyMode { active outage failedVpns { name } healthyVpns { name } }
    }
  }
`);

export const EventsAfter = graphql(`
  query EventsAfter($after: String, $types: [EventType!]) {
    events(first: 500, after: $after, types: $types) {
      nodes {
        __typename id at message
        ... on EmergencyModeChanged { change episodeId vpn { name } removedEngines { id } }
        ... on VpnChanged { vpn { name state } }
        ... on EngineAssigned { engine { id vpn { name } } }
        ... on EngineChanged { engineChange: change engine { id vpn { name } } }
      }
      pageInfo { hasNextPage }
    }
  }
`);
