import { randomInt } from 'node:crypto';
import type Docker from 'dockerode';
import { createContainer, untilHealth, vpnSettings } from './docker/containers.ts';
import { type RealDocker, realDocker } from './docker/real-docker.ts';
import { standinImages } from './docker/standin-images.ts';
import { standinVpn } from './docker/standin-vpn.ts';
import { until } from './docker/until.ts';
import { randomName, realWorld } from './docker/world.ts';
import { startTandem, type Tandem } from './tandem.ts';

export type HereDocker = Extract<RealDocker, { here: true }>;

export interface RealVpn {
  readonly name: string;
  readonly container: Docker.Container;
  fail(): Promise<void>;
  heal(): Promise<void>;
}

/** Two running, healthy stand-ins of Gluetun on the real daemon, and services that use them. */
export interface Real extends AsyncDisposable {
  readonly docker: Docker;
  readonly vpns: readonly RealVpn[];
  /** Starts a service on these VPNs. Its engines are removed when the world ends. */
  tandem(env?: Readonly<Record<string, string>>): Promise<Tandem>;
  /** The containers of a service's engines, as Docker has them. */
  engines(tandem: Tandem): Promise<{ name: string; state: string; vpn: string | undefined }[]>;
}

export const here = await realDocker();

/** Why the suites on a real daemon do not run; false when they do. */
export const skipReason: string | false = here.here
  ? false
  : `${here.why}. Nothing was tried on a real daemon.`;

export async function real({ published = 0 } = {}): Promise<Real> {
  if (!here.here) throw new Error(here.why);
  const world = await realWorld(here);
  const { engine: image } = await standinImages(here.docker);
  const vpns = await Promise.all(
    ['a', 'b'].map(async (which) => {
      const ports = Array.from({ length: published }, () => world.port());
      const name = randomName(`vpn-${which}`);
      const container = await createContainer(world, name, vpnSettings(world, ports));
      await container.start();
      await untilHealth(container, 'healthy');
      return { name, container, ...standinVpn(container) };
    }),
  );
  const labels: string[] = [];
  const tandems: Tandem[] = [];
  const listed = (label: string) => here.docker.listContainers({ all: true, filters: { label: [label] } });
  // Ranges that nobody publishes: engines are reached at the VPN's own address then.
  const first = 21_000 + 1_000 * randomInt(0, 8);
  const ranges: Record<string, string> =
    published > 0
      ? {}
      : {
          GLUETUN_PORT_RANGE_1: `${first}-${first + 399}`,
          GLUETUN_PORT_RANGE_2: `${first + 400}-${first + 799}`,
        };
  return {
    docker: here.docker,
    vpns,
    async tandem(env = {}) {
      const tandem = await startTandem({
        dockerHost: process.env.DOCKER_HOST || 'unix:///var/run/docker.sock',
        vpns: env.VPN_MODE === 'disabled' ? [] : vpns.map(({ name }) => name),
        env: { ENGINE_IMAGE: image, ...ranges, ...env },
      });
      labels.push(tandem.label);
      tandems.push(tandem);
      await until('every VPN is READY', async () => {
        const { body } = await tandem.answer({ query: '{ vpnStatus { vpns { state } } }' });
        const status = body.data?.vpnStatus as { vpns: { state: string }[] };
        return (await tandem.ready()).status === 200 && status.vpns.every(({ state }) => state === 'READY');
      });
      return tandem;
    },
    async engines({ label }) {
      const containers = await listed(label);
      return containers.map(({ Names, State, Labels }) => ({
        name: Names[0]?.slice(1) ?? '',
        state: State,
        vpn: Labels['tandem.vpn'],
      }));
    },
    async [Symbol.asyncDispose]() {
      for (const tandem of tandems) await tandem.stop();
      for (const label of labels) {
        const left = await listed(label);
        for (let at = 0; at < left.length; at += 8) {
          await Promise.all(
            left.slice(at, at + 8).map(({ Id }) => here.docker.getContainer(Id).remove({ force: true })),
          );
        }
      }
      await world[Symbol.asyncDispose]();
    },
  };
}
