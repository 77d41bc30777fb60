import { type Control, nothingTold } from './control.ts';
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
  | { readonly kind: 'FAILED'; readonly since: number; readonly reason: string };

export interface Vpn {
  readonly name: string;
  readonly state: VpnState;
  readonly health: 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN';
  readonly containerStatus: string | null;
  readonly incarnation: Incarnation | null;
  readonly provider: string | null;
  /** Of this incarnation, and since it failed last. */
  readonly control: Control;
  /** When the newest look that counted was begun. */
  readonly lookedAt: number;
  /** The last look that Docker answered, by this process. */
  readonly lastSeenAt: number | null;
  /** When it was last seen well after a failure. */
  readonly recoveredAt: number | null;
  /** When Tandem restarted its container last. */
  readonly restartedAt: number | null;
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
    lookedAt: now,
    lastSeenAt: null,
    recoveredAt: null,
    restartedAt: null,
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
    health: 'UNKNOWN',
    control: { ...vpn.control, askedAt: now },
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

/**
 * The VPN after `look`. A look that was begun before the newest one that counted changes nothing. `inhabited`: an engine of
 * ours runs on it, in whichever incarnation.
 */
export function observe(past: Vpn, look: Look, policy: Policy, inhabited: boolean): Vpn {
  if (look.at < past.lookedAt) return past;
  const vpn = past.lastSeenAt === null ? atBoot(past, look, inhabited) : past;
  // Nothing was seen, so nothing that is seen by an earlier look is out of date; and what was never seen has had no grace yet.
  if (look.kind === 'unanswered') {
    const waiting = vpn.state.kind === 'UNKNOWN' && vpn.lastSeenAt === null;
    return { ...vpn, health: 'UNKNOWN', state: waiting ? unknownSince(look.at) : vpn.state };
  }

  const verdict = judge(vpn, look);
  const state = nextState(vpn.state, verdict, look, policy);
  const incarnation = look.kind === 'seen' ? look.incarnation : vpn.incarnation;
  const sameTunnel = state.kind !== 'FAILED' && sameIncarnation(incarnation, vpn.incarnation);
  return {
    name: vpn.name,
    state,
    health:
      verdict.kind === 'healthy'
        ? 'HEALTHY'
        : verdict.kind === 'starting' || (verdict.kind === 'absent' && state.kind === 'UNKNOWN')
          ? 'UNKNOWN'
          : 'UNHEALTHY',
    containerStatus: look.kind === 'seen' ? look.status : null,
    incarnation,
    provider: look.kind === 'seen' ? look.provider : vpn.provider,
    control: sameTunnel ? vpn.control : nothingTold(look.at),
    lookedAt: look.at,
    lastSeenAt: look.at,
    recoveredAt: vpn.state.kind === 'FAILED' && state.kind !== 'FAILED' ? look.at : vpn.recoveredAt,
    restartedAt: vpn.restartedAt,
  };
}

/**
 * A host that was restarted has all its containers new, and none of our engines running: what was READY then is not there
 * yet and has not failed. What was FAILED or STABILIZING goes on from there.
 */
function atBoot(vpn: Vpn, look: Look, inhabited: boolean): Vpn {
  if (vpn.state.kind !== 'READY' || look.kind === 'unanswered') return vpn;
  const notThereYet =
    look.kind === 'missing' ||
    look.status === 'created' ||
    look.health === 'starting' ||
    (!sameIncarnation(vpn.incarnation, look.incarnation) && !inhabited);
  return notThereYet ? { ...vpn, state: unknownSince(look.at) } : vpn;
}

/** When the passing of time alone may change what a look concludes: the monitor looks then at the latest. */
export function dueAt({ state }: Vpn, policy: Policy): number {
  switch (state.kind) {
    case 'UNKNOWN':
      return state.doubtedSince === null
        ? state.since + policy.startGraceMs
        : state.doubtedSince + policy.failureConfirmMs;
    case 'STABILIZING':
      return state.doubtedSince === null
        ? state.until
        : Math.min(state.until, state.doubtedSince + policy.failureConfirmMs);
    case 'READY':
      return state.doubtedSince === null
        ? Number.POSITIVE_INFINITY
        : state.doubtedSince + policy.failureConfirmMs;
    case 'FAILED':
      return Number.POSITIVE_INFINITY;
  }
}

type Verdict =
  | { readonly kind: 'healthy' }
  | { readonly kind: 'starting' }
  /** Docker calls it unhealthy: the one verdict that VPN_FAILURE_CONFIRM_S can hold back. */
  | { readonly kind: 'unhealthy' }
  /** Not there yet: forgiven while Tandem has never seen it up. */
  | { readonly kind: 'absent'; readonly reason: string }
  | { readonly kind: 'down'; readonly reason: string };

function judge(vpn: Vpn, look: Answer): Verdict {
  if (look.kind === 'missing') return { kind: 'absent', reason: 'its container does not exist' };
  if (look.status === 'created') return { kind: 'absent', reason: 'its container was never started' };
  // Health is read after the status: Docker calls a stopped or paused container's health "unhealthy".
  if (look.status !== 'running') return { kind: 'down', reason: `its container is ${look.status}` };
  const restarted = vpn.incarnation !== null && !sameIncarnation(vpn.incarnation, look.incarnation);
  if (restarted && vpn.state.kind !== 'UNKNOWN')
    return { kind: 'down', reason: 'its container was restarted' };
  switch (look.health) {
    case 'starting':
    case 'unhealthy':
      return { kind: look.health };
    case 'healthy':
    case 'none':
      return { kind: 'healthy' };
  }
}

type Answer = Exclude<Look, { kind: 'unanswered' }>;

function nextState(state: VpnState, verdict: Verdict, look: Answer, policy: Policy): VpnState {
  const { at } = look;
  switch (verdict.kind) {
    case 'healthy':
      return afterHealthy(state, look, policy);
    case 'unhealthy':
      return afterUnhealthy(state, at, policy);
    case 'starting':
      return state.kind === 'UNKNOWN'
        ? grace(state, at, 'it did not become healthy in time', policy)
        : failed(state, at, 'its container was restarted');
    case 'absent':
      return state.kind === 'UNKNOWN'
        ? grace(state, at, verdict.reason, policy)
        : failed(state, at, verdict.reason);
    case 'down':
      return failed(state, at, verdict.reason);
  }
}

/** A stabilization lasts from the answer that began it to the question that ends it, and so never less than a whole one. */
function afterHealthy(state: VpnState, look: Answer, policy: Policy): VpnState {
  const { at } = look;
  const answeredAt = look.kind === 'seen' ? look.answeredAt : at;
  switch (state.kind) {
    case 'UNKNOWN':
      return { kind: 'READY', doubtedSince: null };
    case 'READY':
      return state.doubtedSince === null ? state : { ...state, doubtedSince: null };
    case 'FAILED':
      return policy.stabilizationMs === 0
        ? { kind: 'READY', doubtedSince: null }
        : { kind: 'STABILIZING', until: answeredAt + policy.stabilizationMs, doubtedSince: null };
    case 'STABILIZING':
      if (at >= state.until) return { kind: 'READY', doubtedSince: null };
      return state.doubtedSince === null ? state : { ...state, doubtedSince: null };
  }
}

function afterUnhealthy(state: VpnState, at: number, policy: Policy): VpnState {
  const reason = 'Docker calls it unhealthy';
  if (state.kind === 'FAILED') return state;
  const since = state.doubtedSince ?? at;
  if (at - since >= policy.failureConfirmMs) return failed(state, at, reason);
  return state.doubtedSince === null ? { ...state, doubtedSince: since } : state;
}

const grace = (
  state: VpnState & { kind: 'UNKNOWN' },
  at: number,
  reason: string,
  policy: Policy,
): VpnState =>
  at - state.since >= policy.startGraceMs ? failed(state, at, reason) : { ...state, doubtedSince: null };

const unknownSince = (since: number): VpnState & { kind: 'UNKNOWN' } => ({
  kind: 'UNKNOWN',
  since,
  doubtedSince: null,
});

const failed = (state: VpnState, since: number, reason: string): VpnState =>
  state.kind === 'FAILED' ? state : { kind: 'FAILED', since, reason };
