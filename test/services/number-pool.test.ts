import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { NumberPool } from '../../src/services/number-pool.ts';
import { range } from '../support/build.ts';

const anything = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -1, max: 15 }) },
  fc.double(),
  fc.constantFrom(2.5, Number.NaN, Number.POSITIVE_INFINITY, -0),
);
const step = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ take: true }) },
  { weight: 1, arbitrary: fc.record({ claim: anything }) },
  { weight: 3, arbitrary: fc.record({ give: anything }) },
);

describe('a number pool', () => {
  test('does what a set of the free numbers does, whatever is claimed and given', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 10 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 14 }), { maxLength: 5 }),
        fc.array(step, { maxLength: 120, size: 'max' }),
        (first, size, refused, steps) => {
          const all = range(first, first + size - 1).filter((number) => !refused.includes(number));
          const pool = new NumberPool(first, first + size - 1, (number) => !refused.includes(number));
          const free = new Set(all);
          for (const action of steps) {
            if ('take' in action) {
              const lowest = free.size === 0 ? undefined : Math.min(...free);
              assert.equal(pool.take(), lowest);
              if (lowest !== undefined) free.delete(lowest);
            } else if ('claim' in action) {
              pool.claim(action.claim);
              free.delete(action.claim);
            } else {
              pool.give(action.give);
              if (all.includes(action.give)) free.add(action.give);
            }
            assert.equal(pool.taken, all.length - free.size);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('without an end never runs out and still gives the lowest', () => {
    const pool = new NumberPool(1, Number.POSITIVE_INFINITY);
    assert.deepEqual(
      range(1, 1_000).map(() => pool.take()),
      range(1, 1_000),
    );
    for (const number of [500, 7, 999]) pool.give(number);
    assert.deepEqual(
      [1, 2, 3, 4].map(() => pool.take()),
      [7, 500, 999, 1_001],
    );
  });

  test('without an end skips what is claimed far ahead, and gives all before it', () => {
    const pool = new NumberPool(1, Number.POSITIVE_INFINITY);
    pool.claim(5);
    assert.deepEqual(
      range(1, 6).map(() => pool.take()),
      [1, 2, 3, 4, 6, 7],
    );
  });

  test('that is empty gives nothing', () => {
    const pool = new NumberPool(1, 0);
    assert.equal(pool.take(), undefined);
    pool.claim(1);
    pool.give(1);
    assert.equal(pool.take(), undefined);
  });
});
