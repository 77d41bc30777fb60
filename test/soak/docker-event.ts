import type { WorldEngine, WorldVpn } from '../oracles/sights.ts';

type Labels = Readonly<Record<string, string>>;

/** The attributes are the container's name, and its labels. */
export interface DockerEvent {
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Labels };
}

/** A container of the service's as its labels tell of it. */
export const engineFrom = (containerId: string, name: string, labels: Labels): WorldEngine => ({
  id: labels['tandem.engine'] ?? '',
  name,
  containerId,
  running: false,
  vpn: labels['tandem.vpn'] ?? null,
  run: null,
  ports: ['http', 'https', 'p2p', 'api'].map((port) => Number(labels[`tandem.port.${port}`])),
  condition: 'well',
});

/** What an event says by itself, before anybody can look. */
export function vpnAfter(action: string, containerId: string, vpn: WorldVpn): WorldVpn {
  switch (action) {
    case 'die':
    case 'pause':
    case 'destroy':
    case 'health_status: unhealthy':
      return vpn.run === null || vpn.run.startsWith(containerId) ? { ...vpn, health: 'down' } : vpn;
    case 'start':
      return { ...vpn, health: 'starting' };
    case 'health_status: healthy':
      return { ...vpn, health: 'healthy' };
    default:
      return vpn;
  }
}
