import { isVpnSite, type Snapshot, type VpnView, vpnsOf } from './snapshot.ts';
import { isReady, type Vpn } from './vpn.ts';

/** A candidate for a request made now. */
export const acceptsEngines = ({ site }: VpnView): boolean =>
  isReady(site.vpn) && (site.ports?.free ?? 0) > 0;

export const failedSince = ({ state }: Vpn): number | null => (state.kind === 'FAILED' ? state.since : null);

export const failureReason = ({ state }: Vpn): string | null =>
  state.kind === 'FAILED' ? state.reason : null;

export const stabilizingUntil = ({ state }: Vpn): number | null =>
  state.kind === 'STABILIZING' ? state.until : null;

/** Seconds, 0 when it is not stabilizing. */
export const stabilizationRemaining = ({ snapshot, site }: VpnView): number =>
  Math.max(0, (stabilizingUntil(site.vpn) ?? snapshot.at) - snapshot.at) / 1_000;

export const isConnected = (snapshot: Snapshot): boolean =>
  vpnsOf(snapshot).some(({ site }) => site.vpn.health === 'HEALTHY');

/** HEALTHY if any VPN is, UNHEALTHY if all are, else UNKNOWN. */
export function overallHealth(snapshot: Snapshot): Vpn['health'] {
  const healths = vpnsOf(snapshot).map(({ site }) => site.vpn.health);
  if (healths.includes('HEALTHY')) return 'HEALTHY';
  return healths.length > 0 && healths.every((health) => health === 'UNHEALTHY') ? 'UNHEALTHY' : 'UNKNOWN';
}

export const failedVpns = (snapshot: Snapshot): VpnView[] =>
  vpnsOf(snapshot).filter(({ site }) => site.vpn.state.kind === 'FAILED');

/** Those that serve or soon will. */
export const healthyVpns = (snapshot: Snapshot): VpnView[] =>
  vpnsOf(snapshot).filter(
    ({ site: { vpn } }) => vpn.state.kind === 'READY' || vpn.state.kind === 'STABILIZING',
  );

/** The first READY one, else the first STABILIZING one. */
export const healthyVpn = (snapshot: Snapshot): VpnView | null =>
  healthyVpns(snapshot).find(({ site }) => site.vpn.state.kind === 'READY') ??
  healthyVpns(snapshot)[0] ??
  null;

export const isOutage = ({ sites }: Snapshot): boolean =>
  sites.some(isVpnSite) && sites.every(({ vpn }) => vpn === null || vpn.state.kind === 'FAILED');

export const runningOf = ({ sites }: Snapshot): number =>
  sites.reduce((sum, site) => sum + site.running.length, 0);
export const pendingOf = ({ sites }: Snapshot): number =>
  sites.reduce((sum, site) => sum + site.provisioning.length, 0);
