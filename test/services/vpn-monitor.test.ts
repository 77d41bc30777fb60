import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Clock, parseTime } from '../../src/async/clock.ts';
import type { Docker } from '../../src/docker/docker.ts';
import { Routes } from '../../src/services/routes.ts';
import { VpnMonitor } from '../../src/services/vpn-monitor.ts';
import { aLook, aPolicy, aWorld, firstRun, now, seconds } from '../support/build.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** Milliseconds: what it takes to send a question, and by which a timer of Node may end too soon. */
const sendingMs = 0.6;
const earlyMs = 0.3;

/** Timers end a little early. */
class HastyClock implements Clock {
  moment = now;

  now(): number {
    return this.moment;
  }

  async sleep(ms: number): Promise<void> {
    this.moment += Math.max(1, ms - earlyMs);
    await new Promise(setImmediate);
  }
}

const neverAnswers = { lookAtVpn: () => new Promise(() => {}) } as Partial<Docker> as Docker;

describe('a failure that Docker tells of', () => {
  const told = (changes: object) => {
    const world = aWorld();
    const monitor = new VpnMonitor(['red', 'blue'], {
      ...world,
      docker: neverAnswers,
      routes: new Routes('localhost'),
      clock: new FakeClock(now),
      log: { warn: () => undefined } as never,
      policy: aPolicy(),
      controlPort: 8_000,
      intervalMs: seconds(5),
    });
    const known = {
      kind: 'container',
      containerId: firstRun.containerId,
      name: 'red',
      engine: null,
    } as const;
    monitor.happened({ ...known, action: 'die', at: now, ...changes });
    return world.fleet.vpn('red').state.kind;
  };
  const before = parseTime(firstRun.startedAt) - 1;

  test('of the run that is known is a failure', () => assert.equal(told({}), 'FAILED'));
  test('and so is that it was paused', () => assert.equal(told({ action: 'pause' }), 'FAILED'));
  test('and that its health check failed', () =>
    assert.equal(told({ action: 'health_status: unhealthy' }), 'FAILED'));
  test('of an earlier run is none', () => assert.equal(told({ at: before }), 'READY'));
  test('of an earlier run is none, though the next one began in the same millisecond', () =>
    assert.equal(told({ at: before + 1.9 }), 'READY'));
  test('that may be over by now is none', () =>
    assert.equal(told({ action: 'pause', at: now - 2_000 }), 'READY'));
  test('that a look which was begun later has not seen is none', () =>
    assert.equal(told({ action: 'health_status: unhealthy', at: now - 1 }), 'READY'));
  test('of another container of that name is none', () => assert.equal(told({ containerId: 'c9' }), 'READY'));
  test('of a container that is no VPN is none', () => assert.equal(told({ name: 'acestream-1' }), 'READY'));
  test('is needed: anything else is only a hint', () => assert.equal(told({ action: 'stop' }), 'READY'));
});

