import assert from 'node:assert/strict';
import { connected, type Socket } from './socket.ts';

/** What a client is told, whichever way it came. */
export interface Told {
  readonly data?: unknown;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions?: Readonly<Record<string, unknown>>;
  }[];
}

export interface Asked {
  readonly query: string;
  readonly variables?: object;
  readonly operationName?: string;
  readonly extensions?: object;
}

type Way = (url: string, asked: Asked, key?: string) => Promise<Told>;

const headersWith = (key: string | undefined) => ({
  'content-type': 'application/json',
  ...(key !== undefined && { 'x-api-key': key }),
});

const overHttp: Way = async (url, asked, key) => {
  const headers = { ...headersWith(key), accept: 'application/json' };
  const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify(asked) });
  return (await response.json()) as Told;
};

const overEvents: Way = async (url, asked, key) => {
  await using events = await stream(url, asked, key);
  return await events.next();
};

const overWebSocket: Way = async (url, asked, key) => {
  using socket = await connected(url, key === undefined ? {} : { 'X-API-Key': key });
  return await overSocket(socket, asked);
};

/** Every way in, by its name. */
export const ways: readonly [string, Way][] = [
  ['HTTP', overHttp],
  ['server-sent events', overEvents],
  ['WebSocket', overWebSocket],
];

/** What comes first of an operation on a socket that has none yet. */
export async function overSocket(socket: Socket, asked: Asked): Promise<Told> {
  socket.send({ type: 'subscribe', id: 'one', payload: asked });
  const message = await socket.next();
  assert('type' in message, JSON.stringify(message));
  return message.type === 'error' ? ({ errors: message.payload } as Told) : (message.payload as Told);
}

export interface Stream extends AsyncDisposable {
  readonly status: number;
  /** The next event; fails where the stream has ended. */
  next(): Promise<Told>;
}

/** Server-sent events. */
export async function stream(url: string, asked: Asked, key?: string): Promise<Stream> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { ...headersWith(key), accept: 'text/event-stream' },
    body: JSON.stringify(asked),
  });
  const chunks = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    status: response.status,
    async next() {
      for (;;) {
        const [event, data] = /^data: (\{.*\})\n/m.exec(text) ?? [];
        if (event !== undefined && data !== undefined) {
          text = text.slice(text.indexOf(event) + event.length);
          return JSON.parse(data) as Told;
        }
        const chunk = await chunks?.read().catch(() => undefined);
        if (!chunk || chunk.done) throw new Error('the stream has ended');
        text += chunk.value;
      }
    },
    [Symbol.asyncDispose]: async () => chunks?.cancel().catch(() => undefined),
  };
}
