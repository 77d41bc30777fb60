import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { WebSocket } from 'ws';
import { namesOf } from '../../src/server/origin.ts';
import { type Simulated, simulated } from '../support/simulated.ts';

type Headers = Readonly<Record<string, string>>;

/** The status of an answer to a request that names what it likes. */
const statusOf = (url: string, path: string, method: string, headers: Headers): Promise<number> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const asked = request({ hostname, port, path, method, headers, setHost: false }, (response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    asked.on('error', reject).end(method === 'POST' ? '{"query":"{ __typename }"}' : '');
  });

const upgrade = (url: string, headers: Headers): Promise<number> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers });
    socket.on('open', () => resolve(101)).on('error', reject);
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    socket.on('open', () => socket.terminate());
  });

const json = { 'content-type': 'application/json' };
const query = '/graphql?query=%7B__typename%7D';

/** Every way to the service that a browser has. */
const ways: [string, (url: string, headers: Headers) => Promise<number>][] = [
  ['a query', (url, headers) => statusOf(url, '/graphql', 'POST', { ...json, ...headers })],
  ['a query by GET', (url, headers) => statusOf(url, query, 'GET', headers)],
  [
    'a stream of events',
    (url, headers) =>
      statusOf(url, '/graphql?query=subscription%7BvpnStatus%7Bmode%7D%7D', 'GET', {
        accept: 'text/event-stream',
        ...headers,
      }),
  ],
  ['a WebSocket', upgrade],
];

const strangers = (host: string): [string, Headers][] => [
  ['a name of another site', { host: 'evil.example' }],
  ['a name of another site with this port', { host: `evil.example:${host.split(':')[1]}` }],
  ['a name that begins like ours', { host: 'localhost.evil.example' }],
  ['a name that begins like our address', { host: '127.0.0.1.evil.example' }],
  ['a name that ends like ours', { host: 'evil-localhost' }],
  ['a name with ours before an @', { host: 'localhost@evil.example' }],
  ['a name of one character', { host: '.' }],
  ['an address of another machine', { host: '192.0.2.1' }],
  ['a page of another site', { host, origin: 'http://evil.example' }],
  ['a page of another port', { host, origin: 'http://localhost:1' }],
  ['a page of another protocol', { host, origin: `https://evil.example` }],
  ['a page that hides where it is from', { host, origin: 'null' }],
  ['a page whose origin is nonsense', { host, origin: '%%%' }],
  ['a page that points its own name here', { host: 'evil.example', origin: 'http://evil.example' }],
];

describe('without a key, on loopback,', () => {
  let world: Simulated;
  let ours: string;
  before(async () => {
    world = await simulated({ env: { LOG_LEVEL: 'error', ALLOWED_HOSTS: 'tandem.example, other.example' } });
    ours = new URL(world.tandem.url).host;
  });
  after(() => world[Symbol.asyncDispose]());

  for (const [way, ask] of ways) {
    test(`${way} is refused to whoever means another host`, async () => {
      for (const [what, headers] of strangers(ours))
        assert.equal(await ask(world.tandem.url, headers), 403, what);
    });

    test(`${way} is answered under our own names`, async () => {
      const good = way === 'a WebSocket' ? 101 : 200;
      const port = ours.split(':')[1];
      for (const host of [
        ours,
        `localhost:${port}`,
        `LOCALHOST:${port}`,
        `[::1]:${port}`,
        'tandem.example',
        'other.example:443',
      ])
        assert.equal(await ask(world.tandem.url, { host }), good, host);
      assert.equal(await ask(world.tandem.url, { host: ours, origin: `http://${ours}` }), good);
    });
  }

  test('a page of another site that only wants something to happen is refused', async () => {
    for (const site of ['cross-site', 'same-site']) {
      const headers = { host: ours, 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors' };
      assert.equal(await statusOf(world.tandem.url, query, 'GET', headers), 403, site);
    }
    for (const site of ['same-origin', 'none'])
      assert.equal(
        await statusOf(world.tandem.url, query, 'GET', { host: ours, 'sec-fetch-site': site }),
        200,
        site,
      );
  });

  test('what names no host is a mistake, whatever is accepted', async () => {
    for (const host of ['', 'localhost:99999999', '[', 'a b'])
      for (const accept of ['text/event-stream', '*/*'])
        assert.equal(await statusOf(world.tandem.url, query, 'GET', { host, accept }), 400, host);
  });

  test('metrics, and what is missing, are not told to a name of another site', async () => {
    for (const path of ['/metrics', '/readyz']) {
      assert.equal(await statusOf(world.tandem.url, path, 'GET', { host: 'evil.example' }), 403, path);
      assert.equal(await statusOf(world.tandem.url, path, 'GET', { host: ours }), 200, path);
    }
    assert.equal(await statusOf(world.tandem.url, '/healthz', 'GET', { host: 'evil.example' }), 200);
  });
});

test('with a key it decides, whatever the request names', async () => {
  await using world = await simulated({
    env: { API_KEY: 'a-key-of-ours', HOST: '127.0.0.1' },
    whenReady: false,
  });
  const headers = { ...json, host: 'tandem.example', origin: 'http://evil.example' };
  assert.equal(await statusOf(world.tandem.url, '/graphql', 'POST', headers), 401);
  assert.equal(
    await statusOf(world.tandem.url, '/graphql', 'POST', { ...headers, 'x-api-key': 'a-key-of-ours' }),
    200,
  );
  assert.equal(await statusOf(world.tandem.url, '/metrics', 'GET', { host: 'tandem.example' }), 200);
});

describe('where it listens beyond loopback without a key, ours are', () => {
  const names: [host: string, name: string, ours: boolean][] = [
    ['127.0.0.1', 'localhost', true],
    ['127.0.0.1', '192.168.1.2', false],
    ['localhost', 'nas', false],
    ['0.0.0.0', '192.168.1.2', true],
    ['0.0.0.0', '[fd00::1]', true],
    ['0.0.0.0', 'nas', true],
    ['0.0.0.0', 'nas.evil.example', false],
    ['0.0.0.0', '', false],
    ['nas.home.arpa', 'nas.home.arpa', true],
    ['nas.home.arpa', 'other.home.arpa', false],
    ['0.0.0.0', 'tandem.example', true],
  ];
  for (const [host, name, ours] of names)
    test(`${name === '' ? 'no name' : name} on ${host}: ${ours}`, () =>
      assert.equal(namesOf(host, ['tandem.example'])(name), ours));
});
