import type Docker from 'dockerode';
import { standinImages } from '../../test/support/docker/standin-images.ts';
import { standinVpn } from '../../test/support/docker/standin-vpn.ts';
import { until } from '../../test/support/docker/until.ts';
import { interrupted } from './cleanup.ts';
import { expect } from './http.ts';

/** A VPN container, and where its engines are reached. */
export interface VpnPlace {
  readonly name: string;
  readonly containerId: string;
  readonly startedAt: string;
  readonly host: string;
  readonly firstPort: number;
  readonly lastPort: number;
}

/** One on the real daemon, and what can be done to it. */
export interface RealVpn extends VpnPlace {
  /** Its next probe, within half a second, finds it unhealthy, and after `heal` well. */
  fail(): Promise<void>;
  heal(): Promise<void>;
  /** By Docker. */
  kill(): Promise<void>;
  /** What ends its first process with a signal of the host's own: Docker has to notice. */
  assassin(): Promise<() => void>;
  start(): Promise<void>;
}

export interface RealVpnOptions {
  readonly name: string;
  readonly label: string;
  readonly firstPort: number;
  readonly lastPort: number;
  /** Engines are reached at the container's own address if their ports are not published. */
  readonly published: boolean;
  /** Probed every half second, and one probe decides; otherwise every second, as the stand-in has it. */
  readonly quick: boolean;
}

const halfSecond = 500_000_000;

/** Starts a stand-in of Gluetun and waits until it is healthy. Whoever gave it the label removes it. */
export async function startRealVpn(
  docker: Docker,
  address: { readonly socketPath: string },
  { name, label, published, quick, ...range }: RealVpnOptions,
): Promise<RealVpn> {
  const { gluetun } = await standinImages(docker);
  const count = published ? range.lastPort - range.firstPort + 1 : 0;
  const engines = Array.from({ length: count }, (_, index) => String(range.firstPort + index));
  // The levers are behind the control port: it is published in any case.
  const bindings = [['8000', ''], ...engines.map((port) => [port, port])].map(
    ([port, HostPort]) => [`${port}/tcp`, [{ HostIp: '127.0.0.1', HostPort }]] as const,
  );
  const [key = '', value = ''] = label.split('=');
  interrupted.throwIfAborted();
  await expect([201], address, 'POST', `/containers/create?name=${name}`, {
    Image: gluetun,
    Labels: { [key]: value },
    ExposedPorts: Object.fromEntries(bindings.map(([port]) => [port, {}])),
    HostConfig: { PortBindings: Object.fromEntries(bindings) },
    ...(quick && {
      Healthcheck: { Test: ['CMD', '/bin/test', '-f', '/state/healthy'], Interval: halfSecond, Retries: 1 },
    }),
  });
  const container = docker.getContainer(name);
  await container.start();
  const { Id, State, NetworkSettings } = await until(`${name} is healthy`, async () => {
    const inspected = await container.inspect();
    return inspected.State.Health?.Status === 'healthy' && inspected;
  });
  const { fail, heal } = standinVpn(container);
  return {
    name,
    containerId: Id,
    startedAt: State.StartedAt,
    host: Object.values(NetworkSettings.Networks)[0]?.IPAddress ?? '127.0.0.1',
    ...range,
    fail,
    heal,
    kill: async () => void (await container.kill()),
    assassin: async () => {
      const { Pid } = (await container.inspect()).State;
      return () => process.kill(Pid, 'SIGKILL');
    },
    start: async () => void (await container.start()),
  };
}
