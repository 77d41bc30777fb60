import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { describe, test } from 'node:test';
import { systemClock } from '../../src/async/clock.ts';
import type { PublicAddress, Told } from '../../src/domain/control.ts';
import { askControl, type ControlAccess, type ControlAnswer } from '../../src/gluetun/control.ts';

type Answer = { status?: number; body?: string; location?: string };
type Routes = Record<string, Answer | 'hang' | 'reset' | 'cut'>;

const older = '/v1/openvpn/portforwarded';
const newer = '/v1/portforward';
const address = '/v1/publicip/ip';
const tunnel = '/v1/vpn/status';

interface Server extends AsyncDisposable {
  readonly port: number;
  readonly requests: { route: string; headers: IncomingMessage['headers'] }[];
}

/** A control server that answers `routes`, and 404 to all others. */
async function controlServer(routes: Routes, otherwise: Answer = { status: 404 }): Promise<Server> {
  const requests: Server['requests'] = [];
  const listener: RequestListener = (request, response) => {
    const route = request.url ?? '';
    requests.push({ route, headers: request.headers });
    const answer = routes[route] ?? otherwise;
    if (answer === 'hang') return;
    if (answer === 'reset') return request.socket.destroy();
    if (answer === 'cut') {
      response.writeHead(200, { 'content-length': '100' }).write('{"port":');
      return setImmediate(() => request.socket.destroy());
    }
    const { status = 200, body = '', location } = answer;
    response
      .writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...(location && { location }) })
      .end(body);
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the server has no port');
  return {
    port: bound.port,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const ask = (
  port: number,
  {
    access = { kind: 'none' } as ControlAccess,
    timeoutMs = 5_000,
    signal = new AbortController().signal,
  } = {},
): Promise<ControlAnswer> =>
  askControl({ target: { host: '127.0.0.1', port }, access, timeoutMs, clock: systemClock, signal });

/** Both answers of a server, where it gave any. */
async function answers(routes: Routes, otherwise?: Answer) {
  await using server = await controlServer(routes, otherwise);
  const answer = await ask(server.port);
  assert(answer.kind === 'answered', JSON.stringify(answer));
  return answer;
}

const noAddress: Routes = { [address]: { body: '{"public_ip":""}\n' } };
const noPort: Routes = { [newer]: { body: '{"port":0,"ports":[]}\n' } };
const told = <T>(value: T | null): Told<T> => ({ kind: 'told', value });

describe('the forwarded port', () => {
  const moved: Answer = { status: 301, location: newer };
  const shapes: [version: string, routes: Routes, otherwise: Answer, expected: number | null][] = [
    ['3.38 without', { [older]: { body: '{"port":0}' } }, { status: 400 }, null],
    ['3.38', { [older]: { body: '{"port":5914}' } }, { status: 400 }, 5914],
    [
      '3.40, which says 401 to a route it does not know',
      { [older]: { body: '{"port":5914}' } },
      { status: 401 },
      5914,
    ],
    ['3.40 with several', { [older]: { body: '{"ports":[5914,5915]}' } }, { status: 401 }, 5914],
    ['3.41', { [newer]: { body: '{"port":5914}' }, [older]: moved }, { status: 401 }, 5914],
    ['3.41 without', { [newer]: { body: '{"port":0}' }, [older]: moved }, { status: 401 }, null],
    ['3.41 with several', { [newer]: { body: '{"ports":[5914,5915]}' } }, { status: 401 }, 5914],
    ['3.41.2', { [newer]: { body: '{"port":5914,"ports":[5914]}' } }, {}, 5914],
    ['3.41.2 with several', { [newer]: { body: '{"port":5914,"ports":[5914,5915]}' } }, {}, 5914],
    ['3.41.2 without', { [newer]: { body: '{"port":0,"ports":[]}' } }, {}, null],
    ['3.41.2 before the first tunnel', { [newer]: { body: '{"port":0,"ports":null}' } }, {}, null],
    [
      'one that moved the route for good',
      { [newer]: { status: 308, location: '/v2' }, '/v2': { body: '{"port":7}' } },
      {},
      7,
    ],
    [
      'one that moves the older route',
      { [older]: { status: 301, location: '/v2' }, '/v2': { body: '{"port":7}' } },
      { status: 404 },
      7,
    ],
  ];
  for (const [version, routes, otherwise, expected] of shapes) {
    test(`is ${expected ?? 'none'} in version ${version}`, async () => {
      const { forwardedPort } = await answers({ ...noAddress, ...routes }, otherwise);
      assert.deepEqual(forwardedPort, told(expected));
    });
  }

  test('is not asked for twice where the first route answers', async () => {
    await using server = await controlServer({ ...noAddress, ...noPort });
    await ask(server.port);
    assert.deepEqual(server.requests.map(({ route }) => route).sort(), [newer, address, tunnel]);
  });

  test('is denied where both routes are, and both are named', async () => {
    const { forwardedPort } = await answers(noAddress, { status: 401 });
    assert.deepEqual(forwardedPort, { kind: 'denied', routes: [newer, older] });
  });

  test('is denied where only the route that the older one moved to is, and that one is named', async () => {
    const { forwardedPort } = await answers(
      { ...noAddress, [older]: { status: 301, location: newer } },
      { status: 401 },
    );
    assert.deepEqual(forwardedPort, { kind: 'denied', routes: [newer] });
  });

  const failures: [what: string, answer: Routes[string], why: RegExp][] = [
    ['500', { status: 500, body: 'internal error' }, /answers 500 to GET \/v1\/portforward/],
    ['403', { status: 403 }, /answers 403 to/],
    ['no JSON', { body: '<html>' }, /nonsense to GET \/v1\/portforward/],
    ['an empty body', { body: '' }, /nonsense/],
    ['JSON of another kind', { body: '[]' }, /nonsense/],
    ['an object without a port', { body: '{}' }, /nonsense/],
    ['a port that is none', { body: '{"port":70000}' }, /nonsense/],
    ['a port in words', { body: '{"port":"5914"}' }, /nonsense/],
    ['megabytes', { body: `{"port":5914,"x":"${'x'.repeat(5_000_000)}"}` }, /at too great length/],
    ['half an answer', 'cut', /hangs up before GET \/v1\/portforward is answered|cannot be reached/],
    ['a hang-up', 'reset', /cannot be reached \(ECONNRESET\)/],
    ['another server', { status: 301, location: 'http://127.0.0.1:9/v1/portforward' }, /elsewhere/],
    ['a redirect to nowhere', { status: 301 }, /elsewhere/],
    ['itself', { status: 301, location: newer }, /in circles/],
  ];
  for (const [what, answer, why] of failures) {
    test(`is not known where the answer is ${what}, and the address is all the same`, async () => {
      const { forwardedPort, publicAddress } = await answers({ ...noAddress, [newer]: answer });
      assert(forwardedPort.kind === 'failed', JSON.stringify(forwardedPort));
      assert.match(forwardedPort.why, why);
      assert.deepEqual(publicAddress, told(null));
    });
  }
});

describe('the public address', () => {
  const full: PublicAddress = {
    ip: '203.0.113.7',
    country: 'Netherlands',
    region: 'North Holland',
    city: 'Amsterdam',
  };
  const shapes: [what: string, body: string, expected: PublicAddress | null][] = [
    [
      'all that Gluetun tells',
      '{"public_ip":"203.0.113.7","region":"North Holland","country":"Netherlands","city":"Amsterdam","hostname":"h","location":"52,4","organization":"AS1","postal_code":"1","timezone":"Europe/Amsterdam"}',
      full,
    ],
    [
      'the address alone',
      '{"public_ip":"203.0.113.7"}',
      { ...full, country: null, region: null, city: null },
    ],
    [
      'an IPv6 address',
      '{"public_ip":"2001:db8::7","city":""}',
      { ip: '2001:db8::7', country: null, region: null, city: null },
    ],
    ['an empty address', '{"public_ip":""}', null],
    ['nothing, as old versions say', '{}', null],
  ];
  for (const [what, body, expected] of shapes) {
    test(`is ${expected?.ip ?? 'unknown'} from ${what}`, async () => {
      assert.deepEqual((await answers({ ...noPort, [address]: { body } })).publicAddress, told(expected));
    });
  }

  test('is not known where the answer is no address', async () => {
    const { publicAddress } = await answers({ ...noPort, [address]: { body: '{"public_ip":"<script>"}' } });
    assert.equal(publicAddress.kind, 'failed');
  });

  test('is denied by 401, and the port is told all the same', async () => {
    const { publicAddress, forwardedPort } = await answers({ ...noPort, [address]: { status: 401 } });
    assert.deepEqual(publicAddress, { kind: 'denied', routes: [address] });
    assert.deepEqual(forwardedPort, told(null));
  });
});

describe('the tunnel', () => {
  for (const status of ['starting', 'running', 'stopping', 'stopped', 'crashed', 'completed'] as const)
    test(`is ${status} in the server's own word`, async () => {
      const answer = await answers({ [tunnel]: { body: `{"status":"${status}"}\n` } });
      assert.deepEqual(answer.tunnel, told(status));
    });

  test('is not told of in a word that Gluetun does not use', async () => {
    const answer = await answers({ ...noPort, [tunnel]: { body: '{"status":"dancing"}' } });
    assert.deepEqual(answer.tunnel, { kind: 'failed', why: 'answers nonsense to GET /v1/vpn/status' });
  });

  test('is denied where its route is', async () => {
    const answer = await answers({ ...noPort, [tunnel]: { status: 401 } });
    assert.deepEqual(answer.tunnel, { kind: 'denied', routes: [tunnel] });
  });
});

describe('whoever asks', () => {
  const basic = `Basic ${Buffer.from('me:pässword').toString('base64')}`;
  const ways: [ControlAccess, string | undefined, string | undefined][] = [
    [{ kind: 'none' }, undefined, undefined],
    [{ kind: 'key', key: 'the-key' }, 'the-key', undefined],
    [{ kind: 'user', user: 'me', password: 'pässword' }, undefined, basic],
  ];
  for (const [access, key, authorization] of ways) {
    test(`with ${access.kind === 'none' ? 'nothing' : `a ${access.kind}`} says so on every request, a redirect's too`, async () => {
      await using server = await controlServer({
        ...noAddress,
        [older]: { status: 301, location: '/v2' },
        '/v2': { body: '{"port":7}' },
      });
      await ask(server.port, { access });
      assert.equal(server.requests.length, 5);
      for (const { headers } of server.requests) {
        assert.equal(headers['x-api-key'], key);
        assert.equal(headers.authorization, authorization);
      }
    });
  }

  test('sends the key to no other server', async () => {
    await using other = await controlServer({});
    await using server = await controlServer({
      [address]: { status: 301, location: `http://127.0.0.1:${other.port}${address}` },
    });
    await ask(server.port, { access: { kind: 'key', key: 'the-key' } });
    assert.deepEqual(other.requests, []);
  });

  test('with a key that no header can hold is told that it cannot be asked, without the key', async () => {
    await using server = await controlServer({});
    const answer = await ask(server.port, { access: { kind: 'key', key: 'a\nkey' } });
    assert(answer.kind === 'failed');
    assert.match(answer.why, /cannot be asked/);
    assert.doesNotMatch(answer.why, /key/);
  });
});

describe('a control server', () => {
  test('that hangs is given up in time', async () => {
    await using server = await controlServer({ [tunnel]: 'hang', [address]: 'hang', [newer]: 'hang' });
    assert.deepEqual(await ask(server.port, { timeoutMs: 50 }), {
      kind: 'failed',
      why: 'gave no answer in time',
    });
  });

  test('that hangs on one question is heard on the other', async () => {
    await using server = await controlServer({ ...noPort, [address]: 'hang' });
    const answer = await ask(server.port, { timeoutMs: 200 });
    assert(answer.kind === 'answered');
    assert.deepEqual(answer.forwardedPort, told(null));
    assert.deepEqual(answer.publicAddress, { kind: 'failed', why: 'gave no answer in time' });
  });

  test('that hangs is given up at once when nobody wants to know any more', async () => {
    await using server = await controlServer({ [address]: 'hang', [newer]: 'hang' });
    const ending = new AbortController();
    const asking = ask(server.port, { timeoutMs: 60_000, signal: ending.signal });
    ending.abort();
    assert.equal((await asking).kind, 'failed');
    assert.equal((await ask(server.port, { timeoutMs: 60_000, signal: ending.signal })).kind, 'failed');
  });

  test('that is not there is said to be unreachable', async () => {
    const { port } = await (async () => {
      await using server = await controlServer({});
      return server;
    })();
    assert.deepEqual(await ask(port), { kind: 'failed', why: 'cannot be reached (ECONNREFUSED)' });
  });

  test('that answers 500 to all says nothing', async () => {
    await using server = await controlServer({}, { status: 500 });
    assert.deepEqual(await ask(server.port), {
      kind: 'failed',
      why: 'answers 500 to GET /v1/vpn/status and answers 500 to GET /v1/publicip/ip and answers 500 to GET /v1/portforward',
    });
  });
});
