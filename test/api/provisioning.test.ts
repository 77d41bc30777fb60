import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { until } from '../support/docker/until.ts';
import { simulated } from '../support/simulated.ts';
import type { Tandem } from '../support/tandem.ts';
import {
  Engines,
  OneEngine,
  ProvisionEngine,
  ProvisionEngines,
  ResetCircuit,
  Status,
  StopEngine,
} from './operations.ts';

const spread = async (tandem: Tandem): Promise<number[]> => {
  const { vpnStatus } = await tandem.ask(Status);
  return vpnStatus.vpns.map(({ engineCount }) => engineCount);
};

describe('placement', () => {
  test('ten simultaneous mutations give 5/5, and an eleventh 6/5', async () => {
    await using world = await simulated();
    const answers = await Promise.all(Array.from({ length: 10 }, () => world.tandem.ask(ProvisionEngine)));
    assert.deepEqual(
      answers.map(({ provisionEngine }) => provisionEngine.__typename),
      Array(10).fill('Engine'),
    );
    assert.deepEqual(await spread(world.tandem), [5, 5]);
    await world.tandem.ask(ProvisionEngine);
    assert.deepEqual(await spread(world.tandem), [6, 5]);
    assert.equal(world.engineContainers().filter(({ state }) => state === 'running').length, 11);
  });

  test('a batch is spread evenly and answers when all run', async () => {
    await using world = await simulated();
    const { provisionEngines } = await world.tandem.ask(ProvisionEngines, { input: { count: 20 } });
    assert.equal(provisionEngines.requested, 20);
    assert.equal(provisionEngines.engines.length, 20);
    assert.deepEqual(provisionEngines.errors, []);
    assert.deepEqual(await spread(world.tandem), [10, 10]);
  });

  test('an engine answers at its url when the mutation does', async () => {
    await using world = await simulated();
    const { provisionEngine: engine } = await world.tandem.ask(ProvisionEngine);
    assert(engine.__typename === 'Engine');
    assert.equal(engine.state, 'RUNNING');
    assert.equal(engine.health, 'HEALTHY');
    const response = await fetch(`http://127.0.0.1:${engine.httpPort}/webui/api/service?method=get_version`);
    assert.equal(response.status, 200);
  });

  test('a FAILED VPN takes no engine and its engines are offered no more', async () => {
    await using world = await simulated();
    await world.tandem.ask(ProvisionEngines, { input: { count: 4 } });
    world.docker.vpn('gluetun_2').fail();
    await until(
      'the failure is seen',
      async () => (await world.tandem.ask(Status)).vpnStatus.vpns[1]?.state === 'FAILED',
    );
    const { engines } = await world.tandem.ask(Engines);
    assert.deepEqual(new Set(engines.map(({ vpn }) => vpn?.name)), new Set(['gluetun']));
    const { provisionEngines } = await world.tandem.ask(ProvisionEngines, { input: { count: 3 } });
    assert.deepEqual(
      provisionEngines.engines.map(({ vpn }) => vpn?.name),
      ['gluetun', 'gluetun', 'gluetun'],
    );
  });

  test('without a READY VPN the answer is NoHealthyVpnError and names their states', async () => {
    await using world = await simulated();
    for (const name of ['gluetun', 'gluetun_2']) await world.docker.vpn(name).stop();
    await until(
      'both have failed',
      async () => (await world.tandem.ask(Status)).vpnStatus.emergencyMode.outage,
    );
    const { provisionEngine } = await world.tandem.ask(ProvisionEngine);
    assert(provisionEngine.__typename === 'NoHealthyVpnError');
    assert.deepEqual(
      provisionEngine.vpns.map(({ state }) => state),
      ['FAILED', 'FAILED'],
    );
  });

  test('with every VPN recovering the answer is VpnStabilizingError with the time that remains', async () => {
    await using world = await simulated({ vpns: ['gluetun'], env: { VPN_STABILIZATION_S: '60' } });
    await world.docker.vpn('gluetun').restart();
    await until(
      'it recovers',
      async () => (await world.tandem.ask(Status)).vpnStatus.vpns[0]?.state === 'STABILIZING',
    );
    const { provisionEngine } = await world.tandem.ask(ProvisionEngine);
    assert(provisionEngine.__typename === 'VpnStabilizingError');
    const seconds = provisionEngine.retryAfterSeconds ?? 0;
    assert(seconds > 50 && seconds <= 60, `${seconds} s`);
  });

  test('a VPN that fails while engines are made on it loses them, and the requests are placed once more elsewhere', async () => {
    await using world = await simulated({ embedded: { engineListensAfterMs: 400 } });
    const batch = world.tandem.ask(ProvisionEngines, { input: { count: 6 } });
    await until('some are being made', () => world.engineContainers().length >= 4);
    await world.docker.vpn('gluetun_2').kill();
    const { provisionEngines } = await batch;
    assert.deepEqual(
      provisionEngines.engines.map(({ vpn }) => vpn?.name),
      Array(6).fill('gluetun'),
    );
    await until('nothing is left behind', () => world.engineContainers().length === 6);
  });

  test('the cap holds for a batch that is larger, and what was beyond it is refused', async () => {
    await using world = await simulated({ env: { MAX_REPLICAS: '5' } });
    const { provisionEngines } = await world.tandem.ask(ProvisionEngines, { input: { count: 8 } });
    assert.equal(provisionEngines.engines.length, 5);
    assert.deepEqual(
      provisionEngines.errors.map(({ __typename }) => __typename),
      Array(3).fill('CapacityReachedError'),
    );
  });

  test('with every port taken the answer is NoFreePortError', async () => {
    await using world = await simulated({ portsEach: 2 });
    const { provisionEngines } = await world.tandem.ask(ProvisionEngines, { input: { count: 5 } });
    assert.equal(provisionEngines.engines.length, 4);
    assert.deepEqual(
      provisionEngines.errors.map(({ __typename }) => __typename),
      ['NoFreePortError'],
    );
  });

  test('in VPN_MODE=disabled engines publish their own port and have no VPN', async () => {
    await using world = await simulated({
      env: { VPN_MODE: 'disabled', GLUETUN_PORT_RANGE_1: '9700-9719' },
      whenReady: false,
    });
    await until('it is ready', async () => (await world.tandem.ready()).status === 200);
    const { provisionEngine: engine } = await world.tandem.ask(ProvisionEngine);
    assert(engine.__typename === 'Engine', JSON.stringify(engine));
    assert.equal(engine.vpn, null);
    assert.equal(engine.httpPort, 9_700);
    const { vpnStatus } = await world.tandem.ask(Status);
    assert.deepEqual([vpnStatus.mode, vpnStatus.enabled, vpnStatus.vpns.length], ['DISABLED', false, 0]);
  });
});

