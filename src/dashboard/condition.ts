import { parseTime } from '../async/clock.ts';
import type { Status, Vpn } from './shapes.ts';
import { counted, listed } from './words.ts';

/** How things are, in one word. */
export type Condition = 'NORMAL' | 'RECOVERING' | 'EMERGENCY' | 'OUTAGE' | 'STARTING' | 'WITHOUT_VPN';

export function conditionOf({ mode, vpns, emergencyMode: { active, outage } }: Status): Condition {
  if (mode === 'DISABLED') return 'WITHOUT_VPN';
  if (outage) return 'OUTAGE';
  if (active) return 'EMERGENCY';
  const states = vpns.map(({ state }) => state);
  if (states.includes('STABILIZING')) return 'RECOVERING';
  return states.includes('UNKNOWN') ? 'STARTING' : 'NORMAL';
}

export interface Alarm {
  readonly outage: boolean;
  readonly title: string;
  /** What it means for whoever looks, and what comes next. */
  readonly meaning: string;
  readonly reasons: readonly string[];
  /** Milliseconds since the epoch, by the service's clock. */
  readonly since: number;
}

/** What there is to cry about; null when no VPN is FAILED. */
export function alarmOf({ vpns, emergencyMode }: Status): Alarm | null {
  const { active, outage, enteredAt } = emergencyMode;
  const failed = vpns.filter(({ state }) => state === 'FAILED');
  const since = enteredAt ?? failed[0]?.failedSince;
  if (!(active || outage) || !since) return null;
  return {
    outage,
    title: `${listed(failed.map(({ name }) => name))} ${failed.length === 1 ? 'has' : 'have'} failed`,
    meaning: outage ? whatIsKept(failed) : whatGoesOn(vpns),
    reasons: failed.flatMap(({ name, failureReason }) =>
      failureReason ? [failed.length === 1 ? failureReason : `${name}: ${failureReason}`] : [],
    ),
    since: parseTime(since),
  };
}

function whatIsKept(failed: readonly Vpn[]): string {
  const kept = enginesOn(failed);
  const none = 'No VPN is left: no engine is served.';
  return kept === 0
    ? none
    : `${none} ${counted(kept, 'engine')} ${kept === 1 ? 'is' : 'are'} kept, and offered again when the VPN is back.`;
}

function whatGoesOn(vpns: readonly Vpn[]): string {
  const left = vpns.filter(({ state }) => state === 'READY');
  const names = listed(left.map(({ name }) => name));
  const serving = enginesOn(left);
  return left.length === 0
    ? 'No VPN is ready to take engines yet.'
    : `${counted(serving, 'engine')} ${serving === 1 ? 'goes' : 'go'} on behind ${names}. New ones go there; the rest comes back after the recovery, by itself.`;
}

const enginesOn = (vpns: readonly Vpn[]): number =>
  vpns.reduce((sum, { engineCount }) => sum + engineCount, 0);

/** When the service made this answer, by its own clock; null when nothing in the answer tells. */
export function madeAt({ vpns, emergencyMode: { enteredAt, durationSeconds } }: Status): number | null {
  if (enteredAt) return parseTime(enteredAt) + durationSeconds * 1_000;
  const [one] = vpns.filter(({ stabilizationRemainingSeconds }) => stabilizationRemainingSeconds > 0);
  return one?.stabilizingUntil
    ? parseTime(one.stabilizingUntil) - one.stabilizationRemainingSeconds * 1_000
    : null;
}
