import type { Vpn } from './vpn.ts';

/** From the first failure among redundant VPNs to the moment none is FAILED. */
export type Emergency =
  | { readonly kind: 'INACTIVE' }
  | {
      readonly kind: 'ACTIVE';
      readonly episodeId: string;
      readonly since: number;
      readonly firstFailed: string;
    };

export const noEmergency: Emergency = { kind: 'INACTIVE' };

/** The emergency that follows from what the VPNs are now: driven by levels, so that no missed event matters. */
export function nextEmergency(
  emergency: Emergency,
  vpns: readonly Vpn[],
  now: number,
  newId: () => string,
): Emergency {
  const failed = vpns.filter((vpn) => vpn.state.kind === 'FAILED');
  const [first] = failed;
  if (vpns.length < 2 || !first) return noEmergency;
  if (emergency.kind === 'INACTIVE') {
    return { kind: 'ACTIVE', episodeId: newId(), since: now, firstFailed: first.name };
  }
  const stillFailed = failed.some((vpn) => vpn.name === emergency.firstFailed);
  return stillFailed ? emergency : { ...emergency, firstFailed: first.name };
}
