import { countingProxy } from '../harness/counting-proxy.ts';
import { PlainScript } from '../harness/plain.ts';
import { type Finding, list, text } from '../harness/report.ts';
import { medianRatio, type Pair } from '../harness/stats.ts';
import { Tandem } from '../harness/tandem.ts';
import { realWorld, type World } from '../harness/world.ts';
import { bestWidth } from './batch.ts';

const callers = 64;
const rounds = 6;
const targets = { rate: 0.95, first: 2.5, startsAtOnce: 4 };

/** Many callers at once, each for one engine. */
export async function manyCallers(): Promise<Finding> {
  await using world = await realWorld(callers / 2);
  const plain = new PlainScript(world);
  const best = await bestWidth(plain, callers);
  const rates: Pair[] = [];
  const firsts: Pair[] = [];
  const plainFirsts: number[] = [];
  {
    await using tandem = await Tandem.start(world);
    await tandem.stop(await tandem.provisionBatch(8));
    for (let round = 0; round < rounds; round++) {
      const alone = await oneAlone(tandem);
      const { first, all } = await crowd(tandem);
      firsts.push({ ours: first, theirs: alone });
      const begin = performance.now();
      plainFirsts.push(await plain.start(callers, best.width));
      rates.push({ ours: callers / (all / 1_000), theirs: callers / ((performance.now() - begin) / 1_000) });
      await plain.clear();
    }
  }
  const rate = medianRatio(rates);
  const first = medianRatio(firsts);
  const againstPlain = medianRatio(
    firsts.map(({ ours }, round) => ({ ours, theirs: plainFirsts[round] ?? Number.NaN })),
  );
  const atOnce = await mostStarts(world);
  const part = 'callers';
  return {
    rows: [
      {
        part,
        what: `${callers} callers at once: rate against plain`,
        measured: text(rate, '', 3),
        target: `at least ${targets.rate}`,
        reached: rate.value >= targets.rate,
      },
      {
        part,
        what: `The first of ${callers} to be answered, against one alone`,
        measured: text(first, '×', 2),
        target: `within ${targets.first} ×`,
        reached: first.value <= targets.first,
      },
      {
        part,
        what: `The first of ${callers}, against the plain script's first of ${callers}`,
        measured: text(againstPlain, '×', 2),
        target: '',
        reached: null,
      },
      {
        part,
        what: 'Creates and starts in flight, at most (counted by a proxy, in a run of its own)',
        measured: String(atOnce),
        target: `never more than ${targets.startsAtOnce}`,
        reached: atOnce <= targets.startsAtOnce,
      },
    ],
    notes: [
      `callers: Tandem ${list(
        rates.map(({ ours }) => ours),
        1,
      )} engines/s; plain ${list(
        rates.map(({ theirs }) => theirs),
        1,
      )}. ${best.note}`,
      `callers: the first of ${callers} after ${list(
        firsts.map(({ ours }) => ours),
        0,
      )} ms; one alone in ${list(
        firsts.map(({ theirs }) => theirs),
        0,
      )} ms.`,
    ],
  };
}

/** Milliseconds that one engine takes; the median of a few. */
async function oneAlone(tandem: Tandem): Promise<number> {
  const took: number[] = [];
  for (let turn = 0; turn < 5; turn++) {
    const begin = performance.now();
    const engine = await tandem.provisionOne();
    took.push(performance.now() - begin);
    await tandem.stop([engine]);
  }
  return took.toSorted((a, b) => a - b)[2] ?? Number.NaN;
}

/** Milliseconds until the first caller has its engine, and until all have. */
async function crowd(tandem: Tandem): Promise<{ first: number; all: number }> {
  const begin = performance.now();
  let first = Number.POSITIVE_INFINITY;
  const engines = await Promise.all(
    Array.from({ length: callers }, async () => {
      const engine = await tandem.provisionOne();
      first = Math.min(first, performance.now() - begin);
      return engine;
    }),
  );
  const all = performance.now() - begin;
  await tandem.stop(engines);
  return { first, all };
}

async function mostStarts(world: World): Promise<number> {
  await using proxy = await countingProxy(world.docker);
  await using tandem = await Tandem.start(world, proxy);
  await crowd(tandem);
  return proxy.mostStarts;
}
