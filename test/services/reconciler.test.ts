import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Step } from '../../src/domain/plan.ts';
import type { Orphans } from '../../src/services/orphans.ts';
import type { Outcome, Provisioner } from '../../src/services/provisioner.ts';
import { Reconciler } from '../../src/services/reconciler.ts';
import { aLook, aWorld, type FleetWishes, firstRun, now, range, seconds, started } from '../support/build.ts';
import { FakeClock, settled } from '../support/fake-clock.ts';

const hangs = () => new Promise<never>(() => {});
const mistake = () => {
  throw new Error('a mistake');
};
const orphan = { containerId: 'c7', name: 'acestream-7', status: 'exited', engineId: null } as never;

/** A reconciler that wants two engines, and the steps that it began. */
function aReconciler(
  startOn: () => Promise<Outcome>,
  orphans: Partial<Orphans> = { waiting: [] },
  wishes: FleetWishes = { vpns: [], mode: 'DISABLED', ports: new Map([['', range(19_000, 19_019)]]) },
) {
  const clock = new FakeClock(now);
  const world = aWorld({ clock, ...wishes });
  const steps: Step['kind'][] = [];
  const reconciler = new Reconciler({
    ...world,
    provisioner: { startOn, replace: startOn } as Partial<Provisioner> as Provisioner,
    orphans: orphans as Orphans,
    docker: {} as never,
    clock,
    log: { warn: () => undefined } as never,
    meter: { stepped: (kind: Step['kind']) => steps.push(kind) } as never,
    beatMs: seconds(5),
  });
  return { ...world, clock, steps, reconciler };
}

describe('a step that throws ends the reconciler with what was thrown, and is not tried again:', () => {
  const cases: [string, () => Promise<Outcome>, Partial<Orphans>?][] = [
    ['at once', mistake],
    ['later', () => settled().then(mistake)],
    ['at once, outside of any promise', hangs, { waiting: [orphan], remove: mistake }],
    ['beside steps that go on', hangs, { waiting: [orphan], remove: () => settled().then(mistake) }],
  ];
  for (const [name, startOn, orphans] of cases)
    test(name, async () => {
      const { reconciler, events, clock, steps } = aReconciler(startOn, orphans);
      const running = assert.rejects(reconciler.run(new AbortController().signal), /a mistake/);
      for (const _ of range(1, 3)) await settled();
      const begun = steps.length;
      events.nudge();
      await clock.advance(seconds(60));
      await running;
      assert.deepEqual([steps.length, events.followers], [begun, 0]);
    });
});

test('a reconciler that is told to end waits for the steps that it began', async () => {
  const last = Promise.withResolvers<Outcome>();
  const { reconciler, steps } = aReconciler(() => last.promise);
  const ending = new AbortController();
  let over = false;
  const running = reconciler.run(ending.signal).then(() => {
    over = true;
  });
  await settled();
  assert.equal(steps[0], 'START');
  ending.abort();
  await settled();
  assert.equal(over, false);
  last.resolve('running');
  await running;
});

describe('with its recovery a VPN begins anew: engines are started on it at once, though before it failed', () => {
  const single: FleetWishes = { vpns: ['red'], mode: 'SINGLE', policy: { stabilizationMs: 0 } };
  const nothing = { kind: 'failed', why: 'nothing' } as const;

  const beginning = (startOn: () => Promise<Outcome>) => {
    const world = aReconciler(startOn, undefined, single);
    const { emergency, evidence, clock, reconciler } = world;
    const look = async (status: string) => {
      await clock.advance(1);
      emergency.observe('red', aLook(clock.now(), { status }), null);
      const report = { incarnation: firstRun, askedAt: clock.now(), problem: null };
      evidence.hear('red', { ...report, tunnel: nothing, publicAddress: nothing, forwardedPort: nothing });
      for (const _ of range(1, 3)) await settled();
    };
    void reconciler.run(new AbortController().signal);
    return { ...world, look };
  };

  test('starts failed there', async () => {
    let start: () => Promise<Outcome> = async () => 'failed';
    const { look, steps } = beginning(() => start());
    await look('running');
    const begun = steps.length;
    start = hangs;
    await look('paused');
    await look('running');
    assert(begun > 0 && steps.length > begun, `${begun} before, ${steps.length} in all`);
  });

  test('engines died young there', async () => {
    const { fleet, look, clock, steps } = beginning(hangs);
    for (const livedMs of [seconds(1), seconds(2)]) fleet.unsteady.died('red', livedMs, clock.now());
    await look('running');
    assert.deepEqual(steps, []);
    await look('paused');
    await look('running');
    assert.equal(steps[0], 'START');
  });
});

test('engines that outlived a failure, and one that is to have a forwarded port, are replaced one at a time', async () => {
  const policy = { stabilizationMs: 0, portCooldownMs: 0, replaceOnReconnect: true };
  const wishes: FleetWishes = { vpns: ['red'], mode: 'SINGLE', policy };
  const replacing: PromiseWithResolvers<Outcome>[] = [];
  const replace = () => {
    const work = Promise.withResolvers<Outcome>();
    replacing.push(work);
    return work.promise;
  };
  const { reconciler, fleet, emergency, evidence, clock, steps } = aReconciler(replace, undefined, wishes);
  for (const _ of range(1, 3)) {
    started(fleet);
    await clock.advance(1);
  }
  for (const status of ['paused', 'running']) {
    await clock.advance(1);
    emergency.observe('red', aLook(clock.now(), { status }), null);
  }
  const nothing = { kind: 'failed', why: 'nothing' } as const;
  const port = { kind: 'told', value: 51_000 } as const;
  const report = { incarnation: firstRun, askedAt: clock.now(), problem: null };
  evidence.hear('red', { ...report, tunnel: nothing, publicAddress: nothing, forwardedPort: port });
  void reconciler.run(new AbortController().signal);
  for (const _ of range(1, 3)) await settled();
  assert.deepEqual(steps, ['REPLACE']);
  replacing[0]?.resolve('moot');
  for (const _ of range(1, 3)) await settled();
  assert.deepEqual(steps, ['REPLACE', 'REPLACE']);
});
