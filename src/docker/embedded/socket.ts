import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { connect } from 'node:net';

/** Listens on a unix socket; the file that a killed process left behind is in nobody's way. */
export async function listenOn(server: Server, socketPath: string): Promise<void> {
  if (await somebodyAnswers(socketPath)) throw new Error(`${socketPath} is in use by another process`);
  await rm(socketPath, { force: true });
  // Node's 511 would refuse a batch of a thousand callers with EAGAIN; dockerd takes what the kernel allows.
  server.listen({ path: socketPath, backlog: 4096 });
  await once(server, 'listening');
}

/** Stops listening and breaks every connection; the socket's file goes with it. */
export function hangUp(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function somebodyAnswers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
