import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page, Route } from 'playwright-core';
import { noBrowser, openBrowser } from '../support/chromium.ts';
import { openDashboard } from '../support/dashboard.ts';
import { simulated } from '../support/simulated.ts';

const all = 'everything-may-be-done';
const read = 'only-looking-is-allowed';
const keyed = {
  env: { API_KEY: all, API_KEY_READ: read, HOST: '127.0.0.1', MIN_REPLICAS: '2' },
  whenReady: false,
};

/** Until what has come is drawn. */
const drawn = (page: Page) =>
  page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');

describe('the dashboard of a service with keys', { skip: noBrowser, timeout: 120_000 }, () => {
  let browser: Browser;
  before(async () => {
    browser = await openBrowser();
  });
  after(() => browser?.close());

  test('asks for one, says when it is wrong, keeps a good one in the tab, and forgets it', async () => {
    await using world = await simulated(keyed);
    await using seen = await openDashboard(browser, world.tandem.url);
    const { page } = seen;
    const prompt = page.getByRole('dialog', { name: 'This service wants a key' });
    const give = async (key: string) => {
      await prompt.getByLabel('Key').fill(key);
      await page.keyboard.press('Enter');
    };
    await prompt.waitFor();
    assert.deepEqual(await seen.barriers(), []);
    await seen.keep('10-key');
    for (let times = 0; times < 4; times++) await page.keyboard.press('Escape');
    await drawn(page);
    assert(await prompt.isVisible(), 'there is nothing behind it');
    await give('no-key-of-this-service');
    await prompt.getByText('That key is not good').waitFor();
    await give(all);
    await prompt.waitFor({ state: 'detached' });
    await seen.untilCounts({ gluetun: 1, gluetun_2: 1 });

    await page.reload();
    await seen.untilCounts({ gluetun: 1, gluetun_2: 1 });
    await page.getByRole('button', { name: 'Provision' }).click();
    await seen.untilSeen('1 engine runs.');

    await page.getByRole('button', { name: 'Forget the key' }).click();
    await prompt.waitFor();
    assert.equal(await page.getByRole('article').count(), 0, 'nothing is left to be seen');
    assert.doesNotMatch(await page.content(), /That key is not good/);
    assert.deepEqual(seen.faults, []);
  });

  test('offers no change to a key for reading, and says why', async () => {
    await using world = await simulated(keyed);
    await using seen = await openDashboard(browser, world.tandem.url);
    const { page } = seen;
    await page.getByLabel('Key', { exact: true }).fill(read);
    await page.keyboard.press('Enter');
    await seen.untilCounts({ gluetun: 1, gluetun_2: 1 });
    await seen.untilSeen(/^This key is for reading/);
    for (const name of ['Provision', 'Scale', 'Stop acestream-1'])
      assert.equal(await page.getByRole('button', { name, exact: true }).isDisabled(), true, name);
    assert.deepEqual(await seen.barriers(), []);
    await seen.keep('11-for-reading');
  });

  test('asks anew when its key is good no longer', async () => {
    await using world = await simulated(keyed);
    await using seen = await openDashboard(browser, world.tandem.url);
    await seen.page.getByLabel('Key', { exact: true }).fill(all);
    await seen.page.keyboard.press('Enter');
    await seen.untilCounts({ gluetun: 1, gluetun_2: 1 });
    world.tandem.changeKeys({ all: 'another-key', read: null });
    await seen.untilSeen('That key is not good, or not any longer.');
  });

  test('asks anew though its socket is closed only after an answer has said so', async () => {
    await using world = await simulated(keyed);
    await using seen = await openDashboard(browser, world.tandem.url);
    const { page } = seen;
    const closed = Promise.withResolvers<void>();
    await page.routeWebSocket(/graphql/, (socket) => {
      socket.connectToServer();
      // The service's close was on its way when the page closed it.
      socket.onClose(() => socket.close({ code: 4403, reason: 'Forbidden' }).then(closed.resolve));
    });
    await page.getByLabel('Key', { exact: true }).fill(all);
    await page.keyboard.press('Enter');
    await seen.untilCounts({ gluetun: 1, gluetun_2: 1 });
    const errors = [{ message: 'not this key', extensions: { code: 'UNAUTHENTICATED' } }];
    await page.route('**/graphql', (route) => route.fulfill({ status: 401, json: { errors } }));
    await world.docker.vpn('gluetun_2').fail();
    await closed.promise;
    await drawn(page);
    await seen.untilSeen('That key is not good, or not any longer.');
  });

  test('tells nobody what came of something that was asked with a key that is forgotten', async () => {
    await using world = await simulated(keyed);
    await using seen = await openDashboard(browser, world.tandem.url);
    const { page } = seen;
    await page.getByLabel('Key', { exact: true }).fill(all);
    await page.keyboard.press('Enter');
    await seen.untilCounts({ gluetun: 1, gluetun_2: 1 });
    const asked = Promise.withResolvers<Route>();
    await page.route('**/graphql', (route) =>
      route.request().postData()?.includes('provisionEngines') ? asked.resolve(route) : route.continue(),
    );
    await page.getByRole('button', { name: 'Provision' }).click();
    const held = await asked.promise;
    await page.getByRole('button', { name: 'Forget the key' }).click();
    await page.getByRole('dialog').waitFor();
    const answered = page.waitForEvent('requestfinished', (request) => request === held.request());
    await held.continue();
    await answered;
    await drawn(page);
    assert.equal(await page.locator('.notice').count(), 0);
  });

  test('keeps its key in memory where the browser keeps nothing, and shows what may not be copied', async () => {
    await using world = await simulated(keyed);
    await using seen = await openDashboard(browser, world.tandem.url);
    const { page } = seen;
    await page.addInitScript(`
      const denied = () => new DOMException('denied', 'SecurityError');
      Object.defineProperty(window, 'sessionStorage', { get() { throw denied(); } });
      navigator.clipboard.writeText = () => Promise.reject(denied());`);
    await page.reload();
    await page.getByLabel('Key', { exact: true }).fill(all);
    await page.keyboard.press('Enter');
    await seen.untilCounts({ gluetun: 1, gluetun_2: 1 });
    const shown = page.waitForEvent('dialog');
    const copying = page.getByRole('button', { name: 'Copy the address of acestream-1' }).click();
    const dialog = await shown;
    assert.match(dialog.defaultValue(), /^http:/);
    await dialog.dismiss();
    await copying;
    await page.getByRole('button', { name: 'Forget the key' }).click();
    await page.getByRole('dialog', { name: 'This service wants a key' }).waitFor();
    assert.deepEqual(seen.faults, []);
  });
});
