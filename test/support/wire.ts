import { randomUUID } from 'node:crypto';
import { type IncomingMessage, request } from 'node:http';
import { WebSocket } from 'ws';
import { until } from './docker/until.ts';

export interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: { readonly data?: unknown; readonly errors?: readonly { message: string }[] };
}

/** A WebSocket that says what a test tells it to, and nothing by itself. */
export class Wire implements AsyncDisposable {
  readonly socket: WebSocket;
  readonly heard: Message[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  #read = 0;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => this.heard.push(JSON.parse(String(data))));
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) =>
      socket.once('close', (code, reason) => resolve({ code, reason: String(reason) })),
    );
  }

  static async open(
    url: string,
    {
      protocol = 'graphql-transport-ws',
      headers = {},
    }: { protocol?: string | string[]; headers?: object } = {},
  ): Promise<Wire> {
    const options = { headers: { ...headers }, perMessageDeflate: false };
    const wire = new Wire(new WebSocket(`${url.replace('http', 'ws')}/graphql`, protocol, options));
    await new Promise((resolve, reject) => {
      wire.socket.once('open', resolve);
      wire.socket.once('error', reject);
    });
    return wire;
  }

  /** The same, acknowledged. */
  static async ready(url: string, payload?: object, options = {}): Promise<Wire> {
    const wire = await Wire.open(url, options);
    wire.say({ type: 'connection_init', ...(payload && { payload }) });
    await wire.next('connection_ack');
    return wire;
  }

  say(message: object | string): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** Follows a subscription; the server has begun to serve it when this resolves. */
  async follow(query: string, variables: object = {}, id: string = randomUUID()): Promise<string> {
    this.say({ type: 'subscribe', id, payload: { query, variables } });
    await this.trip();
    return id;
  }

  /** Resolves when everything said before was heard. */
  async trip(): Promise<void> {
    const id = randomUUID();
    this.say({ type: 'subscribe', id, payload: { query: '{ __typename }' } });
    await until('an answer comes', () =>
      this.heard.some((each) => each.type === 'complete' && each.id === id),
    );
    for (let at = this.heard.length - 1; at >= 0; at--) if (this.heard[at]?.id === id) this.#drop(at);
  }

  /** The next message, in order; fails if it is of another type. */
  async next(type: string): Promise<Message> {
    const message = await until(`a message comes: ${type}`, () => this.heard[this.#read]);
    this.#read++;
    if (message.type !== type) throw new Error(`${type} was to come, and not ${JSON.stringify(message)}`);
    return message;
  }

  /** What was sent for an operation. */
  of(id: string): Message[] {
    return this.heard.filter((message) => message.id === id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.terminate();
    await this.closed;
  }

  #drop(at: number): void {
    this.heard.splice(at, 1);
    if (at < this.#read) this.#read--;
  }
}

/** A subscription over server-sent events. */
export class Stream implements AsyncDisposable {
  readonly response: IncomingMessage;
  /** Resolves when nothing more comes: true if the server ended it as it should. */
  readonly ended: Promise<boolean>;
  text = '';

  private constructor(response: IncomingMessage) {
    this.response = response;
    response.setEncoding('utf8').on('data', (chunk: string) => {
      this.text += chunk;
    });
    response.on('error', () => undefined);
    this.ended = new Promise((resolve) => response.once('close', () => resolve(response.complete)));
  }

  static open(url: string, query: string, variables: object = {}, headers: object = {}): Promise<Stream> {
    return new Promise((resolve, reject) => {
      request(
        `${url}/graphql`,
        {
          method: 'POST',
          headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
        },
        (response) => resolve(new Stream(response)),
      )
        .on('error', reject)
        .end(JSON.stringify({ query, variables }));
    });
  }

  /** The data of all events of a kind so far. */
  events(name = 'next'): { readonly data?: unknown; readonly errors?: readonly { message: string }[] }[] {
    const whole = this.text.slice(0, this.text.lastIndexOf('\n\n') + 1);
    return whole
      .split('\n\n')
      .filter((event) => event.startsWith(`event: ${name}\n`))
      .map((event) => JSON.parse(/^data: ?(.*)$/m.exec(event)?.[1] || 'null'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.response.destroy();
    await this.ended;
  }
}
