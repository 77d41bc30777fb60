import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { EmergencyModeChanged, Engines, ProvisionEngine, Status } from '../api/operations.ts';
import { untilHealth } from '../support/docker/containers.ts';
import { noOwnDaemon, ownDaemon } from '../support/docker/own-daemon.ts';
import { type Relay, relayTo } from '../support/docker/relay.ts';
import { until } from '../support/docker/until.ts';
import type { TandemProcess } from '../support/process.ts';
import { here, type Real, type RealVpn, real, skipReason } from '../support/real.ts';
import {
  episodes,
  history,
  idsOf,
  type Offer,
  offered,
  on,
  only,
  patience,
  settled,
  statesOf,
  tryOne,
  untilState,
  vpnOf,
} from '../support/story.ts';

/** Times fit for a test. */
const quick = { GLUETUN_HEALTH_CHECK_INTERVAL_S: '1', AUTOSCALE_INTERVAL_S: '1', VPN_STABILIZATION_S: '2' };

function both({ vpns: [one, two] }: Real): readonly [RealVpn, RealVpn] {
  assert(one && two);
  return [one, two];
}

const emergencyOf = async (tandem: TandemProcess) => (await tandem.ask(Status)).vpnStatus.emergencyMode;

/** What a subscriber is told next of the emergency. */
async function nextTurn(turns: Awaited<ReturnType<typeof followTurns>>) {
  return (await turns.next()).emergencyModeChanged;
}
const followTurns = (tandem: TandemProcess, after: string | null = null) =>
  tandem.follow(EmergencyModeChanged, { after });

describe('an emergency on a real daemon', { skip: skipReason }, () => {
  test('five of ten engines go with their VPN, the others go on, and five new ones come when it is back and stable', async () => {
    await using world = await real();
    const [one, two] = both(world);
    const tandem = await world.process({ ...quick, VPN_STABILIZATION_S: '3', MIN_REPLICAS: '10' });
    const engines = await settled(world, tandem, [5, 5]);
    await using turns = await followTurns(tandem);

    await two.fail();
    const entered = await nextTurn(turns);
    assert.equal(entered.change, 'ENTERED');
    assert.equal(entered.vpn.name, two.name);
    assert.deepEqual(idsOf(entered.removedEngines), idsOf(on(two, engines)));
    assert.deepEqual(await offered(tandem), on(one, engines));

    assert.deepEqual(await settled(world, tandem, [5, 0]), on(one, engines));
    const { fleet, vpnStatus } = await tandem.ask(Status);
    assert.deepEqual(
      [fleet.desired, fleet.running, fleet.pending, fleet.autoscalerPaused, fleet.healthManagerPaused],
      [5, 5, 0, true, true],
    );
    assert.match(fleet.pausedReason ?? '', new RegExp(two.name));
    const { emergencyMode } = vpnStatus;
    assert.deepEqual(
      [emergencyMode.active, emergencyMode.outage, emergencyMode.episodeId],
      [true, false, entered.episodeId],
    );
    assert.deepEqual([emergencyMode.failedVpn?.name, emergencyMode.healthyVpn?.name], [two.name, one.name]);
    assert.equal(await tryOne(tandem), one.name);

    await two.heal();
    const exited = await nextTurn(turns);
    assert.deepEqual([exited.change, exited.episodeId], ['EXITED', entered.episodeId]);
    assert.deepEqual([exited.vpn.name, exited.vpn.state], [two.name, 'STABILIZING']);
    assert.equal(await tryOne(tandem), one.name);

    const restored = await settled(world, tandem, [5, 5]);
    assert.deepEqual(on(one, restored), on(one, engines));
    const all = await episodes(tandem);
    assert.deepEqual(
      all.map(({ id, changes }) => [id, changes]),
      [[entered.episodeId, ['ENTERED', 'EXITED']]],
    );

    const told = await history(tandem, entered.id);
    const ready = only('VpnChanged', told).find(({ vpn }) => vpn.name === two.name && vpn.state === 'READY');
    assert(ready);
    const placed = (events: typeof told) => only('EngineAssigned', events).map(({ chosen }) => chosen?.name);
    // The two that were asked for, and nothing else.
    assert.deepEqual(placed(told.slice(0, told.indexOf(ready))), [one.name, one.name]);
    assert.deepEqual(placed(told.slice(told.indexOf(ready))), Array(5).fill(two.name));

    const [entry, exit] = tandem.logged.filter(({ event }) => event === 'EMERGENCY_MODE_CHANGED');
    assert.match(entry?.msg ?? '', new RegExp(`ENTERED: ${two.name} .*\\b5 engines are being removed`));
    assert.deepEqual([entry?.level, entry?.vpn, entry?.removed], [40, two.name, 5]);
    assert.match(
      exit?.msg ?? '',
      new RegExp(`EXITED: ${two.name} .*after ${exited.episodeSeconds.toFixed(1)} s`),
    );
    assert.deepEqual([exit?.level, exit?.vpn, exit?.seconds], [30, two.name, exited.episodeSeconds]);
  });
});

