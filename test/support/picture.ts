import type { Engine, Fleet, News, Present, Status, Vpn } from '../../src/dashboard/shapes.ts';

/** What the API tells the dashboard, with as little said as a test needs. */

export const begin = Date.parse('2026-11-21T21:42:00.000Z');
export const iso = (ms: number): string => new Date(begin + ms).toISOString();

export const anEngineTold = (id: string, more: Partial<Engine> = {}): Engine => ({
  id,
  name: `acestream-${id}`,
  state: 'RUNNING',
  health: 'HEALTHY',
  healthProblem: null,
  connected: true,
  forwarded: false,
  host: 'localhost',
  httpPort: 19_000 + Number(id),
  url: `http://localhost:${19_000 + Number(id)}`,
  ...more,
});

export const aVpnTold = (name: string, more: Partial<Vpn> = {}): Vpn => ({
  name,
  state: 'READY',
  health: 'HEALTHY',
  containerStatus: 'running',
  lastSeenAt: iso(0),
  failedSince: null,
  failureReason: null,
  suspectedSince: null,
  stabilizingUntil: null,
  stabilizationRemainingSeconds: 0,
  engineCount: more.engines?.length ?? 0,
  pendingEngineCount: 0,
  portRange: { free: 10 },
  country: null,
  city: null,
  provider: null,
  publicIp: null,
  forwardedPort: null,
  controlProblem: null,
  engines: [],
  ...more,
});

export const failedVpnTold = (name: string, more: Partial<Vpn> = {}): Vpn =>
  aVpnTold(name, { state: 'FAILED', failedSince: iso(0), failureReason: 'its container is exited', ...more });

/** What follows from the VPNs is told with them, `ms` after the beginning. */
export function aStatusTold(vpns: readonly Vpn[], ms = 0): Status {
  const failed = vpns.filter(({ state }) => state === 'FAILED');
  const active = failed.length > 0 && vpns.length > 1;
  return {
    mode: vpns.length === 0 ? 'DISABLED' : vpns.length === 1 ? 'SINGLE' : 'REDUNDANT',
    vpns: [...vpns],
    emergencyMode: {
      active,
      outage: failed.length > 0 && failed.length === vpns.length,
      enteredAt: active ? iso(0) : null,
      durationSeconds: active ? ms / 1_000 : 0,
    },
  };
}

export const aFleetTold = (more: Partial<Fleet> = {}): Fleet => ({
  simulated: false,
  minReplicas: 2,
  maxReplicas: 20,
  desired: 2,
  running: 2,
  pending: 0,
  circuit: 'CLOSED',
  pausedReason: null,
  ...more,
});

export const aPresentTold = (vpnStatus: Status, more: Partial<Present> = {}): Present => ({
  vpnStatus,
  fleet: aFleetTold(),
  events: { nodes: [], pageInfo: { endCursor: null } },
  turns: { nodes: [] },
  lastEventId: '000000000000-00000000',
  ...more,
});

const told = (position: number, message: string) => ({
  id: `${String(position).padStart(12, '0')}-00000000`,
  at: iso(position),
  message,
});

export const engineNews = (
  position: number,
  engineChange: Extract<News, { __typename: 'EngineChanged' }>['engineChange'],
): News => ({ __typename: 'EngineChanged', ...told(position, `an engine: ${engineChange}`), engineChange });

export const vpnNews = (position: number, vpn: Vpn): News => ({
  __typename: 'VpnChanged',
  ...told(position, `${vpn.name} is ${vpn.state}`),
  vpn,
});

export const turnNews = (
  position: number,
  emergencyChange: 'ENTERED' | 'UPDATED' | 'EXITED',
  lost: readonly { readonly engine: Engine; readonly vpn: string }[] = [],
  episodeId = 'episode-1',
): Extract<News, { __typename: 'EmergencyModeChanged' }> => ({
  __typename: 'EmergencyModeChanged',
  ...told(position, `EMERGENCY MODE ${emergencyChange}`),
  emergencyChange,
  episodeId,
  removedEngines: lost.map(({ engine: { id, name, httpPort }, vpn }) => ({
    id,
    name,
    httpPort,
    vpn: { name: vpn },
  })),
});
