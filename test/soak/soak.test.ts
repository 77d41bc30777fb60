import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipReason } from '../support/real.ts';
import { breaches, isGood, summary } from './report.ts';
import { soak } from './soak.ts';

const minutes = Number(process.env.TANDEM_SOAK_MINUTES ?? 3);
const kills = Math.round(8 * minutes);
/** What comes before the first round, after the last, and one that does not come to rest. */
const moreMs = 110_000;

test(`no promise is broken in ${minutes} min of faults, failures and kills`, {
  skip: skipReason,
  timeout: minutes * 60_000 + moreMs,
}, async (context) => {
  const seed = Number(process.env.TANDEM_SEED ?? Date.now() % 1_000_000);
  let good = false;
  await soak({ minutes, seed, kills, signal: context.signal, progress: () => undefined }, (soaked) => {
    for (const line of summary(soaked).split('\n')) context.diagnostic(line);
    const told = breaches(soaked);
    if (told) context.diagnostic(told);
    good = isGood(soaked);
  });
  assert(good, 'what was broken is told above');
});
