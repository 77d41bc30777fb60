/**
 * What is seen of a service from outside, in the order in which it happened: what its API and its events say, what is asked
 * of it and answered, what it asks Docker to do, and what Docker has. Every world that has a service in it can tell this, and
 * no more is needed to judge whether a promise was broken. Moments are milliseconds by the clock of whoever watches.
 */
export type Sight = { readonly at: number } & (
  | Told
  | Missed
  | Shown
  | Called
  | World
  | Asked
  | Answered
  | Left
  | Stage
  | Fairness
);

/** An event, as a subscriber to all of them was given it, across every restart of the service. */
export interface Told {
  readonly kind: 'told';
  /** It happened while the subscriber was away: what else has been seen by now may have come after it. */
  readonly late: boolean;
  readonly event: ToldEvent;
}

/** The subscriber was given an error that says that events were missed; it goes on from what is newest. */
export interface Missed {
  readonly kind: 'missed';
  readonly code: string;
}

interface EventBase {
  readonly id: string;
  /** When it happened, by the service's own clock. */
  readonly happened: number;
  readonly message: string;
}

export type ToldEvent =
  | (EventBase & {
      readonly type: 'ENGINE_ASSIGNED';
      readonly engine: ToldEngine;
      /** The VPN that was chosen, right after it was. */
      readonly vpn: ToldVpn;
      /** What every VPN carries, in configured order, this engine included. */
      readonly loads: readonly Load[];
    })
  | (EventBase & {
      readonly type: 'ENGINE_CHANGED';
      readonly change: 'STARTED' | 'ADOPTED' | 'HEALTHY' | 'UNHEALTHY' | 'STOPPED' | 'FAILED' | 'REMOVED';
      readonly reason: string | null;
      readonly engine: ToldEngine;
    })
  | (EventBase & {
      readonly type: 'EMERGENCY_MODE_CHANGED';
      readonly change: 'ENTERED' | 'UPDATED' | 'EXITED';
      readonly episodeId: string;
      readonly vpn: ToldVpn;
      readonly active: boolean;
      /** The VPNs that are FAILED right after it, by name. */
      readonly failed: readonly string[];
      /** The ids of the engines that it condemned. */
      readonly removed: readonly string[];
    })
  | (EventBase & { readonly type: 'VPN_CHANGED'; readonly vpn: ToldVpn })
  | (EventBase & { readonly type: 'SCALING' | 'CIRCUIT_CHANGED' });

export type VpnState = 'UNKNOWN' | 'READY' | 'STABILIZING' | 'FAILED';

export interface ToldVpn {
  readonly name: string;
  readonly state: VpnState;
}

export interface ToldEngine {
  readonly id: string;
  readonly name: string;
  readonly vpn: string | null;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Load {
  readonly vpn: string;
  readonly running: number;
  readonly pending: number;
}

/** What the queries answer at one moment, after whatever was told last. */
export interface Shown {
  readonly kind: 'shown';
  /** Every engine that is listed in any state, those of FAILED VPNs too. */
  readonly engines: readonly ShownEngine[];
  /** The ids of those that `engines` gives without a filter. */
  readonly offered: readonly string[];
  /** In configured order. */
  readonly vpns: readonly ShownVpn[];
  readonly running: number;
  readonly pending: number;
  /** How many are kept without being asked for. */
  readonly desired: number;
  /** By name; empty when no emergency is active. */
  readonly emergency: readonly string[];
  readonly circuit: 'CLOSED' | 'OPEN' | 'HALF_OPEN';
}

export interface ShownEngine extends ToldEngine {
  readonly state: 'PROVISIONING' | 'RUNNING' | 'STOPPING';
  readonly health: 'UNKNOWN' | 'HEALTHY' | 'UNHEALTHY';
  readonly containerId: string | null;
  readonly ports: readonly number[];
  readonly forwarded: boolean;
}

export interface ShownVpn extends ToldVpn {
  /** Whether it takes an engine now. */
  readonly accepts: boolean;
  readonly running: number;
  readonly pending: number;
  /** HTTP ports that no engine has; null while they are not known. */
  readonly free: number | null;
  readonly forwardedPort: number | null;
}

/** The VPNs with a forwarded port that no engine has: one may make way for it. */
export const portless = ({ vpns, engines }: Shown): string[] =>
  vpns
    .filter(({ forwardedPort }) => forwardedPort !== null)
    .filter(
      ({ name }) =>
        !engines.some(({ vpn, forwarded, state }) => vpn === name && forwarded && state !== 'STOPPING'),
    )
    .map(({ name }) => name);

/** A call that changes something, or asks for events, has come to Docker from the service; the container as Docker has it then. */
export interface Called {
  readonly kind: 'called';
  readonly verb: 'create' | 'start' | 'restart' | 'remove' | 'listen' | 'other';
  /** null when there is none of that name or id, and for `listen`: Docker's events are asked for. */
  readonly container: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
  } | null;
}

