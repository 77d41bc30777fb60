import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { until } from '../support/docker/until.ts';
import { FakeClock, turning } from '../support/fake-clock.ts';
import { type Simulated, simulated } from '../support/simulated.ts';
import {
  EmergencyModeChanged,
  Engines,
  EventsQuery,
  ProvisionEngine,
  ProvisionEngines,
  Status,
} from './operations.ts';

const vpnsOf = async ({ tandem }: Simulated) => (await tandem.ask(Status)).vpnStatus.vpns;
const counts = async (world: Simulated) => (await vpnsOf(world)).map(({ engineCount }) => engineCount);
const states = async (world: Simulated) => (await vpnsOf(world)).map(({ state }) => state);
const untilCounts = (world: Simulated, wanted: readonly number[], ms = 10_000) =>
  until(`engines are ${wanted.join('/')}`, async () => String(await counts(world)) === String(wanted), ms);
const untilStates = (world: Simulated, wanted: readonly string[]) =>
  until(`VPNs are ${wanted.join(', ')}`, async () => String(await states(world)) === String(wanted));

/** Everything that was told, oldest first. */
async function told({ tandem }: Simulated) {
  const { events } = await tandem.ask(EventsQuery, { first: 500 });
  return events.nodes;
}

describe('emergency mode', () => {
  test('5/5 becomes 5/0 becomes 5/5, and a recovered VPN takes no engine for two minutes', async () => {
    const clock = new FakeClock();
    using _time = turning(clock);
    await using world = await simulated({ clock, env: { MIN_REPLICAS: '10' } });
    await untilCounts(world, [5, 5]);
    const before = (await world.tandem.ask(Engines)).engines;
    await using changes = await world.tandem.follow(EmergencyModeChanged);
    await world.docker.vpn('gluetun_2').kill();

    const entered = (await changes.next()).emergencyModeChanged;
    assert.deepEqual([entered.change, entered.vpn.name], ['ENTERED', 'gluetun_2']);
    assert.equal(entered.removedEngines.length, 5);
    await until('their containers are gone', () => world.engineContainers().length === 5);
    const { fleet, vpnStatus } = await world.tandem.ask(Status);
    assert.deepEqual([fleet.desired, fleet.autoscalerPaused, fleet.healthManagerPaused], [5, true, true]);
    assert.match(fleet.pausedReason ?? '', /gluetun_2/);
    assert.equal(vpnStatus.emergencyMode.failedVpn?.name, 'gluetun_2');
    assert.equal(vpnStatus.emergencyMode.healthyVpn?.name, 'gluetun');

    await world.docker.vpn('gluetun_2').start();
    const exited = (await changes.next()).emergencyModeChanged;
    assert.deepEqual([exited.change, exited.episodeId], ['EXITED', entered.episodeId]);
    assert.equal(exited.emergencyMode.active, false);
    await untilCounts(world, [5, 5], 60_000);
    const after = (await world.tandem.ask(Engines)).engines;
    const onFirst = (engines: typeof before) =>
      engines.filter(({ vpn }) => vpn?.name === 'gluetun').map(({ id }) => id);
    assert.deepEqual(onFirst(after), onFirst(before), 'a running engine was moved');

    const events = await told(world);
    const recovered = events.find(({ id }) => id === exited.id);
    const placed = events.filter(
      (event) => event.__typename === 'EngineAssigned' && event.at > (recovered?.at ?? ''),
    );
    const waits = placed.map(({ at }) => (Date.parse(at) - Date.parse(recovered?.at ?? '')) / 1_000);
    assert.equal(waits.length, 5);
    for (const seconds of waits) assert(seconds >= 120 && seconds <= 120.5, `placed after ${seconds} s`);
  });

  test('leaves on-demand requests to the READY VPN, which need not wait for the other one', async () => {
    await using world = await simulated({ env: { VPN_STABILIZATION_S: '60' } });
    await world.docker.vpn('gluetun').kill();
    await untilStates(world, ['FAILED', 'READY']);
    const { provisionEngines } = await world.tandem.ask(ProvisionEngines, { input: { count: 3 } });
    assert.deepEqual(
      provisionEngines.engines.map(({ vpn }) => vpn?.name),
      Array(3).fill('gluetun_2'),
    );
    await world.docker.vpn('gluetun').start();
    await untilStates(world, ['STABILIZING', 'READY']);
    const { provisionEngine } = await world.tandem.ask(ProvisionEngine);
    assert(provisionEngine.__typename === 'Engine' && provisionEngine.vpn?.name === 'gluetun_2');
  });

  test('with both VPNs stabilizing a request is told when the first will be READY', async () => {
    await using world = await simulated({ env: { VPN_STABILIZATION_S: '60' } });
    for (const name of ['gluetun', 'gluetun_2']) await world.docker.vpn(name).restart();
    await untilStates(world, ['STABILIZING', 'STABILIZING']);
    const { provisionEngine } = await world.tandem.ask(ProvisionEngine);
    assert(provisionEngine.__typename === 'VpnStabilizingError');
    const least = Math.min(
      ...provisionEngine.vpns.map(({ stabilizationRemainingSeconds }) => stabilizationRemainingSeconds),
    );
    assert.equal(provisionEngine.retryAfterSeconds, least);
    assert(least > 50 && least <= 60);
  });

  test('a VPN that flaps every second gets no engine and disturbs none elsewhere', async () => {
    const clock = new FakeClock();
    using _time = turning(clock);
    await using world = await simulated({ clock, env: { MIN_REPLICAS: '6' } });
    await untilCounts(world, [3, 3]);
    const flapping = world.docker.vpn('gluetun_2');
    await flapping.fail();
    await untilCounts(world, [3, 0]);
    const calls = () => world.docker.audit.calls('POST', /^\/containers\/create$/).length;
    const [engines, begun] = [(await world.tandem.ask(Engines)).engines, calls()];
    for (let flap = 0; flap < 40; flap++) {
      const at = clock.now();
      await (flap % 2 === 0 ? flapping.heal() : flapping.fail());
      await until('a second has passed', () => clock.now() - at >= 1_000);
    }
    assert.deepEqual((await world.tandem.ask(Engines)).engines, engines);
    assert.equal(calls(), begun, 'something was started');
    const turns = (await told(world)).flatMap((event) =>
      event.__typename === 'EmergencyModeChanged' ? [event] : [],
    );
    assert(turns.length > 10, `only ${turns.length} turns were seen`);
    for (const [index, turn] of turns.entries()) {
      assert.equal(turn.turn, index % 2 === 0 ? 'ENTERED' : 'EXITED');
      assert.equal(turn.episodeId === turns[index - 1]?.episodeId, turn.turn === 'EXITED');
    }
  });

  test('a failure that follows on the first is an UPDATED, and in an outage what still has its tunnel is kept', async () => {
    await using world = await simulated({
      vpns: ['red', 'green', 'blue'],
      env: { VPN_STABILIZATION_S: '1', MIN_REPLICAS: '6' },
    });
    await untilCounts(world, [2, 2, 2]);
    await using changes = await world.tandem.follow(EmergencyModeChanged);
    for (const name of ['red', 'green', 'blue']) await world.docker.vpn(name).fail();
    const heard = [];
    while (heard.length < 3) heard.push((await changes.next()).emergencyModeChanged);
    assert.deepEqual(
      heard.map(({ change }) => change),
      ['ENTERED', 'UPDATED', 'UPDATED'],
    );
    assert.equal(heard.at(-1)?.emergencyMode.outage, true);
    assert.deepEqual((await world.tandem.ask(Engines)).engines, []);
    await until('only the last ones are kept', () => world.engineContainers().length === 2);
    await world.docker.vpn('blue').heal();
    const back = (await changes.next()).emergencyModeChanged;
    assert.deepEqual([back.change, back.vpn.name], ['UPDATED', 'blue']);
    const { engines } = await world.tandem.ask(Engines);
    assert.deepEqual(
      engines.map(({ vpn, health }) => [vpn?.name, health]),
      Array(2).fill(['blue', 'UNKNOWN']),
    );
  });
});

describe('at boot', () => {
  test('engines do not crowd onto the VPN that comes up first', async () => {
    await using world = await simulated({ env: { MIN_REPLICAS: '10' }, whenReady: false });
    await untilCounts(world, [5, 5]);
    const assigned = (await told(world)).filter(({ __typename }) => __typename === 'EngineAssigned');
    assert.equal(assigned.length, 10);
  });
});

describe('when Docker keeps silent about a failure', () => {
  test('the beat notices it, and listens anew', async () => {
    await using world = await simulated({ env: { GLUETUN_HEALTH_CHECK_INTERVAL_S: '1' } });
    world.docker.events.silence();
    await world.docker.vpn('gluetun_2').fail();
    await untilStates(world, ['READY', 'FAILED']);
    await until('it listens anew', () => world.tandem.logged.some((line) => line.includes('listening anew')));
    await until(
      'there is a new subscription',
      () => world.docker.audit.calls('GET', /^\/events$/).length > 0,
    );
  });
});
