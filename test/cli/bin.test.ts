import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, test } from 'node:test';
import { ProvisionEngine } from '../api/operations.ts';
import { Cli, cliAlone, cliPath, inTerminal, noTerminal } from '../support/cli.ts';
import { until } from '../support/docker/until.ts';
import { simulated } from '../support/simulated.ts';

const root = join(import.meta.dirname, '../..');

/** Node as the machine has it, which is older than what the project brings. */
const olderNode = (process.env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'node'))
  .find((path) => /^v2[0-3]\./.test(spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout ?? ''));
const noOlderNode = olderNode ? false : 'this machine has no Node 20 to 23 to start the command line with.';

describe('the file behind the command', () => {
  test('on an older Node runs on the one that npm brought', { skip: noOlderNode }, async () => {
    await using world = await simulated();
    const options = { command: [olderNode ?? '', cliPath], env: { TANDEM_URL: world.tandem.url } };
    const { code, out, err } = await cliAlone(['engines', '--json'], options);
    assert.deepEqual({ code, out, err }, { code: 0, out: '[]\n', err: '' });
    assert.equal((await cliAlone(['stop', 'acestream-9'], options)).code, 1);

    await using following = new Cli(['events', '--follow'], options);
    await world.tandem.ask(ProvisionEngine);
    await following.says(/acestream-1 runs/);
    following.kill('SIGTERM');
    assert.equal((await following.ended()).code, 0);
  });

  test('on an older Node passes on an interrupt too, where there is no terminal to send it to both', {
    skip: noOlderNode,
  }, async () => {
    await using world = await simulated();
    const options = { command: [olderNode ?? '', cliPath], env: { TANDEM_URL: world.tandem.url } };
    await using following = new Cli(['events', '--follow'], options);
    await following.says(/READY/);
    following.kill('SIGINT');
    try {
      await until('it has ended', () => following.hasEnded, 5_000);
    } finally {
      // Or the one that was not told would live on.
      following.kill('SIGTERM');
    }
    assert.equal((await following.ended()).code, 0);
  });

  test('on an older Node leaves the terminal to the other, and Ctrl-C ends both', {
    skip: noOlderNode || noTerminal,
  }, async () => {
    await using world = await simulated();
    await using running = inTerminal(['watch'], { url: world.tandem.url, node: olderNode ?? '' });
    await running.says(/All is well/);
    running.type('\x03');
    const { code, out } = await running.ended();
    assert.equal(code, 0);
    assert(out.endsWith('\x1b[?1049l'), JSON.stringify(out.slice(-80)));
  });

  for (const [node, path] of [
    ['this Node', process.execPath],
    ['an older Node', olderNode],
  ] as const)
    test(`without its packages says what to do, on ${node}`, {
      skip: path ? false : noOlderNode,
    }, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'tandem-bare-'));
      mkdirSync(join(folder, 'bin'));
      copyFileSync(cliPath, join(folder, 'bin/tandem.mjs'));
      const { code, err } = await cliAlone([], { command: [path ?? '', join(folder, 'bin/tandem.mjs')] });
      assert.equal(code, 69);
      assert.match(err, /^tandem: what it needs is not installed\. Run: npm ci --prefix \S+\n$/);
      rmSync(folder, { recursive: true });
    });

  test('is found as "tandem" by npx in the clone, and by its link on the path', async () => {
    const npx = await cliAlone(['--no-install', 'tandem', '--version'], { command: ['npx'], cwd: root });
    assert.equal(npx.code, 0, npx.err);
    const folder = mkdtempSync(join(tmpdir(), 'tandem-path-'));
    symlinkSync(cliPath, join(folder, 'tandem'));
    const linked = await cliAlone(['--version'], { command: [join(folder, 'tandem')] });
    assert.deepEqual(linked, { ...npx, err: '' });
    rmSync(folder, { recursive: true });
  });
});
