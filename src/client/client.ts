import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
import { createClient } from 'graphql-ws';
import { asClientError, ClientError, closeCodeOf, dataOf, forbidden } from './error.ts';
import { Queue } from './queue.ts';

/** A document as codegen.ts types it: text that knows what it answers and what it takes. */
export type Typed<R, V> = DocumentTypeDecoration<R, V> & { toString(): string };

export interface ClientOptions {
  /** Where the service is, such as `http://localhost:8000`. */
  readonly url: string;
  readonly key: string | null;
  /** Told when the socket stands, and when it is lost or could not be had. */
  readonly onSocket?: (standing: boolean) => void;
}

export interface Following<R> {
  /** Finds the id of the event in what came: after a loss the subscription goes on after the last one. */
  readonly resume?: (told: R) => string;
  readonly signal?: AbortSignal;
}

export interface Client extends AsyncDisposable {
  /** Asks once, over HTTP. Fails with a ClientError. */
  ask<R, V>(document: Typed<R, V>, variables: V, signal?: AbortSignal): Promise<R>;
  /**
   * Follows a subscription until `signal` aborts, over one WebSocket for all of them and through every loss of it. Events are
   * to be followed with `resume`, and none is missed; states begin anew with the present one. Fails with a ClientError:
   * UNAUTHENTICATED when the key is no good, CURSOR_EXPIRED when what was missed is no longer known.
   */
  follow<R, V extends object>(
    document: Typed<R, V>,
    variables: V,
    options?: Following<R>,
  ): AsyncGenerator<R, void, undefined>;
}

/** Milliseconds: between pings, and until the answer to one must have come. */
const pingEvery = 10_000;
const pongWithin = 5_000;

/** A client of the service, for Node and for browsers alike. */
export function clientOf({ url, key, onSocket }: ClientOptions): Client {
  const address = new URL('/graphql', url);
  const credentials = key === null ? {} : { 'x-api-key': key };
  let socket: WebSocket | null = null;
  let overdue: ReturnType<typeof setTimeout> | undefined;

  const sockets = createClient({
    url: String(address).replace(/^http/, 'ws'),
    connectionParams: credentials,
    keepAlive: pingEvery,
    retryAttempts: Number.POSITIVE_INFINITY,
    // Half a second at first, eight at most, and never all clients at once.
    retryWait: (retries) => wait(Math.min(8_000, 500 * 2 ** retries) * (0.5 + Math.random() / 2)),
    shouldRetry: (problem) => closeCodeOf(problem) !== forbidden,
    on: {
      opened: (opened) => {
        socket = opened as WebSocket;
      },
      connected: () => onSocket?.(true),
      ping: (received) => {
        if (!received) overdue = setTimeout(() => socket?.close(4408, 'No answer to a ping'), pongWithin);
      },
      pong: (received) => {
        if (received) clearTimeout(overdue);
      },
      closed: () => {
        clearTimeout(overdue);
        onSocket?.(false);
      },
    },
  });

  return {
    async ask(document, variables, signal) {
      const response = await fetch(address, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json', ...credentials },
        body: JSON.stringify({ query: document.toString(), variables }),
        ...(signal && { signal }),
      }).catch((problem: unknown) => {
        signal?.throwIfAborted();
        throw new ClientError('UNREACHABLE', `nobody answers at ${address.origin}`, { cause: problem });
      });
      const answer = await response.json().catch(() => {
        throw new ClientError('UNREACHABLE', `${address} is not Tandem: it answered ${response.status}`);
      });
      return dataOf(answer);
    },

    async *follow<R, V extends object>(
      document: Typed<R, V>,
      given: V,
      { resume, signal }: Following<R> = {},
    ) {
      // graphql-ws sends them anew, as they are by then, each time that it has opened a socket again.
      const variables = { ...given } as Record<string, unknown>;
      const came = new Queue<R>();
      const leave = sockets.subscribe<R>(
        { query: document.toString(), variables },
        {
          next(result) {
            try {
              const told = dataOf<R>(result as Parameters<typeof dataOf<R>>[0]);
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
      clearTimeout(overdue);
      await sockets.dispose();
    },
  };
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
