import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProvisionEngine } from '../api/operations.ts';
import { noBrowser, openBrowser } from '../support/chromium.ts';
import { until } from '../support/docker/until.ts';
import { scrape } from '../support/exposition.ts';
import { simulated } from '../support/simulated.ts';

test('the playground works with no Internet, subscriptions over WebSocket included', {
  skip: noBrowser,
  timeout: 150_000,
}, async () => {
  await using world = await simulated();
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    // Nine megabytes of page on a crowded machine.
    page.setDefaultTimeout(60_000);
    const outside: string[] = [];
    const frames: string[] = [];
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(world.tandem.url) && !/^(data|blob):/.test(url)) outside.push(url);
    });
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => frames.push(String(payload))),
    );
    await page.route('**', (route) =>
      route.request().url().startsWith(world.tandem.url) ? route.continue() : route.abort(),
    );

    await page.goto(`${world.tandem.url}/graphql`);
    const editor = page.locator('.graphiql-query-editor');
    await editor.waitFor();
    await page.getByText('ProvisionTen').first().waitFor();

    const run = async (operation: string) => {
      await page.getByRole('button', { name: /Execute query/i }).click();
      await page.getByRole('menuitem', { name: operation, exact: true }).click();
    };
    await run('ProvisionTen');
    await page.locator('.result-window', { hasText: '"requested": 10' }).waitFor();

    await run('Placements');
    await until('the page follows', async () => {
      const metrics = await scrape(world.tandem);
      return metrics.value('tandem_graphql_subscribers') === 1;
    });
    await world.tandem.ask(ProvisionEngine);
    await page.locator('.result-window', { hasText: 'acestream-11' }).waitFor();
    assert(
      frames.some((frame) => frame.includes('engineAssigned')),
      'the event came over WebSocket',
    );
    assert.deepEqual(outside, []);
    if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/playground.png` });
  } finally {
    await browser.close();
  }
});

test('a browser is there when the environment demands it', () => {
  if (process.env.TANDEM_REQUIRE_BROWSER === '1') assert.equal(noBrowser, false);
});
