import type { ExecutionResult } from 'graphql';
import { createClient, type Client as Socket } from 'graphql-ws';
import { type CloseEvent, WebSocket } from 'ws';
import type { TypedDocumentString } from '../api/gql/graphql.ts';

/** What a client of a service does, wherever that runs. */
export interface Client {
  /** Asks over HTTP; fails on GraphQL errors. */
  ask<R, V>(document: TypedDocumentString<R, V>, ...variables: VariablesOf<V>): Promise<R>;
  /** The same, errors and all. A client whose signal aborts goes away. */
  answer(
    body: object,
    headers?: Record<string, string>,
    signal?: AbortSignal,
  ): Promise<{ status: number; body: ExecutionResult }>;
  /** Subscribes over WebSocket. */
  follow<R, V>(document: TypedDocumentString<R, V>, ...variables: VariablesOf<V>): Promise<Followed<R>>;
  ready(): Promise<{ status: number; missing: string[] }>;
}

type VariablesOf<V> = Record<string, never> extends V ? [variables?: V] : [variables: V];

export interface Followed<R> extends AsyncDisposable, AsyncIterable<R> {
  /** The next event, or an error after ten seconds, unless told otherwise. */
  next(patienceMs?: number): Promise<R>;
  /** The code with which the socket was closed. */
  readonly closed: Promise<number>;
}

/** `url` is asked each time: a service that is started again is found elsewhere. */
export function clientOf(url: string | (() => string)): Client {
  const base = () => (typeof url === 'string' ? url : url());
  const answer: Client['answer'] = async (body, headers = {}, signal) => {
    const response = await fetch(`${base()}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
      body: JSON.stringify(body),
      ...(signal && { signal }),
    });
    return { status: response.status, body: (await response.json()) as ExecutionResult };
  };
  return {
    answer,
    async ask<R, V>(document: TypedDocumentString<R, V>, ...[variables]: VariablesOf<V>) {
      const { body } = await answer({ query: document.toString(), variables });
      if (body.errors) throw new Error(JSON.stringify(body.errors));
      return body.data as R;
    },
    async follow<R, V>(document: TypedDocumentString<R, V>, ...[variables]: VariablesOf<V>) {
      return follow<R>(`${base().replace('http', 'ws')}/graphql`, document.toString(), variables ?? {});
    },
    async ready() {
      const response = await fetch(`${base()}/readyz`);
      const { missing } = (await response.json()) as { missing: string[] };
      return { status: response.status, missing };
    },
  };
}

/** Resolves when the server has begun to serve the subscription, so that nothing that happens later is missed. */
async function follow<R>(url: string, query: string, variables: object): Promise<Followed<R>> {
  const sent = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<number>();
  const client: Socket = createClient({
    url,
    webSocketImpl: WebSocket,
    lazy: false,
    retryAttempts: 0,
    onNonLazyError: (problem) => sent.reject(problem),
    on: { connected: () => sent.resolve(), closed: (event) => closed.resolve((event as CloseEvent).code) },
  });
  await sent.promise;
  const events = client.iterate<R>({ query, variables: { ...variables } });
  // A round trip on the same socket: the server handles messages in order, so the subscription stands when this is answered.
  for await (const _ of client.iterate({ query: '{ __typename }' }));
  const dataOf = ({ data, errors }: { data?: R | null | undefined; errors?: unknown }): R => {
    if (errors) throw new Error(JSON.stringify(errors));
    return data as R;
  };
  return {
    closed: closed.promise,
    async *[Symbol.asyncIterator]() {
      for await (const result of events) yield dataOf(result);
    },
    async next(patienceMs = 10_000) {
      const patience = new Promise<never>((_resolve, reject) => {
        AbortSignal.timeout(patienceMs).addEventListener('abort', () =>
          reject(new Error(`no event within ${patienceMs / 1_000} s`)),
        );
      });
      const { value, done } = await Promise.race([events.next(), patience]);
      if (done) throw new Error('the subscription ended');
      return dataOf(value);
    },
    async [Symbol.asyncDispose]() {
      await events.return?.();
      await client.dispose();
    },
  };
}
