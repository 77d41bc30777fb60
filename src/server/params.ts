import { GraphQLError } from 'graphql';
import type { GraphQLParams } from 'graphql-yoga';

/** A request that is no operation. The client's mistake, whatever type of answer it accepts. */
export const badRequest = (message: string, status = 400, code = 'BAD_REQUEST'): GraphQLError =>
  new GraphQLError(message, { extensions: { code, http: { status } } });

/** The parameters in the body of a POST. What they hold is checked by Yoga. */
export function paramsInBody(text: string): GraphQLParams {
  const params = fromJson(text, 'POST body sent invalid JSON.');
  if (params === null || typeof params !== 'object')
    throw badRequest(
      `POST body is expected to be object but received ${params === null ? null : typeof params}`,
    );
  if (Array.isArray(params)) throw badRequest('Batching is not supported.');
  return params;
}

/** The parameters in the query string of a GET. */
export function paramsInUrl(url: string): GraphQLParams {
  const given = new URLSearchParams(url.slice(url.indexOf('?') + 1));
  const text = (name: string) => given.get(name) || undefined;
  const json = (name: string) => {
    const value = text(name);
    return value === undefined ? undefined : fromJson(value, `The parameter "${name}" is not valid JSON.`);
  };
  return {
    operationName: text('operationName'),
    query: text('query'),
    variables: json('variables'),
    extensions: json('extensions'),
  } as GraphQLParams;
}

/** The parser's own words are left out: they repeat what was sent. */
function fromJson(text: string, otherwise: string) {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest(otherwise);
  }
}
