import { spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realDocker } from '../../test/support/docker/real-docker.ts';
import { standinImages } from '../../test/support/docker/standin-images.ts';
import { end, hear } from './child.ts';
import { undoLater } from './cleanup.ts';
import { expect } from './http.ts';
import { type RealVpn, startRealVpn, type VpnPlace } from './real-vpn.ts';

/** A daemon with two VPNs that are healthy. Disposing it removes everything that was made here. */
export interface World extends AsyncDisposable {
  readonly docker: { readonly socketPath: string };
  readonly engineImage: string;
  readonly vpns: readonly VpnPlace[];
  /** The label of what Tandem makes, and of what the plain script makes. */
  readonly ours: string;
  readonly theirs: string;
  /** Removes all containers that carry a label. */
  clear(label: string): Promise<void>;
}

/** One whose VPNs can be made to fail. */
export interface RealWorld extends World {
  readonly vpns: readonly [RealVpn, RealVpn];
}

/** The ports of two VPNs. */
const portsFor = (perVpn: number) => {
  const first = randomInt(10_000, 12_500);
  const range = (from: number) => ({ firstPort: from, lastPort: from + perVpn - 1 });
  return [range(first), range(first + perVpn)] as const;
};

/** Why the real daemon cannot be measured here; null when it can. */
export async function noRealDocker(): Promise<string | null> {
  const found = await realDocker();
  if (!found.here) return found.why;
  return 'socketPath' in found.address ? null : 'DOCKER_HOST has to be a unix socket for the benchmarks';
}

/** The real daemon, with stand-ins for the images: a Gluetun without a tunnel, an engine that answers and does no more. */
export async function realWorld(
  perVpn: number,
  { published = true, quick = false } = {},
): Promise<RealWorld> {
  const found = await realDocker();
  if (!found.here || !('socketPath' in found.address)) throw new Error('no unix socket to a daemon');
  const { docker, address } = found;
  const { engine } = await standinImages(docker);
  const id = randomBytes(6).toString('hex');
  const label = `tandem.bench=${id}`;
  const stack = new AsyncDisposableStack();
  const world = facts(address, engine, id, stack);
  stack.defer(() => world.clear(label));
  const [first, second] = portsFor(perVpn);
  const start = (which: number, ports: typeof first) => {
    const name = `tandem-bench-${id}-${which}`;
    return startRealVpn(docker, address, { name, label, ...ports, published, quick });
  };
  const vpns = await Promise.all([start(1, first), start(2, second)]).catch(async (problem) => {
    await stack.disposeAsync();
    throw problem;
  });
  return { ...world, vpns };
}

/** The embedded daemon, whose creates and starts take the time that is asked for. */
export async function embeddedWorld(
  perVpn: number,
  pace: { readonly createMs: number; readonly startMs: number },
): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-bench-'));
  const stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const ranges = portsFor(perVpn).map((ports, index) => ({ name: `vpn-${index + 1}`, ...ports }));
  const options = {
    socketPath: join(folder, 'docker.sock'),
    vpns: ranges.map((range) => ({ ...range, healthyAfterMs: 0 })),
    ...pace,
    stopMs: 0,
    engineListensAfterMs: 0,
  };
  const program = join(import.meta.dirname, 'embedded-daemon.ts');
  const child = spawn(process.execPath, [program, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  stack.defer(() => end(child));
  const [, socketPath = ''] = await hear(child, /listening at (\S+)\n/);
  const image = 'ghcr.io/krinkuto11/nano-ace:latest';
  const world = facts({ socketPath }, image, randomBytes(6).toString('hex'), stack);
  const vpns = await Promise.all(
    ranges.map(async (range) => {
      const inspected = await expect([200], { socketPath }, 'GET', `/containers/${range.name}/json`);
      const { Id, State }: { Id: string; State: { StartedAt: string } } = JSON.parse(inspected);
      return { ...range, containerId: Id, startedAt: State.StartedAt, host: '127.0.0.1' };
    }),
  );
  return { ...world, vpns };
}

function facts(
  docker: { readonly socketPath: string },
  engineImage: string,
  id: string,
  stack: AsyncDisposableStack,
): Omit<World, 'vpns'> {
  const clear = async (label: string) => {
    const filters = encodeURIComponent(JSON.stringify({ label: [label] }));
    for (;;) {
      const listed: { Id: string }[] = JSON.parse(
        await expect([200], docker, 'GET', `/containers/json?all=1&filters=${filters}`),
      );
      if (listed.length === 0) return;
      await Promise.all(
        listed.map(({ Id }) => expect([204, 404, 409], docker, 'DELETE', `/containers/${Id}?force=1`)),
      );
    }
  };
  const labels = { ours: `tandem.bench.ours=${id}`, theirs: `tandem.bench.theirs=${id}` };
  stack.defer(() => clear(labels.ours));
  stack.defer(() => clear(labels.theirs));
  return {
    docker,
    engineImage,
    ...labels,
    clear,
    [Symbol.asyncDispose]: undoLater(() => stack.disposeAsync()),
  };
}
