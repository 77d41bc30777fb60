import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { EventPage, ProvisionEngine, Status } from '../api/operations.ts';
import { Cli, cliPath, inTerminal, noTerminal } from '../support/cli.ts';
import { until } from '../support/docker/until.ts';
import { lineTo } from '../support/line.ts';
import { simulated } from '../support/simulated.ts';

/** What was drawn, page by page. */
const pagesOf = (text: string): string[] => text.split('\x1b[H').map((page) => page.split('\x1b[J')[0] ?? '');

const lines = (text: string): string[] => text.trim().split('\n');

describe('events --follow', () => {
  test('goes on through lost connections with nothing missed or doubled, and ends with 0 on a signal', async () => {
    await using world = await simulated();
    await using line = await lineTo(world.tandem.url);
    const { lastEventId } = await world.tandem.ask(Status);
    await using running = new Cli(['events', '--follow', '--json', '--after', lastEventId], {
      env: { TANDEM_URL: line.url },
    });
    await world.tandem.ask(ProvisionEngine);
    await running.says(/STARTED/);
    // What has happened by now was a page of the past; this is told live.
    await world.tandem.ask(ProvisionEngine);
    await running.says(/STARTED.+STARTED/s);
    line.cut();
    await world.tandem.ask(ProvisionEngine);
    const { events } = await world.tandem.ask(EventPage, { first: 500, after: lastEventId });
    const ids = events.nodes.map(({ id }) => id);
    await running.says(new RegExp(`${ids.at(-1)}`));
    assert.deepEqual(
      lines(running.out).map((text) => JSON.parse(text).id),
      ids,
    );
    running.kill('SIGINT');
    const { code, err } = await running.ended();
    assert.equal(code, 0, err);
    assert.match(err, /^tandem: the connection is lost; trying again\.\ntandem: connected again\.\n$/);
  });

  test('ends at once on a signal while it tries to connect again', async () => {
    await using world = await simulated();
    await using line = await lineTo(world.tandem.url);
    await using running = new Cli(['events', '--follow'], { env: { TANDEM_URL: line.url } });
    await running.says(/READY/);
    await line.close();
    await until('it has noticed', () => running.err.includes('lost'));
    const asked = performance.now();
    running.kill('SIGTERM');
    assert.equal((await running.ended()).code, 0);
    assert(performance.now() - asked < 2_000, 'it ended at once');
  });

  test('ends quietly when its reader has seen enough', async () => {
    await using world = await simulated();
    const script = `'${process.execPath}' '${cliPath}' events --follow | head -n 1; echo "\${PIPESTATUS[0]}"`;
    await using running = new Cli(['-c', script], {
      command: ['bash'],
      env: { TANDEM_URL: world.tandem.url },
    });
    await running.says(/\n/);
    await world.tandem.ask(ProvisionEngine);
    await world.tandem.ask(ProvisionEngine);
    const { out, err } = await running.ended();
    assert.match(out, /\n0\n$/);
    assert.equal(err, '');
  });
});

