import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** The line between a client and a service: it can be cut, and mended, while both go on. */
export interface Cable extends AsyncDisposable {
  readonly url: string;
  cut(): void;
  mend(): void;
}

/** `target` is asked at each connection: a service that is started again is found elsewhere. */
export async function cable(target: () => string): Promise<Cable> {
  const open = new Set<Socket>();
  let whole = true;
  const join = (one: Socket, other: Socket) => {
    open.add(one);
    one.on('error', () => {});
    one.on('close', () => {
      open.delete(one);
      other.destroy();
    });
    one.pipe(other);
  };
  const server = createServer((near) => {
    if (!whole) return void near.destroy();
    const { hostname, port } = new URL(target());
    const far = connect(Number(port), hostname);
    join(near, far);
    join(far, near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    whole = false;
    for (const socket of open) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    mend: () => {
      whole = true;
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
  };
}
