import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionResult } from 'graphql';
import { type Client, createClient } from 'graphql-ws';
import { pino } from 'pino';
import { WebSocket } from 'ws';
import { probeEngine } from '../../src/acestream/probe.ts';
import { makeApp } from '../../src/app.ts';
import { type Clock, systemClock } from '../../src/async/clock.ts';
import { readSettings } from '../../src/config.ts';
import { connectDocker } from '../../src/docker/connect.ts';
import { variants } from '../../src/docker/variants.ts';
import { askControl } from '../../src/gluetun/control.ts';
import { openJournal } from '../../src/journal/sqlite.ts';
import { serve } from '../../src/server/serve.ts';
import type { TypedDocumentString } from '../api/gql/graphql.ts';

export interface Tandem extends AsyncDisposable {
  readonly url: string;
  readonly label: string;
  /** The lines of the log so far. */
  readonly logged: readonly string[];
  /** Asks over HTTP; fails on GraphQL errors. */
  ask<R, V>(document: TypedDocumentString<R, V>, ...variables: VariablesOf<V>): Promise<R>;
  /** The same, errors and all. */
  answer(body: object, headers?: Record<string, string>): Promise<{ status: number; body: ExecutionResult }>;
  /** Subscribes over WebSocket. */
  follow<R, V>(document: TypedDocumentString<R, V>, ...variables: VariablesOf<V>): Promise<Followed<R>>;
  ready(): Promise<{ status: number; missing: string[] }>;
  /** Begins to stop, as on SIGTERM. */
  stop(): Promise<void>;
}

type VariablesOf<V> = Record<string, never> extends V ? [variables?: V] : [variables: V];

export interface Followed<R> extends AsyncDisposable {
  /** The next event, or an error after ten seconds. */
  next(): Promise<R>;
}

export interface TandemOptions {
  readonly dockerHost: string;
  readonly vpns: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  /** Where it keeps its journal, for one that starts again. */
  readonly dataDir?: string;
}

/** A whole service in this process, on a port of its own, with a label that no other test has. */
export async function startTandem({
  dockerHost,
  vpns,
  env = {},
  clock = systemClock,
  dataDir,
}: TandemOptions): Promise<Tandem> {
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'tandem-data-')));
  const label = env.CONTAINER_LABEL ?? `tandem.test=${randomUUID()}`;
  const names = Object.fromEntries(
    vpns.map((name, index) => [`GLUETUN_CONTAINER_NAME${index === 0 ? '' : `_${index + 1}`}`, name]),
  );
  const settings = readSettings(
    {
      APP_PORT: '0',
      DOCKER_HOST: dockerHost,
      CONTAINER_LABEL: label,
      // Engines that nobody asked for would be in the way of most tests.
      MIN_REPLICAS: '0',
      MAX_REPLICAS: '100',
      ...names,
      ...env,
    },
    null,
  );
  const logged: string[] = [];
  const log = pino({ level: settings.logLevel }, { write: (line: string) => logged.push(line) });
  const { engine, docker: address } = settings;
  if (!address) throw new Error('tests say where Docker is');
  const hostOf = () => engine.host ?? 'localhost';
  const docker = connectDocker(
    address,
    { ...engine, instance: settings.instance, variant: variants[engine.variant], hostOf },
    clock,
  );

  const { eventsMax, eventsMaxMs } = settings;
  const newRun = () => randomUUID().slice(0, 8);
  const { journal } = openJournal({ folder, eventsMax, eventsMaxMs, clock, newRun });
  const stopping = new AbortController();
  const app = makeApp(
    settings,
    {
      docker,
      journal,
      probe: probeEngine,
      askControl,
      clock,
      log,
      publishedHost: address.publishedHost,
      hostOf,
    },
    stopping.signal,
  );
  const served = await serve(app.context, { ...settings.http, simulated: false, missing: app.missing }, log);
  const running = app.run();
  const url = `http://127.0.0.1:${served.port}`;

  const answer: Tandem['answer'] = async (body, headers = {}) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as ExecutionResult };
  };
  let stopped: Promise<void> | null = null;
  const stop = () => {
    stopped ??= (async () => {
      stopping.abort();
      await running;
      await served[Symbol.asyncDispose]();
      journal.close();
      if (dataDir === undefined) await rm(folder, { recursive: true, force: true });
    })();
    return stopped;
  };
  return {
    url,
    label,
    logged,
    answer,
    stop,
    async ask<R, V>(document: TypedDocumentString<R, V>, ...[variables]: VariablesOf<V>) {
      const { body } = await answer({ query: document.toString(), variables });
      if (body.errors) throw new Error(JSON.stringify(body.errors));
      return body.data as R;
    },
    async follow<R, V>(document: TypedDocumentString<R, V>, ...[variables]: VariablesOf<V>) {
      return follow<R>(`${url.replace('http', 'ws')}/graphql`, document.toString(), variables ?? {});
    },
    async ready() {
      const response = await fetch(`${url}/readyz`);
      const { missing } = (await response.json()) as { missing: string[] };
      return { status: response.status, missing };
    },
    [Symbol.asyncDispose]: stop,
  };
}

/** Resolves when the server has begun to serve the subscription, so that nothing that happens later is missed. */
async function follow<R>(url: string, query: string, variables: object): Promise<Followed<R>> {
  const sent = Promise.withResolvers<void>();
  const client: Client = createClient({
    url,
    webSocketImpl: WebSocket,
    lazy: false,
    retryAttempts: 0,
    onNonLazyError: (problem) => sent.reject(problem),
    on: { connected: () => sent.resolve() },
  });
  await sent.promise;
  const events = client.iterate<R>({ query, variables: { ...variables } });
  // A round trip on the same socket: the server handles messages in order, so the subscription stands when this is answered.
  for await (const _ of client.iterate({ query: '{ __typename }' }));
  return {
    async next() {
      const patience = new Promise<never>((_resolve, reject) => {
        AbortSignal.timeout(10_000).addEventListener('abort', () =>
          reject(new Error('no event within 10 s')),
        );
      });
      const { value, done } = await Promise.race([events.next(), patience]);
      if (done) throw new Error('the subscription ended');
      if (value.errors) throw new Error(JSON.stringify(value.errors));
      return value.data as R;
    },
    async [Symbol.asyncDispose]() {
      await events.return?.();
      await client.dispose();
    },
  };
}
