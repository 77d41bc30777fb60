import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { noBrowser, openBrowser } from '../support/chromium.ts';
import { openDashboard } from '../support/dashboard.ts';
import { until } from '../support/docker/until.ts';
import { type Simulated, simulated } from '../support/simulated.ts';

const env = { MIN_REPLICAS: '10', HEALTH_CHECK_INTERVAL_S: '0.5' };
const touched = { hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
const both = { gluetun: 5, gluetun_2: 5 };

describe('the dashboard can be used', { skip: noBrowser, timeout: 120_000 }, () => {
  let browser: Browser;
  let world: Simulated;
  before(async () => {
    browser = await openBrowser();
    world = await simulated({ env });
  });
  after(async () => {
    await browser?.close();
    await world?.[Symbol.asyncDispose]();
  });

  test('by keyboard alone, and where the focus is can be seen', async () => {
    await using seen = await openDashboard(browser, world.tandem.url);
    const { page } = seen;
    await seen.untilCounts(both);
    const focused = () =>
      page.evaluate<string>(
        '(document.activeElement.getAttribute("aria-label") ?? document.activeElement.labels?.[0]?.textContent ?? document.activeElement.textContent).trim()',
      );
    const tabTo = async (name: string) => {
      for (let stops = 0; stops < 60; stops++) {
        await page.keyboard.press('Tab');
        const outline = await page.evaluate<string>('getComputedStyle(document.activeElement).outlineStyle');
        assert.notEqual(outline, 'none', await focused());
        if ((await focused()) === name) return;
      }
      assert.fail(`the focus never came to ${name}`);
    };

    await tabTo('Skip to the engines');
    await page.keyboard.press('Enter');
    await tabTo('Copy the address of acestream-1');
    await page.reload();
    await seen.untilCounts(both);
    await tabTo('Engines');
    await page.keyboard.type('2');
    await page.keyboard.press('Enter');
    await seen.untilSeen('2 engines run.');
    await seen.untilCounts({ gluetun: 6, gluetun_2: 6 });
    await tabTo('Stop acestream-1');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Stop acestream-1?' }).waitFor();
    assert.deepEqual(await seen.barriers(), []);
    await page.keyboard.press('Escape');
    await until('the focus is back', async () => (await focused()) === 'Stop acestream-1');
    await page.keyboard.press('Enter');
    await tabTo('Stop it');
    await page.keyboard.press('Enter');
    await seen.untilSeen('acestream-1 is stopped.');
  });

  const looks = [
    { name: 'phone', colorScheme: 'dark', viewport: { width: 320, height: 720 }, ...touched },
    { name: 'wall', colorScheme: 'light', viewport: { width: 1920, height: 1080 } },
  ] as const;
  const everywhere = async (what: string, arrived: string) => {
    for (const { name, ...look } of looks) {
      await using seen = await openDashboard(browser, world.tandem.url, look);
      await seen.untilSeen(arrived);
      await until('there are engines', async () => (await seen.counts('gluetun'))[0] !== 0);
      await seen.keep(`9-${name}-${what}`);
      assert.deepEqual(await seen.barriers(), [], name);
      assert.equal(
        await seen.page.evaluate('document.documentElement.scrollWidth'),
        look.viewport.width,
        name,
      );
      assert.deepEqual([seen.strangers, seen.faults], [[], []], name);
    }
  };

  test('on a phone by night and on a wall by day', () => everywhere('calm', 'All well'));

  test('there in an emergency too', async () => {
    await world.docker.vpn('gluetun_2').fail();
    await everywhere('emergency', 'gluetun_2 has failed');
  });
});
