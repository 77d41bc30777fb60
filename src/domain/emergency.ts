import type { EmergencyChange } from './events.ts';
import type { Vpn } from './vpn.ts';

/** From the first failure among redundant VPNs to the moment none is FAILED. */
export type Emergency =
  | { readonly kind: 'INACTIVE' }
  | {
      readonly kind: 'ACTIVE';
      readonly episodeId: string;
      readonly since: number;
      /** The names of the VPNs that are FAILED, in the order in which they failed. */
      readonly failed: readonly [string, ...string[]];
    };

export const noEmergency: Emergency = { kind: 'INACTIVE' };

/** One thing that is told of an episode. */
export interface Turn {
  readonly change: EmergencyChange;
  readonly episodeId: string;
  readonly episodeMs: number;
  /** The VPN that failed or recovered. */
  readonly vpn: string;
}

export interface Next {
  readonly emergency: Emergency;
  /** null: the same VPNs are FAILED as before. */
  readonly turn: Turn | null;
}

/** The emergency that follows from what the VPNs are now: driven by levels, so that no missed event matters. */
export function nextEmergency(
  emergency: Emergency,
  vpns: readonly Vpn[],
  now: number,
  newId: () => string,
): Next {
  const [first, ...others] = vpns.length < 2 ? [] : failuresOf(vpns);
  if (emergency.kind === 'INACTIVE') {
    if (!first) return { emergency, turn: null };
    const [episodeId, since] = [newId(), first.since];
    return {
      emergency: { kind: 'ACTIVE', episodeId, since, failed: [first.name, ...others.map(nameOf)] },
      turn: { change: 'ENTERED', episodeId, episodeMs: now - since, vpn: first.name },
    };
  }

  const { episodeId, since, failed: before } = emergency;
  const told = { episodeId, episodeMs: Math.max(0, now - since) };
  if (!first) return { emergency: noEmergency, turn: { change: 'EXITED', ...told, vpn: before[0] } };
  const failed: readonly [string, ...string[]] = [first.name, ...others.map(nameOf)];
  const vpn = failed.find((name) => !before.includes(name)) ?? before.find((name) => !failed.includes(name));
  if (vpn === undefined) return { emergency, turn: null };
  return { emergency: { ...emergency, failed }, turn: { change: 'UPDATED', ...told, vpn } };
}

const nameOf = ({ name }: { readonly name: string }): string => name;

/** The first to fail comes first; of those that failed in one moment, the first in configured order. */
const failuresOf = (vpns: readonly Vpn[]): { readonly name: string; readonly since: number }[] =>
  vpns
    .flatMap(({ name, state }) => (state.kind === 'FAILED' ? [{ name, since: state.since }] : []))
    .toSorted((a, b) => a.since - b.since);
