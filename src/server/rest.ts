import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphQLError } from 'graphql';
import type { Services } from '../context.ts';
import { type Answer, problem, unprocessable } from '../rest/answer.ts';
import { type Asked, type Route, routes } from '../rest/routes.ts';
import type { Access, Credentials, Grant, Keyring } from './access.ts';
import { readBody } from './body.ts';
import { isForm } from './origin.ts';
import { pathOf } from './path.ts';

export interface RestOptions {
  readonly keyring: Keyring;
  /** Whether a request may act for whoever sends it. */
  readonly trusted: (request: IncomingMessage) => boolean;
  /** What a stranger is told. */
  readonly strangerMessage: string;
  readonly mask: (error: unknown) => Error;
}

/** Answers the original's paths, in its words, under the rules of every other way in. False for a path that is none of them. */
export function restServer(
  services: Services,
  { keyring, trusted, strangerMessage, mask }: RestOptions,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  const answer = async (request: IncomingMessage, route: Route, grant: Grant): Promise<Answer> => {
    const text = await bodyOf(request);
    if (text === null) return problem(413, 'The body is too large.');
    // It may have come long after its headers did, with a key that was good.
    if (!keyring.isGood(grant)) return keyProblem({ kind: 'wrong' });
    const body = parsed(text);
    if (body instanceof SyntaxError)
      return unprocessable({ type: 'json_invalid', loc: ['body'], msg: 'JSON decode error' });
    return route.answer({ ...addressOf(request, route), body }, services).catch((error) => told(mask(error)));
  };

  return (request, response) => {
    const path = pathOf(request);
    const here = routes.filter((route) => route.path.test(path));
    if (here.length === 0) return false;
    const route = here.find(({ method }) => method === request.method);
    const access = keyring.find(request.headers as Credentials);
    if (!trusted(request)) write(response, problem(403, strangerMessage));
    else if (access.kind !== 'granted') write(response, keyProblem(access));
    else if (!route) {
      response.setHeader('allow', here.map(({ method }) => method).join(', '));
      write(response, problem(405, 'Method Not Allowed'));
    } else if (route.method !== 'GET' && access.viewer.role === 'READ') write(response, readOnly);
    // What has no body needs no type, and no form comes without one.
    else if (request.headers['content-type'] !== undefined && isForm(request)) write(response, noForm);
    else void answer(request, route, access).then((found) => write(response, found));
    return true;
  };
}

const keyProblem = ({ kind }: Access): Answer =>
  kind === 'missing'
    ? problem(401, 'This API needs its key: send it as "X-API-KEY", or as "Authorization: Bearer …".')
    : problem(403, 'This key is not, or no longer, a key of this service.');
const readOnly = problem(403, 'This changes something: it needs API_KEY, and this key is for reading.');
const noForm = unprocessable({
  type: 'content_type',
  loc: ['header', 'content-type'],
  msg: 'Send JSON, with content-type application/json: a form could come from any page.',
});

const statuses: Readonly<Record<string, number>> = {
  BAD_USER_INPUT: 422,
  SERVICE_UNAVAILABLE: 503,
  STORAGE: 503,
};

const told = (error: Error): Answer =>
  problem(statuses[String((error as GraphQLError).extensions.code)] ?? 500, error.message);

const bodyOf = (request: IncomingMessage): Promise<string | null> =>
  new Promise((resolve) => readBody(request, resolve));

/** The parser's own words are left out: they repeat what was sent. */
function parsed(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (problem) {
    return problem;
  }
}

function addressOf(request: IncomingMessage, route: Route): Pick<Asked, 'path' | 'query'> {
  const { url = '' } = request;
  const query = url.includes('?') ? url.slice(url.indexOf('?') + 1) : '';
  return {
    path: { ...route.path.exec(pathOf(request))?.groups },
    query: Object.fromEntries(new URLSearchParams(query)),
  };
}

function write(response: ServerResponse, { status, body, retryAfterSeconds = null }: Answer): void {
  response
    .writeHead(status, {
      'content-type': 'application/json',
      ...(status === 401 && { 'www-authenticate': 'Bearer' }),
      ...(retryAfterSeconds !== null && { 'retry-after': String(retryAfterSeconds) }),
    })
    .end(JSON.stringify(body));
}
