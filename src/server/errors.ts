import { GraphQLError } from 'graphql';
import { PlainError } from '../domain/plain-error.ts';
import { StorageTrouble } from '../domain/storage-trouble.ts';
import type { Log } from '../services/log.ts';

/**
 * What a client is told of an error. Its own mistakes are told as they are; anything else is masked, and logged with an id
 * that the client gets too.
 */
export function maskWith(log: Log, newId: () => string): (error: unknown) => Error {
  return (error) => {
    const cause = error instanceof GraphQLError ? error.originalError : error;
    const place = error instanceof GraphQLError ? { nodes: error.nodes, path: error.path } : {};
    if (cause instanceof PlainError)
      return new GraphQLError(cause.message, { ...place, extensions: { code: cause.code } });
    if (cause instanceof StorageTrouble)
      return new GraphQLError(cause.message, { ...place, extensions: { code: 'STORAGE' } });
    // graphql's own: syntax, validation, variables of the wrong type, and what the transport has to say of a request.
    if (error instanceof GraphQLError && (cause === undefined || cause instanceof GraphQLError))
      return withoutValues(error);

    // What resolvers throw comes with its place; this was thrown by the reading of a request.
    if (cause instanceof SyntaxError && place.path === undefined)
      return new GraphQLError('The request cannot be read: what it carries has to be JSON.', {
        extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
      });

    const id = newId();
    log.error({ err: cause, errorId: id, path: place.path }, 'an unexpected error was masked');
    return new GraphQLError(
      `Something went wrong inside Tandem. Its log has the details under the id ${id}.`,
      {
        ...place,
        extensions: { code: 'INTERNAL_SERVER_ERROR', errorId: id },
      },
    );
  };
}

/** They repeat what is wrong, which may be a megabyte, or something that an engine should have been given in confidence. */
export function withoutValues(error: GraphQLError): GraphQLError {
  const { nodes, source, positions, path, extensions } = error;
  const discreet = error.message.replace(/( at \S*\benv\b[^:]*: .*?: ).*$/s, '$1…');
  const message = discreet.length > longestMessage ? `${discreet.slice(0, longestMessage)}…` : discreet;
  if (message === error.message) return error;
  return new GraphQLError(message, { nodes, source, positions, path, extensions });
}

const longestMessage = 1_000;
