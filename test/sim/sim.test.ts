import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runSeeds } from './seeds.ts';
import { simulate } from './simulation.ts';
import { reportOf } from './words.ts';

const atLeast = 3_000;
const longestMs = 100_000;

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
