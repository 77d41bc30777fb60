import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runSeeds } from './seeds.ts';
import { simulate } from './simulation.ts';
import { reportOf } from './words.ts';

const atLeast = 3_000;
const longestMs = 100_000;

/** What each of these seeds found in the product, when it was found. */
const found: readonly (readonly [seed: number, what: string])[] = [
  [27, 'a VPN on which a start failed was held until the beat, though it had failed and recovered since'],
  [234, 'the end of one run was taken for the end of the next, which began in the same millisecond'],
  [414, "Docker's events were listened to anew because of what a control server had said"],
  [2769, 'a doubt that outlasted a stabilization waited for the beat'],
];

describe('a seed that found something finds nothing any more:', () => {
  for (const [seed, what] of found)
    test(what, async () => {
      assert.deepEqual((await simulate({ seed })).violations, []);
    });
});

test('the same seed is the same life, to the last event', async () => {
  const [once, twice] = [await simulate({ seed: 7 }), await simulate({ seed: 7 })];
  assert.equal(once.digest, twice.digest);
  assert.notEqual(once.digest, (await simulate({ seed: 8 })).digest);
});

test(`every promise is kept in ${atLeast} worlds that nobody has seen before, and in as many more as there is time for`, {
  timeout: 600_000,
}, async (context) => {
  const report = await runSeeds({ from: Date.now(), count: 1_000_000, atLeast, longestMs });
  context.diagnostic(reportOf(report));
  assert.deepEqual(report.failures, []);
});
