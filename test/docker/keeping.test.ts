import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { EmergencyModeChanged, Status } from '../api/operations.ts';
import { EventLog } from '../support/docker/event-log.ts';
import { request } from '../support/docker/request.ts';
import { changeState } from '../support/docker/standin-state.ts';
import { type StandinVpn, standinVpn } from '../support/docker/standin-vpn.ts';
import { until } from '../support/docker/until.ts';
import { isWell, type KeptEngine, keeping, lifeOf, on, untilKept, untilWell } from '../support/keeping.ts';
import type { TandemProcess } from '../support/process.ts';
import { type Real, type RealVpn, real, skipReason } from '../support/real.ts';
import { history, idsOf, only, patience, statesOf, tryOne, vpnOf } from '../support/story.ts';

const quick = {
  HEALTH_CHECK_INTERVAL_S: '0.5',
  HEALTH_FAILURE_THRESHOLD: '2',
  HEALTH_UNHEALTHY_GRACE_PERIOD_S: '1',
  HEALTH_REPLACEMENT_COOLDOWN_S: '1',
  AUTOSCALE_INTERVAL_S: '1',
  GLUETUN_HEALTH_CHECK_INTERVAL_S: '0.5',
  FORWARDED_PORT_COOLDOWN_S: '1',
  VPN_STABILIZATION_S: '1',
  VPN_SILENT_FAILURE_S: '2',
};

