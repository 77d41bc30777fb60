import type { Duplex } from 'node:stream';
import { CloseCode } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { Credentials, Grant } from './access.ts';
import type { Connection } from './connections.ts';
import { Drain, mostWaiting } from './live/outlet.ts';
import type { Subscriber } from './live/subscriber.ts';

/** Bytes of a message from a client that has brought no key: enough for one, and for an operation that brings its own. */
const largestOfStrangers = 16_384;

/**
 * Bytes that have come from such a client since a message was heard. A frame is kept from its first byte on and shown with its
 * last; and some messages may come at once.
 */
const mostOfStrangers = 4 * largestOfStrangers;

const messageTooBig = 1009;
const tooMuch = 'Too much without a key';

/** One WebSocket. Its frames may be written past ws, because nothing compresses them and each is written as a whole. */
export class WebSocketConnection implements Connection {
  /** What operations are let in with that bring nothing of their own. */
  credentials: Credentials;
  readonly grants = new Set<Grant>();
  readonly stream: Duplex;
  readonly drained: Drain;
  /** Those under way, and how many characters each keeps. They end with it, whatever graphql-ws still knows of them. */
  readonly subscribers = new Map<Subscriber, number>();
  readonly #socket: WebSocket;
  readonly #unsettled = new Map<string, number>();
  #begun: string | null = null;
  #hearing = 0;
  #own: Grant | null = null;
  #brought: Grant | null = null;
  #unheard = 0;
  #alive = true;
  #beats = 0;

  constructor(socket: WebSocket, stream: Duplex, credentials: Credentials) {
    this.credentials = keysOf(credentials);
    this.stream = stream;
    this.drained = new Drain(stream);
    this.#socket = socket;
    socket.on('pong', () => {
      this.#alive = true;
    });
    socket.on('ping', () => this.#hold());
    socket.once('close', () => {
      for (const subscriber of this.subscribers.keys()) subscriber.leave();
    });
    const count = ({ length }: Buffer) => {
      this.#unheard += length;
      if (this.known) stream.off('data', count);
      else if (this.#unheard > mostOfStrangers) this.#hearNoMore();
    };
    stream.on('data', count);
    // ws has closed it by then with a code that says why.
    socket.on('error', () => undefined);
  }

  get open(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** Characters of the message that is heard now. */
  get hearing(): number {
    return this.#hearing;
  }

  /** Characters that its subscriptions keep. */
  get held(): number {
    return this.subscribers.values().reduce((sum, characters) => sum + characters, 0);
  }

  /** It was let in once, by itself or by an operation. Until then it may say little, and does not stay for long. */
  get known(): boolean {
    return this.#own !== null || this.#brought !== null;
  }

  /** Lets it in by what it has brought itself. */
  admit(grant: Grant): void {
    this.#own = grant;
    this.grants.add(grant);
  }

  /** Lets it in by what an operation has brought. Where nothing else has, it stays as long as the last one of these is good. */
  admitBy(grant: Grant): void {
    if (this.#own) return;
    if (this.#brought) this.grants.delete(this.#brought);
    this.#brought = grant;
    this.grants.add(grant);
  }

  /** `hear` settles when all that the message began has ended. */
  onMessage(hear: (text: string) => Promise<void>): void {
    this.#socket.on('message', (data) => {
      if (!this.open) return;
      this.#unheard = 0;
      if (!this.known && (data as Buffer).length > largestOfStrangers)
        return this.close(messageTooBig, tooMuch);
      this.#hold();
      this.#begun = null;
      const text = String(data);
      this.#hearing = text.length;
      const heard = hear(text);
      const id = this.#begun;
      if (id !== null) void heard.then(() => this.#settle(id));
    });
  }

  /**
   * Notes that the message that is heard now begins an operation, and says whether one of that id still goes on. Its client
   * may have completed it; but graphql-ws knows operations by their ids, and what ends late would end its successor.
   */
  begin(id: string): boolean {
    const others = this.#unsettled.get(id) ?? 0;
    this.#unsettled.set(id, others + 1);
    this.#begun = id;
    return others > 0;
  }

  /** Settles when the socket has taken it, or is gone. */
  send(text: string): Promise<void> {
    if (!this.open) return Promise.resolve();
    return new Promise((resolve) => this.#socket.send(text, () => resolve()));
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  beat(): void {
    if (!this.#alive) this.destroy();
    this.#alive = false;
    if (++this.#beats > 1 && !this.known) this.evict();
    if (this.open) this.#socket.ping();
  }

  evict(): void {
    this.close(CloseCode.Forbidden, 'Forbidden');
  }

  drain(): void {
    this.close(1001, 'Going away');
  }

  destroy(): void {
    this.#socket.terminate();
  }

  /** What comes from now on is thrown away. */
  #hearNoMore(): void {
    this.stream.removeAllListeners('data').resume();
    this.close(messageTooBig, tooMuch);
    this.stream.end();
  }

  #settle(id: string): void {
    const others = (this.#unsettled.get(id) ?? 1) - 1;
    if (others > 0) this.#unsettled.set(id, others);
    else this.#unsettled.delete(id);
  }

  /** A client that takes no answers is asked for no more questions. */
  #hold(): void {
    if (this.stream.writableLength <= mostWaiting || this.#socket.isPaused) return;
    this.#socket.pause();
    this.drained.wait(() => this.#socket.resume());
  }
}

/** What may carry a key, and nothing else that a client has sent: it is kept as long as its socket. */
export const keysOf = (credentials: Credentials): Credentials =>
  Object.fromEntries(
    Object.entries(credentials)
      .map(([name, value]) => [name.toLowerCase(), value] as const)
      .filter(
        ([name, value]) => (name === 'x-api-key' || name === 'authorization') && typeof value === 'string',
      ),
  );
