import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { ProvisionEngine, ScaleEngines } from '../api/operations.ts';
import { cable } from '../support/cable.ts';
import { noBrowser, openBrowser } from '../support/chromium.ts';
import { openDashboard } from '../support/dashboard.ts';
import { until } from '../support/docker/until.ts';
import { remembering } from '../support/remembering.ts';
import { simulated } from '../support/simulated.ts';
import { history } from '../support/story.ts';

const env = {
  MIN_REPLICAS: '10',
  VPN_STABILIZATION_S: '4',
  HEALTH_CHECK_INTERVAL_S: '0.5',
  EVENTS_MAX: '1000',
};
const both = { gluetun: 5, gluetun_2: 5 };

describe('the dashboard', { skip: noBrowser, timeout: 120_000 }, () => {
  let browser: Browser;
  before(async () => {
    browser = await openBrowser();
  });
  after(() => browser?.close());

  test('shows the whole story: five each, an emergency, the recovery, and five each again', async () => {
    await using world = await remembering({ env });
    await using seen = await openDashboard(browser, world.tandem.url);
    const { page } = seen;
    const place = (name: string) => page.getByRole('article', { name, exact: true });
    const banner = page.getByRole('region', { name: /failed$/ });

    await seen.untilCounts(both);
    await place('gluetun_2').getByText('READY', { exact: true }).waitFor();
    await seen.untilSeen('All well');
    await until('all are healthy', async () => (await page.locator('.tile-healthy').count()) === 10);
    assert.equal(await banner.count(), 0);
    assert.deepEqual(await seen.barriers(), []);
    await seen.keep('1-five-each');

    await world.docker.vpn('gluetun_2').fail();
    await banner.getByRole('heading', { name: 'gluetun_2 has failed' }).waitFor();
    await page
      .getByRole('alert')
      .getByText(/^Emergency since .*gluetun_2 has failed/)
      .waitFor({ state: 'attached' });
    assert.match(await page.title(), /^EMERGENCY: gluetun_2 has failed/);
    await place('gluetun_2').getByText('FAILED', { exact: true }).waitFor();
    await seen.untilCounts({ gluetun: 5, gluetun_2: 0 });
    const lost = place('gluetun_2').getByText('lost', { exact: true });
    await until('five are lost', async () => (await lost.count()) === 5);
    await until('the clock runs', async () => /0:0[2-9]/.test((await banner.textContent()) ?? ''));
    assert.deepEqual(await seen.barriers(), []);
    await seen.keep('2-emergency');

    await page.getByRole('spinbutton', { name: 'Engines' }).fill('2');
    await page.getByRole('button', { name: 'Provision' }).click();
    await seen.untilSeen('2 engines run.');
    await seen.untilCounts({ gluetun: 7, gluetun_2: 0 });
    for (const left of [6, 5]) {
      await place('gluetun')
        .getByRole('button', { name: /^Stop / })
        .last()
        .click();
      await page.getByRole('dialog').getByRole('button', { name: 'Stop it' }).click();
      await seen.untilCounts({ gluetun: left, gluetun_2: 0 });
    }
    await seen.keep('3-provisioned-and-stopped-in-the-emergency');

    await world.docker.vpn('gluetun_2').heal();
    await place('gluetun_2').getByText('STABILIZING', { exact: true }).waitFor();
    await banner.waitFor({ state: 'detached' });
    await seen.untilSeen('Recovering');
    const left = async () =>
      Number(/0:0(\d)/.exec((await place('gluetun_2').getByRole('timer').textContent()) ?? '')?.[1]);
    const first = await left();
    assert(first >= 2 && first <= 4, `${first} s are left at first`);
    await until('it counts down', async () => (await left()) < first);
    assert.deepEqual(await seen.counts('gluetun', 'gluetun_2'), [5, 0]);
    await seen.keep('4-stabilizing');

    await seen.untilCounts(both);
    await place('gluetun_2').getByText('READY', { exact: true }).waitFor();
    assert.equal(await lost.count(), 0);
    await seen.untilSeen('All well');
    await seen.keep('5-five-each-again');
    assert.deepEqual([seen.strangers, seen.faults], [[], []]);
  });

  test('goes on where it was when the line was cut: no event is missing, none is there twice', async () => {
    await using world = await remembering({ env });
    await using line = await cable(() => world.tandem.url);
    await using seen = await openDashboard(browser, line.url);
    await seen.untilCounts(both);
    const told = async () => (await history(world.tandem)).map(({ message }) => message).reverse();
    const same = () =>
      until('the feed is what happened', async () => {
        const [page, service] = [await seen.feed(), await told()];
        return page.length > 20 && `${page}` === `${service.slice(0, page.length)}`;
      });
    await same();

    line.cut();
    await seen.untilSeen('Reconnecting');
    await seen.keep('6-reconnecting');
    await world.docker.vpn('gluetun_2').fail();
    await until('the service knows', async () => (await told()).some((each) => each.includes('EMERGENCY')));
    await world.tandem.ask(ProvisionEngine);
    assert.deepEqual(await seen.counts('gluetun', 'gluetun_2'), [5, 5]);
    line.mend();
    await seen.untilSeen('gluetun_2 has failed');
    await seen.untilCounts({ gluetun: 6, gluetun_2: 0 });
    await same();

    await world.again({ meanwhile: () => world.docker.vpn('gluetun_2').heal() });
    await seen.untilCounts({ gluetun: 6, gluetun_2: 4 });
    await seen.untilSeen('Live');
    await same();
    assert.deepEqual(seen.faults, []);
  });

  test('says so when events were lost for good, and shows what is so now', async () => {
    await using world = await remembering({ env });
    await using line = await cable(() => world.tandem.url);
    await using seen = await openDashboard(browser, line.url);
    await seen.untilCounts(both);
    await world.again({ meanwhile: () => rm(world.dataDir, { recursive: true }) });
    await seen.untilSeen(/^Some events were missed/);
    await seen.untilCounts(both);
    await world.tandem.ask(ScaleEngines, { to: 12 });
    await seen.untilSeen('12 engines are wanted from now on');
    await seen.untilCounts({ gluetun: 6, gluetun_2: 6 });
    await seen.keep('7-events-lost');
  });

  test('engines that have no VPN are shown on their host', async () => {
    await using world = await simulated({
      env: { VPN_MODE: 'disabled', GLUETUN_PORT_RANGE_1: '9730-9749', MIN_REPLICAS: '1' },
    });
    await using seen = await openDashboard(browser, world.tandem.url);
    await seen.untilSeen('Without VPN');
    await seen.untilCounts({ 'This host': 1 });
    await world.tandem.ask(ProvisionEngine);
    await seen.untilCounts({ 'This host': 2 });
  });

  test('an outage is one: no VPN is left, and what is kept is offered again with its VPN', async () => {
    await using world = await remembering({ env });
    await using seen = await openDashboard(browser, world.tandem.url);
    await seen.untilCounts(both);
    await world.docker.vpn('gluetun_2').fail();
    await seen.untilSeen('gluetun_2 has failed');
    await world.docker.vpn('gluetun').fail();
    await seen.untilSeen('gluetun and gluetun_2 have failed');
    await seen.untilSeen(/^No VPN is left: no engine is served. 5 engines are kept/);
    const kept = seen.page.getByRole('listitem').filter({ hasText: 'kept, not offered' });
    assert.equal(await kept.count(), 5);
    assert.deepEqual(await seen.barriers(), []);
    await seen.keep('8-outage');
    await world.docker.vpn('gluetun').heal();
    await until('they are offered', async () => (await kept.count()) === 0);
    await seen.untilSeen('gluetun_2 has failed');
  });
});
