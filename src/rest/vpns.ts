import { toIso } from '../async/clock.ts';
import { type Snapshot, type VpnView, vpnsOf } from '../domain/snapshot.ts';
import { healthyVpn, isConnected, overallHealth } from '../domain/status.ts';
import { type Answer, ok, problem } from './answer.ts';

export function emergencyInfo(snapshot: Snapshot) {
  const { emergency, at } = snapshot;
  if (emergency.kind === 'INACTIVE')
    return { active: false, failed_vpn: null, healthy_vpn: null, duration_seconds: 0 };
  return {
    active: true,
    failed_vpn: emergency.failed[0],
    healthy_vpn: healthyVpn(snapshot)?.site.vpn.name ?? null,
    duration_seconds: (at - emergency.since) / 1_000,
    entered_at: toIso(emergency.since),
  };
}

/** Connected is what is well in the eyes of whoever places engines: there is one truth for both. */
export function oneVpn({ site: { vpn } }: VpnView) {
  const { name, health, containerStatus, lastSeenAt, control } = vpn;
  const checkedAt = lastSeenAt === null ? null : toIso(lastSeenAt);
  return {
    enabled: true,
    status: containerStatus ?? (lastSeenAt === null ? 'error' : 'not_found'),
    container_name: name,
    container: name,
    health: health.toLowerCase(),
    connected: health === 'HEALTHY',
    forwarded_port: control.forwardedPort?.number ?? null,
    public_ip: control.publicAddress?.ip ?? null,
    provider: vpn.provider,
    country: control.publicAddress?.country ?? null,
    city: control.publicAddress?.city ?? null,
    region: control.publicAddress?.region ?? null,
    last_check: checkedAt,
    last_check_at: checkedAt,
  };
}

export function vpnStatus(snapshot: Snapshot) {
  const [first = null, second = null, ...more] = vpnsOf(snapshot).map(oneVpn);
  const mode = snapshot.mode.toLowerCase();
  const parts = {
    vpn1: first,
    vpn2: second,
    ...Object.fromEntries(more.map((vpn, index) => [`vpn${index + 3}`, vpn])),
    emergency_mode: emergencyInfo(snapshot),
  };
  if (first === null)
    return {
      mode,
      enabled: false,
      status: 'disabled',
      container_name: null,
      container: null,
      health: 'unknown',
      connected: false,
      forwarded_port: null,
      last_check: null,
      last_check_at: null,
      ...parts,
    };
  if (snapshot.mode === 'SINGLE') return { ...first, mode, ...parts };
  const connected = isConnected(snapshot);
  return {
    mode,
    enabled: true,
    status: connected ? 'running' : 'unhealthy',
    container_name: first.container_name,
    container: first.container,
    health: overallHealth(snapshot).toLowerCase(),
    connected,
    forwarded_port: first.forwarded_port,
    last_check: first.last_check,
    last_check_at: first.last_check_at,
    ...parts,
  };
}

/** Of the first VPN whose address is known. */
export function publicIp(snapshot: Snapshot): Answer {
  const [known] = vpnsOf(snapshot).flatMap(({ site }) => site.vpn.control.publicAddress ?? []);
  return known
    ? ok({ public_ip: known.ip })
    : problem(503, 'The public address of no VPN is known; the GraphQL field Vpn.controlProblem says why.');
}