describe('a service that is killed with -9 and started again', { skip: skipReason }, () => {
  let world: Real;
  let relay: Relay;
  let tandem: TandemProcess;
  let one: RealVpn;
  let two: RealVpn;

  before(async () => {
    assert(here.here);
    world = await real();
    [one, two] = both(world);
    relay = await relayTo(here.address);
    tandem = await world.process({
      ...quick,
      VPN_STABILIZATION_S: '3',
      MIN_REPLICAS: '10',
      DOCKER_HOST: relay.dockerHost,
    });
  });
  after(async () => {
    await world?.[Symbol.asyncDispose]();
    await relay?.[Symbol.asyncDispose]();
  });

  /** The engines that run now: they have to be there, as they are, whatever comes. */
  const running = async () => (await offered(tandem)).filter(({ state }) => state === 'RUNNING');
  const assertKept = (engines: readonly Offer[], now: readonly Offer[]) =>
    assert.deepEqual(
      now.filter(({ id }) => engines.some((engine) => engine.id === id)),
      engines,
    );

  /** VPN 2 fails; gives the moment at which a subscriber hears of it. */
  async function fall() {
    await using turns = await followTurns(tandem);
    await two.fail();
    const entered = await nextTurn(turns);
    assert.equal(entered.change, 'ENTERED');
    return entered;
  }

  /** Every episode so far was entered once and left once, and the last one is that of `entered`. */
  async function assertOver({ episodeId }: { episodeId: string }) {
    const all = await episodes(tandem);
    assert.equal(all.at(-1)?.id, episodeId);
    for (const { changes, story } of all) assert.deepEqual(changes, ['ENTERED', 'EXITED'], story);
  }

  test('while the ten are being started finishes or removes what was half-made, and makes ten', async () => {
    await until('some run and some are being made', async () => {
      const { fleet } = await tandem.ask(Status);
      return fleet.running > 1 && fleet.pending > 1;
    });
    const kept = await running();
    await tandem.kill9();
    await tandem.start();
    assertKept(kept, await settled(world, tandem, [5, 5]));
    assert.deepEqual(await episodes(tandem), []);
  });

  for (const [situation, letThrough, meanwhile] of [
    ['two of the five condemned engines are removed', 2, async () => undefined],
    [
      'none of the five condemned engines is removed yet, and whose VPN is well again by then',
      0,
      async () => {
        await two.heal();
        await untilHealth(two.container, 'healthy');
      },
    ],
  ] as const) {
    test(`when ${situation}, removes those and none other`, async () => {
      const engines = await settled(world, tandem, [5, 5]);
      relay.holdRemovals(letThrough);
      const entered = await fall();
      await until('Docker has removed what it was told to', async () => {
        const left = (await world.engines(tandem)).filter(({ vpn }) => vpn === two.name);
        return left.length === 5 - letThrough && left.every(({ state }) => state === 'running');
      });
      await tandem.kill9();
      await meanwhile();
      relay.letRemove();

      await tandem.start();
      assert.deepEqual(await offered(tandem), on(one, engines));
      const condemned = on(two, engines);
      await until('the condemned are gone', async () =>
        (await world.engines(tandem)).every(({ id }) =>
          condemned.every(({ containerId }) => containerId !== id),
        ),
      );
      await two.heal();
      const restored = await settled(world, tandem, [5, 5]);
      assert.deepEqual(on(one, restored), on(one, engines));
      await assertOver(entered);
      const afterwards = only('EngineChanged', await history(tandem, entered.id));
      for (const { id } of condemned) {
        const told = afterwards.filter(({ engine }) => engine.id === id);
        assert.deepEqual(
          told.map(({ change }) => change),
          ['STOPPED', 'REMOVED'],
        );
      }
    });
  }

  test('in a long emergency goes on in it, with the five that are left', async () => {
    const engines = await settled(world, tandem, [5, 5]);
    const entered = await fall();
    await settled(world, tandem, [5, 0]);
    const { enteredAt } = await emergencyOf(tandem);
    await tandem.kill9();

    await tandem.start();
    const { active, episodeId, enteredAt: enteredThen } = await emergencyOf(tandem);
    assert.deepEqual([active, episodeId, enteredThen], [true, entered.episodeId, enteredAt]);
    assert.deepEqual(await offered(tandem), on(one, engines));
    assert.equal(await tryOne(tandem), one.name);
    assert.deepEqual(await settled(world, tandem, [5, 0]), on(one, engines));

    await using turns = await followTurns(tandem, entered.id);
    await two.heal();
    const exited = await nextTurn(turns);
    assert.deepEqual([exited.change, exited.episodeId], ['EXITED', entered.episodeId]);
    const lasted = (Date.parse(exited.at) - Date.parse(enteredAt ?? '')) / 1_000;
    assert(Math.abs(exited.episodeSeconds - lasted) < 0.1, `${exited.episodeSeconds} and ${lasted}`);
    assertKept(on(one, engines), await settled(world, tandem, [5, 5]));
    await assertOver(entered);
  });

  test('while a VPN stabilizes waits for what remained, no more and no less', async () => {
    const engines = await settled(world, tandem, [5, 5]);
    const entered = await fall();
    await two.heal();
    const { stabilizingUntil } = await untilState(tandem, two, 'STABILIZING');
    await tandem.kill9();
    const due = Date.parse(stabilizingUntil ?? '');
    // Long enough for one that begins to wait anew to be late.
    await until('a third of it is over', () => Date.now() > due - 2_000);

    await tandem.start();
    await untilState(tandem, two, 'READY');
    const told = await history(tandem, entered.id);
    assert.deepEqual(statesOf(two, told).slice(-2), ['STABILIZING', 'READY']);
    const ready = only('VpnChanged', told).find(({ vpn }) => vpn.name === two.name && vpn.state === 'READY');
    const late = Date.parse(ready?.at ?? '') - due;
    assert(late >= 0 && late <= 1_500, `READY ${late} ms after it was due`);
    const early = told.slice(
      0,
      told.findIndex(({ id }) => id === ready?.id),
    );
    assert.deepEqual(only('EngineAssigned', early), []);
    assertKept(on(one, engines), await settled(world, tandem, [5, 5]));
    await assertOver(entered);
  });

  test('while the five are being restored has five in the end, and not ten', async () => {
    await settled(world, tandem, [5, 5]);
    const entered = await fall();
    await two.heal();
    await until(
      'some are restored',
      async () => {
        const { engineCount, pendingEngineCount } = await vpnOf(tandem, two);
        return engineCount > 0 && pendingEngineCount > 0;
      },
      patience,
    );
    const kept = await running();
    await tandem.kill9();
    await tandem.start();
    assertKept(kept, await settled(world, tandem, [5, 5]));
    await assertOver(entered);
  });
});