describe('a change that a look on the beat has seen', () => {
  const world = () => {
    const clock = new FakeClock(now);
    const policy = aPolicy({ silentFailureMs: seconds(2) });
    const { fleet, emergency, evidence } = aWorld({ clock, policy });
    const seen = { status: 'running', anew: 0 };
    const docker = {
      lookAtVpn: async () => ({ look: aLook(clock.now(), { status: seen.status }), reach: null }),
      listenAnew: () => seen.anew++,
    } as Partial<Docker> as Docker;
    const monitor = new VpnMonitor(['red'], {
      ...{ fleet, emergency, docker, clock, policy },
      routes: new Routes('localhost'),
      log: { warn: () => undefined } as never,
      controlPort: 8_000,
      intervalMs: seconds(5),
    });
    const ending = new AbortController();
    const running = monitor.run(ending.signal);
    const end = () => {
      ending.abort();
      return running;
    };
    return {
      ...{ clock, fleet, evidence, monitor, seen, end },
      look: () => clock.advance(seconds(5)),
      state: () => fleet.vpn('red').state.kind,
      [Symbol.asyncDispose]: end,
    };
  };

  test("and Docker's events have not told of, is a reason to listen anew", async () => {
    await using seeing = world();
    const { clock, seen, look, state } = seeing;
    await look();
    seen.status = 'exited';
    await look();
    assert.equal(state(), 'FAILED');
    await clock.advance(seconds(1));
    assert.equal(seen.anew, 1);
  });

  for (const [when, lateMs] of [
    ['a moment before', -1],
    ['a moment later', 1],
  ] as const)
    test(`and that Docker's events tell of ${when}, is none`, async () => {
      await using seeing = world();
      const { clock, monitor, seen, look } = seeing;
      const { containerId } = firstRun;
      const happened = (at: number) =>
        monitor.happened({ kind: 'container', containerId, name: 'red', action: 'die', at, engine: null });
      await look();
      seen.status = 'exited';
      if (lateMs < 0) happened(clock.now());
      await look();
      await clock.advance(1);
      if (lateMs > 0) happened(clock.now());
      await clock.advance(seconds(1));
      assert.equal(seen.anew, 0);
    });

  test("and that Docker's events told of long before, when it answered no look, is none", async () => {
    await using seeing = world();
    const { clock, monitor, seen, look } = seeing;
    const { containerId } = firstRun;
    await look();
    const told = { containerId, name: 'red', action: 'stop', at: clock.now(), engine: null };
    monitor.happened({ kind: 'container', ...told });
    await clock.advance(seconds(2));
    seen.status = 'exited';
    await look();
    await clock.advance(seconds(1));
    assert.equal(seen.anew, 0);
  });

  test('is doubted no longer when the service ends', async () => {
    const { seen, look, end } = world();
    await look();
    seen.status = 'exited';
    await look();
    await end();
    assert.equal(seen.anew, 0);
  });

  test('is none where the events have only just begun to come again', async () => {
    await using seeing = world();
    const { clock, monitor, seen, look } = seeing;
    await look();
    seen.status = 'exited';
    await look();
    await clock.advance(200);
    monitor.connected();
    await clock.advance(seconds(1));
    assert.equal(seen.anew, 0);
  });

  test('and that a control server has told of, is none', async () => {
    await using seeing = world();
    const { clock, evidence, seen, look, state } = seeing;
    const says = (tunnel: 'crashed' | 'running') => {
      const nothing = { kind: 'failed', why: 'nothing' } as const;
      const report = { incarnation: firstRun, askedAt: clock.now(), problem: null };
      const told = { kind: 'told', value: tunnel } as const;
      evidence.hear('red', { ...report, tunnel: told, publicAddress: nothing, forwardedPort: nothing });
    };
    await look();
    says('crashed');
    await clock.advance(seconds(3));
    await look();
    assert.equal(state(), 'FAILED');
    says('running');
    await look();
    assert.equal(state(), 'STABILIZING');
    await clock.advance(seconds(1));
    assert.equal(seen.anew, 0);
  });
});

test('a stabilization is over when it is, even if the look that is due for it comes too early', async () => {
  const clock = new HastyClock();
  const policy = aPolicy({ minReplicas: 0 });
  const { fleet, emergency } = aWorld({ clock, policy });
  emergency.observe('red', aLook(clock.now(), { status: 'exited' }), null);
  const ending = new AbortController();
  const docker = {
    lookAtVpn: async () => {
      const at = clock.now();
      clock.moment += sendingMs;
      return { look: aLook(at, { answeredAt: at }), reach: null };
    },
    listenAnew: () => undefined,
  } as Partial<Docker> as Docker;
  const log = { warn: () => undefined } as never;
  const monitor = new VpnMonitor(['red'], {
    fleet,
    emergency,
    docker,
    routes: new Routes('localhost'),
    clock,
    log,
    policy,
    controlPort: 8_000,
    intervalMs: seconds(5),
  });
  const running = monitor.run(ending.signal);
  let until = Number.NaN;
  for (let { state } = fleet.vpn('red'); state.kind !== 'READY'; { state } = fleet.vpn('red')) {
    if (state.kind === 'STABILIZING') until = state.until;
    await new Promise(setImmediate);
  }
  const late = fleet.vpn('red').lookedAt - until;
  ending.abort();
  await running;
  assert(late >= 0 && late < 100, `${late} ms late`);
});
