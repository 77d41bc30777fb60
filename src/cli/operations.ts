import { graphql } from './gql/gql.ts';

/** All that the command line asks the service, typed by the schema. */

export const Status = graphql(`
  query Status {
    fleet { minReplicas maxReplicas running pending desired autoscalerPaused healthManagerPaused pausedReason circuit simulated }
    vpnStatus {
      mode health lastEventId
      vpns {
        name state health containerStatus acceptsEngines failedSince failureReason suspectedSince
        stabilizingUntil stabilizationRemainingSeconds engineCount pendingEngineCount
        portRange { first last free } forwardedPort publicIp country city region provider tunnelStatus controlProblem
      }
      emergencyMode {
        episodeId active outage enteredAt durationSeconds
        failedVpn { name } healthyVpn { name } failedVpns { name } healthyVpns { name }
      }
    }
  }
`);

export const Engines = graphql(`
  query Engines($filter: EngineFilter) {
    engines(filter: $filter) { ...ListedEngine }
  }
  fragment ListedEngine on Engine {
    id name containerId state health healthProblem connected url host httpPort p2pPort forwarded image createdAt startedAt
    labels { key value }
    vpn { name }
  }
`);

export const ProvisionEngines = graphql(`
  mutation ProvisionEngines($input: ProvisionEnginesInput!) {
    provisionEngines(input: $input) {
      requested
      engines { ...ListedEngine }
      errors { __typename message retryable retryAfterSeconds }
    }
  }
`);

export const StopEngine = graphql(`
  mutation StopEngine($engine: EngineRef!) {
    stopEngine(engine: $engine) {
      __typename
      ... on Engine { ...ListedEngine }
      ... on Error { message retryable retryAfterSeconds }
    }
  }
`);

export const ScaleEngines = graphql(`
  mutation ScaleEngines($to: Int!) {
    scaleEngines(to: $to) { minReplicas maxReplicas running pending desired }
  }
`);

export const LastEvent = graphql(`
  query LastEvent { lastEventId }
`);

export const EventPage = graphql(`
  query EventPage($first: Int, $after: String, $last: Int, $types: [EventType!]) {
    lastEventId
    events(first: $first, after: $after, last: $last, types: $types) {
      nodes { ...ToldEvent }
      pageInfo { hasNextPage }
    }
  }
  fragment ToldEvent on Event {
    __typename id at type message
    ... on EngineAssigned { engine { id name labels { key value } } chosen: vpn { name } loads { vpn running pending } }
    ... on EngineChanged { change reason engine { id name state health labels { key value } vpn { name } } }
    ... on EmergencyModeChanged {
      turn: change episodeId episodeSeconds vpn { name state }
      emergencyMode { active outage failedVpns { name } healthyVpns { name } }
      removedEngines { id name }
    }
    ... on VpnChanged { vpn { name state health failureReason forwardedPort publicIp country } }
    ... on FleetChanged { fleet { running pending desired circuit } }
  }
`);

export const Events = graphql(`
  subscription Events($types: [EventType!], $after: ID) {
    events(types: $types, after: $after) { ...ToldEvent }
  }
`);
