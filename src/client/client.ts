import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
import { createClient } from 'graphql-ws';
import { asClientError, ClientError, closeCodeOf, dataOf, forbidden, type Result } from './error.ts';
import { Queue } from './queue.ts';

/** A document as codegen.ts types it: text that knows what it answers and what it takes. */
export type Typed<R, V> = DocumentTypeDecoration<R, V> & { toString(): string };

export interface ClientOptions {
  /** Where the service is, such as `http://localhost:8000`. */
  readonly url: string;
  readonly key: string | null;
  /** Told when the socket stands, and when it is lost or could not be had. */
  readonly onSocket?: (standing: boolean) => void;
  /** Other times than usual. */
  readonly patience?: Partial<Patience>;
}

/** Milliseconds. */
export interface Patience {
  /** Between pings. */
  readonly pingEvery: number;
  /** Until the answer to one must have come, and the acknowledgement of a new socket. */
  readonly answerWithin: number;
  /** Until a lost socket is opened again: the first time at most so long, twice as long each further time, up to `slowest`. */
  readonly retryAfter: number;
  readonly slowest: number;
}

/** The close code of a socket that nobody needs any longer. */
const normal = 1000;

/** What the service takes for one, and a header holds. */
const possibleKey = /^[\x21-\x7e]+$/;

const usual: Patience = { pingEvery: 10_000, answerWithin: 5_000, retryAfter: 500, slowest: 8_000 };

export interface Following<R> {
  /** Finds the id of the event in what came: after a loss the subscription goes on after the last one. */
  readonly resume?: (told: R) => string;
  readonly signal?: AbortSignal;
}

/** Dispose it, or its pings and its waiting for the next attempt keep a process alive. */
export interface Client extends AsyncDisposable {
  /** Asks once, over HTTP. Fails with a ClientError, or with the reason of `signal`. */
  ask<R, V>(document: Typed<R, V>, variables: V, signal?: AbortSignal): Promise<R>;
  /**
   * Follows a subscription until `signal` aborts, over one WebSocket for all of them and through every loss of it. Events are
   * to be followed with `resume`, and none that comes after the variable `after` is missed or told twice; states begin anew
   * with the present one. A mutation that has an idempotency key may be sent this way too: it is sent again after a loss, and
   * has all the time that it needs. Fails with a ClientError: UNAUTHENTICATED when the key is no good, CURSOR_EXPIRED when
   * what was missed is no longer known.
   */
  follow<R, V extends object>(
    document: Typed<R, V>,
    variables: V,
    options?: Following<R>,
  ): AsyncGenerator<R, void, undefined>;
}

/** A client of the service, for Node and for browsers alike. */
export function clientOf({ url, key, onSocket, patience }: ClientOptions): Client {
  const { pingEvery, answerWithin, retryAfter, slowest } = { ...usual, ...patience };
  const address = new URL('/graphql', url);
  const credentials = key === null ? {} : { 'x-api-key': key };
  // Nobody is asked then: `fetch` would fail as it does where nobody answers.
  const checkKey = (): void => {
    if (key !== null && !possibleKey.test(key))
      throw new ClientError('UNAUTHENTICATED', 'a key is printable ASCII characters without spaces');
  };
  const disposing = new AbortController();
  let standing = false;
  let overdue: ReturnType<typeof setTimeout> | undefined;

  const sockets = createClient({
    url: String(address).replace(/^http/, 'ws'),
    connectionParams: credentials,
    connectionAckWaitTimeout: answerWithin,
    keepAlive: pingEvery,
    retryAttempts: Number.POSITIVE_INFINITY,
    // Never all clients at once.
    retryWait: (retries) =>
      pause(Math.min(slowest, retryAfter * 2 ** retries) * (0.5 + Math.random() / 2), disposing.signal),
    shouldRetry: (problem) => closeCodeOf(problem) !== forbidden,
    on: {
      connected: () => {
        standing = true;
        onSocket?.(true);
      },
      ping: (received) => {
        // Not closed politely: who does not answer a ping does not answer that either.
        if (!received) overdue = setTimeout(() => sockets.terminate(), answerWithin);
      },
      pong: (received) => {
        if (received) clearTimeout(overdue);
      },
      closed: (event) => {
        standing = false;
        clearTimeout(overdue);
        // The last follower has left: that is no loss.
        if (closeCodeOf(event) !== normal) onSocket?.(false);
      },
    },
  });

  return {
    async ask(document, variables, signal) {
      checkKey();
      const lost = (problem: unknown): never => {
        signal?.throwIfAborted();
        throw new ClientError('UNREACHABLE', `nobody answers at ${address.origin}`, { cause: problem });
      };
      const response = await fetch(address, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json', ...credentials },
        body: JSON.stringify({ query: document.toString(), variables }),
        ...(signal && { signal }),
      }).catch(lost);
      const result = resultIn(await response.text().catch(lost));
      if (result) return dataOf(result);
      throw new ClientError('UNREACHABLE', `${address} is not Tandem: it answered ${response.status}`);
    },

    async *follow<R, V extends object>(
      document: Typed<R, V>,
      given: V,
      { resume, signal }: Following<R> = {},
    ) {
      checkKey();
      // graphql-ws sends them anew, as they are by then, each time that it has opened a socket again.
      const variables = { ...given } as Record<string, unknown>;
      const came = new Queue<R>();
      const leave = sockets.subscribe<R>(
        { query: document.toString(), variables },
        {
          next(result) {
            try {
              const told = dataOf<R>(result as Result<R>);
              if (resume) variables.after = resume(told);
              came.push(told);
            } catch (problem) {
              came.end(problem);
            }
          },
          error: (problem) => came.end(asClientError(problem)),
          complete: () => came.end(),
        },
      );
      const end = () => came.end();
      signal?.addEventListener('abort', end, { once: true });
      if (signal?.aborted) end();
      try {
        yield* came;
      } finally {
        signal?.removeEventListener('abort', end);
        leave();
      }
    },

    async [Symbol.asyncDispose]() {
      disposing.abort();
      clearTimeout(overdue);
      // Fails where a socket is being opened, which nobody waits for any more.
      void Promise.resolve(sockets.dispose()).catch(() => {});
      if (!standing) sockets.terminate();
    },
  };
}

/** The result that a body holds; null where it is another program's. */
function resultIn(body: string): Result<never> | null {
  try {
    const result = JSON.parse(body);
    return result?.data || Array.isArray(result?.errors) ? result : null;
  } catch {
    return null;
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