describe('each way in which a VPN fails, with the engines of another one at work', {
  skip: skipReason,
}, () => {
  let world: Real;
  let tandem: TandemProcess;
  const lived: string[] = [];
  before(async () => {
    world = await real();
    tandem = await world.process({ ...quick, VPN_STABILIZATION_S: '1', MIN_REPLICAS: '4' });
  });
  after(() => world?.[Symbol.asyncDispose]());

  const ways: Record<
    string,
    readonly [(vpn: RealVpn) => Promise<unknown>, (vpn: RealVpn) => Promise<unknown>]
  > = {
    'becoming unhealthy': [(vpn) => vpn.fail(), (vpn) => vpn.heal()],
    'being killed': [({ container }) => container.kill(), ({ container }) => container.start()],
    'being stopped': [({ container }) => container.stop({ t: 1 }), ({ container }) => container.start()],
    'being paused': [(vpn) => vpn.pause(), ({ container }) => container.unpause()],
    'being restarted': [({ container }) => container.restart({ t: 1 }), async () => undefined],
    'giving its name to another container': [(vpn) => vpn.recreate(), async () => undefined],
  };
  for (const [way, [fail, mend]] of Object.entries(ways)) {
    test(`${way} is one emergency, and one recovery`, async () => {
      const [one, two] = both(world);
      const engines = await settled(world, tandem, [2, 2]);
      await using turns = await followTurns(tandem);
      await fail(two);
      const entered = await nextTurn(turns);
      assert.deepEqual([entered.change, entered.vpn.name], ['ENTERED', two.name]);
      lived.push(entered.episodeId);
      assert.deepEqual(idsOf(entered.removedEngines), idsOf(on(two, engines)));
      await mend(two);
      const exited = await nextTurn(turns);
      assert.deepEqual([exited.change, exited.episodeId], ['EXITED', entered.episodeId]);

      const restored = await settled(world, tandem, [2, 2]);
      assert.deepEqual(on(one, restored), on(one, engines));
      const condemned = new Set(idsOf(on(two, engines)));
      assert(on(two, restored).every(({ id }) => !condemned.has(id)));
      const told = await history(tandem, entered.id);
      assert.deepEqual(statesOf(two, told).slice(-2), ['STABILIZING', 'READY']);
      assert.equal((await episodes(tandem)).at(-1)?.id, entered.episodeId);
      assert(!statesOf(one, told).includes('FAILED'));
    });
  }

  test('never told of an emergency that was entered twice, or left twice', async () => {
    const all = await episodes(tandem);
    assert.deepEqual(
      all.map(({ id }) => id),
      lived,
    );
    for (const { changes, story } of all) assert.deepEqual(changes, ['ENTERED', 'EXITED'], story);
  });
});