describe('failures', () => {
  test('eight failing provisions leave no container, port or pending count behind', async () => {
    await using world = await simulated();
    const before = (await world.tandem.ask(Status)).vpnStatus.vpns.map(({ portRange }) => portRange?.free);
    world.docker.nextEngines({ crashAtBoot: true }, 8);
    const answers = await Promise.all(Array.from({ length: 8 }, () => world.tandem.ask(ProvisionEngine)));
    for (const { provisionEngine } of answers) {
      assert(provisionEngine.__typename === 'EngineStartError', JSON.stringify(provisionEngine));
      assert.equal(provisionEngine.phase, 'READINESS');
    }
    const { fleet, vpnStatus } = await world.tandem.ask(Status);
    assert.deepEqual([fleet.running, fleet.pending, world.engineContainers().length], [0, 0, 0]);
    assert.deepEqual(
      vpnStatus.vpns.map(({ portRange }) => portRange?.free),
      before,
    );
    assert.equal(fleet.circuit, 'OPEN');

    await world.tandem.ask(ResetCircuit);
    const { provisionEngine } = await world.tandem.ask(ProvisionEngine);
    assert(provisionEngine.__typename === 'Engine');
    assert.equal(provisionEngine.name, 'acestream-1');
  });

  test('a missing image is pulled once for all that wait, with progress in the log', async () => {
    await using world = await simulated();
    world.docker.images.remove('ghcr.io/krinkuto11/nano-ace:latest');
    world.docker.images.put({
      name: 'ghcr.io/krinkuto11/nano-ace:latest',
      kind: 'acestream',
      place: 'registry',
      pull: { layers: 3, takesMs: 300 },
    });
    const { provisionEngines } = await world.tandem.ask(ProvisionEngines, { input: { count: 6 } });
    assert.equal(provisionEngines.engines.length, 6);
    const pulls = world.docker.audit.entries.filter(({ path }) => path.startsWith('/images/create'));
    assert.equal(pulls.length, 1);
    assert(world.tandem.logged.some((line) => line.includes('is being pulled')));
  });

  test('an image that cannot be had is named by the error', async () => {
    await using world = await simulated({ env: { ENGINE_IMAGE: 'nobody/has-this:1' } });
    const { provisionEngine } = await world.tandem.ask(ProvisionEngine);
    assert(provisionEngine.__typename === 'EngineStartError');
    assert.equal(provisionEngine.phase, 'PULL');
    assert.match(provisionEngine.message, /nobody\/has-this:1/);
  });

  test('an engine that dies later is listed no more and its container is removed', async () => {
    await using world = await simulated();
    await world.tandem.ask(ProvisionEngines, { input: { count: 2 } });
    await world.docker.container('acestream-1').crash(3);
    await until('it is gone', () => world.engineContainers().length === 1);
    const { engines } = await world.tandem.ask(Engines);
    assert.deepEqual(
      engines.map(({ name }) => name),
      ['acestream-2'],
    );
  });
});

