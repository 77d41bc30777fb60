import assert from 'node:assert/strict';
import { type IncomingHttpHeaders, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { type Serving, serving } from '../support/serving.ts';

/** The most that the page's script may be when it is sent, in bytes. */
const most = 60 * 1_024;

interface Got {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  /** As it was sent: fetch would have decoded it. */
  readonly body: Buffer;
}

describe('the dashboard is served', () => {
  let world: Serving;
  before(async () => {
    world = await serving({ keys: { all: 'a-key', read: null } });
  });
  after(() => world[Symbol.asyncDispose]());

  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    new Promise<Got>((resolve, reject) => {
      const asked = request(
        `${world.url}${path}`,
        { method, headers: { accept: 'text/html', ...headers } },
        async (response) => {
          const { statusCode: status, headers } = response;
          resolve({ status, headers, body: await buffer(response) });
        },
      );
      asked.on('error', reject).end();
    });

  /** What the page loads. */
  const files = async () =>
    [...String((await get('/')).body).matchAll(/(?:src|href)="(\/dashboard\/[^"]+)"/g)].map(
      ([, path = '']) => path,
    );
  const script = async () => (await files()).find((path) => path.endsWith('.js')) ?? '';

  test('to whoever asks, without a key, for it holds no data', async () => {
    for (const accept of ['text/html', '*/*']) {
      const { status, headers, body } = await get('/', { accept });
      assert.equal(status, 200);
      assert.equal(headers['content-type'], 'text/html; charset=utf-8');
      assert.match(String(body), /^<!doctype html>/);
    }
  });

  test('as a page that loads nothing from elsewhere, runs nothing that stands in it, and is in no frame', async () => {
    const { headers, body } = await get('/');
    const policy = String(headers['content-security-policy']).split('; ');
    const wanted = ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"];
    for (const rule of wanted) assert(policy.includes(rule), `${rule} in ${policy}`);
    assert.doesNotMatch(`${policy}`, /unsafe|\*|http/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['x-frame-options'], 'DENY');
    assert.doesNotMatch(String(body), /https?:|style=|\son\w+=/);
  });

  test('with a script, a style and an icon whose names say what is in them, to be kept for good', async () => {
    const paths = await files();
    assert.deepEqual(paths.map((path) => path.replace(/-\w{8}\./, '.')).sort(), [
      '/dashboard/icon.svg',
      '/dashboard/main.css',
      '/dashboard/main.js',
    ]);
    for (const path of paths) {
      const { status, headers } = await get(path);
      assert.equal(status, 200, path);
      assert.match(headers['cache-control'] ?? '', /immutable/, path);
      assert.match(headers['content-type'] ?? '', /^(text\/javascript|text\/css|image\/svg\+xml)/, path);
    }
  });

  test('in whatever encoding is accepted, and small: at most 60 KB of script', async () => {
    const path = await script();
    const sent = (encoding: string) => get(path, { 'accept-encoding': encoding });
    const plain = await sent('identity');
    assert.equal(plain.headers['content-encoding'], undefined);
    const [br, gzip] = [await sent('gzip, deflate, br'), await sent('gzip')];
    assert.deepEqual([br.headers['content-encoding'], gzip.headers['content-encoding']], ['br', 'gzip']);
    assert.deepEqual(brotliDecompressSync(br.body), plain.body);
    assert.deepEqual(gunzipSync(gzip.body), plain.body);
    assert(plain.body.length > 10_000, 'there is a script');
    const refused = await sent('br;q=0, gzip; q=0.0');
    assert.equal(refused.headers['content-encoding'], undefined);
    assert(gzip.body.length <= most, `${gzip.body.length} bytes with gzip, ${br.body.length} with brotli`);
  });

  test('once: what a browser has already is known by its tag', async () => {
    for (const path of ['/', await script()]) {
      const { headers } = await get(path);
      const again = await get(path, { 'if-none-match': String(headers.etag) });
      assert.deepEqual([again.status, again.body.length], [304, 0], path);
      const among = await get(path, { 'if-none-match': `"another", W/${headers.etag}` });
      assert.equal(among.status, 304, path);
      const other = await get(path, { 'if-none-match': String(headers.etag), 'accept-encoding': 'br' });
      assert.equal(other.status, 200, 'what is encoded in another way has another tag');
      assert.equal((await get(path, { 'if-none-match': '"another"' })).status, 200, path);
    }
  });

  test('to be read alone: HEAD tells the same without the body, and nothing else is allowed', async () => {
    const path = await script();
    const [whole, head] = [await get(path), await get(path, {}, 'HEAD')];
    assert.deepEqual([head.status, head.body.length], [200, 0]);
    assert.equal(head.headers['content-length'], `${whole.body.length}`);
    assert.equal((await get(path, {}, 'POST')).status, 405);
  });

  test('and nothing beside it: other paths are a 404', async () => {
    for (const path of ['/dashboard', '/dashboard/', '/dashboard/main.tsx', '/dashboard/../package.json'])
      assert.equal((await get(path)).status, 404, path);
  });
});
