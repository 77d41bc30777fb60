import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Simulated, simulated } from '../support/simulated.ts';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends bytes as they are, and reads until the other side ends. */
async function sendRaw(url: string, bytes: string | Buffer): Promise<Answer> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.write(bytes);
  let text = '';
  for await (const chunk of socket) text += chunk;
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  return {
    status: Number(/^HTTP\/1\.1 (\d+)/.exec(first)?.[1]),
    headers: Object.fromEntries(
      lines.map((line) => [line.split(':', 1)[0]?.toLowerCase() ?? '', line.replace(/^[^:]*: */, '')]),
    ),
    // Nothing, in chunks.
    body: rest.join('\r\n\r\n').replace(/^0\r\n\r\n$/, ''),
  };
}

type Headers = Readonly<Record<string, string>>;

const post = (body: string | Buffer, headers: Headers = {}): Buffer => {
  const all: Headers = {
    host: 'localhost',
    'content-type': 'application/json',
    accept: 'application/graphql-response+json',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`POST /graphql HTTP/1.1\r\n${lines.join('')}\r\n`), Buffer.from(body)]);
};

const get = (path: string, headers: Headers = {}): string => {
  const lines = Object.entries({
    host: 'localhost',
    connection: 'close',
    accept: 'application/graphql-response+json',
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
};

const query = JSON.stringify({ query: '{ fleet { running } }' });
const started = 'mutation { provisionEngine { __typename } }';
const url = (text: string) => `/graphql?query=${encodeURIComponent(text)}`;

/** What is said to be wrong. */
function messageIn(body: string): string {
  if (!body.startsWith('{')) return body;
  const { errors, error } = JSON.parse(body);
  return errors?.[0]?.message ?? error ?? body;
}

/** What is wrong, what is sent, the status, and what is said of it. */
const bodies: [what: string, sent: string | Buffer, status: number, said: RegExp][] = [
  ['no body', post(''), 400, /body is not valid JSON|must be|JSON/i],
  ['a body that is no JSON', post('{query:1'), 400, /JSON/i],
  [
    'a body that is longer than it says',
    post(query, { 'content-length': String(query.length - 3) }),
    400,
    /^$|JSON/i,
  ],
  ['a body of bytes that are no text', post(Buffer.from([0xff, 0xfe, 0x00, 0x80])), 400, /JSON/i],
  ['a compressed body that does not say so', post(gzipSync(query)), 400, /JSON/i],
  ['null', post('null'), 400, /body/i],
  ['a number', post('7'), 400, /body/i],
  ['a text', post('"{ fleet { running } }"'), 400, /body/i],
  ['a batch', post(`[${query},${query}]`), 400, /Batching is not supported/],
  ['an empty batch', post('[]'), 400, /Batching is not supported/],
  ['no document', post('{}'), 400, /must provide query/i],
  ['a document that is a number', post('{"query":7}'), 400, /Expected "query" param to be a string/],
  [
    'a document that is a list',
    post('{"query":["{ fleet { running } }"]}'),
    400,
    /Expected "query" param to be a string/,
  ],
  [
    'variables that are a text',
    post('{"query":"{__typename}","variables":"x"}'),
    400,
    /Expected "variables" param to be/,
  ],
  [
    'variables that are a list',
    post('{"query":"{__typename}","variables":[1]}'),
    400,
    /Expected "variables" param to be/,
  ],
  [
    'an operation name that is a number',
    post('{"query":"{__typename}","operationName":7}'),
    400,
    /Could not determine what operation/,
  ],
  [
    'an operation name that is not there',
    post('{"query":"query A { __typename }","operationName":"B"}'),
    400,
    /operation/i,
  ],
  [
    'an unknown parameter',
    post('{"query":"{__typename}","queryy":"x"}'),
    400,
    /Unexpected parameter "queryy"/,
  ],
  [
    'extensions that are a text',
    post('{"query":"{__typename}","extensions":"x"}'),
    400,
    /Expected "extensions" param to be/,
  ],
  [
    'a prototype',
    post('{"query":"{__typename}","__proto__":{"admin":true}}'),
    400,
    /Unexpected parameter "__proto__"/,
  ],
  [
    'JSON as deep as a megabyte goes',
    post(`{"query":"{__typename}","variables":{"a":${'['.repeat(500_000)}${']'.repeat(500_000)}}}`),
    200,
    /"__typename":"Query"/,
  ],
  [
    'a body of three megabytes',
    post(JSON.stringify({ query: '{__typename}', variables: { a: 'x'.repeat(3_000_000) } })),
    413,
    /body|large|size/i,
  ],
  [
    'a body that says it is endless',
    post(query, { 'content-length': '99999999999' }),
    413,
    /body|large|size/i,
  ],
  [
    'a body that is sent in chunks and never ends',
    `${post('', { 'transfer-encoding': 'chunked', 'content-length': '' }).toString().replace('content-length: \r\n', '')}${'40000\r\n'.padEnd(7)}${'x'.repeat(0x40000)}\r\n`.repeat(
      1,
    ) +
      `40000\r\n${'x'.repeat(0x40000)}\r\n`.repeat(10) +
      '0\r\n\r\n',
    413,
    /body|large|size/i,
  ],
  [
    'a form',
    post('query=%7B__typename%7D', { 'content-type': 'application/x-www-form-urlencoded' }),
    415,
    /Send the operation as JSON/,
  ],
  [
    'a form with files',
    post('--x\r\n\r\n--x--', { 'content-type': 'multipart/form-data; boundary=x' }),
    415,
    /Send the operation as JSON/,
  ],
  ['plain text', post(query, { 'content-type': 'text/plain' }), 415, /Send the operation as JSON/],
  [
    'plain text that names JSON',
    post(query, { 'content-type': 'text/plain; x=application/json' }),
    415,
    /Send the operation as JSON/,
  ],
  [
    'JSON of another kind',
    post(query, { 'content-type': 'application/json-patch+json' }),
    415,
    /Send the operation as JSON/,
  ],
  ['no content type', post(query, { 'content-type': '' }), 415, /Send the operation as JSON/],
  [
    'a document as the body',
    post('{__typename}', { 'content-type': 'application/graphql' }),
    415,
    /Send the operation as JSON/,
  ],
  ['a mutation by GET', get(url(started)), 405, /mutation/i],
  [
    'a mutation by GET among queries',
    get(`${url(`query A { __typename } ${started.replace('mutation', 'mutation B')}`)}&operationName=B`),
    405,
    /mutation/i,
  ],
  ['a GET without a document', get('/graphql'), 400, /query/i],
  [
    'a GET whose variables are no JSON',
    get(`${url('{__typename}')}&variables=%7Bx`),
    400,
    /is not valid JSON/,
  ],
  ['a GET of half a character', get('/graphql?query=%E0%A4%A'), 400, /Unexpected character/],
  [
    'a document of nothing but a comment',
    post(JSON.stringify({ query: '# hello' })),
    400,
    /Syntax Error: Unexpected <EOF>/,
  ],
  [
    'a document of control characters',
    post(JSON.stringify({ query: '\u0000\u001b[31m' })),
    400,
    /Syntax Error: Unexpected character: U\+0000/,
  ],
  [
    'a schema instead of an operation',
    post(JSON.stringify({ query: 'type Query { a: Int }' })),
    400,
    /not executable|operation/i,
  ],
  [
    'a subscription of two fields',
    post(JSON.stringify({ query: 'subscription { vpnStatus { mode } events { id } }' })),
    400,
    /only one|single root field|must select only one/i,
  ],
  [
    'an Int that is too large',
    post(JSON.stringify({ query: 'mutation { scaleEngines(to: 99999999999) { desired } }' })),
    400,
    /32-bit/,
  ],
  [
    'an enum that does not exist',
    post(JSON.stringify({ query: '{ engines(filter: { states: [GONE] }) { id } }' })),
    400,
    /"GONE" does not exist/,
  ],
  [
    'an input that does not exist',
    post(
      JSON.stringify({ query: 'mutation { provisionEngine(input: { privileged: true }) { __typename } }' }),
    ),
    400,
    /"privileged"/,
  ],
  [
    'a variable that nobody declares',
    post(JSON.stringify({ query: '{ engines(filter: $f) { id } }' })),
    400,
    /"\$f" is not defined/,
  ],
  [
    'a variable that is missing',
    post(JSON.stringify({ query: 'mutation($to: Int!) { scaleEngines(to: $to) { desired } }' })),
    400,
    /"\$to"/,
  ],
  [
    'a variable of another type',
    post(
      JSON.stringify({
        query: 'mutation($to: Int!) { scaleEngines(to: $to) { desired } }',
        variables: { to: '3' },
      }),
    ),
    400,
    /"\$to"/,
  ],
];

const requests: [what: string, sent: string | Buffer, status: number, said: RegExp][] = [
  ['no HTTP at all', 'hello\r\n\r\n', 400, /^$/],
  ['another version of HTTP', 'GET /healthz HTTP/9.9\r\n\r\n', 400, /^$/],
  ['no Host', 'GET /healthz HTTP/1.1\r\n\r\n', 400, /^$/],
  ['a header with a line break in it', get('/healthz', { 'x-a': 'b\nc: d' }), 400, /^$/],
  ['a header with a zero byte', get('/healthz', { 'x-a': 'b\u0000' }), 400, /^$/],
  ['a header of 17 kilobytes', get('/healthz', { 'x-a': 'x'.repeat(17_000) }), 431, /^$/],
  ['a method that does not exist', 'FETCH /graphql HTTP/1.1\r\nHost: localhost\r\n\r\n', 400, /^$/],
  [
    'a method that is not for it',
    'PATCH /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    405,
    /only supports GET and POST/,
  ],
  [
    'two lengths of one body',
    'POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd',
    400,
    /^$/,
  ],
  [
    'a length and chunks',
    'POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
    /^$/,
  ],
  ['a path with a script in it', get('/<script>alert(1)</script>'), 404, /Nothing is at \/<script>/],
  ['a path of a megabyte less a little', get(`/${'x'.repeat(10_000)}`), 404, /Nothing is at \/x{99}\. /],
  ['a request for a proxy', get('http://evil.example/graphql'), 404, /Nothing is at/],
];

describe('a request that is wrong is told what is wrong, and the service goes on:', () => {
  let world: Simulated;
  before(async () => {
    world = await simulated({ env: { LOG_LEVEL: 'error' } });
  });
  after(() => world[Symbol.asyncDispose]());

  for (const [what, sent, status, said] of [...bodies, ...requests]) {
    test(what, async () => {
      const answer = await sendRaw(world.tandem.url, sent);
      assert.equal(answer.status, status, JSON.stringify(answer).slice(0, 1_000));
      assert.match(messageIn(answer.body), said);
      assert.doesNotMatch(answer.body, /INTERNAL_SERVER_ERROR|node_modules|\n +at /);
      if (answer.body !== '') {
        assert.match(answer.headers['content-type'] ?? '', /json/, 'no browser takes it for a page');
        assert.equal(answer.headers['x-content-type-options'], 'nosniff');
      }
      assert.deepEqual(world.engineContainers(), []);
      assert.equal((await fetch(`${world.tandem.url}/healthz`)).status, 200);
      assert.deepEqual(world.tandem.logged, []);
    });
  }
});