/** What Docker has, whenever something of it has changed. */
export interface World {
  readonly kind: 'world';
  readonly vpns: readonly WorldVpn[];
  /** The containers that carry this instance's label and an engine's, running or not. */
  readonly engines: readonly WorldEngine[];
}

export interface WorldVpn {
  readonly name: string;
  /** Whether it serves: its container runs and Docker does not call it unhealthy. */
  readonly health: 'healthy' | 'starting' | 'down';
  /** Sets one run of its container apart from every other; null when there is no container. */
  readonly run: string | null;
  /** Whether somebody may say that its tunnel is cut, though Docker calls it healthy. */
  readonly silent: boolean;
}

export interface WorldEngine {
  readonly id: string;
  readonly name: string;
  readonly containerId: string;
  readonly running: boolean;
  readonly vpn: string | null;
  /** The run of its VPN's container whose network it is in; null when that is not known. */
  readonly run: string | null;
  readonly ports: readonly number[];
  /** `ill`: it answers nothing, or not as an engine does. `cut off`: it says itself that it reaches nothing. */
  readonly condition: 'well' | 'ill' | 'cut off';
}

/** A client has sent a request. */
export interface Asked {
  readonly kind: 'asked';
  /** The label `asked` of engines that come of it, so that they can be told apart. */
  readonly request: string;
  readonly what: 'provision' | 'stop' | 'scale';
  /** How many engines; for a scale, the number that is to be wanted. */
  readonly count: number;
  readonly key: string | null;
  /** For a stop: the engine's id. */
  readonly engine: string | null;
}

export interface Answered {
  readonly kind: 'answered';
  readonly request: string;
  /** The ids of engines that were given. */
  readonly engines: readonly string[];
  /** The type names of the errors. */
  readonly errors: readonly string[];
}

/** The client went away, or the service died under it: there is no answer, and what was begun may go on. */
export interface Left {
  readonly kind: 'left';
  readonly request: string;
}

/** The service itself. `serving`: it is ready. `dying`: it was told to end. `dead`: there is no process. */
export interface Stage {
  readonly kind: 'stage';
  readonly stage: 'starting' | 'serving' | 'dying' | 'dead';
}

/**
 * Whether the service can do what it promises in time. `fair`: Docker answers, its events arrive, and nothing else is wrong
 * than what is seen. `deaf`: the same without events. `unfair`: neither. `quiet`: fair, and nobody has asked or harmed anything
 * for so long that nothing is left to be done.
 */
export interface Fairness {
  readonly kind: 'fairness';
  readonly fairness: 'fair' | 'deaf' | 'unfair' | 'quiet';
}

/** What the service was told to keep. Durations are milliseconds. */
export interface Rules {
  readonly label: readonly [key: string, value: string];
  /** In configured order. */
  readonly vpns: readonly string[];
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly stabilizationMs: number;
  readonly confirmMs: number;
  readonly startGraceMs: number;
  readonly lookMs: number;
  readonly beatMs: number;
  readonly healthMs: number;
  readonly graceMs: number;
  readonly cooldownMs: number;
  readonly startupTimeoutMs: number;
  /** How long a VPN is FAILED before its container is restarted; 0 for never. */
  readonly restartAfterMs: number;
  /** What is kept alive in an emergency: at least so many, and where `share` is told, what the READY VPNs carry. */
  readonly emergencyMin: number;
  readonly capacity: 'share' | 'freeze';
  readonly circuitRecoveryMs: number;
  /** What a machine that is busy may take longer for anything. */
  readonly slackMs: number;
}

/** A promise that was broken. */
export interface Violation {
  /** By its name: S1 to S10, L1 to L5. */
  readonly promise: string;
  readonly at: number;
  readonly what: string;
}
