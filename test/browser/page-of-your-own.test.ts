import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';
import { test } from 'node:test';
import { blocksOf, root } from '../docs/markdown.ts';
import { noBrowser, openBrowser } from '../support/chromium.ts';
import { simulated } from '../support/simulated.ts';

/** Serves one page, and what it imports, from an origin of its own. */
async function serveBeside(
  name: string,
  html: string,
): Promise<AsyncDisposable & { readonly origin: string }> {
  const server = createServer(async ({ url = '/' }, response) => {
    const path = normalize(url);
    if (path === `/${name}`) return response.setHeader('content-type', 'text/html').end(html);
    if (!path.startsWith('/node_modules/graphql-ws/')) return response.writeHead(404).end();
    const script = await readFile(join(root, path));
    return response.setHeader('content-type', 'text/javascript').end(script);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('the page of docs/api.md shows the VPNs, and what becomes of them, from an origin of its own', {
  skip: noBrowser,
}, async () => {
  const keys = { API_KEY: 'one-that-may-do-all', API_KEY_READ: 'one-that-may-look' };
  await using world = await simulated({ env: keys, whenReady: false });
  const block = blocksOf('docs/api.md').find(({ mark }) => mark === 'wall.html');
  assert(block, 'there is such a page');
  const html = block.text.replaceAll('localhost:8000', new URL(world.tandem.url).host);
  await using beside = await serveBeside('wall.html', html);
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(`${beside.origin}/wall.html#key=${keys.API_KEY_READ}`);
    await page.getByText('gluetun READY: 0 engines').waitFor();
    await world.docker.vpn('gluetun_2').kill();
    await page.getByText('gluetun_2 FAILED: 0 engines').waitFor();
  } finally {
    await browser.close();
  }
});
