import { randomInt, randomUUID } from 'node:crypto';
import type Docker from 'dockerode';
import { createContainer, untilHealth, vpnSettings } from './docker/containers.ts';
import { type RealDocker, realDocker } from './docker/real-docker.ts';
import { standinImages } from './docker/standin-images.ts';
import { standinVpn } from './docker/standin-vpn.ts';
import { until } from './docker/until.ts';
import { randomName, realWorld } from './docker/world.ts';
import { startProcess, type TandemProcess } from './process.ts';
import { startTandem, type Tandem } from './tandem.ts';

export type HereDocker = Extract<RealDocker, { here: true }>;

export interface RealVpn {
  readonly name: string;
  /** The present one of that name. */
  readonly container: Docker.Container;
  fail(): Promise<void>;
  heal(): Promise<void>;
  /** Pauses it between two checks of its health: Docker shows nothing of a container that is paused while one begins. */
  pause(): Promise<void>;
  /** Removes the container and runs another one under the same name. */
  recreate(): Promise<void>;
}

type Environment = Readonly<Record<string, string>>;

/** Two running, healthy stand-ins of Gluetun on the real daemon, and services that use them. */
export interface Real extends AsyncDisposable {
  readonly docker: Docker;
  readonly vpns: readonly RealVpn[];
  /** Starts a service on these VPNs. Its engines are removed when the world ends. */
  tandem(env?: Environment): Promise<Tandem>;
  /** The same as a process of its own, on as many of these VPNs as its VPN_MODE takes. */
  process(env?: Environment): Promise<TandemProcess>;
  /** What a service is told to use as many of these VPNs as its VPN_MODE takes. Its engines are removed when the world ends. */
  environment(env?: Environment): Environment & { readonly CONTAINER_LABEL: string };
  /** The containers of a service's engines, as Docker has them. */
  engines(tandem: { readonly label: string }): Promise<EngineContainer[]>;
}

export interface EngineContainer {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly vpn: string | undefined;
}

export const here = await realDocker();

/** Why the suites on a real daemon do not run; false when they do. */
export const skipReason: string | false = here.here
  ? false
  : `${here.why}. Nothing was tried on a real daemon.`;

export interface RealOptions {
  /** Engine ports that each VPN publishes. */
  readonly published?: number;
  /** Seconds between two checks of a VPN's health. */
  readonly checkS?: number;
  readonly on?: RealDocker;
}

export async function real({ published = 0, checkS, on = here }: RealOptions = {}): Promise<Real> {
  if (!on.here) throw new Error(on.why);
  const { docker, where } = on;
  const world = await realWorld(on);
  const { engine: image } = await standinImages(docker);
  const vpns = await Promise.all(
    ['a', 'b'].map(async (which) => {
      const ports = Array.from({ length: published }, () => world.port());
      const name = randomName(`vpn-${which}`);
      const run = async () => {
        const fresh = await createContainer(world, name, vpnSettings(world, ports, [], checkS));
        await fresh.start();
        return fresh;
      };
      let container = await run();
      await untilHealth(container, 'healthy');
      return {
        name,
        get container() {
          return container;
        },
        fail: () => standinVpn(container).fail(),
        heal: () => standinVpn(container).heal(),
        pause: async () => {
          const newest = async () => (await container.inspect()).State.Health?.Log.at(-1)?.End;
          const last = await newest();
          await until('a check has ended', async () => (await newest()) !== last);
          await container.pause();
        },
        recreate: async () => {
          await container.remove({ force: true });
          container = await run();
        },
      };
    }),
  );
  const labels: string[] = [];
  const tandems: (Tandem | TandemProcess)[] = [];
  const listed = (label: string) => docker.listContainers({ all: true, filters: { label: [label] } });
  // Ranges that nobody publishes: engines are reached at the VPN's own address then.
  const first = 21_000 + 1_000 * randomInt(0, 8);
  const ranges: Record<string, string> =
    published > 0
      ? {}
      : {
          GLUETUN_PORT_RANGE_1: `${first}-${first + 399}`,
          GLUETUN_PORT_RANGE_2: `${first + 400}-${first + 799}`,
        };
  const environment = (env: Environment = {}) => {
    const mode = env.VPN_MODE ?? 'redundant';
    const count = { disabled: 0, single: 1 }[mode] ?? vpns.length;
    const names = vpns
      .slice(0, count)
      .map(({ name }, index) => [`GLUETUN_CONTAINER_NAME${index === 0 ? '' : `_${index + 1}`}`, name]);
    const label = `tandem.test=${randomUUID()}`;
    labels.push(label);
    const { GLUETUN_PORT_RANGE_1 = '', GLUETUN_PORT_RANGE_2 = '' } = ranges;
    return {
      DOCKER_HOST: where,
      CONTAINER_LABEL: label,
      MIN_REPLICAS: '0',
      MAX_REPLICAS: '100',
      ENGINE_IMAGE: image,
      ...Object.fromEntries(names),
      ...(count > 0 && { GLUETUN_PORT_RANGE_1 }),
      ...(count > 1 && { GLUETUN_PORT_RANGE_2 }),
      ...env,
    };
  };
  return {
    docker,
    vpns,
    async tandem(env = {}) {
      const tandem = await startTandem({
        dockerHost: where,
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
    async process(env = {}) {
      const started = await startProcess({ env: environment(env) });
      tandems.push(started);
      return started;
    },
    environment,
    async engines({ label }) {
      const containers = await listed(label);
      return containers.map(({ Id, Names, State, Labels }) => ({
        id: Id,
        name: Names[0]?.slice(1) ?? '',
        state: State,
        vpn: Labels['tandem.vpn'],
      }));
    },
    async [Symbol.asyncDispose]() {
      for (const tandem of tandems) await tandem[Symbol.asyncDispose]();
      for (const label of labels) {
        // What was under way when a service ended may still come, or may be going already.
        await until(
          'nothing is left of a service',
          async () => {
            const left = await listed(label);
            for (let at = 0; at < left.length; at += 8) {
              const removals = left
                .slice(at, at + 8)
                .map(({ Id }) => docker.getContainer(Id).remove({ force: true }));
              await Promise.allSettled(removals);
            }
            return left.length === 0;
          },
          20_000,
        );
      }
      await world[Symbol.asyncDispose]();
    },
  };
}
