import { nothingTold } from './control.ts';
import type { Policy } from './policy.ts';
import { believedAt, holdFor, oneMore, releasedAt } from './silence.ts';
import { type Hold, type Look, sameIncarnation, unknownSince, type Vpn, type VpnState } from './vpn.ts';

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

  const verdict = judge(vpn, look, policy);
  const state = nextState(vpn, verdict, look, policy);
  const incarnation = look.kind === 'seen' ? look.incarnation : vpn.incarnation;
  const failsNow = state.kind === 'FAILED' && vpn.state.kind !== 'FAILED';
  const sameTunnel = !failsNow && sameIncarnation(incarnation, vpn.incarnation);
  return {
    ...vpn,
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
    evidence: sameTunnel ? vpn.evidence : null,
    outcries: failsNow && state.hold?.by === 'engines' ? oneMore(vpn, look.at) : vpn.outcries,
    lookedAt: look.at,
    lastSeenAt: look.at,
    recoveredAt: vpn.state.kind === 'FAILED' && state.kind !== 'FAILED' ? look.at : vpn.recoveredAt,
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
export function dueAt(vpn: Vpn, policy: Policy): number {
  const doubted = vpn.state.kind !== 'FAILED' && vpn.state.doubtedSince !== null;
  const due = stateDueAt(vpn, policy);
  return doubted ? due : Math.min(due, believedAt(vpn, policy));
}

function stateDueAt({ state }: Vpn, policy: Policy): number {
  switch (state.kind) {
    case 'UNKNOWN':
      return state.doubtedSince === null
        ? state.since + policy.startGraceMs
        : state.doubtedSince + policy.failureConfirmMs;
    case 'STABILIZING':
      return state.doubtedSince === null ? state.until : state.doubtedSince + policy.failureConfirmMs;
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
  /** The one verdict that VPN_FAILURE_CONFIRM_S can hold back. `hold` is null where it is Docker's own. */
  | { readonly kind: 'unhealthy'; readonly reason: string; readonly hold: Hold | null }
  /** Not there yet: forgiven while Tandem has never seen it up. */
  | { readonly kind: 'absent'; readonly reason: string }
  | { readonly kind: 'down'; readonly reason: string };

function judge(vpn: Vpn, look: Answer, policy: Policy): Verdict {
  if (look.kind === 'missing') return { kind: 'absent', reason: 'its container does not exist' };
  if (look.status === 'created') return { kind: 'absent', reason: 'its container was never started' };
  // Health is read after the status: Docker calls a stopped or paused container's health "unhealthy".
  if (look.status !== 'running') return { kind: 'down', reason: `its container is ${look.status}` };
  const restarted = vpn.incarnation !== null && !sameIncarnation(vpn.incarnation, look.incarnation);
  if (restarted && vpn.state.kind !== 'UNKNOWN')
    return { kind: 'down', reason: 'its container was restarted' };
  switch (look.health) {
    case 'starting':
      return { kind: 'starting' };
    case 'unhealthy':
      return { kind: 'unhealthy', reason: 'Docker calls it unhealthy', hold: null };
    case 'healthy':
    case 'none':
      return heldAgainst(vpn, look, policy) ?? { kind: 'healthy' };
  }
}

/** What others say against a VPN that is well in Docker's eyes. */
function heldAgainst(vpn: Vpn, { at }: Answer, policy: Policy): (Verdict & { kind: 'unhealthy' }) | null {
  const { state, evidence } = vpn;
  if (state.kind === 'FAILED') {
    const { hold, reason } = state;
    return hold && at < releasedAt(vpn, state, policy) ? { kind: 'unhealthy', reason, hold } : null;
  }
  if (!evidence || at < believedAt(vpn, policy)) return null;
  return { kind: 'unhealthy', reason: evidence.reason, hold: holdFor(vpn, evidence) };
}

type Answer = Exclude<Look, { kind: 'unanswered' }>;

function nextState({ state }: Vpn, verdict: Verdict, look: Answer, policy: Policy): VpnState {
  const { at } = look;
  switch (verdict.kind) {
    case 'healthy':
      return afterHealthy(state, look, policy);
    case 'unhealthy':
      return afterUnhealthy(state, verdict, at, policy);
    case 'starting':
      return state.kind === 'UNKNOWN'
        ? grace(state, at, 'it did not become healthy in time', policy)
        : failed(state, at, 'its container was restarted', null);
    case 'absent':
      return state.kind === 'UNKNOWN'
        ? grace(state, at, verdict.reason, policy)
        : failed(state, at, verdict.reason, null);
    case 'down':
      return failed(state, at, verdict.reason, null);
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

function afterUnhealthy(
  state: VpnState,
  { reason, hold }: Verdict & { kind: 'unhealthy' },
  at: number,
  policy: Policy,
): VpnState {
  if (state.kind === 'FAILED') return failed(state, at, reason, hold);
  const since = state.doubtedSince ?? at;
  if (at - since >= policy.failureConfirmMs) return failed(state, at, reason, hold);
  return state.doubtedSince === null ? { ...state, doubtedSince: since } : state;
}

const grace = (
  state: VpnState & { kind: 'UNKNOWN' },
  at: number,
  reason: string,
  policy: Policy,
): VpnState =>
  at - state.since >= policy.startGraceMs
    ? failed(state, at, reason, null)
    : { ...state, doubtedSince: null };

/** What Docker says itself, of a VPN that failed by another's word, is the reason that counts from now on for its recovery. */
function failed(
  state: VpnState,
  since: number,
  reason: string,
  hold: Hold | null,
): VpnState & { kind: 'FAILED' } {
  if (state.kind !== 'FAILED') return { kind: 'FAILED', since, reason, hold };
  return state.hold !== null && hold === null ? { ...state, hold } : state;
}
