import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a service that can be cut, and led to another one. */
export interface Line extends AsyncDisposable {
  readonly url: string;
  /** How many connections were made, those included that were refused. */
  readonly made: number;
  /** Ends every connection, without a word. */
  cut(): void;
  /** From now on it leads there. */
  leadTo(url: string): void;
  /** Nobody answers any more, and who is connected is cut off. */
  close(): Promise<void>;
  open(): Promise<void>;
  /** Connections stay, but nothing comes through them, until `cut`. New ones work. */
  mute(): void;
  /** Whether who is connected, and whoever connects, is cut off at once. */
  refusing: boolean;
  /** Whether what is asked by POST, on any connection, gets no answer. Sockets go on. */
  holding: boolean;
}

export async function lineTo(url: string): Promise<Line> {
  let target = new URL(url);
  let made = 0;
  let refusing = false;
  let holding = false;
  /** The far ends of those who have asked by POST. */
  const asked = new Set<Socket>();
  const ends = new Set<Socket>();
  const accept = (near: Socket) => {
    made++;
    if (refusing) return near.destroy();
    const far = connect(Number(target.port), target.hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        ends.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
    near.on('data', (text: Buffer) => {
      if (!text.toString('latin1', 0, 5).startsWith('POST ')) return;
      asked.add(far);
      if (holding) far.unpipe().resume();
    });
    far.on('close', () => asked.delete(far));
  };
  const listen = async (port: number): Promise<Server> => {
    const server = createServer(accept);
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  let server = await listen(0);
  const { port } = server.address() as AddressInfo;
  const cut = () => {
    for (const end of ends) end.destroy();
  };
  const close = async () => {
    const closed = once(server, 'close');
    server.close();
    cut();
    await closed;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    get made() {
      return made;
    },
    cut,
    leadTo(to) {
      target = new URL(to);
    },
    close,
    async open() {
      server = await listen(port);
    },
    mute() {
      for (const end of ends) end.unpipe().resume();
    },
    get refusing() {
      return refusing;
    },
    set refusing(now) {
      refusing = now;
      if (refusing) cut();
    },
    get holding() {
      return holding;
    },
    set holding(now) {
      holding = now;
      if (holding) for (const far of asked) far.unpipe().resume();
    },
    async [Symbol.asyncDispose]() {
      if (server.listening) await close();
    },
  };
}
