import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { together } from '../../src/server/together.ts';

test('what is put off is done in order, in one turn, and what comes meanwhile in the next', async () => {
  const done: number[] = [];
  const putOff = together();
  putOff(() => {
    done.push(1);
    putOff(() => done.push(3));
  });
  putOff(() => done.push(2));
  assert.deepEqual(done, []);
  await turn();
  assert.deepEqual(done, [1, 2]);
  await turn();
  assert.deepEqual(done, [1, 2, 3]);
});
