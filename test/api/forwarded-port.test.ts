import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { until } from '../support/docker/until.ts';
import {
  areWell,
  type Kept,
  keeping,
  lifeOf,
  on,
  untilKept,
  untilKeptInTime,
  untilWell,
} from '../support/keeping.ts';
import { leaping, minute } from '../support/leaping.ts';
import { remembering } from '../support/remembering.ts';
import { type Simulated, simulated } from '../support/simulated.ts';
import { ProvisionEngines, StopEngine } from './operations.ts';

const quick = {
  GLUETUN_HEALTH_CHECK_INTERVAL_S: '0.1',
  HEALTH_CHECK_INTERVAL_S: '0.1',
  FORWARDED_PORT_COOLDOWN_S: '0.5',
};
const four = { ...quick, MIN_REPLICAS: '4' };
const patient = { ...four, FORWARDED_PORT_COOLDOWN_S: '600' };
const without = { vpns: ['gluetun'], env: { ...quick, MIN_REPLICAS: '2' } };

const forwarded = (vpn: string, { engines }: Kept) => on(vpn, engines).filter((engine) => engine.forwarded);
const setPorts = (world: Simulated, ...ports: number[]) => world.docker.vpn('gluetun').setControl({ ports });

/** The engine that has the port which the first VPN forwards now. */
async function owner(world: Simulated, port: number) {
  const kept = await untilKept(world.tandem, `an engine has port ${port}`, (kept) =>
    forwarded('gluetun', kept).some(({ p2pPort, state }) => p2pPort === port && state === 'RUNNING'),
  );
  const [engine, ...others] = forwarded('gluetun', kept);
  assert(engine && others.length === 0);
  return engine;
}

