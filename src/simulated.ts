import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from './async/clock.ts';
import { type DockerAddress, parseDockerHost } from './docker/address.ts';
import { type Pretend, startEmbeddedDocker } from './docker/embedded/index.ts';

/** The ports of one simulation, of which each VPN has the first half of its hundred. */
const blockSize = 200;
const perVpn = 50;
const [firstBlock, lastBlock] = [19_000, 29_800];

/** Two simulated VPNs and the range of ports that each publishes, which no other simulation on this machine has. */
export interface SimulatedVpns extends AsyncDisposable {
  readonly ranges: ReadonlyMap<string, string>;
}

/** Whoever holds the port before the first has them all. */
export async function simulatedVpns(): Promise<SimulatedVpns> {
  for (let first = firstBlock; first <= lastBlock; first += blockSize) {
    const guard = createServer((socket) => socket.destroy())
      .unref()
      .listen(first - 1, '127.0.0.1');
    const isOurs = await once(guard, 'listening').then(
      () => true,
      () => false,
    );
    if (!isOurs) continue;
    const range = (begin: number) => `${begin}-${begin + perVpn - 1}`;
    return {
      ranges: new Map([
        ['gluetun', range(first)],
        ['gluetun_2', range(first + blockSize / 2)],
      ]),
      async [Symbol.asyncDispose]() {
        await new Promise((resolve) => guard.close(resolve));
      },
    };
  }
  throw new Error(`there is no room for another simulation: ports ${firstBlock} to ${lastBlock} are taken`);
}

export interface SimulatedDocker extends AsyncDisposable {
  readonly address: DockerAddress;
  readonly folder: string;
  readonly pretend: Pretend;
}

/** A Docker daemon of our own that needs no Docker, in a folder of its own, with VPNs that publish these ports. */
export async function simulateDocker(
  ports: ReadonlyMap<string, readonly number[]>,
): Promise<SimulatedDocker> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-'));
  const socketPath = join(folder, 'docker.sock');
  const vpns = [...ports].map(([name, published]) => ({
    name,
    firstPort: published[0] ?? 0,
    lastPort: published.at(-1) ?? 0,
    healthyAfterMs: 0,
  }));
  const daemon = await startEmbeddedDocker({ socketPath, clock: systemClock, vpns });
  const address = parseDockerHost(`unix://${socketPath}`);
  if (!address) throw new Error(`${socketPath} is no address`);
  return {
    address,
    folder,
    pretend: daemon.pretend,
    async [Symbol.asyncDispose]() {
      await daemon[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
