import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { desired } from '../../src/domain/capacity.ts';
import { PlainError } from '../../src/domain/plain-error.ts';
import { loadOf } from '../../src/domain/snapshot.ts';
import { StorageTrouble } from '../../src/domain/storage-trouble.ts';
import { Autoscaler } from '../../src/services/autoscaler.ts';
import { aLook, aWorld, now, range, reserved, started, type World } from '../support/build.ts';
import { aNotedWorld, type Noted, Noting, toldOf } from '../support/noting.ts';

const within = { minReplicas: 2, maxReplicas: 8 };

/** A world in which so many engines run, each started a moment after the one before it. */
const withEngines = (count: number) => {
  const world = aNotedWorld({ policy: within });
  const engines = range(1, count).map(() => {
    void world.clock.advance(1);
    return started(world.fleet);
  });
  return { world, engines };
};

const loads = ({ fleet }: World): number[] => fleet.snapshot().sites.map(loadOf);
const states = ({ fleet }: World): string[] => fleet.roster.all.map(({ id, state }) => `${id} ${state}`);
const typesSince = ({ journal }: Noted, count: number): string[] =>
  journal.events.slice(count).map((event) => event.type);

describe('scaling', () => {
  test('down lets the surplus go, and tells of that after it has told of the order', () => {
    const { world, engines } = withEngines(6);
    const before = world.journal.events.length;
    world.fleet.turnover.scale(3);
    assert.deepEqual(loads(world), [2, 1]);
    assert.deepEqual(typesSince(world, before), ['SCALING', ...range(1, 3).map(() => 'ENGINE_CHANGED')]);
    assert.deepEqual(
      engines.map((engine) => toldOf(world, engine).at(-1)),
      ['STARTED', 'STARTED', 'STARTED', ...range(1, 3).map(() => 'STOPPED: scaled to 3')],
    );
    assert.equal(world.journal.events[before]?.snapshot.scaledTo, 3);
  });

  test('up lets none go, and more are wanted from then on', () => {
    const { world } = withEngines(3);
    const before = states(world);
    assert.equal(desired(world.fleet.snapshot()), 2);
    world.fleet.turnover.scale(7);
    assert.deepEqual(states(world), before);
    assert.equal(desired(world.fleet.snapshot()), 7);
  });

  test('to what there is changes nothing but what is wanted', () => {
    const { world } = withEngines(4);
    const before = states(world);
    world.fleet.turnover.scale(4);
    assert.deepEqual([states(world), desired(world.fleet.snapshot())], [before, 4]);
  });

  test('down gives up an engine that is being made, and has it removed when it is known what there is to remove', () => {
    const { world } = withEngines(2);
    void world.clock.advance(1);
    const making = reserved(world.fleet);
    world.fleet.turnover.scale(2);
    assert.deepEqual([making.abandoned?.kind, making.signal.aborted], ['stopped', true]);
    assert.deepEqual(world.fleet.leaving, []);
    making.made('a container');
    making[Symbol.dispose]();
    assert.deepEqual(
      world.fleet.leaving.map(({ containerId }) => containerId),
      ['a container'],
    );
  });

  test('down and up again in no time does not bring back those that go already', () => {
    const { world } = withEngines(6);
    world.fleet.turnover.scale(3);
    const before = states(world);
    world.fleet.turnover.scale(6);
    assert.deepEqual(states(world), before);
    assert.equal(desired(world.fleet.snapshot()), 6);
  });

  test('down leaves alone what a FAILED VPN has kept', () => {
    const { world } = withEngines(4);
    world.fleet.enter('RECOVERING');
    for (const vpn of ['red', 'blue'])
      world.emergency.observe(vpn, aLook(now, { health: 'unhealthy' }), null);
    world.fleet.enter('SERVING');
    world.emergency.settle();
    const before = states(world);
    world.fleet.turnover.scale(2);
    assert.deepEqual(states(world), before);
  });

  test('is refused when the journal does not take it, and then nothing has changed', () => {
    const { world } = withEngines(6);
    world.fleet.turnover.scale(5);
    const before = world.fleet.snapshot();
    const { length } = world.journal.events;
    world.journal.full = true;
    for (const to of [3, 7]) assert.throws(() => world.fleet.turnover.scale(to), StorageTrouble);
    assert.deepEqual(world.fleet.snapshot(), before);
    world.journal.full = false;
    assert.equal(world.journal.events.length, length);
    world.fleet.turnover.scale(3);
    assert.deepEqual([loads(world), world.fleet.snapshot().scaledTo], [[2, 1], 3]);
  });

  test('is known to the next process', () => {
    const { world } = withEngines(3);
    assert.equal(world.fleet.snapshot().scaledTo, null);
    world.fleet.turnover.scale(7);
    const next = aWorld({ policy: within, journal: world.journal }).fleet.snapshot();
    assert.deepEqual([next.scaledTo, desired(next)], [7, 7]);
  });

  test('is known to the next process, which keeps to what its own settings allow', () => {
    const { world } = withEngines(3);
    world.fleet.turnover.scale(7);
    for (const [policy, expected] of [
      [{ minReplicas: 2, maxReplicas: 5 }, 5],
      [{ minReplicas: 8, maxReplicas: 9 }, 8],
    ] as const)
      assert.equal(desired(aWorld({ policy, journal: world.journal }).fleet.snapshot()), expected);
  });
});

describe('an order on how many engines are wanted', () => {
  const ordered = (world: World, to: number) => new Autoscaler(world.fleet).scaleEngines(to);
  const refused = (code: PlainError['code']) => (problem: unknown) =>
    problem instanceof PlainError && problem.code === code;

  test('is taken from MIN_REPLICAS to MAX_REPLICAS, and answered with what is so then', () => {
    for (const to of [2, 5, 8]) {
      const { world } = withEngines(6);
      const snapshot = ordered(world, to);
      assert.deepEqual(snapshot, world.fleet.snapshot());
      assert.deepEqual([snapshot.scaledTo, loads(world)[0]], [to, Math.min(3, Math.ceil(to / 2))]);
    }
  });

  for (const to of [-1, 0, 1, 9]) {
    test(`is refused where it is ${to}, and nothing has changed`, () => {
      const { world } = withEngines(6);
      const before = world.fleet.snapshot();
      assert.throws(() => ordered(world, to), refused('BAD_USER_INPUT'));
      assert.deepEqual(world.fleet.snapshot(), before);
    });
  }

  for (const phase of ['RECOVERING', 'SHUTTING_DOWN'] as const) {
    test(`is refused while Tandem is ${phase}, and nothing has changed`, () => {
      const { world } = withEngines(6);
      world.fleet.enter(phase);
      const before = world.fleet.snapshot();
      assert.throws(() => ordered(world, 3), refused('SERVICE_UNAVAILABLE'));
      assert.deepEqual(world.fleet.snapshot(), before);
    });
  }

  test('is refused when the journal does not take it', () => {
    const journal = new Noting();
    const world = aNotedWorld({ policy: within, journal });
    journal.full = true;
    assert.throws(() => ordered(world, 3), StorageTrouble);
    assert.equal(world.fleet.snapshot().scaledTo, null);
  });
});
