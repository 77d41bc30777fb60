import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type RequestListener, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { createYoga, type Plugin } from 'graphql-yoga';
import type { Viewer } from '../../src/context.ts';
import type { Grant } from '../../src/server/access.ts';
import { largestBody } from '../../src/server/body.ts';
import { maskWith } from '../../src/server/errors.ts';
import { answerInJson } from '../../src/server/http.ts';
import { makeYoga, type Yoga } from '../../src/server/yoga.ts';
import { type Simulated, simulated } from '../support/simulated.ts';

interface Asked {
  readonly method?: string;
  /** Behind the path. */
  readonly search?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

interface Answer {
  readonly status: number;
  readonly type: string | undefined;
  readonly allow: string | undefined;
  readonly body: string;
  /** Whether it went the way that is Yoga's own. */
  readonly byYoga: boolean;
}

const viewer: Viewer = { role: 'ALL' };
const grant: Grant = { kind: 'granted', viewer, digest: null };
const json = (value: unknown): Asked => ({ body: JSON.stringify(value) });
const query = (parameters: Record<string, string>): Asked => ({
  method: 'GET',
  search: `?${new URLSearchParams(parameters)}`,
});
const accepting = (accept: string, asked: Asked): Asked => ({
  ...asked,
  headers: { ...asked.headers, accept },
});
const typed = (type: string, asked: Asked): Asked => ({
  ...asked,
  headers: { ...asked.headers, 'content-type': type },
});

const small = { query: '{ fleet { running } }' };
const named = 'query A { fleet { running } } query B { fleet { pending } }';
const withVariable = 'query ($last: Int) { events(last: $last) { pageInfo { hasNextPage } } }';
const responseType = 'application/graphql-response+json';

/** What is answered on the way that is measured, by name. Each is asked for with every type of answer, and twice: what is remembered is told alike. */
const quick: Readonly<Record<string, Asked>> = {
  'a query': json(small),
  'a query in a GET': query(small),
  'a query with spaces around it': { body: `\n ${JSON.stringify(small)} \r\n` },
  'a named operation': json({ query: named, operationName: 'B' }),
  'a named operation in a GET': query({ query: named, operationName: 'B' }),
  'no name where there are two operations': json({ query: named }),
  'a name that no operation has': json({ query: named, operationName: 'C' }),
  'a name that is no string': json({ query: named, operationName: 7 }),
  'an empty name in a GET': query({ ...small, operationName: '' }),
  'a name that is null': json({ ...small, operationName: null }),
  variables: json({ query: withVariable, variables: { last: 1 } }),
  'variables in a GET': query({ query: withVariable, variables: '{"last":1}' }),
  'variables that are null': json({ query: withVariable, variables: null }),
  'a variable that nobody declared': json({ query: withVariable, variables: { first: 1 } }),
  'a variable of the wrong type': json({ query: withVariable, variables: { last: 'one' } }),
  'a variable that is missing': json({ query: 'query ($by: EngineRef!) { engine(by: $by) { id } }' }),
  'variables that are a list': json({ query: withVariable, variables: [1] }),
  'variables that are text': json({ query: withVariable, variables: '{"last":1}' }),
  'a variable called __proto__': {
    body: '{"query":"{ fleet { running } }","variables":{"__proto__":{"last":1}}}',
  },
  extensions: json({ ...small, extensions: { traceId: 'a' } }),
  'extensions in a GET': query({ ...small, extensions: '{"traceId":"a"}' }),
  'extensions that are a list': json({ ...small, extensions: [] }),
  'extensions that are a number': json({ ...small, extensions: 1 }),
  'a parameter that is none': json({ ...small, doc: 'x' }),
  'a parameter called __proto__': { body: '{"query":"{ fleet { running } }","__proto__":{"query":"x"}}' },
  'a parameter twice: the last counts': { body: '{"query":"{ nothing }","query":"{ fleet { running } }"}' },
  'a parameter twice in a GET: the first counts': {
    method: 'GET',
    search: '?query=%7Bfleet%7Brunning%7D%7D&query=%7Bnothing%7D',
  },
  'a parameter that is none in a GET': query({ ...small, doc: 'x' }),
  'no query': json({ variables: {} }),
  'no query in a GET': { method: 'GET' },
  'nothing behind the question mark': { method: 'GET', search: '?' },
  'an empty query': json({ query: '' }),
  'an empty query in a GET': query({ query: '' }),
  'a query that is null': json({ query: null }),
  'a query that is a number': json({ query: 1 }),
  'a query that is a list': json({ query: ['{ fleet { running } }'] }),
  'plus signs and escapes in a GET': { method: 'GET', search: '?query=%7B+fleet+%7B%0Arunning%20%7D%7D' },
  'escapes that are broken in a GET': { method: 'GET', search: '?query=%zz%7B' },
  'an empty list': json([]),
  'a batch': json([small, small]),
  null: { body: 'null' },
  'a number': { body: '1' },
  'a text': { body: '"{ fleet { running } }"' },
  true: { body: 'true' },
  'an empty object': json({}),
  'a syntax error': json({ query: '{ fleet { running ' }),
  'a syntax error in a GET': query({ query: '}' }),
  'a zero byte in a document': json({ query: '\u0000' }),
  'a byte order mark in a document': json({ query: '\uFEFF{ fleet { running } }' }),
  'a field that does not exist': json({ query: '{ nothing }' }),
  'many fields that do not exist': json({ query: `{ ${'nothing '.repeat(200)} }` }),
  'a field that may not be asked for without its own': json({ query: '{ fleet }' }),
  'a directive that does not exist': json({ query: '{ fleet { running @nothing } }' }),
  'a deferred fragment': json({ query: '{ ... @defer { fleet { running } } }' }),
  'fragments that go in a circle': json({
    query: '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
  }),
  'no operation at all': json({ query: 'fragment A on Query { fleet { running } }' }),
  'a mutation': json({ query: 'mutation { stopEngine(engine: { name: "nobody" }) { __typename } }' }),
  'a mutation in a GET': query({
    query: 'mutation { stopEngine(engine: { name: "nobody" }) { __typename } }',
  }),
  'a query beside a mutation in a GET': query({
    query: 'query A { fleet { running } } mutation B { resetCircuit { __typename } }',
    operationName: 'A',
  }),
  "a client's mistake that a resolver finds": json({
    query: '{ engines(filter: { vpn: "nobody" }) { id } }',
  }),
  'an error that nobody expected': json({ query: '{ lastEventId }' }),
  'an error that nobody expected, where null may stand': json({
    query: '{ engine(by: { name: "x" }) { id } }',
  }),
  introspection: json({ query: '{ __schema { queryType { name } } }' }),
  'letters of every kind': json({ query: '{ engines(filter: { vpn: "ключ 🔑 \u2028" }) { id } }' }),
  'bytes that are no UTF-8': { body: Buffer.from('7b227175657279223a227bff7d227d', 'hex') },
  'UTF-8 by name': typed('application/json; charset=utf-8', json(small)),
  'UTF-8 by its other name': typed('application/json;charset="UTF8"', json(small)),
  'a body in two pieces': { ...json(small), headers: { 'transfer-encoding': 'chunked' } },
};

/** What is left to Yoga: it is told in another way, or may be. */
const left: Readonly<Record<string, Asked>> = {
  'a query that speaks of a subscription': accepting(
    '*/*',
    json({ query: '{ fleet { running } } # no subscription' }),
  ),
  'server-sent events alone': accepting('text/event-stream', json({ query: '{ nothing }' })),
  'parts alone': accepting('multipart/mixed', json(small)),
  'a type that we do not have': accepting('application/xml', json(small)),
  'another charset of the answer': accepting('application/json; charset=latin1', json(small)),
  'another charset': typed('application/json; charset=utf-16', json(small)),
  'a content type that is none': typed('application/jsonx', json(small)),
  'two content types': typed('application/json, text/plain', json(small)),
  'a graphql+json body': typed('application/graphql+json', json(small)),
  'a PUT': { method: 'PUT', ...json(small) },
  'a HEAD': { method: 'HEAD' },
};

const wants = [
  undefined,
  '*/*',
  'application/*',
  'application/json',
  'APPLICATION/JSON ; charset=UTF-8',
  responseType,
  `${responseType}, application/json;q=0.9`,
  `application/json, ${responseType}`,
  `${responseType}, application/graphql+json, application/json, text/event-stream, multipart/mixed`,
  'text/event-stream, */*;q=0.1',
  'application/json; charset=latin1, application/graphql-response+json',
];

describe('an answer in JSON is the one that Yoga gives:', () => {
  let world: Simulated;
  let server: Serving;
  before(async () => {
    world = await simulated({ env: { LOG_LEVEL: 'silent' } });
    const { context, metrics } = world.tandem.app;
    const log = { info() {}, warn() {}, error() {} };
    const newId = () => 'the-id';
    // Without what these ask, two fields fail as nobody expects.
    const broken = {
      ...context,
      events: null as never,
      reader: {
        ...context.reader,
        engine: null as never,
        engines: context.reader.engines.bind(context.reader),
        eventPage: context.reader.eventPage.bind(context.reader),
      } as never,
    };
    const noStream = () => Promise.reject(new Error('nobody follows anything here'));
    const yoga = makeYoga(
      broken,
      log,
      newId,
      metrics,
      { introspection: true, simulated: false },
      noStream,
      () => false,
      () => true,
    );
    const quickly = answerInJson(yoga, maskWith(log, newId), (request, response) => {
      response.setHeader('by-yoga', 'yes');
      void yoga(request, response, { viewer });
    });
    server = await serving((request, response) => {
      if (request.headers.way === 'yoga') void yoga(request, response, { viewer });
      else quickly(request, response, grant);
    });
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    await world[Symbol.asyncDispose]();
  });

  const ask = async (
    way: 'yoga' | 'quick',
    { method = 'POST', search = '', headers, body }: Asked,
  ): Promise<Answer> => {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const asked = request(
        `${server.url}${search}`,
        {
          method,
          headers: { way, ...(method !== 'GET' && { 'content-type': 'application/json' }), ...headers },
        },
        resolve,
      );
      asked.on('error', reject);
      if (headers?.['transfer-encoding'] && body !== undefined) {
        asked.write(body.slice(0, 5));
        setImmediate(() => asked.end(body.slice(5)));
      } else asked.end(body);
    });
    return {
      status: response.statusCode ?? 0,
      type: response.headers['content-type'],
      allow: response.headers.allow,
      body: await text(response),
      byYoga: response.headers['by-yoga'] !== undefined,
    };
  };