describe('the port that a VPN forwards', () => {
  test('has exactly one engine per VPN, also where all start at once', async () => {
    await using world = await simulated({ env: quick });
    await untilKept(world.tandem, 'both are read', ({ vpnStatus }) =>
      vpnStatus.vpns.every((vpn) => vpn.forwardedPort !== null),
    );
    await world.tandem.ask(ProvisionEngines, { input: { count: 20 } });
    const kept = await keeping(world.tandem);
    for (const [vpn, port] of [
      ['gluetun', 51_000],
      ['gluetun_2', 51_001],
    ] as const)
      assert.deepEqual(
        forwarded(vpn, kept).map(({ p2pPort }) => p2pPort),
        [port],
      );
    const ports = on('gluetun', kept.engines).map(({ p2pPort }) => p2pPort);
    assert.equal(new Set(ports).size, ports.length);
  });

  test('has an engine at boot, for nothing is started before it is known', async () => {
    await using world = await simulated({ env: { ...patient, MIN_REPLICAS: '2' }, whenReady: false });
    const engines = await untilWell(world.tandem, 2);
    assert.deepEqual(
      engines.map((engine) => engine.forwarded),
      [true, true],
    );
  });

  test('is not waited for longer than two seconds where the control server never answers', async () => {
    await using world = await leaping({ env: four, whenReady: false, control: { hang: true } });
    await untilKeptInTime(world, 'four are well', areWell(4), 2_500);
  });

  test('that appears late gets an engine after the cooldown, in the place of the youngest', async () => {
    await using world = await simulated({
      ...without,
      env: { ...without.env, MIN_REPLICAS: '1' },
      control: { ports: [] },
    });
    const [oldest] = await untilWell(world.tandem, 1);
    await world.tandem.ask(ProvisionEngines, { input: { count: 1 } });
    const engines = await untilWell(world.tandem, 2);
    assert(engines.every((engine) => !engine.forwarded));
    setPorts(world, 42_000);
    const engine = await owner(world, 42_000);
    assert(engines.every(({ id }) => id !== engine.id));
    const after = await untilWell(world.tandem, 2);
    assert.deepEqual(after.map(({ id }) => id).sort(), [oldest?.id, engine.id].sort());
  });

  test("that appears is the next engine's, where one is asked for before", async () => {
    await using world = await simulated({
      ...without,
      env: { ...without.env, FORWARDED_PORT_COOLDOWN_S: '600' },
      control: { ports: [] },
    });
    const engines = await untilWell(world.tandem, 2);
    setPorts(world, 42_000);
    await untilKept(
      world.tandem,
      'it is read',
      ({ vpnStatus }) => vpnStatus.vpns[0]?.forwardedPort === 42_000,
    );
    await world.tandem.ask(ProvisionEngines, { input: { count: 1 } });
    const engine = await owner(world, 42_000);
    assert(engines.every(({ id }) => id !== engine.id));
    await untilWell(world.tandem, 3);
  });

  test('that changes has a new engine before the old one goes, and changes in a row wait for the cooldown', async () => {
    await using world = await leaping({ env: { ...four, FORWARDED_PORT_COOLDOWN_S: '1.5' } });
    const { clock } = world.time;
    const has = (port: number) => (kept: Kept) =>
      areWell(4)(kept) && forwarded('gluetun', kept).some(({ p2pPort }) => p2pPort === port);
    const before = await untilKeptInTime(world, 'one has the port', has(51_000));
    const [old] = forwarded('gluetun', before);
    assert(old);
    setPorts(world, 42_000);
    const changedAt = clock.now();
    const after = await untilKeptInTime(world, 'another one has the new port', has(42_000), 1_400);
    const [second] = forwarded('gluetun', after);
    const life = await world.until('the old one is gone', minute, async () => {
      const life = await lifeOf(world.tandem, old.id);
      return life.includes('REMOVED') && life;
    });
    assert.deepEqual(life, ['STARTED', 'STOPPED', 'REMOVED']);
    setPorts(world, 43_000);
    const read = await untilKeptInTime(
      world,
      'it is read',
      ({ vpnStatus }) => vpnStatus.vpns[0]?.forwardedPort === 43_000,
    );
    assert(
      read.engines.some(({ id }) => id === second?.id),
      'it waits',
    );
    await untilKeptInTime(world, 'a third one has it', has(43_000));
    assert(clock.now() - changedAt >= 1_500, `${clock.now() - changedAt} ms`);
  });

  test('that vanishes leaves its engine alone, and is its own again when it comes back', async () => {
    await using world = await simulated({ env: four });
    await untilWell(world.tandem, 4);
    const engine = await owner(world, 51_000);
    setPorts(world);
    const kept = await untilKept(
      world.tandem,
      'there is none',
      ({ vpnStatus }) => vpnStatus.vpns[0]?.forwardedPort === null,
    );
    assert.deepEqual(forwarded('gluetun', kept), []);
    setPorts(world, 51_000);
    assert.equal((await owner(world, 51_000)).id, engine.id);
    assert.deepEqual(await lifeOf(world.tandem, engine.id), ['STARTED']);
  });

  test("of an engine that is gone is another one's soon, without one engine more", async () => {
    await using world = await simulated({ env: four });
    await untilWell(world.tandem, 4);
    const engine = await owner(world, 51_000);
    await world.docker.container(engine.name).crash();
    await until('another one has it', async () => (await owner(world, 51_000)).id !== engine.id);
    await untilWell(world.tandem, 4);
  });

  test('stays with its engine over a restart', async () => {
    await using world = await remembering({ env: patient });
    await untilWell(world.tandem, 4);
    const before = forwarded('gluetun', await keeping(world.tandem));
    assert.equal(before.length, 1);
    const tandem = await world.again();
    const kept = await untilKept(tandem, 'it serves', ({ engines }) => engines.length === 4);
    assert.deepEqual(
      forwarded('gluetun', kept).map(({ id }) => id),
      before.map(({ id }) => id),
    );
  });

  test("is nobody's while the engine that has it is being removed", async () => {
    await using world = await simulated({
      vpns: ['gluetun'],
      env: { ...quick, FORWARDED_PORT_COOLDOWN_S: '600' },
    });
    await untilKept(
      world.tandem,
      'it is read',
      ({ vpnStatus }) => vpnStatus.vpns[0]?.forwardedPort === 51_000,
    );
    await world.tandem.ask(ProvisionEngines, { input: { count: 1 } });
    const engine = await owner(world, 51_000);
    world.docker.faults.next({
      method: 'DELETE',
      path: /^\/containers\//,
      times: 2,
      fault: { kind: 'answer', when: 'before', status: 500, message: 'not now' },
    });
    const stopping = world.tandem.ask(StopEngine, { engine: { id: engine.id } });
    await untilKept(world.tandem, 'it is on its way out', ({ fleet }) => fleet.running === 0);
    const { provisionEngines } = await world.tandem.ask(ProvisionEngines, { input: { count: 1 } });
    const [next] = (await keeping(world.tandem)).engines;
    assert.equal(next?.id, provisionEngines.engines[0]?.id);
    assert.notEqual(next?.p2pPort, 51_000);
    await stopping;
  });
});
