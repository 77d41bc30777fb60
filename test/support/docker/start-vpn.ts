import type Docker from 'dockerode';
import { realDocker } from './real-docker.ts';
import { standinImages } from './standin-images.ts';
import { type StandinVpn, standinVpn } from './standin-vpn.ts';
import { randomName } from './world.ts';

export interface StartVpnOptions {
  readonly name?: string;
  /** Engine ports to publish, each under its own number. */
  readonly firstPort: number;
  readonly lastPort: number;
  readonly healthyAfterS?: number;
  readonly labels?: Readonly<Record<string, string>>;
  /** Further variables of the stand-in, as `KEY=value`. */
  readonly env?: readonly string[];
}

/** A stand-in of Gluetun on the real daemon; leaving the scope removes it. */
export interface RealVpn extends StandinVpn, AsyncDisposable {
  readonly name: string;
  readonly container: Docker.Container;
  restart(): Promise<void>;
  kill(): Promise<void>;
  start(): Promise<void>;
  pause(): Promise<void>;
  unpause(): Promise<void>;
  remove(): Promise<void>;
}

export async function startVpn(options: StartVpnOptions): Promise<RealVpn> {
  const found = await realDocker();
  if (!found.here) throw new Error(found.why);
  const { docker } = found;
  const { name = randomName('vpn'), firstPort, lastPort, healthyAfterS = 0, labels = {}, env = [] } = options;
  const { gluetun } = await standinImages(docker);
  const engines = Array.from({ length: lastPort - firstPort + 1 }, (_, n) => String(firstPort + n));
  const bindings = [['8000', ''], ...engines.map((port) => [port, port])].map(
    ([port = '', HostPort = '']) => [`${port}/tcp`, [{ HostIp: '127.0.0.1', HostPort }]] as const,
  );
  const container = await docker.createContainer({
    name,
    Image: gluetun,
    Labels: { ...labels },
    Env: [`STANDIN_HEALTHY_AFTER=${healthyAfterS}`, ...env],
    ExposedPorts: Object.fromEntries(bindings.map(([port]) => [port, {}])),
    HostConfig: { PortBindings: Object.fromEntries(bindings.map(([port, host]) => [port, [...host]])) },
  });
  const remove = async () => {
    await container.remove({ force: true }).catch((problem) => {
      if (problem.statusCode !== 404) throw problem;
    });
  };
  await container.start().catch(async (problem) => {
    await remove();
    throw problem;
  });
  return {
    name,
    container,
    ...standinVpn(container),
    restart: async () => void (await container.restart({ t: 5 })),
    kill: async () => void (await container.kill()),
    start: async () => void (await container.start()),
    pause: async () => void (await container.pause()),
    unpause: async () => void (await container.unpause()),
    remove,
    [Symbol.asyncDispose]: remove,
  };
}