describe('what else becomes of VPNs and their engines', { skip: skipReason, concurrency: 2 }, () => {
  test('with both VPNs down the engines of the second are kept, hidden, and offered again when it is back first', async () => {
    await using world = await real();
    const [one, two] = both(world);
    const tandem = await world.process({ ...quick, MIN_REPLICAS: '4' });
    const engines = await settled(world, tandem, [2, 2]);
    await using turns = await followTurns(tandem);
    await two.fail();
    const entered = await nextTurn(turns);
    await settled(world, tandem, [2, 0]);

    await one.fail();
    const updated = await nextTurn(turns);
    assert.deepEqual(
      [updated.change, updated.episodeId, updated.vpn.name, updated.emergencyMode.outage],
      ['UPDATED', entered.episodeId, one.name, true],
    );
    assert.deepEqual(updated.removedEngines, []);
    assert.deepEqual(await offered(tandem), []);
    assert.deepEqual(await offered(tandem, { vpn: one.name }), on(one, engines));
    const { provisionEngine: refused } = await tandem.ask(ProvisionEngine);
    assert.equal(refused.__typename, 'NoHealthyVpnError');
    const kept = (await world.engines(tandem)).filter(({ state }) => state === 'running');
    assert.deepEqual(
      new Set(kept.map(({ id }) => id)),
      new Set(on(one, engines).map(({ containerId }) => containerId)),
    );

    await one.heal();
    const back = await nextTurn(turns);
    assert.deepEqual([back.change, back.vpn.name, back.vpn.state], ['UPDATED', one.name, 'STABILIZING']);
    assert.deepEqual(await offered(tandem), on(one, engines));
    const { engines: again } = await tandem.ask(Engines);
    assert.deepEqual(
      again.map(({ health }) => health),
      ['UNKNOWN', 'UNKNOWN'],
    );
    const { provisionEngine: tooEarly } = await tandem.ask(ProvisionEngine);
    assert.equal(tooEarly.__typename, 'VpnStabilizingError');

    await two.heal();
    assert.equal((await nextTurn(turns)).change, 'EXITED');
    assert.deepEqual(on(one, await settled(world, tandem, [2, 2])), on(one, engines));
    const all = await episodes(tandem);
    assert.deepEqual(
      all.map(({ id, changes }) => [id, changes]),
      [[entered.episodeId, ['ENTERED', 'UPDATED', 'UPDATED', 'EXITED']]],
    );
  });

  test('a daemon that says nothing for ten seconds is no failure of any VPN', {
    skip: noOwnDaemon,
  }, async () => {
    await using daemon = await ownDaemon();
    await using world = await real({ on: daemon.real });
    const tandem = await world.process({ ...quick, MIN_REPLICAS: '4' });
    const engines = await settled(world, tandem, [2, 2]);
    const containers = idsOf(await world.engines(tandem));
    const { lastEventId } = await tandem.ask(Status);

    {
      using _frozen = daemon.freeze();
      const begun = Date.now();
      await until(
        'ten seconds have passed, and somebody has noticed',
        async () => {
          const { vpns, emergencyMode } = (await tandem.ask(Status)).vpnStatus;
          assert.equal(emergencyMode.active, false);
          for (const { state } of vpns) assert.equal(state, 'READY');
          assert.deepEqual(await offered(tandem), engines);
          return Date.now() - begun > 10_000 && vpns.every(({ health }) => health === 'UNKNOWN');
        },
        patience,
      );
    }
    await until(
      'both VPNs were looked at again',
      async () => (await tandem.ask(Status)).vpnStatus.vpns.every(({ health }) => health === 'HEALTHY'),
      patience,
    );
    assert.deepEqual(await settled(world, tandem, [2, 2]), engines);
    assert.deepEqual(idsOf(await world.engines(tandem)), containers);
    const told = await history(tandem, lastEventId);
    for (const vpn of world.vpns) assert(statesOf(vpn, told).every((state) => state === 'READY'));
    assert.deepEqual(
      told.filter(({ __typename }) => __typename !== 'VpnChanged'),
      [],
    );
  });

  test('VPN_UNHEALTHY_RESTART_TIMEOUT_S restarts the container of a VPN that stays down once, and not again', async () => {
    await using world = await real();
    const [one, two] = both(world);
    const tandem = await world.process({ ...quick, VPN_UNHEALTHY_RESTART_TIMEOUT_S: '2' });
    const startedAt = async ({ container }: RealVpn) =>
      Date.parse((await container.inspect()).State.StartedAt);
    const [first, other] = [await startedAt(two), await startedAt(one)];
    await two.fail();
    const failedSince = Date.parse((await untilState(tandem, two, 'FAILED')).failedSince ?? '');
    const second = await until(
      'it is restarted',
      async () => {
        const now = await startedAt(two);
        return now !== first && now;
      },
      patience,
    );
    assert(second - failedSince >= 2_000, `restarted after ${second - failedSince} ms`);
    const { lastSeenAt } = await until(
      'it was seen down for more than twice as long as that',
      async () => {
        const vpn = await vpnOf(tandem, two);
        return Date.parse(vpn.lastSeenAt ?? '') > second + 5_000 && vpn;
      },
      patience,
    );
    assert(lastSeenAt);
    assert.equal((await vpnOf(tandem, two)).state, 'FAILED');
    assert.deepEqual([await startedAt(two), await startedAt(one)], [second, other]);
    await two.heal();
    await untilState(tandem, two, 'READY');
    assert.equal(await startedAt(two), second);
  });

  test('a single VPN that was down for a while gets its engines replaced one at a time, unless told not to', async () => {
    await using world = await real();
    const [vpn] = both(world);
    const tandem = await world.process({ ...quick, VPN_MODE: 'single', MIN_REPLICAS: '3' });
    const engines = await settled(world, tandem, [3, 0]);

    const downAndUp = async () => {
      const now = await offered(tandem);
      await vpn.fail();
      await untilState(tandem, vpn, 'FAILED');
      assert.deepEqual(await offered(tandem), []);
      const { fleet, vpnStatus } = await tandem.ask(Status);
      assert.deepEqual([fleet.autoscalerPaused, vpnStatus.emergencyMode.active], [true, false]);
      assert.equal((await world.engines(tandem)).filter(({ state }) => state === 'running').length, 3);
      await vpn.heal();
      await untilState(tandem, vpn, 'STABILIZING');
      const { engines: again } = await tandem.ask(Engines);
      assert.deepEqual(idsOf(again), idsOf(now));
      for (const { health } of again) assert.equal(health, 'UNKNOWN');
      await untilState(tandem, vpn, 'READY');
    };

    const { lastEventId } = await tandem.ask(Status);
    await downAndUp();
    await until(
      'all are other ones',
      async () =>
        (await offered(tandem)).every(({ id, state }) => state === 'RUNNING' && !idsOf(engines).includes(id)),
      patience,
    );
    const replaced = await settled(world, tandem, [3, 0]);
    let [running, pending] = [3, 0];
    for (const event of await history(tandem, lastEventId)) {
      if (event.__typename === 'EngineAssigned') pending += 1;
      if (event.__typename !== 'EngineChanged') continue;
      if (event.change === 'STARTED') [running, pending] = [running + 1, pending - 1];
      if (event.change === 'STOPPED') running -= 1;
      assert(running >= 3 && running + pending <= 4, `${running} running and ${pending} on their way`);
    }

    await tandem.stop();
    await tandem.start({ VPN_RESTART_ENGINES_ON_RECONNECT: 'false' });
    await downAndUp();
    assert.equal(await tryOne(tandem), vpn.name);
    assert.deepEqual(await settled(world, tandem, [3, 0]), replaced);
    assert.deepEqual(await episodes(tandem), []);
  });

  test('without any VPN MIN_REPLICAS engines run, and one that is killed is replaced', async () => {
    await using world = await real();
    const first = 30_200 + 20 * randomInt(0, 100);
    const tandem = await world.process({
      ...quick,
      VPN_MODE: 'disabled',
      MIN_REPLICAS: '2',
      GLUETUN_PORT_RANGE_1: `${first}-${first + 9}`,
    });
    const two = () =>
      until(
        'two engines run',
        async () => {
          const engines = await offered(tandem);
          const containers = await world.engines(tandem);
          const run = [...engines.map(({ state }) => state), ...containers.map(({ state }) => state)];
          return run.join() === 'RUNNING,RUNNING,running,running' && engines;
        },
        patience,
      );
    const [kept, killed] = await two();
    assert(kept && killed);
    await world.docker.getContainer(killed.containerId ?? '').kill();
    await until(
      'its end is noticed',
      async () => !idsOf(await offered(tandem)).includes(killed.id),
      patience,
    );
    assert((await two()).some(({ id }) => id === kept.id));
    assert.equal((await tandem.ask(Status)).vpnStatus.enabled, false);
  });
});