describe('what goes wrong while two VPNs are well in the eyes of a real daemon', { skip: skipReason }, () => {
  let world: Real;
  let tandem: TandemProcess;
  let one: RealVpn;
  let two: RealVpn;
  let gluetunOne: StandinVpn;
  let gluetunTwo: StandinVpn;
  /** What becomes of the containers of engines. */
  let log: EventLog;
  /** The four engines that are well when a test begins. */
  let engines: KeptEngine[];

  before(async () => {
    world = await real({ published: 8 });
    const [first, second] = world.vpns;
    assert(first && second);
    [one, two] = [first, second];
    [gluetunOne, gluetunTwo] = [standinVpn(one.container), standinVpn(two.container)];
    await gluetunOne.set('port', '');
    tandem = await world.process({ ...quick, MIN_REPLICAS: '4', ENGINE_MEMORY_LIMIT: '32m' });
    log = await EventLog.open(world.docker, { type: ['container'], label: [tandem.label] });
  });
  beforeEach(async () => {
    engines = await untilWell(tandem, 4, patience);
    log.clear();
  });
  after(async () => {
    await log?.[Symbol.asyncDispose]();
    await world?.[Symbol.asyncDispose]();
  });

  const containerOf = ({ containerId }: KeptEngine) => world.docker.getContainer(containerId ?? '');
  const firstOn = (vpn: RealVpn) => {
    const [engine] = on(vpn.name, engines);
    assert(engine);
    return engine;
  };
  const without = (gone: KeptEngine, some: readonly KeptEngine[]) => some.filter(({ id }) => id !== gone.id);

  /** Four are well, three of them as before, and the fourth is where the lost one was: the only one that was made. */
  async function assertReplaced(lost: KeptEngine) {
    const now = await untilKept(
      tandem,
      'four others are well',
      ({ engines }) =>
        engines.length >= 4 && without(lost, engines).length === engines.length && engines.every(isWell),
      patience,
    );
    const [fresh, ...more] = now.engines.filter(({ id }) => !idsOf(engines).includes(id));
    assert.deepEqual([fresh?.vpn?.name, more], [lost.vpn?.name, []]);
    const probed = Date.parse(fresh?.lastHealthCheckAt ?? '');
    await untilKept(
      tandem,
      'another beat is over',
      (kept) =>
        kept.engines.every(({ lastHealthCheckAt }) => Date.parse(lastHealthCheckAt ?? '') > probed + 1_000),
      patience,
    );
    assert.deepEqual(idsOf((await keeping(tandem)).engines), idsOf(now.engines));
    const created = log.seen.filter(({ action }) => action === 'create');
    assert.deepEqual(
      created.map(({ id }) => id),
      [fresh?.containerId],
    );
    assert.deepEqual(
      idsOf(await world.engines(tandem)),
      now.engines.map(({ containerId }) => containerId).sort(),
    );
  }

  test('an engine that hangs is replaced by one that is well before it goes, and the others are probed meanwhile', async () => {
    const hung = firstOn(one);
    const probes = new Map(without(hung, engines).map(({ id }) => [id, new Set<unknown>()]));
    await containerOf(hung).pause();
    await untilKept(
      tandem,
      'it is replaced',
      (kept) => {
        const others = without(hung, kept.engines);
        const gone = others.length === kept.engines.length;
        assert(others.filter(isWell).length >= (gone ? 4 : 3), JSON.stringify(kept.engines));
        for (const { id, lastHealthCheckAt } of others) probes.get(id)?.add(lastHealthCheckAt);
        return gone;
      },
      patience,
    );
    for (const seen of probes.values()) assert(seen.size >= 3, `${seen.size} probes`);
    await until('its container is gone', async () =>
      (await world.engines(tandem)).every(({ id }) => id !== hung.containerId),
    );
    assert.deepEqual(await lifeOf(tandem, hung.id), ['STARTED', 'UNHEALTHY', 'STOPPED', 'REMOVED']);
    await assertReplaced(hung);
  });

  for (const [what, lose, exitCode, reason] of [
    [
      'whose process ends',
      ({ httpPort }: KeptEngine) => end(httpPort, 'crash', '3'),
      '3',
      /its container is exited \(3\)$/,
    ],
    [
      'that is removed by hand',
      (engine: KeptEngine) => containerOf(engine).remove({ force: true }),
      '137',
      /its container /,
    ],
    [
      'that is killed for the memory it takes',
      ({ httpPort }: KeptEngine) => end(httpPort, 'oom'),
      '137',
      /its container is exited \(137, out of memory\)$/,
    ],
  ] as const) {
    test(`an engine ${what} is replaced once, on the same VPN`, async () => {
      const lost = firstOn(one);
      await lose(lost);
      await assertReplaced(lost);
      assert.deepEqual(await lifeOf(tandem, lost.id), ['STARTED', 'FAILED', 'REMOVED']);
      const told = only('EngineChanged', await history(tandem));
      const failed = told.find(({ engine, change }) => engine.id === lost.id && change === 'FAILED');
      assert.match(failed?.message ?? '', reason);
      const died = log.seen.find(({ id, action }) => id === lost.containerId && action === 'die');
      assert.equal(died?.attributes.exitCode, exitCode);
    });
  }

  test('the port that a VPN forwards has one engine, a new one each time that it is another, and never two at once', async () => {
    /** The engines on the first VPN by the port that they were started with, as long as no two have the same. */
    const byPort = async () => {
      const containers = await world.docker.listContainers({ filters: { label: [tandem.label] } });
      const all = containers
        .filter(({ Labels }) => Labels['tandem.vpn'] === one.name)
        .map(({ Id, Command }) => [/ --port (\d+)/.exec(Command)?.[1] ?? '', Id] as const);
      const ports = new Map(all);
      assert.equal(ports.size, all.length, `two with the same port: ${JSON.stringify(all)}`);
      return ports;
    };
    const change = async (port: number, former: KeptEngine) => {
      await gluetunOne.set('port', String(port));
      const { engines: now } = await untilKept(
        tandem,
        `an engine with ${port} is well, in the place of ${former.name}`,
        ({ engines }) => {
          const [next, ...others] = on(one.name, engines).filter(({ forwarded }) => forwarded);
          assert.deepEqual(others, []);
          const gone = engines.every(({ id }) => id !== former.id);
          assert(!gone || (next && isWell(next)), 'the former one went before the new one was well');
          return gone && engines.length === 4 && next?.p2pPort === port;
        },
        patience,
      );
      const [next] = on(one.name, now).filter(({ forwarded }) => forwarded);
      assert(next);
      return next;
    };
    let over = false;
    const watch = until(
      'the end of the test',
      async () => {
        await byPort();
        return over;
      },
      120_000,
    );
    try {
      assert(on(one.name, engines).every(({ forwarded }) => !forwarded));
      const [youngest] = on(one.name, engines).toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
      assert(youngest);
      const first = await change(42_000, youngest);
      assert.equal((await byPort()).get('42000'), first.containerId);
      const second = await change(43_000, first);
      assert.equal((await byPort()).get('43000'), second.containerId);
      const third = await change(42_000, second);
      assert.equal((await byPort()).get('42000'), third.containerId);

      await gluetunOne.set('port', '');
      const none = await untilKept(
        tandem,
        'there is none',
        ({ vpnStatus }) => vpnStatus.vpns[0]?.forwardedPort === null,
      );
      assert(on(one.name, none.engines).every(({ forwarded }) => !forwarded));
      await gluetunOne.set('port', '42000');
      const again = await untilKept(tandem, 'it is back', ({ engines }) =>
        on(one.name, engines).some(({ forwarded }) => forwarded),
      );
      const owner = on(one.name, again.engines).find(({ forwarded }) => forwarded);
      assert.deepEqual([owner?.id, owner?.containerId], [third.id, third.containerId]);
      assert.deepEqual(await lifeOf(tandem, third.id), ['STARTED']);
    } finally {
      over = true;
      await watch;
    }
  });

  for (const [what, file, value, problem] of [
    ['answers 401', 'auth', 'deny', /answers 401 to GET \/v1\/vpn\/status.*set GLUETUN_API_KEY/],
    ['answers nonsense', 'nonsense', '1', /answers nonsense to GET \/v1\/vpn\/status/],
    ['never answers', 'hang', '1', /gave no answer in time/],
  ] as const) {
    test(`a control server that ${what} is told of as such, and its VPN takes engines and loses none`, async () => {
      const before = await vpnOf(tandem, one);
      await gluetunOne.set(file, value);
      const told = await until('it is told of', async () => {
        const vpn = await vpnOf(tandem, one);
        return vpn.controlProblem !== null && vpn;
      });
      assert.match(told.controlProblem ?? '', problem);
      assert.equal(await tryOne(tandem), one.name);
      const vpn = await until('it was so for longer than a failure is doubted', async () => {
        const now = await vpnOf(tandem, one);
        return Date.parse(now.lastSeenAt ?? '') > Date.parse(told.lastSeenAt ?? '') + 2_500 && now;
      });
      assert.deepEqual([vpn.state, vpn.health, vpn.acceptsEngines], ['READY', 'HEALTHY', true]);
      assert.deepEqual([vpn.forwardedPort, vpn.publicIp], [before.forwardedPort, before.publicIp]);
      assert.equal((await vpnOf(tandem, two)).controlProblem, null);
      assert.deepEqual(idsOf(await untilWell(tandem, 4)), idsOf(engines));

      if (file === 'auth') await gluetunOne.set(file, 'none');
      else await gluetunOne.unset(file);
      await until('it is over', async () => (await vpnOf(tandem, one)).controlProblem === null);
    });
  }

  /** The second VPN fails by another's word, and stays so; gives the milliseconds for which it was doubted before. */
  async function failure(cause: () => Promise<unknown>, reason: RegExp): Promise<number> {
    const { lastEventId } = await tandem.ask(Status);
    await using turns = await tandem.follow(EmergencyModeChanged);
    await cause();
    const { emergencyModeChanged: entered } = await turns.next(patience);
    assert.deepEqual([entered.change, entered.vpn.name], ['ENTERED', two.name]);
    assert.deepEqual(idsOf(entered.removedEngines), idsOf(on(two.name, engines)));
    const [, vpn] = (await keeping(tandem)).vpnStatus.vpns;
    assert.equal(vpn?.state, 'FAILED');
    assert.match(vpn.failureReason ?? '', reason);
    const { State } = await two.container.inspect();
    assert.deepEqual([State.Status, State.Health?.Status], ['running', 'healthy']);
    await until('its engines are gone', async () =>
      (await world.engines(tandem)).every(({ vpn }) => vpn === one.name),
    );
    const { lastSeenAt } = await vpnOf(tandem, two);
    await until('it was looked at twice more', async () => {
      const vpn = await vpnOf(tandem, two);
      assert.equal(vpn.state, 'FAILED');
      return Date.parse(vpn.lastSeenAt ?? '') >= Date.parse(lastSeenAt ?? '') + 1_000;
    });
    assert.deepEqual(idsOf((await keeping(tandem)).engines), idsOf(on(one.name, engines)));

    const told = only('VpnChanged', await history(tandem, lastEventId));
    const its = told.filter(({ vpn }) => vpn.name === two.name);
    const failed = its.findIndex(({ vpn }) => vpn.state === 'FAILED');
    const suspected = its
      .slice(0, failed)
      .findLast(({ message }) => message.includes("healthy in Docker's eyes, but"));
    return Date.parse(its[failed]?.at ?? '') - Date.parse(suspected?.at ?? '');
  }

  /** The second VPN is well again: once it is READY, and not before, two engines come back to it. */
  async function recovery(cause: () => Promise<unknown>) {
    const { lastEventId } = await tandem.ask(Status);
    await cause();
    const now = await untilWell(tandem, 4, patience);
    assert.deepEqual(idsOf(on(one.name, now)), idsOf(on(one.name, engines)));
    assert.equal(on(two.name, now).length, 2);
    const told = await history(tandem, lastEventId);
    assert.deepEqual(statesOf(two, told).slice(-2), ['STABILIZING', 'READY']);
    const ready = only('VpnChanged', told).find(({ vpn }) => vpn.name === two.name && vpn.state === 'READY');
    assert(ready);
    assert.deepEqual(only('EngineAssigned', told.slice(0, told.indexOf(ready))), []);
    engines = now;
  }

  test('a VPN whose control server says that it crashed fails after a while, and is back when that says that it runs', async () => {
    const doubted = await failure(() => gluetunTwo.set('vpn', 'crashed'), /says that the VPN is crashed/);
    assert(doubted >= 2_000, `doubted for ${doubted} ms`);
    await recovery(() => gluetunTwo.set('vpn', 'running'));
  });

  test('a VPN none of whose engines is connected fails until its address is another, and is doubted twice as long the next time', async () => {
    const cutOff = async () => {
      const { engines: all } = await untilKept(tandem, 'every engine is connected', (kept) =>
        kept.engines.every(({ connected }) => connected === true),
      );
      const own = on(two.name, all);
      await Promise.all(own.map(({ httpPort }) => changeState(httpPort, 'PUT', 'netdown', '1')));
    };
    const reason = /none of its engines is connected, though those of another VPN are/;
    const first = await failure(cutOff, reason);
    assert(first >= 2_000, `doubted for ${first} ms`);

    await recovery(() => gluetunTwo.set('ip', '203.0.113.8'));

    const second = await failure(cutOff, reason);
    assert(second >= 4_000, `doubted for ${second} ms`);
  });
});

/** Tells a stand-in of an engine to end, which it may do before it answers. */
const end = (port: number, how: 'crash' | 'oom', code = '') =>
  request({ host: '127.0.0.1', port }, 'PUT', `/_test/${how}`, { body: code }).catch(() => undefined);
