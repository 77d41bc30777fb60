import { type Control, nothingTold, rememberedControl } from './control.ts';
import type { Policy } from './policy.ts';

/**
 * One run of a VPN's container. A restart changes `startedAt`, a recreation the id; either way the engines that joined
 * an earlier run sit in a network namespace that leads nowhere.
 */
export interface Incarnation {
  readonly containerId: string;
  readonly startedAt: string;
}

/** What Docker said of a VPN's container. `at` is when the question was asked, not when it was answered. */
export type Look =
  | {
      readonly kind: 'seen';
      readonly at: number;
      readonly answeredAt: number;
      readonly incarnation: Incarnation;
      readonly status: string;
      readonly health: 'healthy' | 'unhealthy' | 'starting' | 'none';
      /** The VPN provider that the container is set up for. */
      readonly provider: string | null;
    }
  | { readonly kind: 'missing'; readonly at: number }
  | { readonly kind: 'unanswered'; readonly at: number };

export type VpnState =
  | { readonly kind: 'UNKNOWN'; readonly since: number; readonly doubtedSince: number | null }
  | { readonly kind: 'READY'; readonly doubtedSince: number | null }
  | { readonly kind: 'STABILIZING'; readonly until: number; readonly doubtedSince: number | null }
  | {
      readonly kind: 'FAILED';
      readonly since: number;
      readonly reason: string;
      /** null where Docker's word is enough for it to be well again. */
      readonly hold: Hold | null;
    };

/** Who said that a VPN failed which Docker calls healthy: it stays FAILED until they say otherwise. */
export type Hold =
  /** Until its control server says that the tunnel runs. */
  | { readonly by: 'control' }
  /** Until an engine connects again, or the control server shows another tunnel than the one there was. */
  | {
      readonly by: 'engines';
      readonly ip: string | null;
      readonly port: number | null;
      readonly seen: Gone;
      /** Whether the control server has told anything of this tunnel: if it never does, nobody can say that there is another. */
      readonly told: boolean;
    };

/** What the control server showed of a tunnel's end since. */
export interface Gone {
  readonly stopped: boolean;
  readonly addressless: boolean;
}

/** What speaks against a VPN that Docker calls healthy. */
export interface Evidence {
  readonly by: Hold['by'];
  readonly since: number;
  readonly reason: string;
}

export interface Vpn {
  readonly name: string;
  readonly state: VpnState;
  readonly health: 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN';
  readonly containerStatus: string | null;
  readonly incarnation: Incarnation | null;
  readonly provider: string | null;
  /** Of this incarnation, and since it failed last. */
  readonly control: Control;
  /** null where nothing speaks against it, and once it is FAILED. */
  readonly evidence: Evidence | null;
  /** The failures that were found by the engines' word alone, of late. */
  readonly outcries: { readonly count: number; readonly lastAt: number };
  /** When the newest look that counted was begun. */
  readonly lookedAt: number;
  /** The last look that Docker answered, by this process. */
  readonly lastSeenAt: number | null;
  /** When it was last seen well after a failure. */
  readonly recoveredAt: number | null;
  /** When Tandem restarted its container last. */
  readonly restartedAt: number | null;
  /** When an engine was replaced last for the sake of its forwarded port. */
  readonly portReplacedAt: number | null;
}

export function unseenVpn(name: string, now: number): Vpn {
  return {
    name,
    state: { kind: 'UNKNOWN', since: now, doubtedSince: null },
    health: 'UNKNOWN',
    containerStatus: null,
    incarnation: null,
    provider: null,
    control: nothingTold(now),
    evidence: null,
    outcries: { count: 0, lastAt: now },
    lookedAt: now,
    lastSeenAt: null,
    recoveredAt: null,
    restartedAt: null,
    portReplacedAt: null,
  };
}

/**
 * What a process that has just started may believe of what the last one knew: all but what only a look tells. A clock that
 * was set back meanwhile puts nothing into the future and makes no stabilization longer than a whole one.
 */
export function remembered(vpn: Vpn, now: number, policy: Policy): Vpn {
  return {
    ...vpn,
    state: rememberedState(vpn.state, now, policy),
    recoveredAt: notAfter(now, vpn.recoveredAt),
    restartedAt: notAfter(now, vpn.restartedAt),
    portReplacedAt: notAfter(now, vpn.portReplacedAt),
    outcries: { ...vpn.outcries, lastAt: Math.min(vpn.outcries.lastAt, now) },
    evidence: null,
    health: 'UNKNOWN',
    control: rememberedControl(vpn.control, now),
    lookedAt: now,
    lastSeenAt: null,
  };
}

function rememberedState(state: VpnState, now: number, policy: Policy): VpnState {
  switch (state.kind) {
    case 'UNKNOWN':
      return unknownSince(now);
    case 'READY':
      return { kind: 'READY', doubtedSince: notAfter(now, state.doubtedSince) };
    case 'STABILIZING': {
      const until = Math.min(state.until, now + policy.stabilizationMs);
      return { kind: 'STABILIZING', until, doubtedSince: notAfter(now, state.doubtedSince) };
    }
    case 'FAILED':
      return { ...state, since: Math.min(state.since, now) };
  }
}

const notAfter = (now: number, moment: number | null): number | null => moment && Math.min(moment, now);

export const sameIncarnation = (a: Incarnation | null, b: Incarnation | null): boolean =>
  a?.containerId === b?.containerId && a?.startedAt === b?.startedAt;

/** Takes engines now, a free port provided. */
export const isReady = (vpn: Vpn): boolean => vpn.state.kind === 'READY' && vpn.state.doubtedSince === null;

export const unknownSince = (since: number): VpnState & { kind: 'UNKNOWN' } => ({
  kind: 'UNKNOWN',
  since,
  doubtedSince: null,
});
