import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Context } from '../context.ts';
import type { Log } from '../services/log.ts';
import { type Credentials, guard } from './access.ts';
import { graphiql } from './graphiql.ts';
import { pathOf } from './path.ts';
import { serveWebSocket } from './websocket.ts';
import { makeYoga } from './yoga.ts';

export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly apiKey: string | null;
  readonly simulated: boolean;
  /** What is missing before the service can do its work. */
  readonly missing: () => readonly string[];
}

export interface Served extends AsyncDisposable {
  readonly port: number;
}

const graphqlPath = '/graphql';

/** Opens the one port: GraphQL over HTTP, SSE and WebSocket on one path, the playground, and the probes. */
export async function serve(context: Context, options: ServeOptions, log: Log): Promise<Served> {
  const yoga = makeYoga(context, log, randomUUID);
  const access = guard(options.apiKey);
  const playground = graphiql();

  const server = createServer((request, response) => {
    const path = pathOf(request);
    switch (path) {
      case graphqlPath:
        if (wantsPage(request)) return playground(request, response);
        if (access(request.headers as Credentials) !== 'granted') return unauthenticated(response);
        return void yoga(request, response);
      case '/':
        return void response.writeHead(302, { location: graphqlPath }).end();
      case '/healthz':
        return json(response, 200, { status: 'ok' });
      case '/readyz': {
        const missing = options.missing();
        return json(response, missing.length === 0 ? 200 : 503, {
          ready: missing.length === 0,
          missing,
          simulated: options.simulated,
        });
      }
      default:
        return json(response, 404, {
          error: `Nothing is at ${path.slice(0, 100)}. The API and its playground are at ${graphqlPath}.`,
        });
    }
  });
  const webSockets = serveWebSocket(server, graphqlPath, yoga, access);
  const port = await listen(server, options.host, options.port);
  return {
    port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      await webSockets.dispose();
      server.closeAllConnections();
      await closed;
      await yoga.dispose();
    },
  };
}

const wantsPage = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' && /\btext\/html\b/.test(headers.accept ?? '');

function unauthenticated(response: ServerResponse): void {
  const message =
    'This API needs its key: send it as the header "X-API-Key", or as "Authorization: Bearer …".';
  json(
    response,
    401,
    { errors: [{ message, extensions: { code: 'UNAUTHENTICATED' } }] },
    { 'www-authenticate': 'Bearer' },
  );
}

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
