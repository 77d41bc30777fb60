import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { variants } from '../../src/docker/variants.ts';
import {
  EngineAssigned,
  Engines,
  ProvisionEngine,
  ProvisionEngines,
  ResetCircuit,
  Status,
  StopEngine,
} from '../api/operations.ts';
import { until } from '../support/docker/until.ts';
import { type Real, real, skipReason } from '../support/real.ts';
import type { Tandem } from '../support/tandem.ts';

/** Running engine containers by VPN, as Docker has them. */
async function spread(world: Real, tandem: Tandem): Promise<number[]> {
  const engines = await world.engines(tandem);
  return world.vpns.map(
    ({ name }) => engines.filter(({ vpn, state }) => vpn === name && state === 'running').length,
  );
}

const stateOf = async (tandem: Tandem, index: number) =>
  (await tandem.ask(Status)).vpnStatus.vpns[index]?.state;

describe('on a real daemon', { skip: skipReason }, () => {
  test('ten simultaneous mutations give 5/5, and an eleventh 6/5', async () => {
    await using world = await real();
    const tandem = await world.tandem();
    const answers = await Promise.all(Array.from({ length: 10 }, () => tandem.ask(ProvisionEngine)));
    for (const { provisionEngine } of answers)
      assert.equal(provisionEngine.__typename, 'Engine', JSON.stringify(provisionEngine));
    assert.deepEqual(await spread(world, tandem), [5, 5]);
    await tandem.ask(ProvisionEngine);
    assert.deepEqual(await spread(world, tandem), [6, 5]);
  });

  const runs = process.env.TANDEM_LONG ? 50 : 8;
  test(`a burst of twenty ends at 10/10 in each of ${runs} runs`, { timeout: runs * 10_000 }, async () => {
    await using world = await real();
    const tandem = await world.tandem();
    for (let run = 1; run <= runs; run++) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => tandem.ask(ProvisionEngine)));
      const ids = answers.flatMap(({ provisionEngine }) =>
        provisionEngine.__typename === 'Engine' ? [provisionEngine.id] : [],
      );
      assert.equal(ids.length, 20, JSON.stringify(answers));
      assert.deepEqual(await spread(world, tandem), [10, 10], `run ${run}`);
      await Promise.all(ids.map((id) => tandem.ask(StopEngine, { engine: { id } })));
      assert.deepEqual(await world.engines(tandem), [], `run ${run}`);
    }
  });

  test('the range of ports is what the VPN publishes, and engines are reached there', async () => {
    await using world = await real({ published: 3 });
    const tandem = await world.tandem();
    const { provisionEngines } = await tandem.ask(ProvisionEngines, { input: { count: 7 } });
    assert.equal(provisionEngines.engines.length, 6, JSON.stringify(provisionEngines));
    assert.deepEqual(
      provisionEngines.errors.map(({ __typename }) => __typename),
      ['NoFreePortError'],
    );
    for (const { httpPort } of provisionEngines.engines) {
      const response = await fetch(`http://127.0.0.1:${httpPort}/webui/api/service?method=get_version`);
      assert.equal(response.status, 200);
      await response.text();
    }
  });

  for (const variant of Object.keys(variants)) {
    test(`an engine of the variant ${variant} comes up on the ports that it was promised`, async () => {
      await using world = await real();
      const tandem = await world.tandem({ ENGINE_VARIANT: variant });
      const { provisionEngines } = await tandem.ask(ProvisionEngines, { input: { count: 2 } });
      assert.equal(provisionEngines.engines.length, 2, JSON.stringify(provisionEngines.errors));
    });
  }

  test('in VPN_MODE=disabled an engine publishes its own port', async () => {
    await using world = await real();
    const tandem = await world.tandem({
      VPN_MODE: 'disabled',
      GLUETUN_PORT_RANGE_1: '30100-30119',
      GLUETUN_PORT_RANGE_2: '',
    });
    const { provisionEngine: engine } = await tandem.ask(ProvisionEngine);
    assert(engine.__typename === 'Engine', JSON.stringify(engine));
    assert.equal(
      (await fetch(`http://127.0.0.1:${engine.httpPort}/webui/api/service?method=get_version`)).status,
      200,
    );
  });

  test('eight failing provisions leave no container, port or pending count behind', async () => {
    await using world = await real();
    const tandem = await world.tandem();
    const before = (await tandem.ask(Status)).vpnStatus.vpns.map(({ portRange }) => portRange?.free);
    const input = { env: [{ name: 'STANDIN_CRASH', value: 'boot' }] };
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => tandem.ask(ProvisionEngine, { input })),
    );
    for (const { provisionEngine } of answers)
      assert.equal(provisionEngine.__typename, 'EngineStartError', JSON.stringify(provisionEngine));
    const { fleet, vpnStatus } = await tandem.ask(Status);
    assert.deepEqual([fleet.running, fleet.pending], [0, 0]);
    assert.deepEqual(
      vpnStatus.vpns.map(({ portRange }) => portRange?.free),
      before,
    );
    assert.deepEqual(await world.engines(tandem), []);
    await tandem.ask(ResetCircuit);
    assert.equal((await tandem.ask(ProvisionEngine)).provisionEngine.__typename, 'Engine');
  });

  test('every way in which a VPN goes down is seen, and nothing is placed on it', async () => {
    await using world = await real();
    const tandem = await world.tandem({ VPN_STABILIZATION_S: '0', GLUETUN_HEALTH_CHECK_INTERVAL_S: '60' });
    const [, vpn] = world.vpns;
    assert(vpn);
    const ways: [string, () => Promise<unknown>, () => Promise<unknown>][] = [
      ['unhealthy', () => vpn.fail(), () => vpn.heal()],
      ['paused', () => vpn.pause(), () => vpn.container.unpause()],
      ['stopped', () => vpn.container.stop({ t: 1 }), () => vpn.container.start()],
      ['killed', () => vpn.container.kill(), () => vpn.container.start()],
    ];
    for (const [way, breakIt, mendIt] of ways) {
      await breakIt();
      await until(`${way}: FAILED`, async () => (await stateOf(tandem, 1)) === 'FAILED');
      const { provisionEngines } = await tandem.ask(ProvisionEngines, { input: { count: 2 } });
      assert.deepEqual(
        new Set(provisionEngines.engines.map((engine) => engine.vpn?.name)),
        new Set([world.vpns[0]?.name]),
        way,
      );
      await mendIt();
      await until(`${way}: READY again`, async () => (await stateOf(tandem, 1)) === 'READY', 15_000);
    }
  });

  test('engines of a VPN that was restarted under them are cleared away', async () => {
    await using world = await real();
    const tandem = await world.tandem({ VPN_STABILIZATION_S: '1' });
    await tandem.ask(ProvisionEngines, { input: { count: 4 } });
    await world.vpns[1]?.container.restart({ t: 0 });
    await until('its engines are gone', async () => (await spread(world, tandem))[1] === 0);
    await until('it is READY again', async () => (await stateOf(tandem, 1)) === 'READY', 15_000);
    assert.deepEqual(await spread(world, tandem), [2, 0]);
    const { provisionEngines } = await tandem.ask(ProvisionEngines, { input: { count: 2 } });
    assert.deepEqual(
      provisionEngines.engines.map((engine) => engine.vpn?.name),
      [world.vpns[1]?.name, world.vpns[1]?.name],
    );
  });

  test('two instances on one daemon and the same VPNs never touch each other', async () => {
    await using world = await real();
    const one = await world.tandem();
    const other = await world.tandem({
      GLUETUN_PORT_RANGE_1: '31000-31009',
      GLUETUN_PORT_RANGE_2: '31010-31019',
    });
    const [mine, theirs] = await Promise.all(
      [one, other].map((tandem) => tandem.ask(ProvisionEngines, { input: { count: 4 } })),
    );
    assert.deepEqual(
      [mine?.provisionEngines.engines.length, theirs?.provisionEngines.engines.length],
      [4, 4],
      JSON.stringify([mine, theirs]),
    );
    for (const { id, containerId } of theirs?.provisionEngines.engines ?? []) {
      for (const engine of [{ id }, { containerId: containerId ?? '' }]) {
        assert.equal((await one.ask(StopEngine, { engine })).stopEngine.__typename, 'EngineNotFoundError');
      }
    }
    for (const { id } of mine?.provisionEngines.engines ?? []) await one.ask(StopEngine, { engine: { id } });
    assert.deepEqual(await world.engines(one), []);
    assert.equal((await world.engines(other)).filter(({ state }) => state === 'running').length, 4);
    assert.equal((await other.ask(Engines)).engines.length, 4);
  });

  test('a service that is started again adopts its engines, and clears away what was half-made', async () => {
    await using world = await real();
    const first = await world.tandem();
    const labels = [{ key: 'made-by', value: 'test' }];
    await first.ask(ProvisionEngines, { input: { count: 4, labels } });
    const before = (await first.ask(Engines)).engines;
    await first.stop();
    await world.docker
      .getContainer('acestream-2')
      .stop({ t: 0 })
      .catch(() => undefined);
    const lost = before.find(({ name }) => name === 'acestream-2');

    const again = await world.tandem({ CONTAINER_LABEL: first.label });
    const after = (await again.ask(Engines)).engines;
    const known = before.filter(({ id }) => id !== lost?.id);
    // Each service probes for itself, and how far it has come with that is no matter here.
    const adopted = ({ health: _, ...engine }: (typeof after)[number]) => engine;
    assert.deepEqual(after.map(adopted), known.map(adopted));
    await until('the stopped one is gone', async () => (await world.engines(again)).length === known.length);
  });

  test('engineAssigned tells of every choice the moment it is made, loads included', async () => {
    await using world = await real();
    const tandem = await world.tandem();
    await using assigned = await tandem.follow(EngineAssigned);
    await tandem.ask(ProvisionEngines, { input: { count: 4 } });
    const totals: number[] = [];
    for (let count = 0; count < 4; count++) {
      const { engineAssigned } = await assigned.next();
      assert.equal(engineAssigned.engine.state, 'PROVISIONING');
      const loads = engineAssigned.loads.map(({ running, pending }) => running + pending);
      assert(Math.max(...loads) - Math.min(...loads) <= 1, JSON.stringify(loads));
      totals.push(loads.reduce((sum, load) => sum + load, 0));
    }
    assert.deepEqual(totals, [1, 2, 3, 4]);
  });
});

test('a real daemon is there when the environment demands it', () => {
  if (process.env.TANDEM_REQUIRE_DOCKER === '1') assert.equal(skipReason, false);
});
