import type { ExecutionResult } from 'graphql';
import { createYoga, isAsyncIterable, type Plugin } from 'graphql-yoga';
import { Place } from '../async/place.ts';
import type { Context, Services, Viewer } from '../context.ts';
import { schema, simulatedSchema } from '../graphql.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Log } from '../services/log.ts';
import type { Grant } from './access.ts';
import { largestBody } from './body.ts';
import { rememberDocuments } from './documents.ts';
import { maskWith } from './errors.ts';
import { limited } from './limits.ts';
import type { Begin } from './live/live.ts';
import { revoked } from './live/refusals.ts';
import { type ServeStream, serverSentEvents } from './sse.ts';
import { countSubscribers } from './subscribers.ts';

/** What each operation is handed by its transport. */
export interface ServerContext {
  readonly viewer: Viewer;
  /** What opened the connection that it came over, where that goes on with it. */
  readonly grant?: Grant;
  /** Of the message over WebSocket that it came in: graphql-ws keeps that for as long as the operation goes on. */
  readonly characters?: number;
  /** It is executed for all who follow the same, and so for no client. */
  readonly shared?: boolean;
}

/** Yoga, for HTTP directly, for server-sent events up to their bytes, and for WebSocket by way of its envelope. */
export const makeYoga = (
  services: Services,
  log: Log,
  newId: () => string,
  metrics: Metrics,
  asked: { readonly introspection: boolean; readonly simulated: boolean },
  serveStream: ServeStream,
  isFull: () => boolean,
  isGood: (grant: Grant) => boolean,
) =>
  createYoga<ServerContext>({
    schema: asked.simulated ? simulatedSchema : schema,
    context: ({ viewer }) => ({ ...services, viewer, place: new Place() }),
    graphqlEndpoint: '/graphql',
    plugins: [
      stillGranted(isGood),
      limited(asked),
      countSubscribers(metrics, (context) => (context as ServerContext).shared === true),
      serverSentEvents(serveStream, isFull),
      rememberDocuments(),
    ],
    parserAndValidationCache: false,
    maxRequestBodySize: largestBody,
    maskedErrors: { maskError: maskWith(log, newId) },
    logging: false,
    graphiql: false,
    landingPage: false,
    multipart: false,
    batching: false,
    // No other site may read answers; what it may send is the server's to refuse.
    cors: false,
  });

/** Looks at the key again when the whole of a request has come: its headers may have come long before, with one that was good. */
const stillGranted = (isGood: (grant: Grant) => boolean): Plugin => ({
  onParams({ context }) {
    const { grant } = context as unknown as ServerContext;
    if (grant && !isGood(grant)) throw revoked();
  },
});

export type Yoga = ReturnType<typeof makeYoga>;

/** Subscribes by way of Yoga's envelope, with a context of its own that outlives every request. */
export const beginShared =
  (yoga: Yoga): Begin =>
  async (asked, viewer) => {
    const { subscribe, contextFactory } = yoga.getEnveloped({ viewer, shared: true });
    const contextValue = await contextFactory();
    const results = await subscribe({ ...asked, contextValue });
    if (!isAsyncIterable<ExecutionResult>(results)) return null;
    const { place } = contextValue as unknown as Context;
    return { results: results[Symbol.asyncIterator](), place };
  };
