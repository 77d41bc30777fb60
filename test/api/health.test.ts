import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CallFault } from '../../src/docker/embedded/index.ts';
import { until } from '../support/docker/until.ts';
import {
  areWell,
  isWell,
  type Kept,
  keeping,
  lifeOf,
  on,
  untilKept,
  untilKeptInTime,
  untilWell,
} from '../support/keeping.ts';
import { leaping, minute } from '../support/leaping.ts';
import { type Simulated, simulated } from '../support/simulated.ts';
import { EventPage, ProvisionEngine, ProvisionEngines, Status } from './operations.ts';

const quick = {
  HEALTH_CHECK_INTERVAL_S: '0.1',
  HEALTH_UNHEALTHY_GRACE_PERIOD_S: '0.3',
  HEALTH_REPLACEMENT_COOLDOWN_S: '0.3',
};
const four = { ...quick, MIN_REPLICAS: '4' };

async function first({ tandem }: Simulated) {
  const [engine] = (await keeping(tandem)).engines;
  assert(engine);
  return engine;
}

const untilUnhealthy = (world: Simulated, id: string) =>
  untilKept(world.tandem, 'it is UNHEALTHY', ({ engines }) =>
    engines.some((engine) => engine.id === id && engine.health === 'UNHEALTHY'),
  );

describe('an engine that', () => {
  for (const [what, misbehave, problem] of [
    ['answers 500', { http500: true }, /answers 500 to get_status/],
    ['hangs', { hang: true }, /gave no answer in time/],
    ['is slower than anybody waits', { slowMs: 60_000 }, /gave no answer in time/],
    ['is the only one of its VPN that is not connected', { netdown: true }, /not connected, though others/],
  ] as const) {
    test(`${what} is UNHEALTHY, and replaced by one that is well before it goes`, async () => {
      await using world = await simulated({ env: four });
      const engines = await untilWell(world.tandem, 4);
      const sick = await first(world);
      world.docker.container(sick.name).misbehave(misbehave);
      const kept = await untilUnhealthy(world, sick.id);
      const { healthProblem } = kept.engines.find(({ id }) => id === sick.id) ?? {};
      assert.match(healthProblem ?? '', problem);
      assert.equal(kept.engines.filter(isWell).length, 3);

      await untilKept(world.tandem, 'it is replaced', ({ engines }) =>
        engines.every(({ id }) => id !== sick.id),
      );
      const after = await untilWell(world.tandem, 4);
      assert.deepEqual(
        after.filter(({ id }) => engines.every((engine) => engine.id !== id)).map(({ vpn }) => vpn?.name),
        [sick.vpn?.name],
      );
      assert.deepEqual((await lifeOf(world.tandem, sick.id)).slice(0, 3), [
        'STARTED',
        'UNHEALTHY',
        'STOPPED',
      ]);
      const { events } = await world.tandem.ask(EventPage, { last: 100, types: ['ENGINE_CHANGED'] });
      const stopped = events.nodes.findIndex((event) => event.message.includes('has taken its place'));
      const started = events.nodes.findLastIndex(({ message }) => message.includes(' runs on '));
      assert(started < stopped, 'the new one runs before the old one goes');
    });
  }

  test('is well again before its grace period is over stays', async () => {
    await using world = await simulated({ env: { ...four, HEALTH_UNHEALTHY_GRACE_PERIOD_S: '600' } });
    await untilWell(world.tandem, 4);
    const sick = await first(world);
    world.docker.container(sick.name).http500();
    await untilUnhealthy(world, sick.id);
    world.docker.container(sick.name).recover();
    await untilWell(world.tandem, 4);
    assert.deepEqual(await lifeOf(world.tandem, sick.id), ['STARTED', 'UNHEALTHY', 'HEALTHY']);
  });

  test('hangs delays the probe of no other', async () => {
    await using world = await leaping({ env: { ...four, HEALTH_UNHEALTHY_GRACE_PERIOD_S: '600' } });
    const { engines } = await untilKeptInTime(world, 'four are well', areWell(4));
    const [hung] = engines;
    assert(hung);
    world.docker.container(hung.name).hang();
    await untilKeptInTime(world, 'it is UNHEALTHY', ({ engines }) =>
      engines.some(({ id, health }) => id === hung.id && health === 'UNHEALTHY'),
    );
    const others = async () => {
      const { engines } = await keeping(world.tandem);
      return engines
        .filter(({ id }) => id !== hung.id)
        .map((engine) => Date.parse(engine.lastHealthCheckAt ?? ''));
    };
    const before = await others();
    await world.time.pass(600);
    for (const [index, at] of (await others()).entries())
      assert(at >= (before[index] ?? 0) + 500, `probed after ${at - (before[index] ?? 0)} ms`);
  });

  test('makes way first where MAX_REPLICAS leaves no room for both', async () => {
    await using world = await simulated({ env: { ...four, MAX_REPLICAS: '4' } });
    await untilWell(world.tandem, 4);
    const sick = await first(world);
    world.docker.container(sick.name).http500();
    await untilKept(world.tandem, 'it is replaced', ({ engines }) =>
      engines.every(({ id }) => id !== sick.id),
    );
    await untilWell(world.tandem, 4);
    const { events } = await world.tandem.ask(EventPage, { last: 100, types: ['ENGINE_ASSIGNED'] });
    for (const event of events.nodes)
      if (event.__typename === 'EngineAssigned')
        assert(event.loads.reduce((sum, { running, pending }) => sum + running + pending, 0) <= 4);
  });
});

