import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Client } from '../support/client.ts';
import { until } from '../support/docker/until.ts';
import { simulated } from '../support/simulated.ts';
import { EmergencyModeChanged, Engines, ProvisionEngine, ProvisionEngines, Status } from './operations.ts';

const mutation = `mutation ($vpn: String!, $health: VpnHealth!) {
  simulate(vpn: $vpn, health: $health) { name health state containerStatus }
}`;

interface SimulatedVpn {
  readonly name: string;
  readonly health: string;
  readonly state: string;
  readonly containerStatus: string | null;
}

const answerOf = async (tandem: Client, vpn: string, health: string, headers: Record<string, string> = {}) =>
  (await tandem.answer({ query: mutation, variables: { vpn, health } }, headers)).body;

async function simulate(tandem: Client, vpn: string, health: string): Promise<SimulatedVpn> {
  const { data, errors } = await answerOf(tandem, vpn, health);
  assert.equal(errors, undefined);
  return data?.simulate as SimulatedVpn;
}

describe('on the embedded engine, "simulate"', () => {
  test('enters an emergency and leaves it, and answers with the VPN as it was found', async () => {
    await using world = await simulated({ byItself: true });
    const { tandem } = world;
    await tandem.ask(ProvisionEngines, { input: { count: 4 } });
    await using changes = await tandem.follow(EmergencyModeChanged);

    const ill = await simulate(tandem, 'gluetun_2', 'UNHEALTHY');
    assert.deepEqual(ill, {
      name: 'gluetun_2',
      health: 'UNHEALTHY',
      state: 'FAILED',
      containerStatus: 'running',
    });
    const entered = (await changes.next()).emergencyModeChanged;
    assert.deepEqual(
      [entered.change, entered.vpn.name, entered.removedEngines.length],
      ['ENTERED', 'gluetun_2', 2],
    );
    await until('their containers are gone', () => world.engineContainers().length === 2);

    const well = await simulate(tandem, 'gluetun_2', 'HEALTHY');
    assert.deepEqual([well.health, well.state], ['HEALTHY', 'STABILIZING']);
    assert.equal((await changes.next()).emergencyModeChanged.change, 'EXITED');
  });

  test('UNKNOWN is no failure: look after look finds nothing, and nothing follows from it', async () => {
    await using world = await simulated({
      byItself: true,
      env: { GLUETUN_HEALTH_CHECK_INTERVAL_S: '0.1' },
    });
    const { tandem, docker } = world;
    await tandem.ask(ProvisionEngines, { input: { count: 2 } });
    const before = (await tandem.ask(Engines)).engines;
    const hidden = await simulate(tandem, 'gluetun', 'UNKNOWN');
    assert.deepEqual([hidden.health, hidden.state], ['UNKNOWN', 'READY']);
    const unanswered = () =>
      docker.audit.entries.filter(({ path, status }) => path === '/containers/gluetun/json' && status === 500)
        .length;
    await until('it was looked at again and again', () => unanswered() >= 5);
    const { vpnStatus } = await tandem.ask(Status);
    assert.deepEqual(
      vpnStatus.vpns.map(({ name, health, state }) => [name, health, state]),
      [
        ['gluetun', 'UNKNOWN', 'READY'],
        ['gluetun_2', 'HEALTHY', 'READY'],
      ],
    );
    assert.deepEqual((await tandem.ask(Engines)).engines, before);
    assert.equal((await tandem.ask(ProvisionEngine)).provisionEngine.__typename, 'Engine');

    const found = await simulate(tandem, 'gluetun', 'HEALTHY');
    assert.deepEqual([found.health, found.state], ['HEALTHY', 'READY']);
  });

  test('HEALTHY runs what does not run, and goes on with what is paused', async () => {
    await using world = await simulated({ byItself: true });
    const { tandem, docker } = world;
    await docker.vpn('gluetun').kill();
    await docker.vpn('gluetun_2').pause();
    for (const name of world.vpns) {
      assert.equal((await simulate(tandem, name, 'UNHEALTHY')).state, 'FAILED');
      const { health, containerStatus } = await simulate(tandem, name, 'HEALTHY');
      assert.deepEqual([health, containerStatus], ['HEALTHY', 'running']);
      assert.equal(docker.vpn(name).state, 'running');
    }
  });

  test('what is said last counts, whatever was said before', async () => {
    await using world = await simulated({ byItself: true });
    for (const health of ['UNKNOWN', 'UNHEALTHY', 'UNKNOWN', 'HEALTHY'])
      assert.equal((await simulate(world.tandem, 'gluetun', health)).health, health);
  });

  test('a VPN that there is not is a mistake, and the answer names those that there are', async () => {
    await using world = await simulated({ byItself: true });
    const { errors } = await answerOf(world.tandem, 'gluetun_3', 'UNHEALTHY');
    assert.equal(errors?.[0]?.extensions?.code, 'BAD_USER_INPUT');
    assert.equal(errors?.[0]?.message, 'No VPN is called "gluetun_3"; there are gluetun, gluetun_2.');
  });

  test('a VPN whose container is gone cannot be told anything, and the answer says so', async () => {
    await using world = await simulated({ byItself: true });
    await world.docker.vpn('gluetun').remove();
    for (const health of ['UNHEALTHY', 'HEALTHY']) {
      const { errors } = await answerOf(world.tandem, 'gluetun', health);
      assert.equal(errors?.[0]?.extensions?.code, 'SERVICE_UNAVAILABLE');
      assert.equal(errors?.[0]?.message, 'gluetun cannot be told: No such container: gluetun.');
    }
  });

  test('needs API_KEY: a key for reading may not', async () => {
    const keys = { API_KEY: 'everything-may-be-done', API_KEY_READ: 'only-looking-is-allowed' };
    await using world = await simulated({
      byItself: true,
      env: { ...keys, HOST: '127.0.0.1' },
      whenReady: false,
    });
    const code = async (key: string) =>
      (await answerOf(world.tandem, 'gluetun', 'UNHEALTHY', { 'x-api-key': key })).errors?.[0]?.extensions
        ?.code;
    assert.equal(await code(keys.API_KEY_READ), 'FORBIDDEN');
    assert.equal(await code('no-key-of-this-service'), 'UNAUTHENTICATED');
    assert.equal(world.docker.vpn('gluetun').state, 'running');
    assert.equal(await code(keys.API_KEY), undefined);
  });

  test('says that it simulates', async () => {
    await using world = await simulated({ byItself: true });
    assert.equal((await world.tandem.ask(Status)).fleet.simulated, true);
  });
});

describe('on a configured service', () => {
  test('there is no "simulate": neither to be called nor in the schema that it tells', async () => {
    await using world = await simulated();
    const { tandem, docker } = world;
    const { errors, data } = await answerOf(tandem, 'gluetun', 'UNHEALTHY');
    assert.match(errors?.[0]?.message ?? '', /^Cannot query field "simulate" on type "Mutation"/);
    assert.equal(data, undefined);
    assert.equal(docker.vpn('gluetun').state, 'running');
    const { body } = await tandem.answer({ query: '{ __schema { mutationType { fields { name } } } }' });
    assert.deepEqual(body.data?.__schema, {
      mutationType: {
        fields: ['provisionEngine', 'provisionEngines', 'resetCircuit', 'scaleEngines', 'stopEngine'].map(
          (name) => ({ name }),
        ),
      },
    });
  });
});
