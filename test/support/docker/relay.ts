import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Address } from './request.ts';
import { randomName } from './world.ts';

export interface Relay extends AsyncDisposable {
  readonly dockerHost: string;
  /** Lets so many removals through from now on and holds the others back, until `letRemove`; those the daemon never hears of. */
  holdRemovals(letThrough: number): void;
  letRemove(): void;
}

/** A way to a daemon on which removals can be held up: what Tandem decides and what Docker does are two moments then. */
export async function relayTo(daemon: Address): Promise<Relay> {
  const socketPath = join(tmpdir(), `${randomName('relay')}.sock`);
  const open = new Set<Socket>();
  let through = Number.POSITIVE_INFINITY;
  const server = createServer((client) => {
    const upstream = 'socketPath' in daemon ? connect(daemon.socketPath) : connect(daemon.port, daemon.host);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        open.delete(socket);
        other.destroy();
      });
    }
    upstream.pipe(client);
    // A request of a client that sends one at a time begins with a chunk, and a removal is all in one.
    client.on('data', (chunk) => {
      if (chunk.subarray(0, 7).toString('latin1') !== 'DELETE ') upstream.write(chunk);
      else if (through-- > 0) upstream.write(chunk);
    });
  });
  server.listen(socketPath);
  await once(server, 'listening');
  return {
    dockerHost: `unix://${socketPath}`,
    holdRemovals(letThrough) {
      through = letThrough;
    },
    letRemove() {
      through = Number.POSITIVE_INFINITY;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.close();
      await rm(socketPath, { force: true });
    },
  };
}
