// Many clients in a process of their own, which do as little as can be done to know what came when.
import { randomBytes, randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { createClient } from 'graphql-ws';
import { type CloseEvent, WebSocket } from 'ws';
import { until } from '../../test/support/docker/until.ts';
import { quantile } from '../harness/stats.ts';
import { FrameReader } from './frame-reader.ts';
import { serveQuestions, sharedNow } from './rpc.ts';

export interface Latencies {
  readonly p50: number;
  readonly p99: number;
  /** The same of each tenth of the events. */
  readonly p99s: readonly number[];
  readonly slowest: number;
  /** Deliveries that should have come and did not. */
  readonly missing: number;
}

interface Opening {
  readonly port: number;
  readonly count: number;
  readonly query: string;
  /** What stands right before the id of an event. */
  readonly marker: string;
}

interface Stalled {
  readonly ids: string[];
  readonly socket: WebSocket;
  code: number | null;
}

const sockets: Socket[] = [];
const stalled: Stalled[] = [];
let frames = 0;
let bytes = 0;
/** Of every frame that told of an event: which, and when it came. */
let positions: number[] = [];
let times: number[] = [];
let newest = { position: 0, count: 0 };

const handlers = {
  /** Opens clients, a few at a time; each has been told something when this resolves. */
  open: async ({ port, count, query, marker }: Opening) => {
    for (let opened = 0; opened < count; opened += 100) {
      const batch = Array.from({ length: Math.min(100, count - opened) }, () => open(port, query, marker));
      await Promise.all(batch);
    }
  },

  read: () => ({ frames, bytes }),

  forget: () => {
    positions = [];
    times = [];
  },

  /** How long after they were recorded events came. Waits for those that are still on their way. */
  latencies: async ({
    at,
    waitForAll,
  }: {
    at: readonly (readonly [number, number])[];
    waitForAll: boolean;
  }): Promise<Latencies> => {
    const due = at.length * sockets.length;
    const last = at.at(-1)?.[0] ?? 0;
    const everywhere = () => newest.position === last && newest.count === sockets.length;
    await until('the last has come everywhere', everywhere, 60_000).catch(() => undefined);
    if (waitForAll)
      await until('all have come', () => positions.length >= due, 60_000).catch(() => undefined);
    const first = at[0]?.[0] ?? 0;
    const sent = new Map(at);
    const all: number[] = [];
    const tenths: number[][] = Array.from({ length: 10 }, () => []);
    for (const [index, position] of positions.entries()) {
      const took = (times[index] ?? 0) - (sent.get(position) ?? Number.NaN);
      if (Number.isNaN(took)) continue;
      all.push(took);
      tenths[Math.floor(((position - first) * 10) / at.length)]?.push(took);
    }
    return {
      p50: quantile(all, 0.5),
      p99: quantile(all, 0.99),
      p99s: tenths.map((some) => quantile(some, 0.99)),
      slowest: all.reduce((most, each) => Math.max(most, each), 0),
      missing: due - all.length,
    };
  },

  /** Opens clients that follow events and then read nothing. */
  stall: async ({ port, count }: { port: number; count: number }) => {
    for (let n = 0; n < count; n++) stalled.push(await openStalled(port));
  },

  /** Lets them read again. Each comes back for what it has missed; resolves to what they were told in all. */
  resume: async ({ port, last }: { port: number; last: number }) =>
    Promise.all(
      stalled.map(async (client) => {
        client.socket.resume();
        const hasAll = () => position(client.ids.at(-1)) === last;
        await until('it is sent away, or has all', () => client.code !== null || hasAll(), 60_000);
        const before = client.ids.length;
        if (!hasAll()) await rest(port, client.ids, last);
        const inOrder = client.ids.every(
          (id, index) => index === 0 || position(id) === position(client.ids[index - 1]) + 1,
        );
        return { code: client.code, before, all: client.ids.length, inOrder };
      }),
    ),
};

export type ClientHandlers = typeof handlers;

const position = (id = ''): number => Number.parseInt(id, 10);

function open(port: number, query: string, marker: string): Promise<void> {
  const asking = [
    { type: 'subscribe', id: randomUUID(), payload: { query } },
    ...(query.includes('events')
      ? [{ type: 'subscribe', id: 'trip', payload: { query: '{ __typename }' } }]
      : []),
  ];
  return new Promise((resolve, reject) => {
    let told = 0;
    const followed = (found: number | null) => {
      frames++;
      // The acknowledgement, and the first state or the answer to the question behind.
      told++;
      if (told === 1) for (const message of asking) socket.write(masked(JSON.stringify(message)));
      if (told === 2) resolve();
      if (found === null) return;
      if (found > newest.position) newest = { position: found, count: 0 };
      if (found === newest.position) newest.count++;
      positions.push(found);
      times.push(sharedNow());
    };
    // Who does not answer is given up.
    const reader = new FrameReader(marker, followed, () => socket.write(pong));
    const buffer = Buffer.allocUnsafe(65_536);
    const socket = connect({
      port,
      host: '127.0.0.1',
      onread: {
        buffer,
        callback: (length) => {
          bytes += length;
          reader.read(buffer, length);
          return true;
        },
      },
    });
    sockets.push(socket);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('a socket was closed')));
    socket.write(upgrade(port));
    socket.write(masked(JSON.stringify({ type: 'connection_init' })));
  });
}

const upgrade = (port: number): string =>
  [
    'GET /graphql HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Protocol: graphql-transport-ws',
    '\r\n',
  ].join('\r\n');

const pong = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);

/** A frame as clients send them, with a mask that changes nothing. */
function masked(text: string): Buffer {
  const payload = Buffer.from(text);
  const { length } = payload;
  const head = length < 126 ? [0x81, 0x80 | length] : [0x81, 0x80 | 126, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), payload]);
}

async function openStalled(port: number): Promise<Stalled> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws', {
    perMessageDeflate: false,
  });
  const client: Stalled = { ids: [], socket, code: null };
  let ready = false;
  socket.on('close', (code) => {
    client.code = code;
  });
  socket.on('message', (data) => {
    const message = JSON.parse(String(data));
    if (message.id === 'trip') ready = true;
    else if (message.type === 'next') client.ids.push(message.payload.data.events.id);
  });
  await new Promise((resolve) => socket.once('open', resolve));
  for (const message of [
    { type: 'connection_init' },
    { type: 'subscribe', id: 'events', payload: { query: 'subscription { events { id at type message } }' } },
    { type: 'subscribe', id: 'trip', payload: { query: '{ __typename }' } },
  ])
    socket.send(JSON.stringify(message));
  await until('it follows', () => ready);
  socket.pause();
  return client;
}

/** Follows events after the last one known, up to `last`. */
async function rest(port: number, ids: string[], last: number): Promise<void> {
  const client = createClient({
    url: `ws://127.0.0.1:${port}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
  });
  const query = 'subscription ($after: ID) { events(after: $after) { id } }';
  const following = client.iterate<{ events: { id: string } }>({ query, variables: { after: ids.at(-1) } });
  try {
    for await (const { data } of following) {
      if (data) ids.push(data.events.id);
      if (position(ids.at(-1)) === last) break;
    }
  } catch (problem) {
    throw new Error(`a client could not come back: ${(problem as CloseEvent).reason ?? problem}`);
  }
  await client.dispose();
}

serveQuestions(handlers);
