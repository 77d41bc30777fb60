import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { WebSocket } from 'ws';
import type { Random } from '../support/random.ts';

export interface Asked {
  readonly query: string;
  readonly variables?: unknown;
  readonly operationName?: unknown;
}

export interface Result {
  readonly data?: unknown;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: { readonly code?: unknown };
  }[];
}

/** How something is asked: by POST or GET for one piece of JSON, for server-sent events, or over WebSocket. */
export type Way = 'POST' | 'GET' | 'events' | 'socket';

export interface Answer {
  readonly way: Way;
  readonly result: Result;
}

/** Of the service that is asked. Most may do everything. */
export const keys = { all: 'whoever-may-do-everything', read: 'whoever-may-only-look' };
const keyFrom = (random: Random): string => (random.chance(0.9) ? keys.all : keys.read);

/** Nothing may happen for ever to one that is in order; whether it does is known after a round trip. */
const follows = ({ query }: Asked): boolean => query.includes('subscription');
const quiet: Result = { data: null };

const accepts = ['application/json', 'application/graphql-response+json', 'text/event-stream', '*/*'];

/** The headers of a request may have 16 KiB, its address among them. */
const longestSearch = 8_000;

/** Asks over HTTP, on one connection for as long as the service keeps it. */
export class HttpClient implements Disposable {
  readonly #url: string;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(url: string) {
    this.#url = url;
  }

  async ask(asked: Asked, random: Random): Promise<Answer> {
    const headers = { accept: random.pick(accepts), 'x-api-key': keyFrom(random) };
    const search = random.chance(0.05) ? searchOf(asked) : '';
    const byGet = search !== '' && search.length <= longestSearch;
    const response = byGet
      ? await this.#send('GET', `/graphql?${search}`, headers)
      : await this.#send(
          'POST',
          '/graphql',
          { ...headers, 'content-type': 'application/json' },
          JSON.stringify(asked),
        );
    const { statusCode: status = 0 } = response;
    if (response.headers['content-type']?.startsWith('text/event-stream'))
      return { way: 'events', result: await this.#firstEvent(response, asked) };
    const text = await whole(response);
    if (status >= 500) throw new Error(`status ${status}: ${text}`);
    if (status === 401) throw new Error(`not let in: ${text}`);
    // A subscription, where nobody accepts a stream: Yoga has no words for that.
    const result = status === 406 && text === '' ? {} : (JSON.parse(text) as Result);
    return { way: byGet ? 'GET' : 'POST', result };
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  async #firstEvent(response: IncomingMessage, asked: Asked): Promise<Result> {
    if (!follows(asked)) return eventIn(await whole(response)) ?? quiet;
    let text = '';
    response.setEncoding('utf8').on('error', () => undefined);
    const heard = new Promise<void>((resolve, reject) => {
      response.on('data', (chunk: string) => {
        text += chunk;
        if (eventIn(text)) resolve();
      });
      response.once('close', () =>
        response.complete ? resolve() : reject(new Error('the stream was cut off')),
      );
    });
    await Promise.race([heard, this.#send('GET', '/healthz').then(whole)]);
    response.destroy();
    return eventIn(text) ?? quiet;
  }

  #send(method: string, path: string, headers: object = {}, body = ''): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const options = { method, headers: { ...headers }, agent: this.#agent };
      request(`${this.#url}${path}`, options, resolve).on('error', reject).end(body);
    });
  }
}

const eventIn = (text: string): Result | undefined => {
  const data = /^data: (\{.*\})\n/m.exec(text)?.[1];
  return data === undefined ? undefined : JSON.parse(data);
};

function searchOf({ query, variables, operationName }: Asked): string {
  const search = new URLSearchParams({ query, variables: JSON.stringify(variables) });
  if (typeof operationName === 'string') search.set('operationName', operationName);
  return String(search);
}

/** All that comes, or an error where it was cut off. */
async function whole(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return text;
}

type Message =
  | { readonly type: 'next'; readonly id: string; readonly payload: Result }
  | { readonly type: 'error'; readonly id: string; readonly payload: Result['errors'] & object }
  | { readonly type: 'complete'; readonly id: string }
  | { readonly type: 'closed'; readonly code: number };

/** Asks over WebSocket, on one for as long as the service keeps it. */
export class SocketClient implements Disposable {
  readonly #url: string;
  #socket: WebSocket | null = null;
  #hear: (message: Message) => void = () => undefined;
  /** The code with which it was closed while nothing was asked. */
  #lost: number | null = null;
  #asked = 0;

  constructor(url: string) {
    this.#url = `${url.replace('http', 'ws')}/graphql`;
  }

  async ask(asked: Asked, random: Random): Promise<Answer> {
    if (this.#lost !== null) throw new Error(`the socket was closed with ${this.#lost} some time before`);
    this.#socket ??= await this.#open();
    const socket = this.#socket;
    const say = (message: object) => socket.send(JSON.stringify(message));
    const id = String(++this.#asked);
    const trip = `${id} and back`;
    const extensions = { headers: { 'X-API-Key': keyFrom(random) } };
    const subscribe = JSON.stringify({ type: 'subscribe', id, payload: { ...asked, extensions } });
    const result = await new Promise<Result>((resolve, reject) => {
      let first: Result = quiet;
      this.#hear = (message) => {
        if (message.type === 'closed') {
          if (isOwnFault(message.code, asked, subscribe)) resolve({});
          else reject(new Error(`the socket was closed with ${message.code}`));
        } else if (message.id === id) {
          if (message.type === 'error') resolve({ errors: message.payload });
          else if (message.type === 'complete') resolve(first);
          else {
            first = message.payload;
            if (follows(asked)) resolve(first);
          }
        } else if (message.id === trip && message.type === 'complete') resolve(quiet);
      };
      socket.send(subscribe);
      if (follows(asked)) say({ type: 'subscribe', id: trip, payload: { query: '{ __typename }' } });
    });
    if (follows(asked)) say({ type: 'complete', id });
    this.#hear = (message) => {
      if (message.type === 'closed') this.#lost = message.code;
    };
    return { way: 'socket', result };
  }

  [Symbol.dispose](): void {
    this.#socket?.terminate();
  }

  async #open(): Promise<WebSocket> {
    const socket = new WebSocket(this.#url, 'graphql-transport-ws');
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init', payload: { 'X-API-Key': keys.all } }));
    await once(socket, 'message');
    socket.on('message', (data) => this.#hear(JSON.parse(String(data))));
    socket.once('close', (code) => {
      this.#socket = null;
      this.#hear({ type: 'closed', code });
    });
    return socket.on('error', () => undefined);
  }
}

/** Whether a socket may be closed with this for what was asked on it: it was no message of the protocol, or too large. */
const isOwnFault = (code: number, { variables, operationName }: Asked, message: string): boolean =>
  (code === 4400 &&
    (typeof operationName === 'number' || typeof variables !== 'object' || Array.isArray(variables))) ||
  (code === 1009 && Buffer.byteLength(message) > 1_048_576);