  for (const [name, asked] of Object.entries(quick)) {
    test(name, async () => {
      for (const accept of wants) {
        const whole = accept === undefined ? asked : accepting(accept, asked);
        const { byYoga: _, ...theirs } = await ask('yoga', whole);
        for (const time of ['first', 'second']) {
          const { byYoga, ...ours } = await ask('quick', whole);
          assert.equal(byYoga, false, 'it was left to Yoga');
          assert.deepEqual(ours, theirs, `accepting ${accept}, the ${time} time`);
        }
      }
    });
  }

  for (const [name, asked] of Object.entries(left)) {
    test(`${name} (left to Yoga)`, async () => {
      const { byYoga: _, ...theirs } = await ask('yoga', asked);
      const { byYoga, ...ours } = await ask('quick', asked);
      assert.equal(byYoga, true);
      assert.deepEqual(ours, theirs);
    });
  }

  for (const [name, asked, message] of [
    ['a body that is no JSON', { body: '{"secret-of-the-body' }, 'POST body sent invalid JSON.'],
    ['an empty body', { body: '' }, 'POST body sent invalid JSON.'],
    [
      'a body that is compressed',
      { body: gzipSync(JSON.stringify(small)), headers: { 'content-encoding': 'gzip' } },
      'POST body sent invalid JSON.',
    ],
    [
      'variables that are no JSON in a GET',
      query({ ...small, variables: '{"secret-of-the-body' }),
      'The parameter "variables" is not valid JSON.',
    ],
    [
      'extensions that are no JSON in a GET',
      query({ ...small, extensions: '{"secret-of-the-body' }),
      'The parameter "extensions" is not valid JSON.',
    ],
  ] as const) {
    test(`${name}: a 400 that does not repeat what was sent, where Yoga does, or calls it an error of its own`, async () => {
      for (const accept of ['application/json', responseType]) {
        const { status, type, body, byYoga } = await ask('quick', accepting(accept, asked));
        assert.equal(byYoga, false);
        assert.deepEqual([status, type], [400, `${accept}; charset=utf-8`]);
        assert.deepEqual(JSON.parse(body), { errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] });
      }
    });
  }

  test('a body that is too large is a 413, by its length or as it comes, and the connection lives on', async () => {
    const huge = JSON.stringify({ ...small, variables: { a: 'a'.repeat(largestBody) } });
    for (const headers of [{}, { 'transfer-encoding': 'chunked' }] as Record<string, string>[]) {
      const asked = accepting('application/json', { body: huge, headers });
      const { byYoga: _, ...theirs } = await ask('yoga', asked);
      const { byYoga, ...ours } = await ask('quick', asked);
      assert.equal(byYoga, false);
      assert.equal(ours.status, 413);
      assert.deepEqual(ours, theirs);
      assert.equal((await ask('quick', json(small))).status, 200);
    }
  });

  test('the largest body that is allowed is read', async () => {
    const room = largestBody - JSON.stringify({ ...small, extensions: { a: '' } }).length;
    const { status } = await ask('quick', json({ ...small, extensions: { a: 'a'.repeat(room) } }));
    assert.equal(status, 200);
    assert.equal(
      (await ask('quick', json({ ...small, extensions: { a: 'a'.repeat(room + 1) } }))).status,
      413,
    );
  });
});

