/* eslint-disable */
import * as types from './graphql.ts';



/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  query Present($rows: Int!) {\n    vpnStatus { ...StatusParts }\n    fleet { ...FleetParts }\n    events(last: $rows) { nodes { ...RowParts } pageInfo { endCursor } }\n    turns: events(last: 5, types: [EMERGENCY_MODE_CHANGED]) { nodes { ...LossParts } }\n    lastEventId\n  }\n": typeof types.PresentDocument,
    "\n  subscription Status {\n    vpnStatus { ...StatusParts }\n  }\n  fragment StatusParts on VpnStatus {\n    mode\n    vpns { ...VpnParts }\n    emergencyMode { active outage enteredAt durationSeconds }\n  }\n  fragment VpnParts on Vpn {\n    name state health containerStatus lastSeenAt failedSince failureReason suspectedSince stabilizingUntil stabilizationRemainingSeconds\n    engineCount pendingEngineCount portRange { free }\n    country city provider publicIp forwardedPort controlProblem\n    engines { ...EngineParts }\n  }\n  fragment EngineParts on Engine {\n    id name state health healthProblem connected forwarded host httpPort url\n  }\n": typeof types.StatusDocument,
    "\n  subscription Events($after: ID) {\n    events(after: $after) { ...RowParts ...LossParts }\n  }\n  fragment RowParts on Event {\n    __typename id at message\n    ... on EngineChanged { engineChange: change }\n    ... on EmergencyModeChanged { emergencyChange: change }\n    ... on VpnChanged { vpn { name state stabilizingUntil stabilizationRemainingSeconds } }\n    ... on FleetChanged { fleet { circuit } }\n  }\n  fragment LossParts on Event {\n    __typename\n    ... on EmergencyModeChanged { episodeId removedEngines { id name httpPort vpn { name } } }\n  }\n": typeof types.EventsDocument,
    "\n  query Numbers($loose: Boolean!) {\n    fleet { ...FleetParts }\n    engines @include(if: $loose) { ...EngineParts }\n  }\n  fragment FleetParts on Fleet {\n    simulated minReplicas maxReplicas desired running pending circuit pausedReason\n  }\n": typeof types.NumbersDocument,
    "\n  mutation Provision($count: Int!) {\n    provisionEngines(input: { count: $count }) {\n      requested\n      engines { id }\n      errors { message retryAfterSeconds }\n    }\n  }\n": typeof types.ProvisionDocument,
    "\n  mutation Stop($id: ID!) {\n    stopEngine(engine: { id: $id }) {\n      __typename\n      ... on Engine { name }\n      ... on Error { message retryAfterSeconds }\n    }\n  }\n": typeof types.StopDocument,
    "\n  mutation Scale($to: Int!) {\n    scaleEngines(to: $to) { ...FleetParts }\n  }\n": typeof types.ScaleDocument,
    "\n  mutation ResetCircuit {\n    resetCircuit { ...FleetParts }\n  }\n": typeof types.ResetCircuitDocument,
    "\n  mutation Simulate($vpn: String!, $health: VpnHealth!) {\n    simulate(vpn: $vpn, health: $health) { name state }\n  }\n": typeof types.SimulateDocument,
    "\n  mutation MayChange {\n    stopEngine(engine: { id: \"none\" }) { __typename }\n  }\n": typeof types.MayChangeDocument,
};
const documents: Documents = {
    "\n  query Present($rows: Int!) {\n    vpnStatus { ...StatusParts }\n    fleet { ...FleetParts }\n    events(last: $rows) { nodes { ...RowParts } pageInfo { endCursor } }\n    turns: events(last: 5, types: [EMERGENCY_MODE_CHANGED]) { nodes { ...LossParts } }\n    lastEventId\n  }\n": types.PresentDocument,
    "\n  subscription Status {\n    vpnStatus { ...StatusParts }\n  }\n  fragment StatusParts on VpnStatus {\n    mode\n    vpns { ...VpnParts }\n    emergencyMode { active outage enteredAt durationSeconds }\n  }\n  fragment VpnParts on Vpn {\n    name state health containerStatus lastSeenAt failedSince failureReason suspectedSince stabilizingUntil stabilizationRemainingSeconds\n    engineCount pendingEngineCount portRange { free }\n    country city provider publicIp forwardedPort controlProblem\n    engines { ...EngineParts }\n  }\n  fragment EngineParts on Engine {\n    id name state health healthProblem connected forwarded host httpPort url\n  }\n": types.StatusDocument,
    "\n  subscription Events($after: ID) {\n    events(after: $after) { ...RowParts ...LossParts }\n  }\n  fragment RowParts on Event {\n    __typename id at message\n    ... on EngineChanged { engineChange: change }\n    ... on EmergencyModeChanged { emergencyChange: change }\n    ... on VpnChanged { vpn { name state stabilizingUntil stabilizationRemainingSeconds } }\n    ... on FleetChanged { fleet { circuit } }\n  }\n  fragment LossParts on Event {\n    __typename\n    ... on EmergencyModeChanged { episodeId removedEngines { id name httpPort vpn { name } } }\n  }\n": types.EventsDocument,
    "\n  query Numbers($loose: Boolean!) {\n    fleet { ...FleetParts }\n    engines @include(if: $loose) { ...EngineParts }\n  }\n  fragment FleetParts on Fleet {\n    simulated minReplicas maxReplicas desired running pending circuit pausedReason\n  }\n": types.NumbersDocument,
    "\n  mutation Provision($count: Int!) {\n    provisionEngines(input: { count: $count }) {\n      requested\n      engines { id }\n      errors { message retryAfterSeconds }\n    }\n  }\n": types.ProvisionDocument,
    "\n  mutation Stop($id: ID!) {\n    stopEngine(engine: { id: $id }) {\n      __typename\n      ... on Engine { name }\n      ... on Error { message retryAfterSeconds }\n    }\n  }\n": types.StopDocument,
    "\n  mutation Scale($to: Int!) {\n    scaleEngines(to: $to) { ...FleetParts }\n  }\n": types.ScaleDocument,
    "\n  mutation ResetCircuit {\n    resetCircuit { ...FleetParts }\n  }\n": types.ResetCircuitDocument,
    "\n  mutation Simulate($vpn: String!, $health: VpnHealth!) {\n    simulate(vpn: $vpn, health: $health) { name state }\n  }\n": types.SimulateDocument,
    "\n  mutation MayChange {\n    stopEngine(engine: { id: \"none\" }) { __typename }\n  }\n": types.MayChangeDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Present($rows: Int!) {\n    vpnStatus { ...StatusParts }\n    fleet { ...FleetParts }\n    events(last: $rows) { nodes { ...RowParts } pageInfo { endCursor } }\n    turns: events(last: 5, types: [EMERGENCY_MODE_CHANGED]) { nodes { ...LossParts } }\n    lastEventId\n  }\n"): typeof import('./graphql.ts').PresentDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription Status {\n    vpnStatus { ...StatusParts }\n  }\n  fragment StatusParts on VpnStatus {\n    mode\n    vpns { ...VpnParts }\n    emergencyMode { active outage enteredAt durationSeconds }\n  }\n  fragment VpnParts on Vpn {\n    name state health containerStatus lastSeenAt failedSince failureReason suspectedSince stabilizingUntil stabilizationRemainingSeconds\n    engineCount pendingEngineCount portRange { free }\n    country city provider publicIp forwardedPort controlProblem\n    engines { ...EngineParts }\n  }\n  fragment EngineParts on Engine {\n    id name state health healthProblem connected forwarded host httpPort url\n  }\n"): typeof import('./graphql.ts').StatusDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription Events($after: ID) {\n    events(after: $after) { ...RowParts ...LossParts }\n  }\n  fragment RowParts on Event {\n    __typename id at message\n    ... on EngineChanged { engineChange: change }\n    ... on EmergencyModeChanged { emergencyChange: change }\n    ... on VpnChanged { vpn { name state stabilizingUntil stabilizationRemainingSeconds } }\n    ... on FleetChanged { fleet { circuit } }\n  }\n  fragment LossParts on Event {\n    __typename\n    ... on EmergencyModeChanged { episodeId removedEngines { id name httpPort vpn { name } } }\n  }\n"): typeof import('./graphql.ts').EventsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Numbers($loose: Boolean!) {\n    fleet { ...FleetParts }\n    engines @include(if: $loose) { ...EngineParts }\n  }\n  fragment FleetParts on Fleet {\n    simulated minReplicas maxReplicas desired running pending circuit pausedReason\n  }\n"): typeof import('./graphql.ts').NumbersDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Provision($count: Int!) {\n    provisionEngines(input: { count: $count }) {\n      requested\n      engines { id }\n      errors { message retryAfterSeconds }\n    }\n  }\n"): typeof import('./graphql.ts').ProvisionDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Stop($id: ID!) {\n    stopEngine(engine: { id: $id }) {\n      __typename\n      ... on Engine { name }\n      ... on Error { message retryAfterSeconds }\n    }\n  }\n"): typeof import('./graphql.ts').StopDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Scale($to: Int!) {\n    scaleEngines(to: $to) { ...FleetParts }\n  }\n"): typeof import('./graphql.ts').ScaleDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ResetCircuit {\n    resetCircuit { ...FleetParts }\n  }\n"): typeof import('./graphql.ts').ResetCircuitDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Simulate($vpn: String!, $health: VpnHealth!) {\n    simulate(vpn: $vpn, health: $health) { name state }\n  }\n"): typeof import('./graphql.ts').SimulateDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation MayChange {\n    stopEngine(engine: { id: \"none\" }) { __typename }\n  }\n"): typeof import('./graphql.ts').MayChangeDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
