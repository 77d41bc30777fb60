import { WebSocket } from 'ws';

/** What was received, and how it ended, of a WebSocket that speaks as the test tells it to. */
export interface Socket extends Disposable {
  send(message: object | string | Buffer): void;
  /** The next message, or the code and reason of the close. */
  next(): Promise<Message>;
  readonly closed: Promise<{ code: number; reason: string }>;
}

export type Message =
  | { readonly type: string; readonly id?: string; readonly payload?: unknown }
  | { readonly closed: number; readonly reason: string };

export interface SocketOptions {
  readonly protocol?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Opens one, and no more: what the protocol asks for is the test's to send, or not. */
export async function openSocket(url: string, options: SocketOptions = {}): Promise<Socket> {
  const { protocol = 'graphql-transport-ws', headers = {} } = options;
  const address = `${url.replace('http', 'ws')}/graphql`;
  const socket =
    protocol === null ? new WebSocket(address, { headers }) : new WebSocket(address, protocol, { headers });
  const received: Message[] = [];
  const waiting: ((message: Message) => void)[] = [];
  const deliver = (message: Message) => {
    const first = waiting.shift();
    if (first) first(message);
    else received.push(message);
  };
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.on('close', (code, reason) => {
      resolve({ code, reason: String(reason) });
      deliver({ closed: code, reason: String(reason) });
    }),
  );
  socket.on('message', (text) => deliver(JSON.parse(String(text))));
  await new Promise<void>((resolve, reject) => socket.once('open', resolve).once('error', reject));
  socket.on('error', () => undefined);
  return {
    closed,
    send: (message) =>
      socket.send(
        typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message),
      ),
    next() {
      const message = received.shift();
      if (message) return Promise.resolve(message);
      return new Promise((resolve) => waiting.push(resolve));
    },
    [Symbol.dispose]: () => socket.terminate(),
  };
}

/** One that the service has let in. */
export async function connected(
  url: string,
  connectionParams: object = {},
  options: SocketOptions = {},
): Promise<Socket> {
  const socket = await openSocket(url, options);
  socket.send({ type: 'connection_init', payload: connectionParams });
  const answer = await socket.next();
  if (!('type' in answer) || answer.type !== 'connection_ack')
    throw new Error(`not let in: ${JSON.stringify(answer)}`);
  return socket;
}
