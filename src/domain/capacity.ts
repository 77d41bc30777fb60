import { isVpnSite, type Site, type Snapshot } from './snapshot.ts';

/** The host itself, in VPN_MODE=disabled, is always READY. */
export const isUp = ({ vpn }: Site): boolean => vpn === null || vpn.state.kind === 'READY';

export const isDown = ({ vpn }: Site): boolean => vpn?.state.kind === 'FAILED';

/**
 * How many engines are kept alive without being asked for: MIN_REPLICAS, or in an emergency the share of it that the READY
 * VPNs carry, and never more than MIN_REPLICAS for it.
 */
export function desired({ sites, policy, emergency }: Snapshot): number {
  if (emergency.kind === 'INACTIVE') return policy.minReplicas;
  const share =
    policy.emergencyCapacity === 'share'
      ? Math.floor((policy.minReplicas * sites.filter(isUp).length) / sites.length)
      : 0;
  return Math.min(policy.minReplicas, Math.max(share, policy.emergencyMinReplicas));
}

/** Why nothing beyond what is left is started or replaced now; null when nothing is in the way of it. */
export function pausedReason({ sites, emergency }: Snapshot): string | null {
  const down = sites.filter(isVpnSite).filter(isDown);
  const [first] = down;
  if (!first) return null;
  const names = down.map(({ vpn }) => vpn.name).join(', ');
  return emergency.kind === 'ACTIVE'
    ? `Emergency mode: ${names} FAILED. What the READY VPNs carry has to do until recovery.`
    : `${names} FAILED: there is nowhere to start an engine until it recovers.`;
}
