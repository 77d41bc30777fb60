import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { allOrNothing, untilAborted } from '../../src/async/all-or-nothing.ts';
import { settled } from '../support/fake-clock.ts';

describe('all or nothing', () => {
  test('ends when every task has ended, and not before', async () => {
    const last = Promise.withResolvers<void>();
    let over = false;
    const all = allOrNothing([async () => {}, () => last.promise], new AbortController()).then(() => {
      over = true;
    });
    await settled();
    assert.equal(over, false);
    last.resolve();
    await all;
  });

  test('a task that fails ends the others, and its error is thrown after they have', async () => {
    const ending = new AbortController();
    const ended: string[] = [];
    const waits = async () => {
      await untilAborted(ending.signal);
      await settled();
      ended.push('waits');
    };
    const fails = async () => {
      await settled();
      throw new Error('the first');
    };
    await assert.rejects(allOrNothing([waits, fails], ending), /the first/);
    assert.deepEqual(ended, ['waits']);
    assert.equal(ending.signal.aborted, true);
  });

  test('of several failures the first in time is thrown', async () => {
    const ending = new AbortController();
    const second = async () => {
      await untilAborted(ending.signal);
      throw new Error('the second');
    };
    const first = () => {
      throw new Error('the first');
    };
    await assert.rejects(allOrNothing([second, first], ending), /the first/);
  });

  test('an end from outside is no failure', async () => {
    const ending = new AbortController();
    const all = allOrNothing([() => untilAborted(ending.signal), () => untilAborted(ending.signal)], ending);
    ending.abort();
    await all;
  });

  test('no task at all is all of them', () => allOrNothing([], new AbortController()));

  test('waiting for an abort that was already ends at once', () => untilAborted(AbortSignal.abort()));
});
