import { createYoga } from 'graphql-yoga';
import type { Services, Viewer } from '../context.ts';
import { schema } from '../graphql.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Log } from '../services/log.ts';
import { maskWith } from './errors.ts';
import { limited, shortDocuments } from './limits.ts';
import { countSubscribers } from './subscribers.ts';

/** The largest body of a request, in bytes. */
const largestBody = 2_097_152;

/** Yoga, for HTTP and server-sent events directly and for WebSocket by way of its envelope. */
export const makeYoga = (
  services: Services,
  log: Log,
  newId: () => string,
  metrics: Metrics,
  asked: { readonly introspection: boolean },
) =>
  createYoga<{ viewer: Viewer }>({
    schema,
    context: ({ viewer }) => ({ ...services, viewer }),
    graphqlEndpoint: '/graphql',
    plugins: [limited(asked), countSubscribers(() => metrics.subscribed())],
    parserAndValidationCache: { documentCache: shortDocuments(), errorCache: shortDocuments() },
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

export type Yoga = ReturnType<typeof makeYoga>;
