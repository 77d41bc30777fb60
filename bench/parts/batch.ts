import { countingProxy, isCreateOrStart } from '../harness/counting-proxy.ts';
import { PlainScript } from '../harness/plain.ts';
import { type Finding, list, text } from '../harness/report.ts';
import { median, medianRatio, type Pair } from '../harness/stats.ts';
import { Tandem } from '../harness/tandem.ts';
import { realWorld, type World } from '../harness/world.ts';

const engines = 100;
const widths = [3, 4, 6];
const pilots = 2;
const rounds = 6;
const target = 0.95;

/** A hundred engines by one mutation, against the plain script at the width that suits it best. */
export async function batch(): Promise<Finding> {
  await using world = await realWorld(engines / 2);
  const plain = new PlainScript(world);
  const best = await bestWidth(plain, engines);
  const pairs: Pair[] = [];
  const cpu: number[] = [];
  const idleCpu: number[] = [];
  const plainCpu: number[] = [];
  {
    await using tandem = await Tandem.start(world);
    await tandem.stop(await tandem.provisionBatch(8));
    for (let round = 0; round < rounds; round++) {
      const before = tandem.cpuMs();
      const begin = performance.now();
      const made = await tandem.provisionBatch(engines);
      const ours = engines / seconds(begin);
      cpu.push((tandem.cpuMs() - before) / engines);
      checkSpread(made.map(({ vpn }) => vpn.name));
      await tandem.stop(made);

      const beforeTheirs = tandem.cpuMs();
      const plainBefore = process.cpuUsage();
      const theirs = await plainRate(plain, engines, best.width);
      idleCpu.push((tandem.cpuMs() - beforeTheirs) / engines);
      const { user, system } = process.cpuUsage(plainBefore);
      plainCpu.push((user + system) / 1_000 / engines);
      pairs.push({ ours, theirs });
    }
  }
  const ratio = medianRatio(pairs);
  return {
    rows: [
      {
        part: 'batch',
        what: `${engines} engines by one provisionEngines: rate against plain`,
        measured: text(ratio, '', 3),
        target: `at least ${target}`,
        reached: ratio.value >= target,
      },
    ],
    notes: [
      `batch: Tandem ${median(pairs.map(({ ours }) => ours)).toFixed(1)} engines/s (${list(
        pairs.map(({ ours }) => ours),
        1,
      )}), ` +
        `plain ${median(pairs.map(({ theirs }) => theirs)).toFixed(1)} (${list(
          pairs.map(({ theirs }) => theirs),
          1,
        )}), ` +
        `${rounds} interleaved rounds of ${engines}. ${best.note}`,
      `batch: ${await countCalls(world)} Tandem's processor time: ${median(cpu).toFixed(1)} ms an engine; the plain script's, removal included: ${median(plainCpu).toFixed(1)} ms; ` +
        `while the plain script ran and Tandem only heard of it: ${median(idleCpu).toFixed(2)} ms an engine.`,
    ],
  };
}

/** How many creates and starts at once suit the plain script best, by the median of a few interleaved runs. */
export async function bestWidth(plain: PlainScript, count: number): Promise<{ width: number; note: string }> {
  const rates = new Map(widths.map((width) => [width, [] as number[]]));
  for (let pilot = 0; pilot < pilots; pilot++) {
    for (const [width, seen] of rates) seen.push(await plainRate(plain, count, width));
  }
  const ranked = [...rates]
    .map(([width, seen]) => ({ width, rate: median(seen) }))
    .sort((a, b) => b.rate - a.rate);
  const said = ranked.map(({ width, rate }) => `${rate.toFixed(1)}/s at ${width}`).join(', ');
  return {
    width: ranked[0]?.width ?? 4,
    note: `The plain script's widths, fastest first: ${said}; it ran at the first.`,
  };
}

/** Engines per second of the plain script. */
export async function plainRate(plain: PlainScript, count: number, width: number): Promise<number> {
  const begin = performance.now();
  await plain.start(count, width);
  const rate = count / seconds(begin);
  await plain.clear();
  return rate;
}

const seconds = (begin: number): number => (performance.now() - begin) / 1_000;

function checkSpread(vpns: readonly string[]): void {
  const counts = Object.values(Object.groupBy(vpns, (vpn) => vpn)).map((same) => same?.length ?? 0);
  if (Math.max(...counts) - Math.min(...counts) > 1)
    throw new Error(`engines are spread unevenly: ${counts}`);
}

/** One more batch through the counting proxy: which calls it took, and how many at once. */
async function countCalls(world: World): Promise<string> {
  await using proxy = await countingProxy(world.docker);
  await using tandem = await Tandem.start(world, proxy);
  const before = proxy.calls.length;
  const made = await tandem.provisionBatch(engines);
  const calls = proxy.calls.slice(before);
  await tandem.stop(made);
  const starts = calls.filter(isCreateOrStart).length;
  return (
    `Docker calls for ${engines} engines: ${starts} creates and starts (the plain script needs ${2 * engines}), ` +
    `${calls.length - starts} others (looks and listings of the beat), at most ${proxy.mostStarts} creates and starts at once.`
  );
}
