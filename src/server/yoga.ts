import { createYoga } from 'graphql-yoga';
import type { Services, Viewer } from '../context.ts';
import { schema } from '../graphql.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Log } from '../services/log.ts';
import { largestBody } from './body.ts';
import { rememberDocuments } from './documents.ts';
import { maskWith } from './errors.ts';
import { countSubscribers } from './subscribers.ts';

/** Yoga, for HTTP and server-sent events directly and for WebSocket by way of its envelope. */
export const makeYoga = (services: Services, log: Log, newId: () => string, metrics: Metrics) =>
  createYoga<{ viewer: Viewer }>({
    schema,
    context: ({ viewer }) => ({ ...services, viewer }),
    graphqlEndpoint: '/graphql',
    plugins: [countSubscribers(() => metrics.subscribed()), rememberDocuments()],
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

export type Yoga = ReturnType<typeof makeYoga>;
