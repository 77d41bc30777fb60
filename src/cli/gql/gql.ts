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
    "\n  query Status {\n    fleet { minReplicas maxReplicas running pending desired autoscalerPaused healthManagerPaused pausedReason circuit simulated }\n    vpnStatus {\n      mode health lastEventId\n      vpns {\n        name state health containerStatus acceptsEngines failedSince failureReason suspectedSince\n        stabilizingUntil stabilizationRemainingSeconds engineCount pendingEngineCount\n        portRange { first last free } forwardedPort publicIp country city region provider tunnelStatus controlProblem\n      }\n      emergencyMode {\n        episodeId active outage enteredAt durationSeconds\n        failedVpn { name } healthyVpn { name } failedVpns { name } healthyVpns { name }\n      }\n    }\n  }\n": typeof types.StatusDocument,
    "\n  query Engines($filter: EngineFilter) {\n    engines(filter: $filter) { ...ListedEngine }\n  }\n  fragment ListedEngine on Engine {\n    id name containerId state health healthProblem connected url host httpPort p2pPort forwarded image createdAt startedAt\n    labels { key value }\n    vpn { name }\n  }\n": typeof types.EnginesDocument,
    "\n  mutation ProvisionEngines($input: ProvisionEnginesInput!) {\n    provisionEngines(input: $input) {\n      requested\n      engines { ...ListedEngine }\n      errors { __typename message retryable retryAfterSeconds }\n    }\n  }\n": typeof types.ProvisionEnginesDocument,
    "\n  mutation StopEngine($engine: EngineRef!) {\n    stopEngine(engine: $engine) {\n      __typename\n      ... on Engine { ...ListedEngine }\n      ... on Error { message retryable retryAfterSeconds }\n    }\n  }\n": typeof types.StopEngineDocument,
    "\n  mutation ScaleEngines($to: Int!) {\n    scaleEngines(to: $to) { minReplicas maxReplicas running pending desired }\n  }\n": typeof types.ScaleEnginesDocument,
    "\n  query LastEvent { lastEventId }\n": typeof types.LastEventDocument,
    "\n  query EventPage($first: Int, $after: String, $last: Int, $types: [EventType!]) {\n    lastEventId\n    events(first: $first, after: $after, last: $last, types: $types) {\n      nodes { ...ToldEvent }\n      pageInfo { hasNextPage }\n    }\n  }\n  fragment ToldEvent on Event {\n    __typename id at type message\n    ... on EngineAssigned { engine { id name labels { key value } } chosen: vpn { name } loads { vpn running pending } }\n    ... on EngineChanged { change reason engine { id name state health labels { key value } vpn { name } } }\n    ... on EmergencyModeChanged {\n      turn: change episodeId episodeSeconds vpn { name state }\n      emergencyMode { active outage failedVpns { name } healthyVpns { name } }\n      removedEngines { id name }\n    }\n    ... on VpnChanged { vpn { name state health failureReason forwardedPort publicIp country } }\n    ... on FleetChanged { fleet { running pending desired circuit } }\n  }\n": typeof types.EventPageDocument,
    "\n  subscription Events($types: [EventType!], $after: ID) {\n    events(types: $types, after: $after) { ...ToldEvent }\n  }\n": typeof types.EventsDocument,
};
const documents: Documents = {
    "\n  query Status {\n    fleet { minReplicas maxReplicas running pending desired autoscalerPaused healthManagerPaused pausedReason circuit simulated }\n    vpnStatus {\n      mode health lastEventId\n      vpns {\n        name state health containerStatus acceptsEngines failedSince failureReason suspectedSince\n        stabilizingUntil stabilizationRemainingSeconds engineCount pendingEngineCount\n        portRange { first last free } forwardedPort publicIp country city region provider tunnelStatus controlProblem\n      }\n      emergencyMode {\n        episodeId active outage enteredAt durationSeconds\n        failedVpn { name } healthyVpn { name } failedVpns { name } healthyVpns { name }\n      }\n    }\n  }\n": types.StatusDocument,
    "\n  query Engines($filter: EngineFilter) {\n    engines(filter: $filter) { ...ListedEngine }\n  }\n  fragment ListedEngine on Engine {\n    id name containerId state health healthProblem connected url host httpPort p2pPort forwarded image createdAt startedAt\n    labels { key value }\n    vpn { name }\n  }\n": types.EnginesDocument,
    "\n  mutation ProvisionEngines($input: ProvisionEnginesInput!) {\n    provisionEngines(input: $input) {\n      requested\n      engines { ...ListedEngine }\n      errors { __typename message retryable retryAfterSeconds }\n    }\n  }\n": types.ProvisionEnginesDocument,
    "\n  mutation StopEngine($engine: EngineRef!) {\n    stopEngine(engine: $engine) {\n      __typename\n      ... on Engine { ...ListedEngine }\n      ... on Error { message retryable retryAfterSeconds }\n    }\n  }\n": types.StopEngineDocument,
    "\n  mutation ScaleEngines($to: Int!) {\n    scaleEngines(to: $to) { minReplicas maxReplicas running pending desired }\n  }\n": types.ScaleEnginesDocument,
    "\n  query LastEvent { lastEventId }\n": types.LastEventDocument,
    "\n  query EventPage($first: Int, $after: String, $last: Int, $types: [EventType!]) {\n    lastEventId\n    events(first: $first, after: $after, last: $last, types: $types) {\n      nodes { ...ToldEvent }\n      pageInfo { hasNextPage }\n    }\n  }\n  fragment ToldEvent on Event {\n    __typename id at type message\n    ... on EngineAssigned { engine { id name labels { key value } } chosen: vpn { name } loads { vpn running pending } }\n    ... on EngineChanged { change reason engine { id name state health labels { key value } vpn { name } } }\n    ... on EmergencyModeChanged {\n      turn: change episodeId episodeSeconds vpn { name state }\n      emergencyMode { active outage failedVpns { name } healthyVpns { name } }\n      removedEngines { id name }\n    }\n    ... on VpnChanged { vpn { name state health failureReason forwardedPort publicIp country } }\n    ... on FleetChanged { fleet { running pending desired circuit } }\n  }\n": types.EventPageDocument,
    "\n  subscription Events($types: [EventType!], $after: ID) {\n    events(types: $types, after: $after) { ...ToldEvent }\n  }\n": types.EventsDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Status {\n    fleet { minReplicas maxReplicas running pending desired autoscalerPaused healthManagerPaused pausedReason circuit simulated }\n    vpnStatus {\n      mode health lastEventId\n      vpns {\n        name state health containerStatus acceptsEngines failedSince failureReason suspectedSince\n        stabilizingUntil stabilizationRemainingSeconds engineCount pendingEngineCount\n        portRange { first last free } forwardedPort publicIp country city region provider tunnelStatus controlProblem\n      }\n      emergencyMode {\n        episodeId active outage enteredAt durationSeconds\n        failedVpn { name } healthyVpn { name } failedVpns { name } healthyVpns { name }\n      }\n    }\n  }\n"): typeof import('./graphql.ts').StatusDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Engines($filter: EngineFilter) {\n    engines(filter: $filter) { ...ListedEngine }\n  }\n  fragment ListedEngine on Engine {\n    id name containerId state health healthProblem connected url host httpPort p2pPort forwarded image createdAt startedAt\n    labels { key value }\n    vpn { name }\n  }\n"): typeof import('./graphql.ts').EnginesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ProvisionEngines($input: ProvisionEnginesInput!) {\n    provisionEngines(input: $input) {\n      requested\n      engines { ...ListedEngine }\n      errors { __typename message retryable retryAfterSeconds }\n    }\n  }\n"): typeof import('./graphql.ts').ProvisionEnginesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation StopEngine($engine: EngineRef!) {\n    stopEngine(engine: $engine) {\n      __typename\n      ... on Engine { ...ListedEngine }\n      ... on Error { message retryable retryAfterSeconds }\n    }\n  }\n"): typeof import('./graphql.ts').StopEngineDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ScaleEngines($to: Int!) {\n    scaleEngines(to: $to) { minReplicas maxReplicas running pending desired }\n  }\n"): typeof import('./graphql.ts').ScaleEnginesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query LastEvent { lastEventId }\n"): typeof import('./graphql.ts').LastEventDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query EventPage($first: Int, $after: String, $last: Int, $types: [EventType!]) {\n    lastEventId\n    events(first: $first, after: $after, last: $last, types: $types) {\n      nodes { ...ToldEvent }\n      pageInfo { hasNextPage }\n    }\n  }\n  fragment ToldEvent on Event {\n    __typename id at type message\n    ... on EngineAssigned { engine { id name labels { key value } } chosen: vpn { name } loads { vpn running pending } }\n    ... on EngineChanged { change reason engine { id name state health labels { key value } vpn { name } } }\n    ... on EmergencyModeChanged {\n      turn: change episodeId episodeSeconds vpn { name state }\n      emergencyMode { active outage failedVpns { name } healthyVpns { name } }\n      removedEngines { id name }\n    }\n    ... on VpnChanged { vpn { name state health failureReason forwardedPort publicIp country } }\n    ... on FleetChanged { fleet { running pending desired circuit } }\n  }\n"): typeof import('./graphql.ts').EventPageDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription Events($types: [EventType!], $after: ID) {\n    events(types: $types, after: $after) { ...ToldEvent }\n  }\n"): typeof import('./graphql.ts').EventsDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
