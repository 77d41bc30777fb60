import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { until } from './support/docker/until.ts';

const main = join(import.meta.dirname, '../src/main.ts');
/** No .env of a developer's is read there. */
const cwd = mkdtempSync(join(tmpdir(), 'tandem-main-'));

const run = (args: string[], env: Record<string, string>) =>
  spawnSync(process.execPath, [main, ...args], {
    env: { PATH: process.env.PATH ?? '', ...env },
    cwd,
    encoding: 'utf8',
    timeout: 20_000,
  });

interface Started {
  readonly child: ChildProcess;
  readonly url: string;
  readonly said: () => string;
}

async function start(args: string[], env: Record<string, string>): Promise<Started> {
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env.PATH ?? '', APP_PORT: '0', ...env },
    cwd,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
  const url = await until(
    'it says where it listens',
    () => /Playground\s+(http:\S+)\/graphql/.exec(output)?.[1],
  );
  return { child, url, said: () => output };
}

describe('the process', () => {
  test('ends with 78 and every mistake when the configuration is wrong', () => {
    const { status, stderr } = run([], { APP_PORT: 'x', VPN_MODE: 'single' });
    assert.equal(status, 78, stderr);
    assert.match(stderr, /APP_PORT/);
    assert.match(stderr, /GLUETUN_CONTAINER_NAME/);
  });

  test('without --embedded a lost configuration brings up no simulation', () => {
    assert.equal(run([], {}).status, 78);
  });

  test('with --embedded a configuration that is half there brings up no simulation either', () => {
    assert.equal(run(['--embedded'], { VPN_MODE: 'redundant' }).status, 78);
  });

  test('with --embedded and nothing configured simulates, says so everywhere, and what it says to paste works', async () => {
    const { child, url, said } = await start(['--embedded'], {});
    assert.match(said(), /SIMULATED/);
    const paste = /^ {2}(mutation .+)$/m.exec(said())?.[1];
    await until('it is ready', async () => (await fetch(`${url}/readyz`)).status === 200);
    assert.equal(((await (await fetch(`${url}/readyz`)).json()) as { simulated: boolean }).simulated, true);
    const ask = async (query: string | undefined) => {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      });
      return (await response.json()) as {
        data: { provisionEngines: { engines: unknown[] }; fleet: { simulated: boolean } };
      };
    };
    assert.equal((await ask(paste)).data.provisionEngines.engines.length, 10);
    assert.equal((await ask('{ fleet { simulated } }')).data.fleet.simulated, true);
    child.kill('SIGTERM');
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  });

  test('stays up without its Docker, and says which address it tried', async () => {
    const DOCKER_HOST = `unix://${cwd}/nobody.sock`;
    const { child, url } = await start([], { DOCKER_HOST, GLUETUN_CONTAINER_NAME: 'gluetun' });
    const response = await fetch(`${url}/readyz`);
    assert.equal(response.status, 503);
    assert.match(await response.text(), new RegExp(`${cwd}/nobody.sock`));
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
    child.kill('SIGTERM');
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  });
});