describe('the end of a process', { skip: skipReason }, () => {
  let world: Real;
  let tandem: TandemProcess;
  let engines: Offer[];
  before(async () => {
    world = await real();
    tandem = await world.process({ ...quick, MIN_REPLICAS: '2' });
    engines = await settled(world, tandem, [1, 1]);
  });
  after(() => world?.[Symbol.asyncDispose]());

  test('comes at once, with 78 and the reason, for a second one on the same DATA_DIR', async () => {
    const { code, said } = await tandem.double();
    assert.equal(code, 78, said);
    assert.match(said, /in use by another process/);
    assert.deepEqual(await offered(tandem), engines);
  });

  test('on SIGTERM is told to subscribers with 1001, and leaves engines running', async () => {
    await using turns = await followTurns(tandem);
    const begun = Date.now();
    const { code, said } = await tandem.stop();
    assert.equal(code, 0, said);
    assert(Date.now() - begun < 10_000);
    assert.equal(await turns.closed, 1001);
    const left = await world.engines(tandem);
    assert.deepEqual(
      left.map(({ state }) => state),
      ['running', 'running'],
    );
  });

  test('with STOP_ENGINES_ON_EXIT takes the engines along, adopted ones too', async () => {
    await tandem.start({ STOP_ENGINES_ON_EXIT: 'true' });
    assert.deepEqual(await offered(tandem), engines);
    const begun = Date.now();
    const { code, said } = await tandem.stop();
    assert.equal(code, 0, said);
    assert(Date.now() - begun < 10_000);
    assert.deepEqual(await world.engines(tandem), []);
  });
});
