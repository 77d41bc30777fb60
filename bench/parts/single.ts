import { PlainScript } from '../harness/plain.ts';
import { type Finding, type Row, text } from '../harness/report.ts';
import { estimate, median, quantile } from '../harness/stats.ts';
import { Tandem } from '../harness/tandem.ts';
import { embeddedWorld, realWorld, type World } from '../harness/world.ts';

const samples = { real: 150, embedded: 500 };
const targets = { medianMs: 5, p99Ms: 15 };

/** One engine at a time: the wait of a GraphQL client against that of the plain script. */
export async function single(): Promise<Finding> {
  await using world = await realWorld(8);
  return await compare(world, samples.real, 'real daemon', 2);
}

/** The same where creating and starting take no time: what is left is Tandem itself, without the daemon's own ups and downs. */
export async function singleEmbedded(): Promise<Finding> {
  await using world = await embeddedWorld(8, { createMs: 0, startMs: 0 });
  return await compare(world, samples.embedded, 'embedded daemon that takes no time', 50);
}

async function compare(world: World, count: number, where: string, warmUps: number): Promise<Finding> {
  await using tandem = await Tandem.start(world);
  const plain = new PlainScript(world);
  const ours: number[] = [];
  const theirs: number[] = [];
  let cpu = 0;
  for (let round = -warmUps; round < count; round++) {
    const cpuBefore = tandem.cpuMs();
    let begin = performance.now();
    const engine = await tandem.provisionOne();
    const tookUs = performance.now() - begin;
    const cpuUsed = tandem.cpuMs() - cpuBefore;
    await tandem.stop([engine]);

    begin = performance.now();
    await plain.start(1, 1);
    const tookThem = performance.now() - begin;
    await plain.clear();
    if (round < 0) continue;
    ours.push(tookUs);
    theirs.push(tookThem);
    cpu += cpuUsed;
  }
  const more = (q: number) =>
    estimate([ours, theirs], (us = [], them = []) => quantile(us, q) - quantile(them, q));
  const row = (what: string, q: number, targetMs: number): Row => {
    const measured = more(q);
    return {
      part: 'single',
      what: `One engine, ${where}: more than plain, ${what}`,
      measured: text(measured, 'ms', 2),
      target: `at most ${targetMs} ms`,
      reached: measured.value <= targetMs,
    };
  };
  const figures = (values: readonly number[]) =>
    `p50 ${median(values).toFixed(1)} ms, p99 ${quantile(values, 0.99).toFixed(1)} ms`;
  return {
    rows: [row('median', 0.5, targets.medianMs), row('p99', 0.99, targets.p99Ms)],
    notes: [
      `single, ${where}: ${count} interleaved samples each, from asking to the answer that the engine runs. ` +
        `Tandem ${figures(ours)}; plain ${figures(theirs)}; Tandem's processor time ${(cpu / count).toFixed(1)} ms an engine.`,
    ],
  };
}
