import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { systemClock } from '../../../src/async/clock.ts';
import {
  type EmbeddedDocker,
  type EmbeddedDockerOptions,
  startEmbeddedDocker,
} from '../../../src/docker/embedded/index.ts';
import { randomName } from './world.ts';

export interface EmbeddedFixture extends AsyncDisposable {
  readonly embedded: EmbeddedDocker;
  readonly docker: Docker;
  readonly address: { readonly socketPath: string };
}

/** An embedded daemon with one VPN, `gluetun`, that is healthy at once, and a client of it. */
export async function embeddedDocker(options: Partial<EmbeddedDockerOptions> = {}): Promise<EmbeddedFixture> {
  const socketPath = join(tmpdir(), `${randomName('socket')}.sock`);
  const embedded = await startEmbeddedDocker({
    socketPath,
    clock: systemClock,
    vpns: [{ name: 'gluetun', firstPort: 31_000, lastPort: 31_149, healthyAfterMs: 0 }],
    createMs: 0,
    startMs: 0,
    stopMs: 0,
    engineListensAfterMs: 0,
    ...options,
  });
  return {
    embedded,
    docker: new Docker({ socketPath }),
    address: { socketPath },
    [Symbol.asyncDispose]: async () => {
      await embedded[Symbol.asyncDispose]();
    },
  };
}

const image = 'ghcr.io/krinkuto11/nano-ace:latest';

/** The body of a create for an engine behind `vpn`; its four ports follow from `http`. */
export function engineBody(http: number, vpn = 'gluetun'): object {
  const flags = [
    '--http-port',
    http,
    '--https-port',
    http + 10_000,
    '--port',
    http + 11_000,
    '--api-port',
    http + 12_000,
  ];
  return { Image: image, Cmd: flags.map(String), HostConfig: { NetworkMode: `container:${vpn}` } };
}
