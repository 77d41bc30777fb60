import { graphql } from './gql/gql.ts';

/** All that the page asks the service, and follows. */

export const Present = graphql(`
  query Present($rows: Int!) {
    vpnStatus { ...StatusParts }
    fleet { ...FleetParts }
    events(last: $rows) { nodes { ...RowParts } pageInfo { endCursor } }
    turns: events(last: 5, types: [EMERGENCY_MODE_CHANGED]) { nodes { ...LossParts } }
    lastEventId
  }
`);

export const Status = graphql(`
  subscription Status {
    vpnStatus { ...StatusParts }
  }
  fragment StatusParts on VpnStatus {
    mode
    vpns { ...VpnParts }
    emergencyMode { active outage enteredAt durationSeconds }
  }
  fragment VpnParts on Vpn {
    name state health containerStatus lastSeenAt failedSince failureReason suspectedSince stabilizingUntil stabilizationRemainingSeconds
    engineCount pendingEngineCount portRange { free }
    country city provider publicIp forwardedPort controlProblem
    engines { ...EngineParts }
  }
  fragment EngineParts on Engine {
    id name state health healthProblem connected forwarded host httpPort url
  }
`);

export const Events = graphql(`
  subscription Events($after: ID) {
    events(after: $after) { ...RowParts ...LossParts }
  }
  fragment RowParts on Event {
    __typename id at message
    ... on EngineChanged { engineChange: change }
    ... on EmergencyModeChanged { emergencyChange: change }
    ... on VpnChanged { vpn { name state stabilizingUntil stabilizationRemainingSeconds } }
    ... on FleetChanged { fleet { circuit } }
  }
  fragment LossParts on Event {
    __typename
    ... on EmergencyModeChanged { episodeId removedEngines { id name httpPort vpn { name } } }
  }
`);

/** What no subscription tells: the numbers of the fleet, and engines that have no VPN. */
export const Numbers = graphql(`
  query Numbers($loose: Boolean!) {
    fleet { ...FleetParts }
    engines @include(if: $loose) { ...EngineParts }
  }
  fragment FleetParts on Fleet {
    simulated minReplicas maxReplicas desired running pending circuit pausedReason
  }
`);

export const Provision = graphql(`
  mutation Provision($count: Int!) {
    provisionEngines(input: { count: $count }) {
      requested
      engines { id }
      errors { message retryAfterSeconds }
    }
  }
`);

export const Stop = graphql(`
  mutation Stop($id: ID!) {
    stopEngine(engine: { id: $id }) {
      __typename
      ... on Engine { name }
      ... on Error { message retryAfterSeconds }
    }
  }
`);

export const Scale = graphql(`
  mutation Scale($to: Int!) {
    scaleEngines(to: $to) { ...FleetParts }
  }
`);

export const ResetCircuit = graphql(`
  mutation ResetCircuit {
    resetCircuit { ...FleetParts }
  }
`);

/** Only a service on the embedded engine knows it. */
export const Simulate = graphql(`
  mutation Simulate($vpn: String!, $health: VpnHealth!) {
    simulate(vpn: $vpn, health: $health) { name state }
  }
`);

/** Changes nothing, for no engine has that id: with a key for reading it is refused all the same. */
export const MayChange = graphql(`
  mutation MayChange {
    stopEngine(engine: { id: "none" }) { __typename }
  }
`);
