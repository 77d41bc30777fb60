import { parseArgs } from 'node:util';
import { skipReason } from '../support/real.ts';
import { breaches, isGood, progress, summary } from './report.ts';
import { soak } from './soak.ts';

/** A full soak kills the service so often in an hour. */
const killsPerMinute = 500 / 60;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    kills: { type: 'string' },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
const kills = Number(values.kills ?? Math.round(minutes * killsPerMinute));
if (!(minutes > 0) || !Number.isInteger(seed) || !(kills >= 0)) {
  console.error('soak: --minutes, --seed and --kills are numbers.');
  process.exit(64);
}
if (skipReason !== false) {
  console.error(`soak: ${skipReason}`);
  process.exit(69);
}

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    console.error(`soak: ${signal}: this round is the last ...`);
    interrupted.abort();
  });
}

console.log(`soak: ${minutes} minutes, seed ${seed}, ${kills} kills`);
let good = false;
await soak(
  { minutes, seed, kills, signal: interrupted.signal, progress: (soaked) => console.log(progress(soaked)) },
  (soaked) => {
    console.log(`\n${summary(soaked)}`);
    const told = breaches(soaked);
    if (told) console.log(`\n${told}`);
    good = isGood(soaked);
  },
);
process.exit(good ? 0 : 1);
