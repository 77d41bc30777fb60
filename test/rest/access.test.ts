import assert from 'node:assert/strict';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { rest } from '../support/rest.ts';
import { type Simulated, simulated } from '../support/simulated.ts';

const all = 'everything-may-be-done';
const read = 'only-looking-is-allowed';
const keyed = { env: { API_KEY: all, API_KEY_READ: read, HOST: '127.0.0.1' }, whenReady: false };

const reads = [
  '/engines',
  '/engines/acestream-1',
  '/streams',
  '/events',
  '/vpn/status',
  '/vpn/publicip',
  '/health/status',
  '/orchestrator/status',
];
const changes: readonly [string, string][] = [
  ['POST', '/provision/acestream'],
  ['DELETE', '/containers/acestream-1'],
  ['POST', '/scale/3'],
  ['POST', '/gc'],
  ['POST', '/health/circuit-breaker/reset'],
];
const everything = [...reads.map((path) => ['GET', path] as const), ...changes];

const refusals = [401, 403];

describe('with a key', () => {
  test('every path needs it, those that only read too', async () => {
    await using world = await simulated(keyed);
    for (const [method, path] of everything) {
      const none = await rest(world.tandem.url, method, path);
      assert.deepEqual([none.status, none.headers.get('www-authenticate')], [401, 'Bearer'], path);
      const wrong = await rest(world.tandem.url, method, path, { headers: { 'x-api-key': `${all}x` } });
      assert.equal(wrong.status, 403, path);
      for (const { body } of [none, wrong]) assert.deepEqual(Object.keys(body as object), ['detail'], path);
    }
    assert.deepEqual(world.engineContainers(), []);
  });

  test('it comes as X-API-KEY or as a bearer', async () => {
    await using world = await simulated(keyed);
    for (const headers of [{ 'X-API-KEY': all }, { 'x-api-key': all }, { authorization: `Bearer ${all}` }])
      for (const [method, path] of everything) {
        const { status } = await rest(world.tandem.url, method, path, { headers });
        assert(!refusals.includes(status), `${method} ${path}: ${status}`);
      }
  });

  test('one for reading opens what only reads', async () => {
    await using world = await simulated(keyed);
    const headers = { 'x-api-key': read };
    for (const path of reads) {
      const { status } = await rest(world.tandem.url, 'GET', path, { headers });
      assert(!refusals.includes(status), `${path}: ${status}`);
    }
    for (const [method, path] of changes) {
      const { status, body } = await rest(world.tandem.url, method, path, { headers });
      assert.equal(status, 403, path);
      assert.match((body as { detail: string }).detail, /for reading/);
    }
    assert.deepEqual(world.engineContainers(), []);
  });

  test('a body that comes after the key was changed is too late', async () => {
    await using world = await simulated({ ...keyed, env: { ...keyed.env, MIN_REPLICAS: '0' } });
    const { hostname, port } = new URL(world.tandem.url);
    const asked = request({
      hostname,
      port,
      path: '/provision/acestream',
      method: 'POST',
      headers: { 'x-api-key': all, 'content-type': 'application/json', expect: '100-continue' },
    });
    const answered = new Promise<number>((resolve, reject) => {
      asked.on('response', (response) => {
        resolve(response.statusCode ?? 0);
        response.resume();
      });
      asked.on('error', reject);
    });
    // The server says "go on" when it has let the headers in.
    await new Promise((resolve) => asked.on('continue', resolve).flushHeaders());
    world.tandem.changeKeys({ all: 'another-key-altogether', read: null });
    asked.end('{}');
    assert.equal(await answered, 403);
    assert.deepEqual(world.engineContainers(), []);
  });
});

/** What a browser sends for a page, which may name and claim what it likes. */
async function sent(
  { tandem }: Simulated,
  method: string,
  path: string,
  headers: Record<string, string>,
  body = '',
): Promise<number> {
  const { hostname, port } = new URL(tandem.url);
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path, method, headers, setHost: false }, (response) => {
      void text(response).then(() => resolve(response.statusCode ?? 0));
    });
    asked.on('error', reject).end(body);
  });
}

describe('without a key', () => {
  test('nobody is let in under another name, nor from a page of another site', async () => {
    await using world = await simulated();
    const { host } = new URL(world.tandem.url);
    const strangers: Record<string, string>[] = [
      { host: 'evil.example' },
      { host, origin: 'http://evil.example' },
      { host, origin: 'null' },
      { host, 'sec-fetch-site': 'cross-site' },
      { host, 'sec-fetch-site': 'same-site' },
    ];
    for (const headers of strangers)
      for (const [method, path] of everything)
        assert.equal(await sent(world, method, path, headers), 403, `${method} ${path}`);
    assert.deepEqual(world.engineContainers(), []);
    assert.equal(await sent(world, 'GET', '/engines', { host, origin: `http://${host}` }), 200);
  });

  test('a form does nothing, even one of a browser that says nothing of its page', async () => {
    await using world = await simulated();
    const { host } = new URL(world.tandem.url);
    const forms: [string, string][] = [
      ['application/x-www-form-urlencoded', '{}='],
      ['application/x-www-form-urlencoded', ''],
      ['text/plain', '{}'],
      ['multipart/form-data; boundary=x', '--x--'],
    ];
    for (const [type, body] of forms)
      for (const [method, path] of changes.filter(([method]) => method === 'POST'))
        assert.equal(await sent(world, method, path, { host, 'content-type': type }, body), 422, path);
    assert.deepEqual(world.engineContainers(), []);
  });

  test('no other site may read an answer, nor ask whether it may', async () => {
    await using world = await simulated();
    const { headers } = await rest(world.tandem.url, 'GET', '/engines');
    assert.equal(headers.get('access-control-allow-origin'), null);
    const { host } = new URL(world.tandem.url);
    for (const [, path] of everything)
      assert.equal(await sent(world, 'OPTIONS', path, { host, origin: 'http://evil.example' }), 403, path);
  });

  test('a name of a container network is let in where it is allowed', async () => {
    await using world = await simulated({ env: { ALLOWED_HOSTS: 'orchestrator' } });
    const headers = { host: 'orchestrator:8000' };
    assert.equal(await sent(world, 'POST', '/provision/acestream', headers), 200);
    assert.equal(await sent(world, 'GET', '/engines', { host: 'another:8000' }), 403);
  });
});
