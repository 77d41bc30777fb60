import { builder } from './builder.ts';

export const VpnModeType = builder.enumType('VpnMode', {
  description: 'How many VPNs the engines run behind.',
  values: {
    DISABLED: { description: 'None: engines join a Docker network and publish their own port.' },
    SINGLE: { description: 'One.' },
    REDUNDANT: { description: 'Two or more: when one fails, the others carry on.' },
  },
});

export const VpnHealthType = builder.enumType('VpnHealth', {
  description: 'What the last look at a VPN said.',
  values: {
    HEALTHY: { description: 'Its container runs, and is healthy or has no health check.' },
    UNHEALTHY: { description: 'Its container does not run, was restarted, or Docker calls it unhealthy.' },
    UNKNOWN: { description: 'It could not be looked at, or it is still starting.' },
  },
});

export const VpnStateType = builder.enumType('VpnState', {
  description: 'What follows from all looks at a VPN so far.',
  values: {
    UNKNOWN: { description: 'Never yet seen healthy or unhealthy.' },
    READY: { description: 'Accepts engines.' },
    STABILIZING: { description: 'Recovered less than VPN_STABILIZATION_S ago; accepts none yet.' },
    FAILED: { description: 'Down, missing, paused, restarted under its engines, or unhealthy.' },
  },
});

export const EngineStateType = builder.enumType('EngineState', {
  description: "The stages of an engine's life.",
  values: {
    PROVISIONING: { description: 'A VPN, ports and a name are promised; the container is being made.' },
    RUNNING: { description: 'It has answered on its port.' },
    STOPPING: { description: 'Its container is being removed.' },
    REMOVED: {
      description:
        'Gone. Only in events, and in the answers of stopEngine and of a repeated idempotency key.',
    },
  },
});

export const EngineHealthType = builder.enumType('EngineHealth', {
  description: 'What an engine itself said last.',
  values: {
    HEALTHY: { description: 'It answered that it is well.' },
    UNHEALTHY: { description: 'It failed several checks in a row.' },
    UNKNOWN: { description: 'It does not run, or was not asked yet.' },
  },
});

export const StartPhaseType = builder.enumType('StartPhase', {
  description: 'The steps of starting an engine.',
  values: {
    PULL: { description: 'Fetching the image.' },
    CREATE: { description: 'Creating the container.' },
    START: { description: 'Starting the container.' },
    READINESS: { description: 'Waiting until the engine answers HTTP on its port.' },
  },
});

export const UnavailableReasonType = builder.enumType('UnavailableReason', {
  description: 'Why the service takes no order now.',
  values: {
    RECOVERING: { description: 'It has just started: engines are being adopted and VPNs looked at.' },
    SHUTTING_DOWN: { description: 'It is about to end.' },
    STORAGE: { description: 'It cannot write down what it would promise.' },
  },
});

export const CircuitStateType = builder.enumType('CircuitState', {
  description: 'Whether starts are let through to Docker.',
  values: {
    CLOSED: { description: 'Yes.' },
    OPEN: { description: 'No: several in a row failed by fault of the image or by refusal of Docker.' },
    HALF_OPEN: { description: 'One at a time, on trial.' },
  },
});

export const EventTypeType = builder.enumType('EventType', {
  description: 'The kinds of events.',
  values: {
    ENGINE_ASSIGNED: { description: 'A VPN was chosen for an engine.' },
    ENGINE_CHANGED: { description: 'An engine entered another stage of its life, or its health changed.' },
    EMERGENCY_MODE_CHANGED: {
      description: 'Emergency mode was entered or left, or the set of FAILED VPNs changed within it.',
    },
    VPN_CHANGED: {
      description: "A VPN's state, health or container changed, or what its control server tells.",
    },
    SCALING: { description: 'The wanted number of engines changed.' },
    CIRCUIT_CHANGED: { description: 'The circuit breaker opened, closed, or lets a trial through.' },
  },
});

export const EmergencyChangeType = builder.enumType('EmergencyChange', {
  description: 'What became of the emergency.',
  values: {
    ENTERED: { description: 'A first VPN is FAILED: an episode begins.' },
    UPDATED: { description: 'The set of FAILED VPNs changed within the episode.' },
    EXITED: { description: 'No VPN is FAILED any longer: the episode is over.' },
  },
});

export const EngineChangeType = builder.enumType('EngineChange', {
  description: 'What happened to an engine.',
  values: {
    STARTED: { description: 'It answers on its port.' },
    FAILED: { description: 'It could not be started, or ended by itself.' },
    HEALTHY: { description: 'It is well again.' },
    UNHEALTHY: { description: 'It failed several health checks in a row.' },
    STOPPED: { description: 'It is being stopped, on request or because its VPN failed.' },
    REMOVED: { description: 'Its container is gone; its name and ports are free.' },
    ADOPTED: { description: 'It ran already when the service found it.' },
  },
});