describe('several engines that are UNHEALTHY at once', () => {
  test('are replaced one at a time, with the cooldown between them', async () => {
    await using world = await leaping({ env: four });
    const { engines } = await untilKeptInTime(world, 'four are well', areWell(4));
    const sick = engines.slice(0, 3);
    for (const { name } of sick) world.docker.container(name).http500();
    await untilKeptInTime(
      world,
      'three are replaced',
      (kept) => areWell(4)(kept) && kept.engines.every(({ id }) => sick.every((each) => each.id !== id)),
    );
    const { events } = await world.tandem.ask(EventPage, {
      last: 200,
      types: ['ENGINE_CHANGED', 'ENGINE_ASSIGNED'],
    });
    const assigned = events.nodes.flatMap((event) =>
      event.__typename === 'EngineAssigned' ? [{ id: event.engine.id, at: Date.parse(event.at) }] : [],
    );
    const stopped = events.nodes.flatMap((event) =>
      event.__typename === 'EngineChanged' && event.change === 'STOPPED' ? [Date.parse(event.at)] : [],
    );
    const replacements = assigned.slice(4);
    assert.equal(replacements.length, 3, 'nobody is replaced twice');
    for (const [index, { at }] of replacements.slice(1).entries())
      assert(at - (stopped[index] ?? 0) >= 300, `${at - (stopped[index] ?? 0)} ms after the one before`);
  });
  test('of which one came back with its tunnel and another is ill both make way where there is no port to spare, and both come back', async () => {
    await using world = await leaping({
      vpns: ['gluetun'],
      portsEach: 4,
      // One more than there are ports, so that a start fails and nothing but a replacement is tried before the beat.
      env: { ...quick, MIN_REPLICAS: '5', VPN_STABILIZATION_S: '20', AUTOSCALE_INTERVAL_S: '3600' },
    });
    const { engines } = await untilKeptInTime(world, 'four are well', areWell(4));
    const vpn = world.docker.vpn('gluetun');
    vpn.fail();
    await world.time.pass(5_000);
    vpn.heal();
    await world.time.pass(10_000);
    const [sick] = engines;
    assert(sick);
    world.docker.container(sick.name).http500();
    const replaced = ({ engines: now }: Kept) =>
      now.filter(({ id }) => engines.every((engine) => engine.id !== id)).length >= 2;
    await untilKeptInTime(world, 'two are replaced', replaced, 2 * minute);
    await world.time.pass(5_000);
    assert.equal((await keeping(world.tandem)).engines.filter(isWell).length, 4);
  });
  test('of which one has made way keeps its room from one that is replaced meanwhile: as many are left as there were', async () => {
    await using world = await leaping({
      env: {
        ...quick,
        MIN_REPLICAS: '2',
        MAX_REPLICAS: '6',
        GLUETUN_HEALTH_CHECK_INTERVAL_S: '0.1',
        FORWARDED_PORT_COOLDOWN_S: '0.5',
        HEALTH_REPLACEMENT_COOLDOWN_S: '60',
      },
    });
    await untilKeptInTime(world, 'two are well', areWell(2));
    await world.time.during(world.tandem.ask(ProvisionEngines, { input: { count: 4 } }));
    const { engines } = await untilKeptInTime(world, 'six are well', areWell(6));
    const sick = on('gluetun_2', engines).find(({ forwarded }) => !forwarded);
    assert(sick);
    // It takes its time to go, and the next one to come.
    const delay = (method: string, path: RegExp, ms: number) =>
      world.docker.faults.next({ method, path, fault: { kind: 'delay', ms } });
    delay('DELETE', /^\/containers\//, 3_000);
    delay('POST', /start$/, 6_000);
    world.docker.container(sick.name).http500();
    await untilKeptInTime(world, 'it makes way', (kept) => kept.engines.every(({ id }) => id !== sick.id));
    world.docker.vpn('gluetun').setControl({ ports: [42_000] });
    await world.time.pass(20_000);
    assert((await keeping(world.tandem)).engines.some(({ p2pPort }) => p2pPort === 42_000));
    assert(areWell(6)(await keeping(world.tandem)));
  });
  test('whose place was taken by a start that failed is replaced all the same, and not at the beat', async () => {
    await using world = await leaping({
      env: { ...four, MAX_REPLICAS: '4', AUTOSCALE_INTERVAL_S: '3600' },
    });
    const { engines } = await untilKeptInTime(world, 'four are well', areWell(4));
    const [sick] = engines;
    assert(sick);
    const next = (method: string, path: RegExp, fault: CallFault) =>
      world.docker.faults.next({ method, path, fault });
    next('DELETE', /^\/containers\//, { kind: 'delay', ms: 3_000 });
    next('POST', /create/, { kind: 'answer', when: 'before', status: 400, message: 'no' });
    world.docker.container(sick.name).http500();
    await untilKeptInTime(world, 'it has made way', (kept) => kept.engines.every(({ id }) => id !== sick.id));
    await world.time.pass(10_000);
    assert(areWell(4)(await keeping(world.tandem)));
  });
});

describe('an image', () => {
  test('that never becomes healthy opens the circuit instead of churning', async () => {
    await using world = await simulated({ env: four, whenReady: false });
    world.docker.nextEngines({ faults: { nonsense: true } }, 1_000);
    await untilKept(world.tandem, 'the circuit is open', ({ fleet }) => fleet.circuit === 'OPEN', 30_000);
    const containers = world.engineContainers().length;
    assert(containers <= 5, `${containers} containers`);
    const { lastEventId } = await world.tandem.ask(Status);
    const { engines } = await keeping(world.tandem);
    const answer = await world.tandem.ask(ProvisionEngine);
    assert.equal(answer.provisionEngine.__typename, 'CircuitOpenError');
    const { events } = await world.tandem.ask(EventPage, { after: lastEventId, types: ['ENGINE_ASSIGNED'] });
    assert.deepEqual(events.nodes, []);
    assert(engines.length >= 4, 'what runs is left alone while the circuit is open');
  });
});

describe('in an emergency', () => {
  test('an unhealthy engine is left alone while as many as are kept alive are well', async () => {
    await using world = await simulated({ env: { ...quick, MIN_REPLICAS: '2' } });
    await untilWell(world.tandem, 2);
    await world.tandem.ask(ProvisionEngines, { input: { count: 2 } });
    await untilWell(world.tandem, 4);
    world.docker.vpn('gluetun_2').fail();
    const [sick, other] = (
      await untilKept(world.tandem, 'two are left', ({ engines }) => engines.length === 2)
    ).engines;
    assert(sick && other);
    world.docker.container(sick.name).http500();
    await untilUnhealthy(world, sick.id);
    const probedAt = async () => Date.parse((await first(world)).lastHealthCheckAt ?? '');
    const since = await probedAt();
    await until('it would have been replaced', async () => (await probedAt()) > since + 1_000);
    assert.deepEqual(await lifeOf(world.tandem, sick.id), ['STARTED', 'UNHEALTHY']);

    // The share of two on one of two VPNs is one, and now none is well.
    world.docker.container(other.name).http500();
    await untilKept(world.tandem, 'one is well again', ({ engines }) => engines.some(isWell));
  });
});
