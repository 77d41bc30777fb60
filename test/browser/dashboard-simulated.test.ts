import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { noBrowser, openBrowser } from '../support/chromium.ts';
import { openDashboard } from '../support/dashboard.ts';
import { startProcess } from '../support/process.ts';

describe('the dashboard of the embedded engine', { skip: noBrowser, timeout: 120_000 }, () => {
  let browser: Browser;
  before(async () => {
    browser = await openBrowser();
  });
  after(() => browser?.close());

  test('shows a newcomer an emergency within a minute, and the way back, with two buttons', async () => {
    const begun = performance.now();
    await using tandem = await startProcess({
      args: ['--embedded'],
      env: { MIN_REPLICAS: '10', VPN_STABILIZATION_S: '2' },
    });
    await using seen = await openDashboard(browser, tandem.url);
    const { page } = seen;
    await seen.untilSeen('SIMULATED');
    await seen.untilCounts({ gluetun: 5, gluetun_2: 5 });
    await page.getByRole('button', { name: 'Fail gluetun_2' }).click();
    await page.getByRole('heading', { name: 'gluetun_2 has failed' }).waitFor();
    const took = performance.now() - begun;
    assert(took < 60_000, `it took ${took} ms`);
    await seen.untilCounts({ gluetun: 5, gluetun_2: 0 });
    assert.deepEqual(await seen.barriers(), []);
    await seen.keep('12-simulated-emergency');

    await page.getByRole('button', { name: 'Recover gluetun_2' }).click();
    await seen.untilSeen(/^STABILIZING$/);
    await seen.untilCounts({ gluetun: 5, gluetun_2: 5 });
    await page.getByRole('button', { name: 'Fail gluetun_2' }).waitFor();
    await seen.untilSeen('All well');
    await seen.keep('13-simulated-and-back');
    assert.deepEqual([seen.strangers, seen.faults], [[], []]);
  });
});
