import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Engines, ProvisionEngines, Status, StopEngine } from '../api/operations.ts';
import { until } from '../support/docker/until.ts';
import { daemon, untilReady } from '../support/simulated.ts';
import { startTandem, type Tandem } from '../support/tandem.ts';
import { allowances, filterBefore } from './filter.ts';

const image = 'example.org/engine:1';

async function stateOf(tandem: Tandem, index: number) {
  return (await tandem.ask(Status)).vpnStatus.vpns[index]?.state;
}

/** Everything that Tandem may ask of Docker: a pull, starts, a stop, a VPN that fails, engines that are condemned, and a return. */
async function live(rules: readonly string[], env: Record<string, string>) {
  await using world = await daemon();
  world.docker.images.put({ name: image, kind: 'acestream', place: 'registry' });
  await using filter = await filterBefore(world.docker.socketPath, rules);
  await using tandem = await startTandem({
    dockerHost: filter.dockerHost,
    vpns: world.vpns,
    env: { ENGINE_IMAGE: image, MIN_REPLICAS: '4', VPN_STABILIZATION_S: '0.1', ...env },
  });
  await untilReady(tandem);
  await until('what is kept runs', async () => (await tandem.ask(Status)).fleet.running === 4);
  const { provisionEngines } = await tandem.ask(ProvisionEngines, { input: { count: 6 } });
  assert.equal(provisionEngines.engines.length, 6, JSON.stringify(provisionEngines.errors));
  const [engine] = (await tandem.ask(Engines)).engines;
  await tandem.ask(StopEngine, { engine: { id: engine?.id ?? '' } });
  // Told by Docker's events: looks alone would come a minute later.
  world.docker.vpn('gluetun_2').fail();
  await until('the VPN has FAILED', async () => (await stateOf(tandem, 1)) === 'FAILED');
  await until('its engines are gone', () => world.engineContainers().length <= 5);
  const restarts = () => world.docker.audit.calls('POST', /\/restart$/).length;
  if (env.VPN_UNHEALTHY_RESTART_TIMEOUT_S) await until('it is restarted', () => restarts() > 0);
  world.docker.vpn('gluetun_2').heal();
  await until('it is READY again', async () => (await stateOf(tandem, 1)) === 'READY');
  return { refused: [...filter.refused], used: [...filter.used].sort() };
}

describe('the socket proxy of the compose files', () => {
  const { given, optional } = allowances();

  test('lets through all that Tandem asks of Docker, and every rule of it is needed', async () => {
    assert.equal(given.length, 7);
    const { refused, used } = await live(given, { GLUETUN_HEALTH_CHECK_INTERVAL_S: '60' });
    assert.deepEqual(refused, []);
    assert.deepEqual(used, given.toSorted());
  });

  test('needs what is commented out there for VPN_UNHEALTHY_RESTART_TIMEOUT_S, and for nothing else', async () => {
    assert.equal(optional.length, 1);
    const { refused, used } = await live([...given, ...optional], {
      VPN_UNHEALTHY_RESTART_TIMEOUT_S: '0.2',
    });
    assert.deepEqual(refused, []);
    assert.deepEqual(used, [...given, ...optional].sort());
  });

  test('lets nothing else through', async () => {
    await using world = await daemon();
    await using filter = await filterBefore(world.docker.socketPath, given);
    const base = filter.dockerHost.replace('tcp', 'http');
    const id = 'a'.repeat(64);
    const wishes = [
      ['POST', `/containers/${id}/exec`],
      ['POST', '/build'],
      ['POST', '/volumes/create'],
      ['GET', '/images/json'],
      ['GET', `/containers/${id}/logs`],
      ['GET', `/containers/${id}/archive`],
      ['GET', '/containers/../info'],
      ['DELETE', '/images/a'],
      ['DELETE', '/containers/gluetun'],
      ['POST', `/containers/${id}/restart`],
      ['POST', '/containers/create/x'],
      ['PUT', '/containers/create'],
    ] as const;
    for (const [method, path] of wishes)
      assert.equal((await fetch(`${base}${path}`, { method })).status, 403, `${method} ${path}`);
  });
});
