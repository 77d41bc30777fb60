import { PlainScript } from '../harness/plain.ts';
import { type Finding, type Row, text } from '../harness/report.ts';
import { type Estimate, estimate, median, quantile } from '../harness/stats.ts';
import { Tandem } from '../harness/tandem.ts';
import { embeddedWorld, realWorld, type World } from '../harness/world.ts';

const samples = { real: 100, embedded: 500 };
const targets = { medianMs: 5, p99Ms: 15 };

/** One engine at a time: the wait of a GraphQL client against that of the plain script. */
export async function single(): Promise<Finding> {
  await using world = await realWorld(8);
  return await compare(world, samples.real, 'real daemon', 2);
}

/** The same where creating, starting and answering always take as long: what is left is Tandem itself. */
export async function singleEmbedded(): Promise<Finding> {
  await using world = await embeddedWorld(8, { createMs: 0, startMs: 0 });
  return await compare(world, samples.embedded, 'embedded daemon', 50);
}

async function compare(world: World, count: number, where: string, warmUps: number): Promise<Finding> {
  await using tandem = await Tandem.start(world);
  const plain = new PlainScript(world);
  const ours: number[] = [];
  const theirs: number[] = [];
  let cpu = 0;
  let plainCpu = 0;
  for (let round = -warmUps; round < count; round++) {
    const cpuBefore = tandem.cpuMs();
    let begin = performance.now();
    const engine = await tandem.provisionOne();
    const tookUs = performance.now() - begin;
    const cpuUsed = tandem.cpuMs() - cpuBefore;
    await tandem.stop([engine]);

    begin = performance.now();
    const plainBefore = process.cpuUsage();
    await plain.start(1, 1);
    const tookThem = performance.now() - begin;
    const { user, system } = process.cpuUsage(plainBefore);
    await plain.clear();
    if (round < 0) continue;
    ours.push(tookUs);
    theirs.push(tookThem);
    cpu += cpuUsed;
    plainCpu += (user + system) / 1_000;
  }
  const differences = ours.map((took, round) => took - (theirs[round] ?? Number.NaN));
  const row = (what: string, more: Estimate, targetMs: number): Row => ({
    part: 'single',
    what: `One engine, ${where}: ${what}`,
    measured: text(more, 'ms', 2),
    target: `at most ${targetMs} ms`,
    reached: more.value <= targetMs,
  });
  const p99 = (us: number[] = [], them: number[] = []) => quantile(us, 0.99) - quantile(them, 0.99);
  const figures = (values: readonly number[]) =>
    `p50 ${median(values).toFixed(1)} ms, p99 ${quantile(values, 0.99).toFixed(1)} ms`;
  return {
    rows: [
      row('more than plain, median of the pairs', estimate([differences], median), targets.medianMs),
      row('p99, less the p99 of plain', estimate([ours, theirs], p99), targets.p99Ms),
    ],
    notes: [
      `single, ${where}: ${count} interleaved samples each, from asking to the answer that the engine runs. ` +
        `Tandem ${figures(ours)}; plain ${figures(theirs)}; Processor time an engine: Tandem ${(cpu / count).toFixed(1)} ms, ` +
        `the plain script ${(plainCpu / count).toFixed(1)} ms.`,
    ],
  };
}
