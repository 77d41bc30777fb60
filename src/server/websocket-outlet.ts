import type { ExecutionResult } from 'graphql';
import type { Grant } from './access.ts';
import { type Outlet, told } from './live/outlet.ts';
import type { Subscriber } from './live/subscriber.ts';
import { frameEnd, frameHeader, longestHeader, type Update } from './live/update.ts';
import type { WebSocketConnection } from './websocket-connection.ts';

/** Try again later: clients come back after this one. */
const tryAgainLater = 1013;

/** One subscription on a WebSocket. */
export class WebSocketOutlet implements Outlet {
  readonly #connection: WebSocketConnection;
  readonly #grant: Grant | null;
  readonly #end: Buffer;
  readonly #over = Promise.withResolvers<IteratorResult<ExecutionResult, undefined>>();

  /** `grant` is for an operation that brought its own. */
  constructor(connection: WebSocketConnection, id: string, grant: Grant | null) {
    this.#connection = connection;
    this.#grant = grant;
    this.#end = frameEnd(id);
  }

  get gone(): boolean {
    return !this.#connection.open;
  }

  get waiting(): number {
    return this.#connection.stream.writableLength;
  }

  get clogged(): boolean {
    return this.#connection.stream.writableNeedDrain;
  }

  whenDrained(then: () => void): void {
    this.#connection.drained.wait(then);
  }

  /** Three writes that leave as one. The message is the same bytes for all who follow this, however long their ids are. */
  put({ message }: Update): void {
    const { stream, open } = this.#connection;
    if (!open) return;
    stream.cork();
    stream.write(frameHeader(message.length + this.#end.length));
    stream.write(message);
    stream.write(this.#end);
    stream.uncork();
  }

  size({ message }: Update): number {
    return longestHeader + message.length + this.#end.length;
  }

  cutOff(): void {
    this.#connection.close(tryAgainLater, 'Too slow: come back with "after" the last event seen');
  }

  finish(problem: unknown): void {
    this.#over.resolve(
      problem === null
        ? { done: true, value: undefined }
        : { done: false, value: { errors: [told(problem)] } },
    );
  }

  /** What graphql-ws waits on: it gives nothing, or one last error, and knows when the client has left. */
  following(
    characters: number,
    deliver: () => Subscriber,
  ): AsyncIterableIterator<ExecutionResult, undefined> {
    let subscriber: Subscriber | null = null;
    let begin: typeof deliver | null = deliver;
    const leave = () => {
      if (subscriber) {
        this.#connection.subscribers.delete(subscriber);
        subscriber.leave();
      }
      if (this.#grant) this.#connection.grants.delete(this.#grant);
      this.#over.resolve({ done: true, value: undefined });
    };
    return {
      next: async () => {
        if (!begin) return { done: true, value: undefined };
        if (this.#grant) this.#connection.grants.add(this.#grant);
        subscriber = begin();
        // It holds all that the operation was begun with.
        begin = null;
        this.#connection.subscribers.set(subscriber, characters);
        if (this.gone) leave();
        const last = await this.#over.promise;
        leave();
        return last;
      },
      return: async () => {
        leave();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }
}
