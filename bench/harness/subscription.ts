import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { z } from 'zod';
import { interrupted } from './cleanup.ts';
import { Inbox } from './inbox.ts';

/** A client on a WebSocket of its own, and what it was told. */
export class Subscription<T> implements AsyncDisposable {
  readonly inbox = new Inbox<T>();
  readonly #client: Client;

  private constructor(client: Client) {
    this.#client = client;
  }

  /** Resolves when the server has begun to serve it, so that nothing that happens later is missed. */
  static async open<T>(
    { host, port }: { readonly host: string; readonly port: number },
    query: string,
    shape: z.ZodType<T>,
  ): Promise<Subscription<T>> {
    const client = createClient({
      url: `ws://${host}:${port}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
    });
    const subscription = new Subscription<T>(client);
    client.subscribe(
      { query },
      {
        next: ({ data, errors }) => {
          const at = performance.now();
          if (errors) console.error(errors);
          else subscription.inbox.put(shape.parse(data), at);
        },
        // Whoever waits for an event that does not come any longer says so.
        error: (problem) => {
          if (!interrupted.aborted) console.error('a subscription ended:', problem);
        },
        complete: () => undefined,
      },
    );
    // A round trip on the same socket: the server takes messages in order.
    for await (const _ of client.iterate({ query: '{ __typename }' }));
    return subscription;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.dispose();
  }
}
