import type { ProvisioningEngine, RunningEngine } from './engine.ts';
import { isVpnSite, type Site } from './snapshot.ts';
import { sameIncarnation, type Vpn } from './vpn.ts';

/** Engines of one VPN that must go. */
export interface Condemned {
  readonly vpn: Vpn;
  readonly engines: readonly (ProvisioningEngine | RunningEngine)[];
}

/**
 * The engines that must go: those in a dead network namespace, those still being made on a VPN that failed, and all of a
 * failed VPN's once another one is READY to stand in. Without one they are kept: when every tunnel drops it is mostly the
 * line, and an engine that comes back with its tunnel is service.
 */
export function condemned(sites: readonly Site[]): Condemned[] {
  const standIn = sites.some((site) => site.vpn?.state.kind === 'READY');
  return sites.filter(isVpnSite).map(({ vpn, provisioning, running }) => {
    const failed = vpn.state.kind === 'FAILED';
    const engines = [
      ...provisioning.filter((engine) => failed || inDeadNamespace(engine, vpn)),
      ...running.filter((engine) => (failed && standIn) || inDeadNamespace(engine, vpn)),
    ];
    return { vpn, engines };
  });
}

/** A namespace dies with the process that holds it; a paused container holds on to its own. */
function inDeadNamespace(engine: ProvisioningEngine | RunningEngine, vpn: Vpn): boolean {
  if (vpn.lastSeenAt === null) return false;
  const alive = vpn.containerStatus === 'running' || vpn.containerStatus === 'paused';
  return !alive || !sameIncarnation(engine.tunnel?.incarnation ?? null, vpn.incarnation);
}
