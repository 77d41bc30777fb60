import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../src/async/clock.ts';
import {
  type ControlState,
  type EmbeddedDocker,
  type EmbeddedDockerOptions,
  startEmbeddedDocker,
} from '../../src/docker/embedded/index.ts';
import type { Client } from './client.ts';
import { until } from './docker/until.ts';
import { startTandem, type Tandem, type TandemOptions } from './tandem.ts';

/** An embedded daemon with ports of its own. */
export interface Daemon extends AsyncDisposable {
  readonly docker: EmbeddedDocker;
  readonly dockerHost: string;
  readonly vpns: readonly string[];
  /** A folder that goes with it. */
  readonly folder: string;
  /** Engine containers that exist, as Docker has them. */
  engineContainers(): { name: string; state: string }[];
}

export interface DaemonOptions {
  readonly clock?: Clock;
  readonly vpns?: readonly string[];
  readonly portsEach?: number;
  /** What every VPN's control server is told to do from the start. */
  readonly control?: Partial<ControlState>;
  readonly embedded?: Partial<EmbeddedDockerOptions>;
}

export interface Simulated extends Daemon {
  readonly tandem: Tandem;
}

export interface SimulatedOptions extends DaemonOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** False to begin before the VPNs are READY. */
  readonly whenReady?: boolean;
  /** Where the journal is kept, for a service that starts again. */
  readonly dataDir?: string;
  readonly around?: TandemOptions['around'];
  /** True for the service as it runs by itself, which knows that it is simulated and can be told how its VPNs are. */
  readonly byItself?: boolean;
}

/** An embedded daemon that is quick, with two VPNs unless told otherwise. */
export async function daemon(options: DaemonOptions = {}): Promise<Daemon> {
  const { clock = systemClock, vpns = ['gluetun', 'gluetun_2'], portsEach = 40 } = options;
  const folder = await mkdtemp(join(tmpdir(), 'tandem-test-'));
  const ports = await portBlock(vpns.length * portsEach);
  const socketPath = join(folder, 'docker.sock');
  const docker = await startEmbeddedDocker({
    socketPath,
    clock,
    vpns: vpns.map((name, index) => ({
      name,
      firstPort: ports.first + index * portsEach,
      lastPort: ports.first + (index + 1) * portsEach - 1,
      healthyAfterMs: 0,
      ...(options.control && { control: options.control }),
    })),
    createMs: 2,
    startMs: 5,
    stopMs: 2,
    engineListensAfterMs: 5,
    ...options.embedded,
  });
  return {
    docker,
    dockerHost: `unix://${socketPath}`,
    vpns,
    folder,
    engineContainers: () =>
      docker
        .containers()
        .filter(({ name }) => !vpns.includes(name))
        .map(({ name, state }) => ({ name, state })),
    async [Symbol.asyncDispose]() {
      await docker[Symbol.asyncDispose]();
      await new Promise((resolve) => ports.guard.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A whole service on the embedded engine, with two READY VPNs unless told otherwise. */
export async function simulated(options: SimulatedOptions = {}): Promise<Simulated> {
  const { env = {}, clock = systemClock, whenReady = true, dataDir, byItself = false } = options;
  const { around = (outside) => outside } = options;
  const simulation = await daemon(options);
  const { dockerHost, vpns, docker } = simulation;
  const tandem = await startTandem({
    dockerHost,
    vpns: env.VPN_MODE === 'disabled' ? [] : vpns,
    env,
    clock,
    ...(dataDir !== undefined && { dataDir }),
    around: (outside) => around(byItself ? { ...outside, pretend: docker.pretend } : outside),
  });
  if (whenReady) await untilReady(tandem);
  return {
    ...simulation,
    tandem,
    async [Symbol.asyncDispose]() {
      await tandem[Symbol.asyncDispose]();
      await simulation[Symbol.asyncDispose]();
    },
  };
}

/** Resolves when a service serves and every VPN is READY. */
export async function untilReady(tandem: Client): Promise<void> {
  await until('every VPN is READY', async () => {
    const { body } = await tandem.answer({ query: '{ vpnStatus { vpns { state } } }' });
    const status = body.data?.vpnStatus as { vpns: { state: string }[] } | undefined;
    return (await tandem.ready()).status === 200 && status?.vpns.every(({ state }) => state === 'READY');
  });
}

/** Ports that no other test has, below those from which connections are made. The one before the first is held as a guard. */
async function portBlock(size: number): Promise<{ first: number; guard: Server }> {
  for (;;) {
    const start = 10_000 + 200 * randomInt(0, Math.floor((19_000 - 10_000 - size) / 200));
    const guard = createServer();
    const free = await new Promise<boolean>((resolve) => {
      guard.once('error', () => resolve(false));
      guard.listen(start, '127.0.0.1', () => resolve(true));
    });
    if (free) return { first: start + 1, guard };
  }
}
