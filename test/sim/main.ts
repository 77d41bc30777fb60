import { parseArgs } from 'node:util';
import { runSeeds } from './seeds.ts';
import { simulate } from './simulation.ts';
import { reportOf } from './words.ts';

/**
 * npm run sim -- --seeds 10000            from a seed that it prints
 * npm run sim -- --seeds 10000 --from 1   from that one
 * npm run sim -- --seed 4711              one seed, and its story
 */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10000' },
    from: { type: 'string' },
    seed: { type: 'string' },
    first: { type: 'boolean', default: false },
    threads: { type: 'string' },
  },
});

const whole = (name: string, text: string, least = 1): number => {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= least) return number;
  console.error(`sim: --${name} takes a whole number from ${least} on, not ${text}.`);
  process.exit(2);
};

if (values.seed !== undefined) {
  const { violations } = await simulate({
    seed: whole('seed', values.seed, 0),
    tell: (line) => console.log(line),
  });
  console.log(
    violations.length === 0 ? 'Every promise was kept.' : `${violations.length} times a promise was broken.`,
  );
  process.exit(violations.length === 0 ? 0 : 1);
}

const from = values.from === undefined ? Date.now() : whole('from', values.from, 0);
const count = whole('seeds', values.seeds);
console.log(`sim: seeds ${from} to ${from + count - 1}`);
let [told, broken] = [0, 0];
const report = await runSeeds({
  from,
  count,
  stopAtFirst: values.first,
  ...(values.threads !== undefined && { threads: whole('threads', values.threads) }),
  progress: ({ seeds, tookMs, failures }) => {
    for (const { seed, promise, what } of failures.slice(broken))
      console.log(`sim: seed ${seed} broke ${promise}: ${what}`);
    broken = failures.length;
    if (tookMs - told < 30_000) return;
    told = tookMs;
    console.log(
      `sim: ${seeds} seeds in ${Math.round(tookMs / 1_000)} s, ${failures.length} with a broken promise`,
    );
  },
});
console.log(reportOf(report));
process.exit(report.failures.length === 0 ? 0 : 1);
