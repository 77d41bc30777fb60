import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lossOf, type OwnContainer, type Standing, takeCensus } from '../../src/domain/census.ts';
import type { RunningEngine } from '../../src/domain/engine.ts';
import { anEngine } from '../support/build.ts';

const containerOf = (engine: RunningEngine, changes: Partial<OwnContainer> = {}): OwnContainer => ({
  containerId: engine.containerId,
  running: true,
  status: 'running',
  engineId: engine.id,
  engine,
  ...changes,
});

const one = anEngine(1, 'red');
const two = anEngine(2, 'red');

const take = (containers: OwnContainer[], known: RunningEngine[], standing: Standing, hasPlace = true) => {
  const census = takeCensus(
    containers,
    known,
    () => standing,
    () => hasPlace,
  );
  return {
    adopt: census.adopt.map(({ id }) => id),
    orphans: census.orphans.map(({ containerId }) => containerId),
    lost: census.lost.map(({ engine, reason }) => `${engine.id}: ${reason}`),
  };
};

const nothing = { adopt: [], orphans: [], lost: [] };

describe('a census', () => {
  test('a listed engine whose container runs is left alone', () => {
    assert.deepEqual(take([containerOf(one)], [one], 'listed'), nothing);
  });

  test('a running container of an engine that nobody knows is adopted', () => {
    assert.deepEqual(take([containerOf(one)], [], 'unknown'), { ...nothing, adopt: ['engine-1'] });
  });

  test('a container of an engine that was removed for good never comes back', () => {
    assert.deepEqual(take([containerOf(one)], [], 'departed'), { ...nothing, orphans: ['container-1'] });
  });

  test('an unknown container that does not run is an orphan', () => {
    assert.deepEqual(take([containerOf(one, { running: false, status: 'created' })], [], 'unknown'), {
      ...nothing,
      orphans: ['container-1'],
    });
  });

  test('an unknown container whose VPN is not configured is an orphan', () => {
    assert.deepEqual(take([containerOf(one)], [], 'unknown', false), {
      ...nothing,
      orphans: ['container-1'],
    });
  });

  test('a container whose labels make no sense is an orphan, running or not', () => {
    const unreadable = (running: boolean) => containerOf(one, { running, engine: null, engineId: null });
    for (const running of [true, false]) {
      assert.deepEqual(take([unreadable(running)], [], 'unknown'), { ...nothing, orphans: ['container-1'] });
    }
  });

  test("a container whose labels make no sense but name an engine is that engine's while it is listed", () => {
    assert.deepEqual(take([containerOf(one, { engine: null })], [], 'listed'), nothing);
    assert.deepEqual(take([containerOf(one, { engine: null })], [], 'unknown'), {
      ...nothing,
      orphans: ['container-1'],
    });
  });

  test("a half-made container of a listed engine is none of the census's business", () => {
    assert.deepEqual(take([containerOf(one, { running: false, status: 'created' })], [], 'listed'), nothing);
  });

  test('a known engine without a container is lost', () => {
    assert.deepEqual(take([], [one], 'listed'), { ...nothing, lost: ['engine-1: its container is gone'] });
  });

  test("a known engine whose container ended is lost, in Docker's words", () => {
    const ended = containerOf(one, { running: false, status: 'exited (137)' });
    assert.deepEqual(take([ended], [one], 'listed'), {
      ...nothing,
      lost: ['engine-1: its container is exited (137)'],
    });
  });

  test('a known engine is lost when another container carries its name tag but its own is gone', () => {
    assert.deepEqual(take([containerOf(one, { containerId: 'copy' })], [one], 'listed').lost, [
      'engine-1: its container is gone',
    ]);
  });

  for (const order of ['after', 'before']) {
    test(`a known engine is not lost when a copy of its container is listed ${order} it`, () => {
      const both = [containerOf(one), containerOf(one, { containerId: 'copy' })];
      assert.deepEqual(take(order === 'after' ? both : both.toReversed(), [one], 'listed').lost, []);
    });
  }

  test('each container is judged by itself', () => {
    const standings = new Map<string, Standing>([
      ['engine-1', 'listed'],
      ['engine-2', 'unknown'],
      ['engine-3', 'departed'],
    ]);
    const three = anEngine(3, 'blue');
    const census = takeCensus(
      [one, two, three].map((engine) => containerOf(engine)),
      [one],
      ({ engineId }) => standings.get(engineId ?? '') ?? 'unknown',
      () => true,
    );
    assert.deepEqual(census.adopt, [two]);
    assert.deepEqual(
      census.orphans.map(({ containerId }) => containerId),
      ['container-3'],
    );
    assert.deepEqual(census.lost, []);
  });
});

describe('the loss of one engine', () => {
  test('none while its container runs', () => assert.equal(lossOf(one, containerOf(one)), null));
  test('its container is gone', () => assert.equal(lossOf(one, undefined), 'its container is gone'));
  test('its container is paused', () =>
    assert.equal(
      lossOf(one, containerOf(one, { running: false, status: 'paused' })),
      'its container is paused',
    ));
});
