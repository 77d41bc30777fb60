import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { systemClock } from '../async/clock.ts';
import type { Services } from '../context.ts';
import type { Keys } from '../domain/keys.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Log } from '../services/log.ts';
import { type Credentials, Keyring } from './access.ts';
import { Connections } from './connections.ts';
import { assetsPath, dashboard } from './dashboard.ts';
import { maskWith } from './errors.ts';
import { playground } from './graphiql.ts';
import { answerInJson } from './http.ts';
import { type LiveLimits, liveLimits } from './live/limits.ts';
import { Live } from './live/live.ts';
import { serveMetrics } from './metrics.ts';
import { isForm, isForUs, isTrusted, namesHost, namesOf } from './origin.ts';
import { pathOf } from './path.ts';
import { restServer } from './rest.ts';
import { sseServer } from './sse.ts';
import { Untaken } from './untaken.ts';
import { serveWebSocket } from './websocket.ts';
import { beginShared, makeYoga } from './yoga.ts';

export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly keys: Keys;
  readonly allowedHosts: readonly string[];
  readonly introspection: boolean;
  readonly simulated: boolean;
  /** What is missing before the service can do its work. */
  readonly missing: () => readonly string[];
  readonly metrics: Metrics;
  /** Others than usual. */
  readonly live?: Partial<LiveLimits>;
}

export interface Served extends AsyncDisposable {
  readonly port: number;
  /** From now on these are the keys. What others have opened is closed; says how many connections. */
  changeKeys(keys: Keys): number;
}

const graphqlPath = '/graphql';

/** Milliseconds until a request's headers, and all of it, must have come. */
const patience = { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 5_000 };

/** Opens the one port: GraphQL over HTTP, SSE and WebSocket on one path, the playground, the dashboard, the probes, and the metrics. */
export async function serve(services: Services, options: ServeOptions, log: Log): Promise<Served> {
  const limits = { ...liveLimits, ...options.live };
  const { metrics } = options;
  // Whatever clock the service has, sockets live in the time of those at their other ends.
  const clock = systemClock;
  const keyring = new Keyring(options.keys);
  const connections = new Connections(limits.connections);
  const live: Live = new Live((asked, viewer) => begin(asked, viewer), { metrics, now: () => clock.now() });
  const yoga = makeYoga(
    services,
    log,
    randomUUID,
    metrics,
    options,
    sseServer(live, connections, keyring.isGood),
    () => connections.full,
    keyring.isGood,
  );
  const begin = beginShared(yoga);
  const mask = maskWith(log, randomUUID);
  const answer = answerInJson(yoga, mask, (request, response, grant) => {
    void yoga(request, response, { grant, viewer: grant.viewer });
  });
  const ours = namesOf(options.host, options.allowedHosts);
  const page = dashboard(log);
  const scraped = serveMetrics(metrics, log);

  const trusted = (request: IncomingMessage) => isTrusted(request, keyring.isOpen, ours);
  const known = (request: IncomingMessage) => !keyring.isOpen || isForUs(request, ours);

  const rest = restServer(services, { keyring, trusted, strangerMessage, mask });

  const ask = (request: IncomingMessage, response: ServerResponse): void => {
    const found = keyring.find(request.headers as Credentials);
    if (found.kind === 'granted') answer(request, response, found);
    else refuse(response, 401, 'UNAUTHENTICATED', keyMessage);
  };

  // Clients that offer HTTP/2 (h2c) are answered in HTTP/1.1: only a WebSocket is taken out of it.
  const shouldUpgradeCallback = ({ headers }: IncomingMessage) =>
    headers.upgrade?.toLowerCase() === 'websocket';
  const untaken = new Untaken();
  const server = createServer({ shouldUpgradeCallback, ...patience }, (request, response) => {
    // What is answered is data: no browser may take it for a page, nor show it within another one.
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('x-frame-options', 'DENY');
    untaken.watch(response);
    const path = pathOf(request);
    if (!namesHost(request)) return refuse(response, 400, 'BAD_REQUEST', 'The header Host names no host.');
    if (path.startsWith(assetsPath)) return void page.load(request, response, path);
    switch (path) {
      case graphqlPath:
        if (wantsPage(request)) return void playground(request, response);
        if (!trusted(request)) return refuse(response, 403, 'FORBIDDEN', strangerMessage);
        if (isForm(request))
          return refuse(
            response,
            415,
            'BAD_REQUEST',
            'Send the operation as JSON: content-type application/json.',
          );
        return ask(request, response);
      case '/':
        return void page.open(request, response);
      case '/healthz':
        if (!isRead(request)) return notAllowed(response);
        return json(response, 200, { status: 'ok' });
      case '/readyz': {
        if (!isRead(request)) return notAllowed(response);
        if (!known(request)) return refuse(response, 403, 'FORBIDDEN', strangerMessage);
        const missing = options.missing();
        return json(response, missing.length === 0 ? 200 : 503, {
          ready: missing.length === 0,
          missing,
          simulated: options.simulated,
        });
      }
      case '/metrics':
        if (!known(request)) return refuse(response, 403, 'FORBIDDEN', strangerMessage);
        return void scraped(request, response);
      default:
        if (rest(request, response)) return;
        return json(response, 404, {
          error: `Nothing is at ${path.slice(0, 100)}. The API and its playground are at ${graphqlPath}.`,
        });
    }
  });
  const isHere = (request: IncomingMessage) => pathOf(request) === graphqlPath;
  serveWebSocket(server, { isHere, trusted, access: keyring.find, yoga, live, connections, limits, log });
  const port = await listen(server, options.host, options.port);
  const ending = new AbortController();
  const beating = connections.keepAlive(clock, limits.beatMs, ending.signal);
  const sweeping = untaken.sweep(clock, limits.takingMs, ending.signal);
  return {
    port,
    changeKeys(keys) {
      keyring.change(keys);
      return connections.evict(keyring.isGood);
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      ending.abort();
      await Promise.all([beating, sweeping]);
      await connections.drain(clock, limits.drainMs);
      server.closeAllConnections();
      await closed;
      await yoga.dispose();
    },
  };
}

const isRead = ({ method }: IncomingMessage): boolean => method === 'GET' || method === 'HEAD';

const wantsPage = (request: IncomingMessage): boolean =>
  isRead(request) && /\btext\/html\b/.test(request.headers.accept ?? '');

const keyMessage =
  'This API needs its key: send it as the header "X-API-Key", or as "Authorization: Bearer …".';
const strangerMessage =
  'Without an API_KEY only this machine is served, and no page of another site. Open it as localhost, name this host in ALLOWED_HOSTS, or set an API_KEY.';

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  const headers: Record<string, string> = status === 401 ? { 'www-authenticate': 'Bearer' } : {};
  json(response, status, { errors: [{ message, extensions: { code } }] }, headers);
}

const notAllowed = (response: ServerResponse): void =>
  void response.writeHead(405, { allow: 'GET, HEAD' }).end();

function json(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
    .end(`${JSON.stringify(body)}\n`);
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}
