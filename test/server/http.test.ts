import assert from 'node:assert/strict';
import { request } from 'node:http';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { serving } from '../support/serving.ts';
import { type Simulated, simulated } from '../support/simulated.ts';

describe('over plain HTTP', () => {
  let world: Simulated;
  before(async () => {
    world = await simulated({ env: { LOG_LEVEL: 'error' } });
  });
  after(() => world[Symbol.asyncDispose]());

  const status = (path: string, method = 'GET', headers: Record<string, string> = {}) =>
    new Promise<number>((resolve, reject) => {
      const { hostname, port } = new URL(world.tandem.url);
      const asked = request({ hostname, port, path, method, headers }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0));
      });
      asked.on('error', reject).end();
    });

  const cases: [path: string, method: string, expected: number][] = [
    ['/healthz', 'GET', 200],
    ['/readyz', 'GET', 200],
    ['/readyz?verbose', 'GET', 200],
    ['/', 'GET', 200],
    ['/', 'DELETE', 405],
    ['/healthz', 'DELETE', 405],
    ['/readyz', 'POST', 405],
    ['/nothing', 'GET', 404],
    ['//', 'GET', 404],
    ['//graphql', 'GET', 404],
    ['/%zz', 'GET', 404],
    ['/graphql/../healthz', 'GET', 404],
    ['/graphql?query=%7Bfleet%7Brunning%7D%7D', 'GET', 200],
    ['/graphql?query=mutation%7BprovisionEngine%7B__typename%7D%7D', 'GET', 405],
    ['/graphql', 'PUT', 405],
    ['/graphql', 'DELETE', 405],
  ];
  for (const [path, method, expected] of cases) {
    test(`${method} ${path} answers ${expected}`, async () => {
      assert.equal(await status(path, method), expected);
    });
  }

  test('who takes nothing of an answer is given up', async () => {
    await using slow = await serving({ live: { takingMs: 200 } });
    const { hostname, port } = new URL(slow.url);
    const socket = connect(Number(port), hostname);
    // 9 MB, of which the kernels take some.
    socket.write('GET /graphql HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n');
    await new Promise((resolve) => socket.once('readable', resolve));
    const cutOff = new Promise((resolve) => socket.once('error', resolve));
    // It is told nothing of that before it says something. This means nothing, and not often enough for a sign of life.
    const saying = setInterval(() => socket.write('\r\n'), 1_000);
    await cutOff;
    clearInterval(saying);
  });

  test('an upgrade at another path is a 404, and the service goes on', async () => {
    const { hostname, port } = new URL(world.tandem.url);
    for (const path of ['/', '//', '/other']) {
      const socket = connect(Number(port), hostname);
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`,
      );
      let answer = '';
      for await (const chunk of socket) answer += chunk;
      assert.match(answer, /^HTTP\/1\.1 404/, path);
    }
    assert.equal(await status('/healthz'), 200);
  });

  test('another site cannot read the API from a browser', async () => {
    const response = await fetch(`${world.tandem.url}/graphql?query=%7Bfleet%7Brunning%7D%7D`, {
      headers: { origin: 'http://evil.example' },
    });
    assert.equal(response.headers.get('access-control-allow-origin'), null);
  });

  test('the playground is sent once and then known by its tag', async () => {
    const page = await fetch(`${world.tandem.url}/graphql`, { headers: { accept: 'text/html' } });
    assert.equal(page.status, 200);
    const etag = page.headers.get('etag') ?? '';
    await page.text();
    const again = await fetch(`${world.tandem.url}/graphql`, {
      headers: { accept: 'text/html', 'if-none-match': etag },
    });
    assert.equal(again.status, 304);
  });
});