describe('watch', () => {
  test('without a terminal shows the status once, and then what happens, line after line', async () => {
    await using world = await simulated();
    await using running = new Cli(['watch'], { env: { TANDEM_URL: world.tandem.url } });
    await running.says(/All is well/);
    world.docker.vpn('gluetun').fail();
    await running.says(/EMERGENCY MODE ENTERED/);
    running.kill('SIGTERM');
    const { code, out } = await running.ended();
    assert.equal(code, 0);
    assert(!out.includes('\x1b'), out);
  });

  test('--json is one status a line, at every change', async () => {
    await using world = await simulated();
    await using running = new Cli(['watch', '--json'], { env: { TANDEM_URL: world.tandem.url } });
    await running.says(/\n/);
    await world.tandem.ask(ProvisionEngine);
    await running.says(/"running":1,/);
    running.kill('SIGINT');
    const told = lines((await running.ended()).out).map((text) => JSON.parse(text).fleet.running);
    assert.equal(told[0], 0);
    assert.equal(told.at(-1), 1);
  });

  test('in a terminal is redrawn in place, and Ctrl-C leaves the terminal as it was', {
    skip: noTerminal,
  }, async () => {
    await using world = await simulated({ env: { VPN_STABILIZATION_S: '100' } });
    await using running = inTerminal(['watch'], { url: world.tandem.url });
    await running.says(/All is well: 2 VPNs/);
    assert(running.out.includes('\x1b[?1049h\x1b[?25l'), 'the other page was opened');
    world.docker.vpn('gluetun').fail();
    await running.says(/EMERGENCY for \d+ s: gluetun FAILED/);
    await running.says(/EMERGENCY MODE ENTERED/);
    world.docker.vpn('gluetun').heal();
    await running.says(/STABILIZING, 1 min 3\d s to go/);
    await running.says(/STABILIZING, 1 min 2\d s to go|STABILIZING, 1 min 38 s to go/);
    running.type('\x03');
    const { code, out } = await running.ended();
    assert.equal(code, 0);
    assert(out.endsWith('\x1b[?7h\x1b[?25h\x1b[?1049l'), JSON.stringify(out.slice(-80)));
  });

  test('shows no more lines than the terminal has, also when it has become smaller', {
    skip: noTerminal,
  }, async () => {
    await using world = await simulated();
    await using running = inTerminal(['watch'], { url: world.tandem.url, rows: 8 });
    await running.says(/All is well/);
    const [, terminal = ''] = /^(\/dev\/\S+)/.exec(running.out) ?? [];
    const lines = () =>
      pagesOf(running.out)
        .slice(1)
        .map((page) => page.split('\n').length);
    assert.equal(Math.max(...lines()), 8);
    running.out = '';
    assert.equal(spawnSync('stty', ['-F', terminal, 'rows', '5']).status, 0);
    // The last one may be half of what is drawn, and the first ones may be from before.
    await until('it is drawn anew', () => lines().at(-2) === 5);
    running.type('\x03');
    assert.equal((await running.ended()).code, 0);
  });

  test('says when the connection is lost, and goes on when it is back', { skip: noTerminal }, async () => {
    await using world = await simulated();
    await using line = await lineTo(world.tandem.url);
    await using running = inTerminal(['watch'], { url: line.url });
    await running.says(/live/);
    await line.close();
    await running.says(/the connection is lost/);
    await world.tandem.ask(ProvisionEngine);
    await line.open();
    await running.says(/1 running/);
    running.type('\x03');
    assert.equal((await running.ended()).code, 0);
  });

  test('a mistake in the middle gives the terminal back too', { skip: noTerminal }, async () => {
    const key = 'the-right-key';
    await using world = await simulated({ env: { API_KEY: key }, whenReady: false });
    await using running = inTerminal(['watch', '--key', key], { url: world.tandem.url });
    await running.says(/gluetun_2/);
    world.tandem.changeKeys({ all: 'another-key', read: null });
    const { code, out } = await running.ended();
    assert.equal(code, 77);
    assert.match(out.slice(out.indexOf('\x1b[?1049l')), /tandem: the service wants its API_KEY/);
  });

  test('a crash gives the terminal back', { skip: noTerminal }, async () => {
    await using world = await simulated();
    const folder = await mkdtemp(join(tmpdir(), 'tandem-crash-'));
    const crash = join(folder, 'crash.mjs');
    await writeFile(crash, "process.stdin.once('data', () => { throw new Error('crash'); });");
    const env = { NODE_OPTIONS: `--import=${crash}` };
    await using running = inTerminal(['watch'], { url: world.tandem.url, env });
    await running.says(/All is well/);
    running.type('x\n');
    const { code, out } = await running.ended();
    assert.notEqual(code, 0);
    const restored = '\x1b[?7h\x1b[?25h\x1b[?1049l';
    assert(out.includes(restored), JSON.stringify(out.slice(-80)));
    assert.match(out.slice(out.indexOf(restored)), /Error: crash/);
    await rm(folder, { recursive: true });
  });
});

describe('provision in a terminal', () => {
  test('shows how far it is, fed by the subscription, and then the engines', {
    skip: noTerminal,
  }, async () => {
    await using world = await simulated({ embedded: { engineListensAfterMs: 300 } });
    await using running = inTerminal(['provision', '--count', '6'], { url: world.tandem.url });
    await running.says(/░ {2}0 running, [1-6] under way/);
    // Engines that others ask for are none of these.
    await world.tandem.ask(ProvisionEngine);
    const { code, out } = await running.ended();
    assert.equal(code, 0);
    assert.match(out, /█ +[1-6] running|█/);
    const shown = [...out.matchAll(/(\d+) running, (\d+) under way/g)].map(
      ([, a, b]) => Number(a) + Number(b),
    );
    assert(Math.max(...shown) <= 6, `${shown}`);
    const table = out.slice(out.lastIndexOf('\x1b[K'));
    assert.equal(table.match(/http:\/\/localhost:\d+/g)?.length, 6);
  });

  test('Ctrl-C ends the waiting, and says how to see what becomes of it', { skip: noTerminal }, async () => {
    await using world = await simulated({ embedded: { engineListensAfterMs: 1_000 } });
    await using running = inTerminal(['provision', '--count', '2'], { url: world.tandem.url });
    await running.says(/2 under way/);
    running.type('\x03');
    const { code, out } = await running.ended();
    assert.equal(code, 130);
    assert.match(out, /what it asked for may be made all the same/);
    const [, key = ''] = /--idempotency-key (\S+)\./.exec(out) ?? [];
    await using again = new Cli(['provision', '--count', '2', '--json', '--idempotency-key', key], {
      env: { TANDEM_URL: world.tandem.url },
    });
    assert.equal(JSON.parse((await again.ended()).out).engines.length, 2);
    assert.equal(world.engineContainers().length, 2);
  });
});
