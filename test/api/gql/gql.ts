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
    "\n  mutation ProvisionEngine($input: ProvisionEngineInput) {\n    provisionEngine(input: $input) {\n      __typename\n      ... on Engine { id name containerId state health host httpPort httpsPort p2pPort url forwarded image createdAt startedAt labels { key value } vpn { name } }\n      ... on Error { message retryable retryAfterSeconds }\n      ... on InvalidInputError { field }\n      ... on EngineStartError { phase }\n      ... on CapacityReachedError { maxReplicas }\n      ... on ServiceUnavailableError { reason }\n      ... on NoHealthyVpnError { vpns { name state } }\n      ... on VpnStabilizingError { vpns { name state stabilizationRemainingSeconds } }\n      ... on NoFreePortError { fullVpn: vpn { name } }\n    }\n  }\n": typeof types.ProvisionEngineDocument,
    "\n  mutation ProvisionEngines($input: ProvisionEnginesInput!) {\n    provisionEngines(input: $input) {\n      requested\n      engines { id name containerId state httpPort vpn { name } }\n      errors { __typename message retryable ... on InvalidInputError { field } ... on EngineStartError { phase } }\n    }\n  }\n": typeof types.ProvisionEnginesDocument,
    "\n  mutation StopEngine($engine: EngineRef!) {\n    stopEngine(engine: $engine) {\n      __typename\n      ... on Engine { id name state containerId }\n      ... on Error { message retryable }\n      ... on InvalidInputError { field }\n    }\n  }\n": typeof types.StopEngineDocument,
    "\n  query Engines($filter: EngineFilter) {\n    engines(filter: $filter) { id name containerId state health httpPort httpsPort p2pPort vpn { name } labels { key value } }\n  }\n": typeof types.EnginesDocument,
    "\n  query OneEngine($by: EngineRef!) {\n    engine(by: $by) { id name state containerId vpn { name } }\n  }\n": typeof types.OneEngineDocument,
    "\n  query Status {\n    fleet { minReplicas maxReplicas running pending desired autoscalerPaused healthManagerPaused pausedReason circuit simulated }\n    vpnStatus { ...VpnStatusParts }\n    lastEventId\n  }\n  fragment VpnStatusParts on VpnStatus {\n    mode enabled connected health lastEventId\n    vpn1 { name }\n    vpn2 { name }\n    vpns {\n      id name state health containerStatus acceptsEngines failedSince stabilizingUntil stabilizationRemainingSeconds\n      engineCount pendingEngineCount portRange { first last free } lastSeenAt\n      forwardedPort publicIp country city region provider controlProblem engines { name state }\n    }\n    emergencyMode { episodeId active outage failedVpn { name } healthyVpn { name } failedVpns { name } healthyVpns { name } enteredAt durationSeconds }\n  }\n": typeof types.StatusDocument,
    "\n  mutation ScaleEngines($to: Int!) {\n    scaleEngines(to: $to) { desired running minReplicas maxReplicas }\n  }\n": typeof types.ScaleEnginesDocument,
    "\n  query Keeping {\n    engines {\n      id name containerId state health healthProblem connected forwarded httpPort p2pPort lastHealthCheckAt createdAt vpn { name }\n    }\n    fleet { desired running pending circuit }\n    vpnStatus {\n      vpns { name state failureReason suspectedSince tunnelStatus forwardedPort engineCount pendingEngineCount }\n    }\n  }\n": typeof types.KeepingDocument,
    "\n  mutation ResetCircuit { resetCircuit { circuit } }\n": typeof types.ResetCircuitDocument,
    "\n  subscription EngineAssigned($vpn: String, $after: ID) {\n    engineAssigned(vpn: $vpn, after: $after) {\n      id at type message\n      engine { id name state httpPort vpn { name } }\n      vpn { name engineCount pendingEngineCount }\n      loads { vpn running pending }\n    }\n  }\n": typeof types.EngineAssignedDocument,
    "\n  subscription EngineChanged($vpn: String, $after: ID) {\n    engineChanged(vpn: $vpn, after: $after) { id at type message change reason engine { id name state vpn { name } } }\n  }\n": typeof types.EngineChangedDocument,
    "\n  subscription LiveVpnStatus {\n    vpnStatus { ...VpnStatusParts }\n  }\n": typeof types.LiveVpnStatusDocument,
    "\n  query EventPage($first: Int, $after: String, $last: Int, $before: String, $types: [EventType!]) {\n    events(first: $first, after: $after, last: $last, before: $before, types: $types) {\n      edges { cursor }\n      nodes { ...EventParts }\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n    }\n  }\n  fragment EventParts on Event {\n    __typename id at type message\n    ... on EngineAssigned { engine { id name } chosen: vpn { name state } loads { vpn running pending } }\n    ... on EngineChanged { change reason engine { id name state labels { key value } vpn { name } } }\n    ... on EmergencyModeChanged {\n      turn: change episodeId episodeSeconds vpn { name state }\n      emergencyMode { active episodeId enteredAt failedVpns { name } }\n      removedEngines { id name state }\n    }\n    ... on VpnChanged { vpn { name state } }\n  }\n": typeof types.EventPageDocument,
    "\n  subscription AllEvents($after: ID, $types: [EventType!]) {\n    events(after: $after, types: $types) { ...EventParts }\n  }\n": typeof types.AllEventsDocument,
    "\n  subscription EmergencyModeChanged($after: ID) {\n    emergencyModeChanged(after: $after) {\n      id at type message change episodeId episodeSeconds\n      vpn { name state }\n      removedEngines { id name state }\n      emergencyMode { active episodeId outage failedVpns { name } healthyVpn { name } }\n    }\n  }\n": typeof types.EmergencyModeChangedDocument,
    "\n  query Events($first: Int, $after: String, $last: Int, $before: String, $types: [EventType!]) {\n    events(first: $first, after: $after, last: $last, before: $before, types: $types) {\n      edges { cursor }\n      nodes {\n        __typename id at type message\n        ... on EngineAssigned { engine { id name } assignedTo: vpn { name } }\n        ... on EngineChanged { change engine { id name } }\n        ... on VpnChanged { vpn { name state } }\n        ... on EmergencyModeChanged { turn: change episodeId turned: vpn { name } removedEngines { id } }\n      }\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n    }\n  }\n": typeof types.EventsDocument,
    "\n  subscription EventsFollowed($types: [EventType!], $after: ID) {\n    events(types: $types, after: $after) { __typename id type message }\n  }\n": typeof types.EventsFollowedDocument,
    "\n  subscription ToldEvents($after: ID) {\n    events(after: $after) { ...ToldParts }\n  }\n  fragment ToldEngineParts on Engine { id name vpn { name } labels { key value } }\n  fragment ToldParts on Event {\n    __typename id at type message\n    ... on EngineAssigned { engine { ...ToldEngineParts } chosen: vpn { name state } loads { vpn running pending } }\n    ... on EngineChanged { change reason engine { ...ToldEngineParts } }\n    ... on EmergencyModeChanged {\n      turn: change episodeId vpn { name state } emergencyMode { active failedVpns { name } } removedEngines { id }\n    }\n    ... on VpnChanged { vpn { name state } }\n  }\n": typeof types.ToldEventsDocument,
    "\n  query ToldPage($first: Int!, $after: String) {\n    lastEventId\n    events(first: $first, after: $after) { nodes { ...ToldParts } pageInfo { hasNextPage } }\n  }\n": typeof types.ToldPageDocument,
    "\n  query ShownState($first: String!, $second: String!) {\n    lastEventId\n    fleet { running pending desired circuit }\n    offered: engines { id }\n    first: engines(filter: { vpn: $first, states: [PROVISIONING, RUNNING, STOPPING] }) { ...ShownEngineParts }\n    second: engines(filter: { vpn: $second, states: [PROVISIONING, RUNNING, STOPPING] }) { ...ShownEngineParts }\n    vpnStatus {\n      vpns { name state acceptsEngines engineCount pendingEngineCount portRange { free } forwardedPort }\n      emergencyMode { failedVpns { name } }\n    }\n  }\n  fragment ShownEngineParts on Engine {\n    id name state health containerId httpPort httpsPort p2pPort forwarded vpn { name } labels { key value }\n  }\n": typeof types.ShownStateDocument,
};
const documents: Documents = {
    "\n  mutation ProvisionEngine($input: ProvisionEngineInput) {\n    provisionEngine(input: $input) {\n      __typename\n      ... on Engine { id name containerId state health host httpPort httpsPort p2pPort url forwarded image createdAt startedAt labels { key value } vpn { name } }\n      ... on Error { message retryable retryAfterSeconds }\n      ... on InvalidInputError { field }\n      ... on EngineStartError { phase }\n      ... on CapacityReachedError { maxReplicas }\n      ... on ServiceUnavailableError { reason }\n      ... on NoHealthyVpnError { vpns { name state } }\n      ... on VpnStabilizingError { vpns { name state stabilizationRemainingSeconds } }\n      ... on NoFreePortError { fullVpn: vpn { name } }\n    }\n  }\n": types.ProvisionEngineDocument,
    "\n  mutation ProvisionEngines($input: ProvisionEnginesInput!) {\n    provisionEngines(input: $input) {\n      requested\n      engines { id name containerId state httpPort vpn { name } }\n      errors { __typename message retryable ... on InvalidInputError { field } ... on EngineStartError { phase } }\n    }\n  }\n": types.ProvisionEnginesDocument,
    "\n  mutation StopEngine($engine: EngineRef!) {\n    stopEngine(engine: $engine) {\n      __typename\n      ... on Engine { id name state containerId }\n      ... on Error { message retryable }\n      ... on InvalidInputError { field }\n    }\n  }\n": types.StopEngineDocument,
    "\n  query Engines($filter: EngineFilter) {\n    engines(filter: $filter) { id name containerId state health httpPort httpsPort p2pPort vpn { name } labels { key value } }\n  }\n": types.EnginesDocument,
    "\n  query OneEngine($by: EngineRef!) {\n    engine(by: $by) { id name state containerId vpn { name } }\n  }\n": types.OneEngineDocument,
    "\n  query Status {\n    fleet { minReplicas maxReplicas running pending desired autoscalerPaused healthManagerPaused pausedReason circuit simulated }\n    vpnStatus { ...VpnStatusParts }\n    lastEventId\n  }\n  fragment VpnStatusParts on VpnStatus {\n    mode enabled connected health lastEventId\n    vpn1 { name }\n    vpn2 { name }\n    vpns {\n      id name state health containerStatus acceptsEngines failedSince stabilizingUntil stabilizationRemainingSeconds\n      engineCount pendingEngineCount portRange { first last free } lastSeenAt\n      forwardedPort publicIp country city region provider controlProblem engines { name state }\n    }\n    emergencyMode { episodeId active outage failedVpn { name } healthyVpn { name } failedVpns { name } healthyVpns { name } enteredAt durationSeconds }\n  }\n": types.StatusDocument,
    "\n  mutation ScaleEngines($to: Int!) {\n    scaleEngines(to: $to) { desired running minReplicas maxReplicas }\n  }\n": types.ScaleEnginesDocument,
    "\n  query Keeping {\n    engines {\n      id name containerId state health healthProblem connected forwarded httpPort p2pPort lastHealthCheckAt createdAt vpn { name }\n    }\n    fleet { desired running pending circuit }\n    vpnStatus {\n      vpns { name state failureReason suspectedSince tunnelStatus forwardedPort engineCount pendingEngineCount }\n    }\n  }\n": types.KeepingDocument,
    "\n  mutation ResetCircuit { resetCircuit { circuit } }\n": types.ResetCircuitDocument,
    "\n  subscription EngineAssigned($vpn: String, $after: ID) {\n    engineAssigned(vpn: $vpn, after: $after) {\n      id at type message\n      engine { id name state httpPort vpn { name } }\n      vpn { name engineCount pendingEngineCount }\n      loads { vpn running pending }\n    }\n  }\n": types.EngineAssignedDocument,
    "\n  subscription EngineChanged($vpn: String, $after: ID) {\n    engineChanged(vpn: $vpn, after: $after) { id at type message change reason engine { id name state vpn { name } } }\n  }\n": types.EngineChangedDocument,
    "\n  subscription LiveVpnStatus {\n    vpnStatus { ...VpnStatusParts }\n  }\n": types.LiveVpnStatusDocument,
    "\n  query EventPage($first: Int, $after: String, $last: Int, $before: String, $types: [EventType!]) {\n    events(first: $first, after: $after, last: $last, before: $before, types: $types) {\n      edges { cursor }\n      nodes { ...EventParts }\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n    }\n  }\n  fragment EventParts on Event {\n    __typename id at type message\n    ... on EngineAssigned { engine { id name } chosen: vpn { name state } loads { vpn running pending } }\n    ... on EngineChanged { change reason engine { id name state labels { key value } vpn { name } } }\n    ... on EmergencyModeChanged {\n      turn: change episodeId episodeSeconds vpn { name state }\n      emergencyMode { active episodeId enteredAt failedVpns { name } }\n      removedEngines { id name state }\n    }\n    ... on VpnChanged { vpn { name state } }\n  }\n": types.EventPageDocument,
    "\n  subscription AllEvents($after: ID, $types: [EventType!]) {\n    events(after: $after, types: $types) { ...EventParts }\n  }\n": types.AllEventsDocument,
    "\n  subscription EmergencyModeChanged($after: ID) {\n    emergencyModeChanged(after: $after) {\n      id at type message change episodeId episodeSeconds\n      vpn { name state }\n      removedEngines { id name state }\n      emergencyMode { active episodeId outage failedVpns { name } healthyVpn { name } }\n    }\n  }\n": types.EmergencyModeChangedDocument,
    "\n  query Events($first: Int, $after: String, $last: Int, $before: String, $types: [EventType!]) {\n    events(first: $first, after: $after, last: $last, before: $before, types: $types) {\n      edges { cursor }\n      nodes {\n        __typename id at type message\n        ... on EngineAssigned { engine { id name } assignedTo: vpn { name } }\n        ... on EngineChanged { change engine { id name } }\n        ... on VpnChanged { vpn { name state } }\n        ... on EmergencyModeChanged { turn: change episodeId turned: vpn { name } removedEngines { id } }\n      }\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n    }\n  }\n": types.EventsDocument,
    "\n  subscription EventsFollowed($types: [EventType!], $after: ID) {\n    events(types: $types, after: $after) { __typename id type message }\n  }\n": types.EventsFollowedDocument,
    "\n  subscription ToldEvents($after: ID) {\n    events(after: $after) { ...ToldParts }\n  }\n  fragment ToldEngineParts on Engine { id name vpn { name } labels { key value } }\n  fragment ToldParts on Event {\n    __typename id at type message\n    ... on EngineAssigned { engine { ...ToldEngineParts } chosen: vpn { name state } loads { vpn running pending } }\n    ... on EngineChanged { change reason engine { ...ToldEngineParts } }\n    ... on EmergencyModeChanged {\n      turn: change episodeId vpn { name state } emergencyMode { active failedVpns { name } } removedEngines { id }\n    }\n    ... on VpnChanged { vpn { name state } }\n  }\n": types.ToldEventsDocument,
    "\n  query ToldPage($first: Int!, $after: String) {\n    lastEventId\n    events(first: $first, after: $after) { nodes { ...ToldParts } pageInfo { hasNextPage } }\n  }\n": types.ToldPageDocument,
    "\n  query ShownState($first: String!, $second: String!) {\n    lastEventId\n    fleet { running pending desired circuit }\n    offered: engines { id }\n    first: engines(filter: { vpn: $first, states: [PROVISIONING, RUNNING, STOPPING] }) { ...ShownEngineParts }\n    second: engines(filter: { vpn: $second, states: [PROVISIONING, RUNNING, STOPPING] }) { ...ShownEngineParts }\n    vpnStatus {\n      vpns { name state acceptsEngines engineCount pendingEngineCount portRange { free } forwardedPort }\n      emergencyMode { failedVpns { name } }\n    }\n  }\n  fragment ShownEngineParts on Engine {\n    id name state health containerId httpPort httpsPort p2pPort forwarded vpn { name } labels { key value }\n  }\n": types.ShownStateDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ProvisionEngine($input: ProvisionEngineInput) {\n    provisionEngine(input: $input) {\n      __typename\n      ... on Engine { id name containerId state health host httpPort httpsPort p2pPort url forwarded image createdAt startedAt labels { key value } vpn { name } }\n      ... on Error { message retryable retryAfterSeconds }\n      ... on InvalidInputError { field }\n      ... on EngineStartError { phase }\n      ... on CapacityReachedError { maxReplicas }\n      ... on ServiceUnavailableError { reason }\n      ... on NoHealthyVpnError { vpns { name state } }\n      ... on VpnStabilizingError { vpns { name state stabilizationRemainingSeconds } }\n      ... on NoFreePortError { fullVpn: vpn { name } }\n    }\n  }\n"): typeof import('./graphql.ts').ProvisionEngineDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ProvisionEngines($input: ProvisionEnginesInput!) {\n    provisionEngines(input: $input) {\n      requested\n      engines { id name containerId state httpPort vpn { name } }\n      errors { __typename message retryable ... on InvalidInputError { field } ... on EngineStartError { phase } }\n    }\n  }\n"): typeof import('./graphql.ts').ProvisionEnginesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation StopEngine($engine: EngineRef!) {\n    stopEngine(engine: $engine) {\n      __typename\n      ... on Engine { id name state containerId }\n      ... on Error { message retryable }\n      ... on InvalidInputError { field }\n    }\n  }\n"): typeof import('./graphql.ts').StopEngineDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Engines($filter: EngineFilter) {\n    engines(filter: $filter) { id name containerId state health httpPort httpsPort p2pPort vpn { name } labels { key value } }\n  }\n"): typeof import('./graphql.ts').EnginesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query OneEngine($by: EngineRef!) {\n    engine(by: $by) { id name state containerId vpn { name } }\n  }\n"): typeof import('./graphql.ts').OneEngineDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Status {\n    fleet { minReplicas maxReplicas running pending desired autoscalerPaused healthManagerPaused pausedReason circuit simulated }\n    vpnStatus { ...VpnStatusParts }\n    lastEventId\n  }\n  fragment VpnStatusParts on VpnStatus {\n    mode enabled connected health lastEventId\n    vpn1 { name }\n    vpn2 { name }\n    vpns {\n      id name state health containerStatus acceptsEngines failedSince stabilizingUntil stabilizationRemainingSeconds\n      engineCount pendingEngineCount portRange { first last free } lastSeenAt\n      forwardedPort publicIp country city region provider controlProblem engines { name state }\n    }\n    emergencyMode { episodeId active outage failedVpn { name } healthyVpn { name } failedVpns { name } healthyVpns { name } enteredAt durationSeconds }\n  }\n"): typeof import('./graphql.ts').StatusDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ScaleEngines($to: Int!) {\n    scaleEngines(to: $to) { desired running minReplicas maxReplicas }\n  }\n"): typeof import('./graphql.ts').ScaleEnginesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Keeping {\n    engines {\n      id name containerId state health healthProblem connected forwarded httpPort p2pPort lastHealthCheckAt createdAt vpn { name }\n    }\n    fleet { desired running pending circuit }\n    vpnStatus {\n      vpns { name state failureReason suspectedSince tunnelStatus forwardedPort engineCount pendingEngineCount }\n    }\n  }\n"): typeof import('./graphql.ts').KeepingDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ResetCircuit { resetCircuit { circuit } }\n"): typeof import('./graphql.ts').ResetCircuitDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription EngineAssigned($vpn: String, $after: ID) {\n    engineAssigned(vpn: $vpn, after: $after) {\n      id at type message\n      engine { id name state httpPort vpn { name } }\n      vpn { name engineCount pendingEngineCount }\n      loads { vpn running pending }\n    }\n  }\n"): typeof import('./graphql.ts').EngineAssignedDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription EngineChanged($vpn: String, $after: ID) {\n    engineChanged(vpn: $vpn, after: $after) { id at type message change reason engine { id name state vpn { name } } }\n  }\n"): typeof import('./graphql.ts').EngineChangedDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription LiveVpnStatus {\n    vpnStatus { ...VpnStatusParts }\n  }\n"): typeof import('./graphql.ts').LiveVpnStatusDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query EventPage($first: Int, $after: String, $last: Int, $before: String, $types: [EventType!]) {\n    events(first: $first, after: $after, last: $last, before: $before, types: $types) {\n      edges { cursor }\n      nodes { ...EventParts }\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n    }\n  }\n  fragment EventParts on Event {\n    __typename id at type message\n    ... on EngineAssigned { engine { id name } chosen: vpn { name state } loads { vpn running pending } }\n    ... on EngineChanged { change reason engine { id name state labels { key value } vpn { name } } }\n    ... on EmergencyModeChanged {\n      turn: change episodeId episodeSeconds vpn { name state }\n      emergencyMode { active episodeId enteredAt failedVpns { name } }\n      removedEngines { id name state }\n    }\n    ... on VpnChanged { vpn { name state } }\n  }\n"): typeof import('./graphql.ts').EventPageDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription AllEvents($after: ID, $types: [EventType!]) {\n    events(after: $after, types: $types) { ...EventParts }\n  }\n"): typeof import('./graphql.ts').AllEventsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription EmergencyModeChanged($after: ID) {\n    emergencyModeChanged(after: $after) {\n      id at type message change episodeId episodeSeconds\n      vpn { name state }\n      removedEngines { id name state }\n      emergencyMode { active episodeId outage failedVpns { name } healthyVpn { name } }\n    }\n  }\n"): typeof import('./graphql.ts').EmergencyModeChangedDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Events($first: Int, $after: String, $last: Int, $before: String, $types: [EventType!]) {\n    events(first: $first, after: $after, last: $last, before: $before, types: $types) {\n      edges { cursor }\n      nodes {\n        __typename id at type message\n        ... on EngineAssigned { engine { id name } assignedTo: vpn { name } }\n        ... on EngineChanged { change engine { id name } }\n        ... on VpnChanged { vpn { name state } }\n        ... on EmergencyModeChanged { turn: change episodeId turned: vpn { name } removedEngines { id } }\n      }\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n    }\n  }\n"): typeof import('./graphql.ts').EventsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription EventsFollowed($types: [EventType!], $after: ID) {\n    events(types: $types, after: $after) { __typename id type message }\n  }\n"): typeof import('./graphql.ts').EventsFollowedDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription ToldEvents($after: ID) {\n    events(after: $after) { ...ToldParts }\n  }\n  fragment ToldEngineParts on Engine { id name vpn { name } labels { key value } }\n  fragment ToldParts on Event {\n    __typename id at type message\n    ... on EngineAssigned { engine { ...ToldEngineParts } chosen: vpn { name state } loads { vpn running pending } }\n    ... on EngineChanged { change reason engine { ...ToldEngineParts } }\n    ... on EmergencyModeChanged {\n      turn: change episodeId vpn { name state } emergencyMode { active failedVpns { name } } removedEngines { id }\n    }\n    ... on VpnChanged { vpn { name state } }\n  }\n"): typeof import('./graphql.ts').ToldEventsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ToldPage($first: Int!, $after: String) {\n    lastEventId\n    events(first: $first, after: $after) { nodes { ...ToldParts } pageInfo { hasNextPage } }\n  }\n"): typeof import('./graphql.ts').ToldPageDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ShownState($first: String!, $second: String!) {\n    lastEventId\n    fleet { running pending desired circuit }\n    offered: engines { id }\n    first: engines(filter: { vpn: $first, states: [PROVISIONING, RUNNING, STOPPING] }) { ...ShownEngineParts }\n    second: engines(filter: { vpn: $second, states: [PROVISIONING, RUNNING, STOPPING] }) { ...ShownEngineParts }\n    vpnStatus {\n      vpns { name state acceptsEngines engineCount pendingEngineCount portRange { free } forwardedPort }\n      emergencyMode { failedVpns { name } }\n    }\n  }\n  fragment ShownEngineParts on Engine {\n    id name state health containerId httpPort httpsPort p2pPort forwarded vpn { name } labels { key value }\n  }\n"): typeof import('./graphql.ts').ShownStateDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
