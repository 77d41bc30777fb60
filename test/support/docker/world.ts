import { randomBytes, randomInt } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { systemClock } from '../../../src/async/clock.ts';
import { startEmbeddedDocker } from '../../../src/docker/embedded/index.ts';
import type { RealDocker } from './real-docker.ts';
import { type Address, type Answer, request } from './request.ts';
import { standinImages } from './standin-images.ts';
import { standinVpn } from './standin-vpn.ts';

/** What a healthcheck finds in a VPN container. */
export interface Tunnel {
  fail(): Promise<void>;
  heal(): Promise<void>;
}

/** A daemon under test, and what the contract's cases need of it. Disposing it removes all that it labelled. */
export interface World extends AsyncDisposable {
  readonly docker: Docker;
  readonly address: Address;
  readonly vpnImage: string;
  readonly engineImage: string;
  /** The label that everything made for this world carries. */
  readonly labels: Readonly<Record<string, string>>;
  /** A host port that no other case uses. */
  readonly port: () => number;
  call(method: string, path: string, body?: unknown): Promise<Answer>;
  tunnel(container: Docker.Container): Tunnel;
}

export const randomName = (what: string) => `tandem-test-${what}-${randomBytes(5).toString('hex')}`;

/** Ports that follow one another from a random one on: cases that run at once never share any. */
function portsWithin(first: number, last: number): () => number {
  let next = randomInt(first, last - 500);
  return () => {
    next += 1;
    return next;
  };
}

const embeddedPort = portsWithin(13_000, 21_000);
const realPort = portsWithin(21_000, 30_000);

interface Parts {
  readonly docker: Docker;
  readonly address: Address;
  readonly vpnImage: string;
  readonly engineImage: string;
  readonly port: () => number;
  readonly tunnel: (container: Docker.Container) => Tunnel;
  readonly close: () => Promise<void>;
}

export async function embeddedWorld(): Promise<World> {
  const socketPath = join(tmpdir(), `${randomName('socket')}.sock`);
  const embedded = await startEmbeddedDocker({ socketPath, clock: systemClock, vpns: [] });
  return world({
    docker: new Docker({ socketPath }),
    address: { socketPath },
    vpnImage: 'qmcgaw/gluetun',
    engineImage: 'ghcr.io/krinkuto11/nano-ace:latest',
    port: embeddedPort,
    tunnel: ({ id }) => ({
      fail: async () => embedded.vpn(id).fail(),
      heal: async () => embedded.vpn(id).heal(),
    }),
    close: async () => {
      await embedded[Symbol.asyncDispose]();
    },
  });
}

export async function realWorld({ docker, address }: Extract<RealDocker, { here: true }>): Promise<World> {
  const { gluetun, engine } = await standinImages(docker);
  return world({
    docker,
    address,
    vpnImage: gluetun,
    engineImage: engine,
    port: realPort,
    tunnel: (container) => standinVpn(container),
    close: async () => undefined,
  });
}

function world({ docker, address, vpnImage, engineImage, port, tunnel, close }: Parts): World {
  const labels = { 'tandem.test': randomBytes(6).toString('hex') };
  return {
    docker,
    address,
    vpnImage,
    engineImage,
    labels,
    tunnel,
    port,
    call: (method, path, body) => request(address, method, path, { body }),
    [Symbol.asyncDispose]: async () => {
      const label = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
      const made = await docker.listContainers({ all: true, filters: { label } });
      await Promise.all(made.map(({ Id }) => docker.getContainer(Id).remove({ force: true })));
      await close();
    },
  };
}
