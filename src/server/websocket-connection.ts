import type { Duplex } from 'node:stream';
import { CloseCode } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { Credentials, Grant } from './access.ts';
import type { Connection } from './connections.ts';
import { Drain, mostWaiting } from './live/outlet.ts';

/** One WebSocket. Its frames may be written past ws, because nothing compresses them and each is written as a whole. */
export class WebSocketConnection implements Connection {
  /** What operations are let in with that bring nothing of their own. */
  credentials: Credentials;
  readonly grants = new Set<Grant>();
  readonly stream: Duplex;
  readonly drained: Drain;
  readonly #socket: WebSocket;
  #alive = true;

  constructor(socket: WebSocket, stream: Duplex, credentials: Credentials) {
    this.credentials = credentials;
    this.stream = stream;
    this.drained = new Drain(stream);
    this.#socket = socket;
    socket.on('pong', () => {
      this.#alive = true;
    });
    socket.on('ping', () => this.#hold());
    // ws has closed it by then with a code that says why.
    socket.on('error', () => undefined);
  }

  get open(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  onMessage(hear: (text: string) => void): void {
    this.#socket.on('message', (data) => {
      if (!this.open) return;
      this.#hold();
      hear(String(data));
    });
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

  /** A client that takes no answers is asked for no more questions. */
  #hold(): void {
    if (this.stream.writableLength <= mostWaiting || this.#socket.isPaused) return;
    this.#socket.pause();
    this.drained.wait(() => this.#socket.resume());
  }
}