test('a plugin of Yoga may ask for what it knows of a request, and answer', async () => {
  const telling: Plugin = {
    onParams({ request: { method, url, headers }, setResult }) {
      setResult({ data: { method, url, told: headers.get('X-Told') } });
    },
  };
  const yoga = createYoga<{ viewer: Viewer }>({ plugins: [telling], logging: false });
  const answer = answerInJson(
    yoga as unknown as Yoga,
    (error) => error as Error,
    () => assert.fail(),
  );
  await using server = await serving((request, response) => answer(request, response, grant));
  const url = `${server.url}?query=x`;
  const response = await fetch(url, { headers: { 'x-told': 'yes' } });
  assert.deepEqual(await response.json(), { data: { method: 'GET', url, told: 'yes' } });
});

test('an answer that cannot be put into JSON is an error of ours, and the service goes on', async () => {
  const circle: Plugin = {
    onParams({ setResult }) {
      setResult({ data: { n: 1n } });
    },
  };
  const yoga = createYoga<{ viewer: Viewer }>({ plugins: [circle], logging: false });
  const log = { info() {}, warn() {}, error() {} };
  const answer = answerInJson(
    yoga as unknown as Yoga,
    maskWith(log, () => 'the-id'),
    () => assert.fail(),
  );
  await using server = await serving((request, response) => answer(request, response, grant));
  for (let time = 0; time < 2; time++) {
    const response = await fetch(`${server.url}?query=x`);
    assert.match(await response.text(), /the-id/);
  }
});

interface Serving extends AsyncDisposable {
  readonly url: string;
}

async function serving(listener: RequestListener): Promise<Serving> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
