import type { ServerResponse } from 'node:http';
import type { ExecutionArgs, ExecutionResult } from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import type { Place } from '../async/place.ts';
import type { Viewer } from '../context.ts';
import type { Grant } from './access.ts';
import type { Connection, Connections } from './connections.ts';
import { end } from './live/end.ts';
import type { Begun, Live } from './live/live.ts';
import { Drain, type Outlet, told } from './live/outlet.ts';
import { evicted, tooManyConnections } from './live/refusals.ts';
import { Update } from './live/update.ts';

/** Serves one subscription on a response; settles when that has ended. */
export type ServeStream = (begun: Begun, response: ServerResponse, grant: Grant) => Promise<void>;

/** What Yoga's contexts hold over HTTP. */
interface HttpContext {
  readonly res?: ServerResponse;
  readonly grant: Grant;
  readonly viewer: Viewer;
  readonly place: Place;
}

/**
 * Takes over where Yoga has begun a subscription and agreed with the client on server-sent events: from there on the bytes go
 * to the response directly. Everything before, and every other answer, is Yoga's.
 */
export function serverSentEvents(serveStream: ServeStream, isFull: () => boolean): Plugin {
  const asked = new WeakMap<object, ExecutionArgs>();
  return {
    onSubscribe({ args }) {
      const { res } = args.contextValue as Partial<HttpContext>;
      if (res) asked.set(res, args);
    },
    onResultProcess({ result, resultProcessor, serverContext, setResultProcessor }) {
      const { res } = serverContext as unknown as Partial<HttpContext>;
      const args = res && asked.get(res);
      if (!res || !args || !isAsyncIterable(result)) return;
      const { grant, viewer, place } = args.contextValue as HttpContext;
      const results = result as AsyncIterable<ExecutionResult>;
      // Yoga answers 406, and would leave what was begun to go on for nobody.
      if (!resultProcessor) return end(results[Symbol.asyncIterator]());
      if (isFull()) {
        end(results[Symbol.asyncIterator]());
        return setResultProcessor(
          (_result, { Response }) => Response.json({ errors: [tooManyConnections()] }, { status: 503 }),
          'application/json',
        );
      }
      setResultProcessor(async (_result, { Response }) => {
        await serveStream({ asked: args, viewer, place, results }, res, grant);
        // Yoga leaves a response alone that has ended.
        return new Response(null);
      }, 'text/event-stream');
    },
  };
}

export const sseServer =
  (live: Live, connections: Connections, isGood: (grant: Grant) => boolean): ServeStream =>
  (begun, response, grant) =>
    new Promise((resolve) => {
      if (response.closed) {
        end(begun.results[Symbol.asyncIterator]());
        return resolve();
      }
      const stream = new EventStream(response, grant);
      // Its key may have gone while it was begun, and who is not among the connections yet is not told of that.
      if (!isGood(grant)) {
        end(begun.results[Symbol.asyncIterator]());
        response.once('close', resolve);
        return stream.evict();
      }
      connections.add(stream);
      response.once('close', () => {
        connections.delete(stream);
        subscriber.leave();
        resolve();
      });
      const subscriber = live.deliver(begun, stream);
    });

/** The distinct connections mode of graphql-sse: one response for one subscription. */
class EventStream implements Outlet, Connection {
  readonly grants: readonly Grant[];
  readonly #response: ServerResponse;
  readonly #drain: Drain;
  /** Bytes that the client's side had taken at the last beat. */
  #taken = -1;

  constructor(response: ServerResponse, grant: Grant) {
    this.grants = [grant];
    this.#response = response;
    this.#drain = new Drain(response);
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
    });
    // Some browsers show nothing of a stream before its first byte.
    response.write(':\n\n');
  }

  get gone(): boolean {
    return this.#response.writableEnded || this.#response.destroyed;
  }

  get waiting(): number {
    return this.#response.writableLength;
  }

  get clogged(): boolean {
    return this.#response.writableNeedDrain;
  }

  whenDrained(then: () => void): void {
    this.#drain.wait(then);
  }

  put(update: Update): void {
    this.#response.write(update.event);
  }

  size(update: Update): number {
    return update.event.length;
  }

  /** Ends without completing: a client takes that for a lost connection, and comes back. */
  cutOff(): void {
    this.#response.end();
  }

  finish(problem: unknown): void {
    if (this.gone) return;
    if (problem !== null) this.put(new Update({ errors: [told(problem)] }, 0, 0));
    this.#response.end('event: complete\ndata:\n\n');
  }

  /** Nobody answers a comment. But who has taken nothing since the last one though something waits is as good as gone. */
  beat(): void {
    const { socket } = this.#response;
    const taken = socket ? socket.bytesWritten - socket.writableLength : 0;
    if (this.waiting > 0 && taken === this.#taken) this.destroy();
    this.#taken = taken;
    if (!this.clogged && !this.gone) this.#response.write(':\n\n');
  }

  evict(): void {
    this.finish(evicted());
  }

  drain(): void {
    this.#response.end();
  }

  destroy(): void {
    this.#response.destroy();
  }
}
