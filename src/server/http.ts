import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphQLError } from 'graphql';
import { type FetchAPI, type GraphQLParams, isAsyncIterable, processRegularResult } from 'graphql-yoga';
import { type JsonType, jsonTypeFor } from './accept.ts';
import type { Grant } from './access.ts';
import { readBody } from './body.ts';
import { badRequest, paramsInBody, paramsInUrl } from './params.ts';
import { together } from './together.ts';
import type { Yoga } from './yoga.ts';

type Handler = (request: IncomingMessage, response: ServerResponse, grant: Grant) => void;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly grant: Grant;
}

/**
 * Answers operations whose answer is one piece of JSON by Yoga's own steps, from the parameters to the text of the answer, on
 * the request and response of Node: making fetch's out of them costs more than a small operation. Whatever may be answered in
 * another way goes to `others`; they find a body that was read already as `request.body`.
 */
export function answerInJson(yoga: Yoga, mask: (error: unknown) => Error, others: Handler): Handler {
  const { getResultForParams } = yoga;
  const write = together();

  const answer = async (
    { request, response, grant }: Exchange,
    type: JsonType,
    readParams: () => GraphQLParams,
  ) => {
    const tell = (result: Parameters<typeof processRegularResult>[0]) =>
      processRegularResult(result, plainResponses, type) as unknown as PlainResponse;
    let told: PlainResponse;
    try {
      const params = readParams();
      if (mayBeSubscription(params) && mayGoOn(request))
        return others(Object.assign(request, { body: params }), response, grant);
      const asked = new Asked(request) as unknown as Request;
      const result =
        (await getResultForParams({ params, request: asked }, { grant, viewer: grant.viewer })) ?? {};
      if (isAsyncIterable(result)) {
        // Yoga leaves it open, for good, when it cannot be told.
        void result[Symbol.asyncIterator]()
          .return?.()
          .catch(() => undefined);
        throw badRequest(noJson, 406, 'NOT_ACCEPTABLE');
      }
      told = tell(result);
    } catch (error) {
      told = tell({ errors: [mask(error) as GraphQLError] });
    }
    const { status, headers, body } = told;
    write(() => {
      response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
    });
  };

  return (request, response, grant) => {
    const type = jsonTypeFor(request.headers.accept);
    const exchange: Exchange = { request, response, grant };
    if (type !== null && request.method === 'GET') {
      void answer(exchange, type, () => paramsInUrl(request.url ?? ''));
    } else if (type !== null && isJson(request)) {
      readBody(request, (text) => {
        void answer(exchange, type, () => {
          if (text === null) throw badRequest('Request body too large', 413, 'REQUEST_ENTITY_TOO_LARGE');
          return paramsInBody(text);
        });
      });
    } else others(request, response, grant);
  };
}

const isJson = ({ method, headers }: IncomingMessage): boolean =>
  method === 'POST' &&
  /^application\/json\s*(;\s*charset="?utf-?8"?\s*)?$/i.test(headers['content-type'] ?? '');

const mayBeSubscription = ({ query }: GraphQLParams): boolean =>
  typeof query === 'string' && query.includes('subscription');

/** Whether the answer may be one that goes on: server-sent events, or parts. */
const mayGoOn = ({ headers }: IncomingMessage): boolean =>
  /^$|\*\/\*|text\/|multipart\//i.test(headers.accept ?? '');

const noJson =
  'A subscription is no single piece of JSON: accept text/event-stream, or follow it over a WebSocket.';

/** What Yoga and its plugins ask of a request, without the cost of a whole one. */
class Asked {
  readonly #message: IncomingMessage;
  constructor(message: IncomingMessage) {
    this.#message = message;
  }
  get method() {
    return this.#message.method;
  }
  get url() {
    return `http://${this.#message.headers.host}${this.#message.url}`;
  }
  get headers() {
    return new Headers(Object.entries(this.#message.headers).map(([name, value]) => [name, String(value)]));
  }
}

/** What Yoga makes of a result, before anything of fetch is made of that. */
class PlainResponse {
  readonly body: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  constructor(body: string | null, { status, headers }: Pick<PlainResponse, 'status' | 'headers'>) {
    this.body = body ?? '';
    this.status = status;
    this.headers = headers;
  }
}
const plainResponses = { Response: PlainResponse } as unknown as FetchAPI;
