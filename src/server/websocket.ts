import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  type ExecutionArgs,
  type execute,
  type FormattedExecutionResult,
  GraphQLError,
  type subscribe,
} from 'graphql';
import { CloseCode, handleProtocols, makeServer, type ServerOptions } from 'graphql-ws';
import { isAsyncIterable } from 'graphql-yoga';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Place } from '../async/place.ts';
import type { Viewer } from '../context.ts';
import type { Log } from '../services/log.ts';
import type { Access, Credentials, Grant } from './access.ts';
import type { Connections } from './connections.ts';
import { charactersOf, excessOnSocket } from './limits.ts';
import type { LiveLimits } from './live/limits.ts';
import type { Live } from './live/live.ts';
import { idNotFree, idTooLong, tooManyOperations } from './live/refusals.ts';
import { shown } from './live/update.ts';
import { keysOf, WebSocketConnection } from './websocket-connection.ts';
import { WebSocketOutlet } from './websocket-outlet.ts';
import type { Yoga } from './yoga.ts';

/** The largest message that a client may send, in bytes. */
const largestMessage = 1_048_576;

/** Characters of an operation's id. */
const longestId = 200;

export interface WebSocketDeps {
  /** Another request than these finds nothing. */
  readonly isHere: (request: IncomingMessage) => boolean;
  /** Whether a request may act for whoever sends it. */
  readonly trusted: (request: IncomingMessage) => boolean;
  readonly access: (credentials: Credentials | undefined) => Access;
  readonly yoga: Yoga;
  readonly live: Live;
  readonly connections: Connections;
  readonly limits: LiveLimits;
  readonly log: Log;
}

/**
 * Serves graphql-transport-ws. Ids, acknowledgements, completion and close codes are graphql-ws's; every operation goes
 * through Yoga's envelope; what subscriptions give goes to the socket directly, and graphql-ws only waits for their end.
 */
export function serveWebSocket(server: Server, deps: WebSocketDeps): void {
  const { isHere, trusted, connections, log } = deps;
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    handleProtocols,
    maxPayload: largestMessage,
    // One message in a turn: what ends an operation has ended it before its id is used again, and nobody's flood is served at once.
    allowSynchronousEvents: false,
  });
  const protocol = makeServer(protocolOptions(deps));

  const open = (socket: WebSocket, stream: Duplex, { headers }: IncomingMessage) => {
    const connection = new WebSocketConnection(socket, stream, headers as Credentials);
    connections.add(connection);
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (text) => connection.send(text),
        close: (code = 1000, reason = '') => connection.close(code, reason),
        onMessage: (hear) =>
          connection.onMessage((text) =>
            hear(text).catch((problem) => {
              log.error({ err: problem }, 'a message over WebSocket failed');
              connection.close(CloseCode.InternalServerError, 'Internal server error');
            }),
          ),
      },
      connection,
    );
    socket.once('close', (code, reason) => {
      connections.delete(connection);
      void closed(code, String(reason));
    });
  };

  server.on('upgrade', (request, stream, head) => {
    // Nobody else listens on a socket that was taken out of HTTP, and an error that nobody hears ends the process.
    stream.on('error', () => stream.destroy());
    if (!isHere(request)) return refuse(stream, '404 Not Found');
    if (!trusted(request)) return refuse(stream, '403 Forbidden');
    if (connections.full) return refuse(stream, '503 Service Unavailable', 'Retry-After: 5\r\n');
    sockets.handleUpgrade(request, stream, head, (socket) => open(socket, stream, request));
  });
}

/** Answers, and closes both sides: a client that keeps its own open would keep the socket, and the server from closing. */
function refuse(stream: Duplex, status: string, headers = ''): void {
  stream.once('finish', () => stream.destroy());
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n${headers}\r\n`);
}

/** What an operation brings along for whoever executes it: Yoga's own functions, masking included. */
interface Envelope {
  readonly execute: typeof execute;
  readonly subscribe: typeof subscribe;
  readonly connection: WebSocketConnection;
  readonly id: string;
  readonly grant: Grant | null;
}

const enveloped = (args: { rootValue?: unknown }): Envelope => args.rootValue as Envelope;

function protocolOptions({
  access,
  yoga,
  live,
  limits,
}: WebSocketDeps): ServerOptions<Record<string, unknown>, WebSocketConnection> {
  return {
    connectionInitWaitTimeout: limits.initMs,
    // GraphiQL has no key when it connects: it sends its headers with each operation. So no key yet is let in, a wrong one is not.
    onConnect: (context) => {
      const { connectionParams, extra: connection } = context;
      connection.credentials = { ...connection.credentials, ...keysOf(connectionParams ?? {}) };
      const found = access(connection.credentials);
      // It would keep them as long as the socket.
      delete (context as { connectionParams?: unknown }).connectionParams;
      if (found.kind === 'granted') connection.admit(found);
      return found.kind !== 'wrong';
    },
    onSubscribe: async (
      { extra: connection, subscriptions },
      id,
      { operationName, query, variables, extensions },
    ) => {
      if (id.length > longestId) return [idTooLong(longestId)];
      if (connection.begin(id)) return [idNotFree()];
      if (Object.keys(subscriptions).length > limits.operations)
        return [tooManyOperations(limits.operations)];
      const own = extensions?.headers;
      const credentials = isRecord(own) ? { ...connection.credentials, ...own } : connection.credentials;
      const found = access(credentials);
      if (found.kind !== 'granted') {
        connection.evict();
        return [new GraphQLError('Forbidden')];
      }
      connection.admitBy(found);
      const { viewer } = found;
      const envelope = yoga.getEnveloped({ viewer, characters: connection.hearing });
      try {
        const document = envelope.parse(query ?? '');
        const rootValue: Envelope = {
          execute: envelope.execute,
          subscribe: envelope.subscribe,
          connection,
          id,
          // A copy, for it is released when the operation ends, and the connection's own is not.
          grant: isRecord(own) ? { ...found } : null,
        };
        const args: ExecutionArgs = {
          schema: envelope.schema,
          document,
          ...(operationName != null && { operationName }),
          ...(variables != null && { variableValues: variables }),
          contextValue: await envelope.contextFactory(),
          rootValue,
        };
        const errors = envelope.validate(envelope.schema, document);
        return errors.length > 0 ? errors : args;
      } catch (problem) {
        // A syntax error ends this operation. Thrown on, it would end the socket and everything else on it.
        return [
          problem instanceof GraphQLError ? problem : new GraphQLError('The operation could not be read.'),
        ];
      }
    },
    onNext: (_context, _id, _payload, _args, { errors, ...result }) =>
      errors && ({ ...result, errors: errors.map(shown) } as FormattedExecutionResult),
    onError: (_context, _id, _payload, errors) => errors.map(shown),
    execute: (args) => enveloped(args).execute(args),
    subscribe: async (args) => {
      const { rootValue, ...asked } = args;
      const { subscribe: begin, connection, id, grant } = enveloped(args);
      const characters = charactersOf(args);
      const excess = excessOnSocket(connection.held + characters);
      if (excess) return { errors: [excess] };
      const results = await begin(args);
      if (!isAsyncIterable(results)) return results;
      const { viewer, place } = asked.contextValue as { viewer: Viewer; place: Place };
      const outlet = new WebSocketOutlet(connection, id, grant);
      return outlet.following(characters, () => live.deliver({ asked, viewer, results, place }, outlet));
    },
  };
}

const isRecord = (value: unknown): value is Credentials => typeof value === 'object' && value !== null;