describe('stopping', () => {
  test('a stopped engine is gone, and stopping it again by its id is no error', async () => {
    await using world = await simulated();
    const { provisionEngine: engine } = await world.tandem.ask(ProvisionEngine);
    assert(engine.__typename === 'Engine');
    for (const ref of [{ name: engine.name }, { id: engine.id }, { containerId: engine.containerId ?? '' }]) {
      const { stopEngine } = await world.tandem.ask(StopEngine, { engine: ref });
      assert(stopEngine.__typename === 'Engine', JSON.stringify(stopEngine));
      assert.deepEqual([stopEngine.id, stopEngine.state], [engine.id, 'REMOVED']);
    }
    assert.deepEqual(world.engineContainers(), []);
  });

  test('thirty simultaneous stops all succeed', async () => {
    await using world = await simulated();
    const { provisionEngine: engine } = await world.tandem.ask(ProvisionEngine);
    assert(engine.__typename === 'Engine');
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => world.tandem.ask(StopEngine, { engine: { id: engine.id } })),
    );
    assert.deepEqual(new Set(answers.map(({ stopEngine }) => stopEngine.__typename)), new Set(['Engine']));
  });

  test('an engine that is still being made can be stopped', async () => {
    await using world = await simulated({ embedded: { engineListensAfterMs: 5_000 } });
    const provisioning = world.tandem.ask(ProvisionEngine);
    await until('it is being made', () => world.engineContainers().some(({ state }) => state === 'running'));
    const [engine] = (await world.tandem.ask(Engines)).engines;
    const { stopEngine } = await world.tandem.ask(StopEngine, { engine: { id: engine?.id ?? '' } });
    assert(stopEngine.__typename === 'Engine');
    assert.equal(stopEngine.state, 'REMOVED');
    assert.equal((await provisioning).provisionEngine.__typename, 'EngineStartError');
    assert.deepEqual(world.engineContainers(), []);
  });

  test("a VPN's container and somebody else's are no engines", async () => {
    await using world = await simulated();
    const vpn = world.docker.container('gluetun');
    for (const engine of [{ name: 'gluetun' }, { containerId: vpn.id }, { id: 'nobody' }]) {
      const { stopEngine } = await world.tandem.ask(StopEngine, { engine });
      assert.equal(stopEngine.__typename, 'EngineNotFoundError');
    }
    assert.equal(vpn.state, 'running');
  });

  test('a prefix of an id stops nothing', async () => {
    await using world = await simulated();
    const { provisionEngine: engine } = await world.tandem.ask(ProvisionEngine);
    assert(engine.__typename === 'Engine' && engine.containerId);
    for (const ref of [
      { id: engine.id.slice(0, 8) },
      { containerId: engine.containerId.slice(0, 12) },
      { name: 'acestream' },
    ]) {
      const { stopEngine } = await world.tandem.ask(StopEngine, { engine: ref });
      assert.equal(stopEngine.__typename, 'EngineNotFoundError');
    }
    assert.equal(world.engineContainers().length, 1);
  });
});

describe('idempotency', () => {
  test('thirty equal requests at once give one engine', async () => {
    await using world = await simulated();
    const input = { idempotencyKey: 'once', labels: [{ key: 'a', value: 'b' }] };
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => world.tandem.ask(ProvisionEngine, { input })),
    );
    const ids = new Set(
      answers.map(({ provisionEngine }) =>
        provisionEngine.__typename === 'Engine' ? provisionEngine.id : '',
      ),
    );
    assert.equal(ids.size, 1);
    assert.equal(world.engineContainers().length, 1);
  });

  test('the same key with other input is refused, and gives the engine as REMOVED once it is gone', async () => {
    await using world = await simulated();
    const { provisionEngine: engine } = await world.tandem.ask(ProvisionEngine, {
      input: { idempotencyKey: 'k' },
    });
    assert(engine.__typename === 'Engine');
    const other = await world.tandem.ask(ProvisionEngine, {
      input: { idempotencyKey: 'k', labels: [{ key: 'a', value: 'b' }] },
    });
    assert.equal(other.provisionEngine.__typename, 'InvalidInputError');
    await world.tandem.ask(StopEngine, { engine: { id: engine.id } });
    const { provisionEngine: again } = await world.tandem.ask(ProvisionEngine, {
      input: { idempotencyKey: 'k' },
    });
    assert(again.__typename === 'Engine');
    assert.deepEqual([again.id, again.state], [engine.id, 'REMOVED']);
    const { engine: found } = await world.tandem.ask(OneEngine, { by: { id: engine.id } });
    assert.equal(found, null);
  });
});
