import { isUnhealthy } from './health.ts';
import { isVpnSite, type Site, type Snapshot } from './snapshot.ts';

/** The host itself, in VPN_MODE=disabled, is always READY. */
export const isUp = ({ vpn }: Site): boolean => vpn === null || vpn.state.kind === 'READY';

export const isDown = ({ vpn }: Site): boolean => vpn?.state.kind === 'FAILED';

/** Engines that serve, or are about to. */
export const aliveAt = ({ running, provisioning }: Site): number =>
  running.filter((engine) => !isUnhealthy(engine)).length + provisioning.length;

/** What is wanted where no VPN fails: the number that somebody scaled to, within what the settings allow now. */
export const wanted = ({ policy, scaledTo }: Snapshot): number =>
  Math.min(policy.maxReplicas, Math.max(policy.minReplicas, scaledTo ?? policy.minReplicas));

/**
 * How many engines are kept alive without being asked for: what is wanted, or in an emergency the share of it that the
 * READY VPNs carry, and never more than what is wanted for it.
 */
export function desired(snapshot: Snapshot): number {
  const { sites, policy, emergency } = snapshot;
  const all = wanted(snapshot);
  if (emergency.kind === 'INACTIVE') return all;
  const share =
    policy.emergencyCapacity === 'share' ? Math.floor((all * sites.filter(isUp).length) / sites.length) : 0;
  return Math.min(all, Math.max(share, policy.emergencyMinReplicas));
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
