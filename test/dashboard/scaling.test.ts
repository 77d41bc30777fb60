import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { doubtOf, offered } from '../../src/dashboard/scaling.ts';
import { aFleetTold } from '../support/picture.ts';

const calm = aFleetTold({ minReplicas: 4, desired: 8 });
// Eight were wanted; in the emergency two of them are the share of what is left.
const emergency = aFleetTold({ minReplicas: 4, desired: 2, pausedReason: 'Emergency mode: b FAILED.' });

describe('scaling', () => {
  test('begins with the number that is kept, or the least that may be asked for', () => {
    assert.equal(offered(calm), 8);
    assert.equal(offered(emergency), 4);
  });

  test('is asked about where it is a scaling down', () => {
    assert.equal(doubtOf(calm, 9), null);
    assert.equal(doubtOf(calm, 8), null);
    const doubt = doubtOf(calm, 7);
    assert.equal(doubt?.title, 'Scale down to 7?');
    assert.match(doubt.text, /^8 engines are kept now\. Those that are too many are stopped/);
  });

  test('is asked about in an emergency, which hides how many were wanted', () => {
    for (const to of [4, 7, 9]) {
      const doubt = doubtOf(emergency, to);
      assert.equal(doubt?.title, `Scale to ${to}?`);
      assert.doesNotMatch(doubt.text, /kept now/);
    }
  });
});
