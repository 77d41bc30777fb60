import type { IncomingMessage, Server } from 'node:http';
import { type ExecutionArgs, type execute, GraphQLError, type subscribe } from 'graphql';
import { CloseCode, type ServerOptions } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import type { Access, Credentials } from './access.ts';
import type { Connections } from './connections.ts';
import type { Yoga } from './yoga.ts';

/** The largest message that a client may send, in bytes. */
const largestMessage = 1_048_576;

/** Serves graphql-transport-ws to the requests that are `welcome`; another finds nothing here. The result closes every socket with 1001, so that clients come back elsewhere. */
export function serveWebSocket(
  server: Server,
  welcome: (request: IncomingMessage) => boolean,
  yoga: Yoga,
  access: (credentials: Credentials | undefined) => Access,
  connections: Connections,
) {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: largestMessage });
  server.on('upgrade', (request, socket, head) => {
    // Nobody else listens on a socket that was taken out of HTTP, and an error that nobody hears ends the process.
    socket.on('error', () => socket.destroy());
    if (!welcome(request)) return socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
    sockets.handleUpgrade(request, socket, head, (webSocket) =>
      sockets.emit('connection', webSocket, request),
    );
  });

  const options: ServerOptions<
    Record<string, unknown>,
    { socket: Socket; request: { headers: Credentials } }
  > = {
    execute: (args) => enveloped(args).execute(args),
    subscribe: (args) => enveloped(args).subscribe(args),
    // GraphiQL has no key when it connects: it sends its headers with each operation. So no key yet is let in, a wrong one is not.
    onConnect: ({ connectionParams, extra }) => {
      const found = access({ ...extra.request.headers, ...connectionParams });
      if (found.kind === 'granted') connections.hold(extra.socket, found, forbid(extra.socket));
      return found.kind !== 'wrong';
    },
    onClose: ({ extra }) => connections.release(extra.socket),
    onSubscribe: async (
      { connectionParams, extra },
      _id,
      { operationName, query, variables, extensions },
    ) => {
      const headers = extensions?.headers;
      const credentials = {
        ...extra.request.headers,
        ...connectionParams,
        ...(isRecord(headers) ? headers : {}),
      };
      const found = access(credentials);
      if (found.kind !== 'granted') {
        forbid(extra.socket)();
        return [new GraphQLError('Forbidden')];
      }
      connections.hold(extra.socket, found, forbid(extra.socket));
      const {
        schema,
        execute: run,
        subscribe: follow,
        contextFactory,
        parse,
        validate,
      } = yoga.getEnveloped({ viewer: found.viewer });
      try {
        const document = parse(query ?? '');
        const args: ExecutionArgs & { rootValue: Envelope } = {
          schema,
          document,
          ...(operationName != null && { operationName }),
          ...(variables != null && { variableValues: variables }),
          contextValue: await contextFactory(),
          rootValue: { execute: run, subscribe: follow },
        };
        const errors = validate(schema, document);
        return errors.length > 0 ? errors : args;
      } catch (problem) {
        // A syntax error ends this operation. Thrown on, it would end the socket and everything else on it.
        return [
          problem instanceof GraphQLError ? problem : new GraphQLError('The operation could not be read.'),
        ];
      }
    },
  };
  return useServer(options, sockets);
}

interface Socket {
  close(code: number, reason: string): void;
}

const forbid = (socket: Socket) => () => socket.close(CloseCode.Forbidden, 'Forbidden');

/** Yoga's own execute and subscribe, masking included, travel with each operation. */
interface Envelope {
  readonly execute: typeof execute;
  readonly subscribe: typeof subscribe;
}

const enveloped = (args: { rootValue?: unknown }): Envelope => args.rootValue as Envelope;

const isRecord = (value: unknown): value is Credentials => typeof value === 'object' && value !== null;
