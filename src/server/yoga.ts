import { createYoga } from 'graphql-yoga';
import type { Context } from '../context.ts';
import { schema } from '../graphql.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Log } from '../services/log.ts';
import { maskWith } from './errors.ts';
import { countSubscribers } from './subscribers.ts';

/** Yoga, for HTTP and server-sent events directly and for WebSocket by way of its envelope. */
export const makeYoga = (context: Context, log: Log, newId: () => string, metrics: Metrics) =>
  createYoga({
    schema,
    context: () => ({ ...context }),
    graphqlEndpoint: '/graphql',
    plugins: [countSubscribers(() => metrics.subscribed())],
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
