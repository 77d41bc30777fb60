import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Engines, ProvisionEngines, Status } from './api/operations.ts';
import { until } from './support/docker/until.ts';
import { runToItsEnd, startProcess, type TandemProcess } from './support/process.ts';

describe('the process', () => {
  test('ends with 78 and every mistake when the configuration is wrong', async () => {
    const { code, said } = await runToItsEnd([], { APP_PORT: 'x', VPN_MODE: 'single' });
    assert.equal(code, 78, said);
    assert.match(said, /APP_PORT/);
    assert.match(said, /GLUETUN_CONTAINER_NAME/);
  });

  test('without --embedded a lost configuration brings up no simulation', async () => {
    assert.equal((await runToItsEnd([], {})).code, 78);
  });

  test('with --embedded a configuration that is half there brings up no simulation either', async () => {
    assert.equal((await runToItsEnd(['--embedded'], { VPN_MODE: 'redundant' })).code, 78);
  });

  test('with --embedded and nothing configured simulates, says so everywhere, and what it says to paste works', async () => {
    await using tandem = await startProcess({ args: ['--embedded'], env: {} });
    assert.match(tandem.said, /SIMULATED/);
    const { simulated } = (await (await fetch(`${tandem.url}/readyz`)).json()) as { simulated: boolean };
    assert.equal(simulated, true);
    const paste = /^ {2}(mutation .+)$/m.exec(tandem.said)?.[1];
    const provisioned = (await tandem.answer({ query: paste })).body.data?.provisionEngines;
    assert.equal((provisioned as { engines: unknown[] }).engines.length, 10);
    assert.equal((await tandem.ask(Status)).fleet.simulated, true);
    const told = 'mutation { simulate(vpn: "gluetun", health: UNHEALTHY) { state } }';
    assert.deepEqual((await tandem.answer({ query: told })).body.data, { simulate: { state: 'FAILED' } });
    const { code, said } = await tandem.stop();
    assert.equal(code, 0, said);
  });

  test('simulates twice on one machine, with ports of their own, or with those that are named', async () => {
    await using one = await startProcess({ args: ['--embedded'], env: {} });
    await using other = await startProcess({ args: ['--embedded'], env: {} });
    const ranges = { GLUETUN_PORT_RANGE_1: '28701-28702', GLUETUN_PORT_RANGE_2: '28711-28712' };
    await using named = await startProcess({ args: ['--embedded'], env: { ...ranges, MIN_REPLICAS: '0' } });
    for (const tandem of [one, other]) {
      await until('all run', async () => (await tandem.ask(Status)).fleet.running === 2);
      const { provisionEngines } = await tandem.ask(ProvisionEngines, { input: { count: 8 } });
      assert.equal(provisionEngines.engines.length, 8);
      assert.equal((await tandem.ask(Status)).fleet.running, 10);
    }
    const ports = async (tandem: TandemProcess) =>
      (await tandem.ask(Engines)).engines.map(({ httpPort }) => httpPort).sort();
    const [taken, own] = [await ports(one), await ports(other)];
    assert(own.every((port) => !taken.includes(port)));
    const { provisionEngines } = await named.ask(ProvisionEngines, { input: { count: 5 } });
    assert.deepEqual(await ports(named), [28_701, 28_702, 28_711, 28_712]);
    assert.deepEqual(
      provisionEngines.errors.map(({ __typename }) => __typename),
      ['NoFreePortError'],
    );
  });

  test('stays up without its Docker, and says which address it tried', async () => {
    const socket = join(tmpdir(), 'tandem-nobody-listens-here.sock');
    await using tandem = await startProcess({
      env: { DOCKER_HOST: `unix://${socket}`, GLUETUN_CONTAINER_NAME: 'gluetun' },
      whenReady: false,
    });
    const response = await fetch(`${tandem.url}/readyz`);
    assert.equal(response.status, 503);
    assert.match(await response.text(), new RegExp(socket));
    assert.equal((await fetch(`${tandem.url}/healthz`)).status, 200);
    const { code, said } = await tandem.stop();
    assert.equal(code, 0, said);
  });
});
