import type Docker from 'dockerode';
import { request } from './request.ts';
import { until } from './until.ts';
import { randomName, type World } from './world.ts';

const second = 1_000_000_000;

export interface Vpn {
  readonly name: string;
  readonly container: Docker.Container;
  /** Engine ports that it publishes, each under its own number. */
  readonly ports: readonly number[];
}

/** dockerode with the settings in the body, where they belong; its types lack these two keys. */
export async function createContainer(
  world: World,
  name: string,
  settings: object,
): Promise<Docker.Container> {
  const { status, text } = await world.call('POST', `/containers/create?name=${name}`, settings);
  if (status !== 201) throw new Error(`create answered ${status}: ${text}`);
  const { Id } = JSON.parse(text);
  return world.docker.getContainer(Id);
}

/** The settings of a VPN container: its control port on a free port, engine ports one to one. */
export function vpnSettings(
  world: World,
  ports: readonly number[],
  env: readonly string[] = [],
  checkS = 0.25,
): object {
  const bindings = [['8000', ''] as const, ...ports.map((port) => [String(port), String(port)] as const)];
  return {
    Image: world.vpnImage,
    Labels: world.labels,
    Env: env,
    // Quicker than the image's own, so that a case takes a second and not five; and patient, for a busy machine is no failure.
    Healthcheck: {
      Test: ['CMD', '/bin/test', '-f', '/state/healthy'],
      Interval: checkS * second,
      Timeout: 20 * second,
      Retries: 2,
    },
    ExposedPorts: Object.fromEntries(bindings.map(([port]) => [`${port}/tcp`, {}])),
    HostConfig: {
      PortBindings: Object.fromEntries(
        bindings.map(([port, HostPort]) => [`${port}/tcp`, [{ HostIp: '127.0.0.1', HostPort }]]),
      ),
    },
  };
}

export async function startVpn(world: World, env: readonly string[] = []): Promise<Vpn> {
  const name = randomName('vpn');
  const ports = [world.port(), world.port()];
  const container = await createContainer(world, name, vpnSettings(world, ports, env));
  await container.start();
  return { name, container, ports };
}

/** The settings of an engine behind `vpn`, in the command form of the nano-ace image. */
export function engineSettings(world: World, vpn: string, http: number, more: object = {}): object {
  const flags = {
    'http-port': http,
    'https-port': http + 10_000,
    port: http + 11_000,
    'api-port': http + 12_000,
  };
  return {
    Image: world.engineImage,
    Labels: world.labels,
    Cmd: [
      '/acestream/acestreamengine',
      '--client-console',
      '--bind-all',
      ...Object.entries(flags).flatMap(([flag, port]) => [`--${flag}`, String(port)]),
    ],
    Healthcheck: { Test: ['NONE'] },
    HostConfig: { NetworkMode: `container:${vpn}` },
    ...more,
  };
}

export async function createEngine(
  world: World,
  vpn: string,
  http: number,
  more?: object,
): Promise<Docker.Container> {
  return createContainer(world, randomName('engine'), engineSettings(world, vpn, http, more));
}

/** An engine that answers. */
export async function startEngine(
  world: World,
  vpn: Vpn,
  http = vpn.ports[0] ?? 0,
): Promise<Docker.Container> {
  const engine = await createEngine(world, vpn.name, http);
  await engine.start();
  await until('the engine answers', () => answers(http));
  return engine;
}

/** Whether an engine behind this port of the host says its version. */
export async function answers(port: number): Promise<boolean> {
  try {
    const { status } = await request(
      { host: '127.0.0.1', port },
      'GET',
      '/webui/api/service?method=get_version',
      {
        timeoutMs: 2000,
      },
    );
    return status === 200;
  } catch {
    return false;
  }
}

export async function stateOf(container: Docker.Container): Promise<Docker.ContainerInspectInfo['State']> {
  return (await container.inspect()).State;
}

export async function untilHealth(container: Docker.Container, wanted: string): Promise<void> {
  await until(`health ${wanted}`, async () => (await stateOf(container)).Health?.Status === wanted);
}
