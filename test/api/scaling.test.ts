import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isWell, keeping, on, untilKept, untilWell } from '../support/keeping.ts';
import { leaping } from '../support/leaping.ts';
import { remembering } from '../support/remembering.ts';
import { simulated } from '../support/simulated.ts';
import { EventPage, ProvisionEngines, ScaleEngines } from './operations.ts';

const between = { MIN_REPLICAS: '2', MAX_REPLICAS: '12', HEALTH_CHECK_INTERVAL_S: '0.1' };
const counts = (engines: Parameters<typeof on>[1]) =>
  ['gluetun', 'gluetun_2'].map((vpn) => on(vpn, engines).length);

test('a start that nobody asked for and that fails is tried once on each VPN, and again at the beat', async () => {
  await using world = await leaping({
    env: { MIN_REPLICAS: '1', AUTOSCALE_INTERVAL_S: '30' },
    whenReady: false,
  });
  world.docker.faults.next({
    method: 'POST',
    path: /^\/containers\/create/,
    fault: { kind: 'answer', when: 'before', status: 400, message: 'no' },
    times: Number.POSITIVE_INFINITY,
  });
  const tried = async () => {
    const { events } = await world.tandem.ask(EventPage, { last: 100, types: ['ENGINE_ASSIGNED'] });
    return events.nodes.map((event) => (event.__typename === 'EngineAssigned' ? event.chosen?.name : null));
  };
  await world.time.pass(20_000);
  assert.deepEqual(await tried(), ['gluetun', 'gluetun_2']);
  await world.time.pass(30_000);
  assert.equal((await tried()).length, 4);
});

describe('scaleEngines', () => {
  test('up keeps so many, evenly spread, and down stops the youngest on the fuller VPN', async () => {
    await using world = await simulated({ env: between });
    const two = await untilWell(world.tandem, 2);
    const { scaleEngines } = await world.tandem.ask(ScaleEngines, { to: 9 });
    assert.equal(scaleEngines.desired, 9);
    const nine = await untilWell(world.tandem, 9);
    assert.deepEqual(counts(nine), [5, 4]);
    await world.tandem.ask(ScaleEngines, { to: 6 });
    const six = await untilWell(world.tandem, 6);
    assert.deepEqual(counts(six), [3, 3]);
    for (const { id } of two)
      assert(
        six.some((engine) => engine.id === id),
        'one of the oldest has gone',
      );

    const { events } = await world.tandem.ask(EventPage, { types: ['SCALING'] });
    assert.deepEqual(
      events.nodes.map(({ message }) => message),
      ['9 engines are wanted from now on', '6 engines are wanted from now on'],
    );
  });

  test('down stops the unhealthy first, and the one with the forwarded port last', async () => {
    await using world = await simulated({
      env: { ...between, HEALTH_UNHEALTHY_GRACE_PERIOD_S: '600', MIN_REPLICAS: '1' },
    });
    await world.tandem.ask(ScaleEngines, { to: 6 });
    const six = await untilWell(world.tandem, 6);
    const sick = six.find(({ forwarded }) => !forwarded);
    assert(sick);
    world.docker.container(sick.name).http500();
    await untilKept(world.tandem, 'one is ill', ({ engines }) => !engines.every(isWell));
    await world.tandem.ask(ScaleEngines, { to: 5 });
    const five = await untilWell(world.tandem, 5);
    assert(five.every(({ id }) => id !== sick.id));
    await world.tandem.ask(ScaleEngines, { to: 2 });
    const two = await untilWell(world.tandem, 2);
    assert.deepEqual(
      two.map(({ forwarded }) => forwarded),
      [true, true],
    );
    await world.tandem.ask(ScaleEngines, { to: 1 });
    await untilWell(world.tandem, 1);
  });

  test('stops none of those that are asked for later', async () => {
    await using world = await simulated({ env: between });
    await world.tandem.ask(ScaleEngines, { to: 4 });
    await untilWell(world.tandem, 4);
    await world.tandem.ask(ProvisionEngines, { input: { count: 3 } });
    const seven = await untilWell(world.tandem, 7);
    await world.tandem.ask(ProvisionEngines, { input: { count: 1 } });
    const { engines } = await keeping(world.tandem);
    for (const { id } of seven) assert(engines.some((engine) => engine.id === id));
  });

  for (const to of [1, 0, -3, 13])
    test(`to ${to}, outside MIN_REPLICAS and MAX_REPLICAS, is a mistake that says so`, async () => {
      await using world = await simulated({ env: between });
      const { body } = await world.tandem.answer({
        query: `mutation { scaleEngines(to: ${to}) { desired } }`,
      });
      const [error] = body.errors ?? [];
      assert.equal(error?.extensions?.code, 'BAD_USER_INPUT');
      assert.match(error?.message ?? '', /MIN_REPLICAS, which is 2, to MAX_REPLICAS, which is 12/);
    });

  test('is kept over a restart', async () => {
    await using world = await remembering({ env: between });
    await world.tandem.ask(ScaleEngines, { to: 5 });
    const five = await untilWell(world.tandem, 5);
    const tandem = await world.again();
    const { fleet } = await untilKept(tandem, 'it serves', ({ engines }) => engines.every(isWell));
    assert.equal(fleet.desired, 5);
    world.docker.container(five[0]?.name ?? '').kill();
    await untilKept(
      tandem,
      'the fifth is back',
      ({ engines }) => engines.filter(isWell).length === 5 && engines.every(({ id }) => id !== five[0]?.id),
    );
  });
});
