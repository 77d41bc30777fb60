import type { Due } from './plan.ts';
import { isVpnSite, type Snapshot } from './snapshot.ts';

/** Milliseconds in which a VPN's container is restarted at most once. */
const restartPauseMs = 600_000;

/** Once per failure, where the operator asks for it. What does not exist cannot be restarted. */
export function restarts({ sites, policy }: Snapshot): Due[] {
  if (policy.vpnRestartAfterMs === 0) return [];
  return sites.filter(isVpnSite).flatMap(({ vpn }) => {
    const { name, state, restartedAt, incarnation, containerStatus } = vpn;
    if (state.kind !== 'FAILED' || !incarnation || containerStatus === null) return [];
    if (restartedAt !== null && restartedAt >= state.since) return [];
    const due = state.since + policy.vpnRestartAfterMs;
    return {
      at: restartedAt === null ? due : Math.max(due, restartedAt + restartPauseMs),
      step: { kind: 'RESTART_VPN', vpn: name, containerId: incarnation.containerId },
    };
  });
}
