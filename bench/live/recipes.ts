import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ExecutionArgs, type ExecutionResult, execute, parse, type subscribe } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { createYoga } from 'graphql-yoga';
import { WebSocketServer } from 'ws';
import { schema } from '../../src/graphql.ts';
import type { LiveLimits } from '../../src/server/live/limits.ts';
import { serve } from '../../src/server/serve.ts';
import type { World } from '../../test/support/build.ts';
import { metricsOf, servicesOf, silent } from '../../test/support/serving.ts';

/** A server for subscriptions to a world. */
export interface Recipe {
  readonly port: number;
  /** Sends what is so now, where nobody follows the world by itself. */
  readonly send?: () => void;
}

export type RecipeName = 'tandem' | 'plain' | 'raw';

/** What somebody selects who follows the VPNs and their engines: a little, or what a page of them shows. */
export const selections = {
  'five fields': '{ vpnStatus { lastEventId vpns { name engines { id name state httpPort health } } } }',
  'a page': `{
    vpnStatus {
      lastEventId mode connected
      vpns {
        name state health acceptsEngines engineCount pendingEngineCount forwardedPort publicIp country
        engines { id name containerId state health httpPort p2pPort url forwarded startedAt labels { key value } vpn { name } }
      }
      emergencyMode { active outage failedVpns { name } durationSeconds }
    }
  }`,
} as const;
export type Selection = keyof typeof selections;

/** Yoga's own functions, which the recipe of its documentation hands on as the root. */
const enveloped = ({ rootValue }: ExecutionArgs) =>
  rootValue as { readonly execute: typeof execute; readonly subscribe: typeof subscribe };

export const recipes: Readonly<
  Record<RecipeName, (world: World, selection: Selection, live?: Partial<LiveLimits>) => Promise<Recipe>>
> = {
  tandem: async (world, _selection, live = {}) => {
    const options = {
      host: '127.0.0.1',
      port: 0,
      keys: { all: null, read: null },
      allowedHosts: [],
      introspection: true,
      simulated: false,
      missing: () => [],
      metrics: metricsOf(world),
      live,
    };
    return serve(servicesOf(world), options, silent);
  },

  /** As the documentation of graphql-yoga has it. */
  plain: async (world) => {
    const yoga = createYoga({ schema, context: () => servicesOf(world), logging: false });
    const server = createServer(yoga);
    const sockets = new WebSocketServer({ server, path: yoga.graphqlEndpoint });
    useServer(
      {
        execute: (args) => enveloped(args).execute(args),
        subscribe: (args) => enveloped(args).subscribe(args),
        onSubscribe: async (ctx, _id, params) => {
          const enveloped = yoga.getEnveloped({
            ...ctx,
            req: ctx.extra.request,
            socket: ctx.extra.socket,
            params,
          });
          const args = {
            schema: enveloped.schema,
            operationName: params.operationName,
            document: enveloped.parse(params.query),
            variableValues: params.variables,
            contextValue: await enveloped.contextFactory(),
            rootValue: { execute: enveloped.execute, subscribe: enveloped.subscribe },
          };
          const errors = enveloped.validate(args.schema, args.document);
          return errors.length > 0 ? errors : args;
        },
      },
      sockets,
    );
    return { port: await listen(server) };
  },

  /** The same bytes to all, and nothing else: what ws can do. */
  raw: async (world, selection) => {
    const server = createServer();
    const sockets = new WebSocketServer({ server });
    const id = '00000000-0000-0000-0000-000000000000';
    const result = (await execute({
      schema,
      document: parse(`query ${selections[selection]}`),
      contextValue: servicesOf(world),
    })) as ExecutionResult;
    const text = JSON.stringify({ id, type: 'next', payload: result });
    const place = text.indexOf('"lastEventId":"') + '"lastEventId":"'.length;
    const message = () => {
      const bytes = Buffer.from(text);
      bytes.write(world.events.lastId, place);
      return bytes;
    };
    // One for the acknowledgement that others send, and one for the first state.
    sockets.on('connection', (socket) => {
      for (let n = 0; n < 2; n++) socket.send(message(), { binary: false });
    });
    return {
      port: await listen(server),
      send: () => {
        const bytes = message();
        for (const socket of sockets.clients)
          if (socket.bufferedAmount < 65_536) socket.send(bytes, { binary: false });
      },
    };
  },
};

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
