import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { until } from '../support/docker/until.ts';
import { simulated } from '../support/simulated.ts';
import { startTandem } from '../support/tandem.ts';
import { Engines, ProvisionEngine, ProvisionEngines, Status } from './operations.ts';

const vpns = ['gluetun', 'gluetun_2'];

describe('a service that starts', () => {
  test('adopts the engines that run, with their VPN, ports, labels and ids', async () => {
    await using world = await simulated();
    const { label } = world.tandem;
    await world.tandem.ask(ProvisionEngines, { input: { count: 4, labels: [{ key: 'for', value: 'tv' }] } });
    const before = (await world.tandem.ask(Engines)).engines;
    await world.tandem.stop();
    await using again = await startTandem({
      dockerHost: world.dockerHost,
      vpns,
      env: { CONTAINER_LABEL: label },
    });
    await until('it is ready', async () => (await again.ready()).status === 200);
    const after = (await again.ask(Engines)).engines;
    assert.deepEqual(
      after,
      before.map((engine) => ({ ...engine, health: 'UNKNOWN' })),
    );
    const { provisionEngine } = await again.ask(ProvisionEngine);
    assert(provisionEngine.__typename === 'Engine');
    assert.equal(provisionEngine.name, 'acestream-5');
  });

  test('removes what was half-made, and containers of ours that make no sense, but nobody else’s', async () => {
    await using world = await simulated();
    const { label } = world.tandem;
    await world.tandem.ask(ProvisionEngines, { input: { count: 3 } });
    await world.tandem.stop();
    await world.docker.container('acestream-1').stop();
    const { dockerHost } = world;
    await using other = await startTandem({ dockerHost, vpns });
    await until('the other is ready', async () => (await other.ready()).status === 200);
    await other.ask(ProvisionEngine);
    await using again = await startTandem({ dockerHost, vpns, env: { CONTAINER_LABEL: label } });
    await until('it is ready', async () => (await again.ready()).status === 200);
    assert.deepEqual((await again.ask(Engines)).engines.map(({ name }) => name).sort(), [
      'acestream-2',
      'acestream-3',
    ]);
    await until('the stopped one is gone', () => world.engineContainers().length === 3);
    assert.equal((await other.ask(Engines)).engines.length, 1);
  });

  test('does not adopt an engine whose VPN was restarted meanwhile', async () => {
    await using world = await simulated();
    const { label } = world.tandem;
    await world.tandem.ask(ProvisionEngines, { input: { count: 4 } });
    await world.tandem.stop();
    await world.docker.vpn('gluetun').restart();
    await using again = await startTandem({
      dockerHost: world.dockerHost,
      vpns,
      env: { CONTAINER_LABEL: label },
    });
    await until('it is ready', async () => (await again.ready()).status === 200);
    await until('the dead ones are gone', () => world.engineContainers().length === 2);
    assert.deepEqual(
      (await again.ask(Engines)).engines.map(({ vpn }) => vpn?.name),
      ['gluetun_2', 'gluetun_2'],
    );
  });

  test('decides nothing before the first look at every VPN', async () => {
    await using world = await simulated({ whenReady: false });
    world.docker.faults.next({
      method: 'GET',
      path: /gluetun_2\/json/,
      times: Number.POSITIVE_INFINITY,
      fault: { kind: 'hang', when: 'before' },
    });
    await using late = await startTandem({ dockerHost: world.dockerHost, vpns });
    await until('only one VPN is missing', async () => {
      const { missing } = await late.ready();
      return (
        missing.includes('gluetun_2 was not looked at yet') &&
        !missing.includes('gluetun was not looked at yet')
      );
    });
    const answer = (await late.ask(ProvisionEngine)).provisionEngine;
    assert(answer.__typename === 'ServiceUnavailableError');
    assert.equal(answer.reason, 'RECOVERING');
  });
});

describe('a service that stops', () => {
  test('finishes the starts under way and leaves engines running', async () => {
    await using world = await simulated({ embedded: { engineListensAfterMs: 300 } });
    const provisioning = world.tandem.ask(ProvisionEngine);
    await until('it is being made', async () => (await world.tandem.ask(Status)).fleet.pending === 1);
    const stopped = world.tandem.stop();
    assert.equal((await provisioning).provisionEngine.__typename, 'Engine');
    await stopped;
    assert.deepEqual(world.engineContainers(), [{ name: 'acestream-1', state: 'running' }]);
  });

  test('takes no new engine', async () => {
    await using world = await simulated({ embedded: { engineListensAfterMs: 500 } });
    const provisioning = world.tandem.ask(ProvisionEngine);
    await until('it is being made', async () => (await world.tandem.ask(Status)).fleet.pending === 1);
    const stopped = world.tandem.stop();
    const { provisionEngine } = await world.tandem.ask(ProvisionEngine);
    assert(provisionEngine.__typename === 'ServiceUnavailableError');
    assert.equal(provisionEngine.reason, 'SHUTTING_DOWN');
    await Promise.all([provisioning, stopped]);
  });
});
