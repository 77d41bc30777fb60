/** What the playground opens with. Every operation runs as it stands. */
export const exampleOperations = `# Tandem: pick an operation with the play button (Ctrl-Enter runs the one under the cursor).

# Starts an engine behind the VPN that has the fewest.
mutation ProvisionOne {
  provisionEngine {
    __typename
    ... on Engine { id name url state vpn { name } }
    ... on Error { message retryable retryAfterSeconds }
  }
}

# Starts ten at once; they spread evenly.
mutation ProvisionTen {
  provisionEngines(input: { count: 10, labels: [{ key: "made-by", value: "playground" }] }) {
    requested
    engines { name url vpn { name } }
    errors { __typename message }
  }
}

query Engines {
  engines { id name url state health healthProblem forwarded vpn { name forwardedPort } labels { key value } }
}

# Keeps six from now on, over restarts too.
mutation KeepSix {
  scaleEngines(to: 6) { desired running pending }
}

query Status {
  fleet { running pending maxReplicas circuit simulated }
  vpnStatus {
    mode
    connected
    vpns { name state health acceptsEngines engineCount pendingEngineCount portRange { first last free } }
    emergencyMode { active outage failedVpn { name } durationSeconds }
    lastEventId
  }
}

# Live: leave this open in one tab and provision in another.
subscription Placements {
  engineAssigned { message engine { name httpPort } loads { vpn running pending } }
}

subscription Changes {
  engineChanged { at change message reason engine { id name state } }
}

subscription LiveStatus {
  vpnStatus { vpns { name state health engineCount pendingEngineCount } emergencyMode { active } }
}

# Emergency mode: entered the moment a VPN fails, left when none is FAILED.
subscription Emergencies {
  emergencyModeChanged {
    change message episodeSeconds
    vpn { name state }
    removedEngines { name }
    emergencyMode { active outage failedVpns { name } healthyVpn { name } }
  }
}

# What happened last. Each id can be given as "after" to any subscription, which goes on from there.
query History {
  events(last: 20) {
    nodes { id at type message }
    pageInfo { hasPreviousPage startCursor }
  }
}

mutation StopOne {
  stopEngine(engine: { name: "acestream-1" }) {
    __typename
    ... on Engine { name state }
    ... on Error { message }
  }
}
`;
