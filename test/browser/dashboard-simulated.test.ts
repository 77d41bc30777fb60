import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { noBrowser, openBrowser } from '../support/chromium.ts';
import { openDashboard } from '../support/dashboard.ts';
import { until } from '../support/docker/until.ts';
import { startProcess } from '../support/process.ts';

describe('the dashboard of the embedded engine', { skip: noBrowser, timeout: 120_000 }, () => {
  let browser: Browser;
  before(async () => {
    browser = await openBrowser();
  });
  after(() => browser?.close());

  test('shows a newcomer an emergency within a minute, and the way back, with two buttons', async () => {
    const begun = performance.now();
    const env = { MIN_REPLICAS: '10', VPN_STABILIZATION_S: '2' };
    await using tandem = await startProcess({ args: ['--embedded'], env });
    await using seen = await openDashboard(browser, tandem.url);
    const { page } = seen;
    // How many there are depends on the ports that this machine has free: the embedded engine's are always the same.
    const untilEngines = () =>
      until('both have engines', async () => (await seen.counts('gluetun', 'gluetun_2')).every((n) => n > 0));
    await seen.untilSeen('SIMULATED');
    await untilEngines();
    await page.getByRole('button', { name: 'Fail gluetun_2' }).click();
    await page.getByRole('heading', { name: 'gluetun_2 has failed' }).waitFor();
    const took = performance.now() - begun;
    assert(took < 60_000, `it took ${took} ms`);
    await seen.untilCounts({ gluetun_2: 0 });
    assert.deepEqual(await seen.barriers(), []);
    await seen.keep('12-simulated-emergency');

    await page.getByRole('button', { name: 'Recover gluetun_2' }).click();
    await seen.untilSeen(/^STABILIZING$/);
    await untilEngines();
    await page.getByRole('button', { name: 'Fail gluetun_2' }).waitFor();
    await seen.untilSeen('All well');
    await seen.keep('13-simulated-and-back');
    assert.deepEqual([seen.strangers, seen.faults], [[], []]);
  });
});
