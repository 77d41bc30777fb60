import { systemClock } from '../../src/async/clock.ts';
import { foundWell } from '../../src/domain/health.ts';
import type { Journal } from '../../src/journal/journal.ts';
import type { Fleet } from '../../src/services/fleet.ts';
import { aWorld, reserved } from '../../test/support/build.ts';
import { Forgetful } from '../../test/support/forgetful.ts';
import { type Finding, text } from '../harness/report.ts';
import { scratchJournal } from '../harness/scratch.ts';
import { estimate, median, medianRatio, type Pair, quantile } from '../harness/stats.ts';
import { tries } from '../harness/tries.ts';

const vpns = ['first', 'second'];
const blocks = tries(40);
const journaledBlocks = tries(20);
const perBlock = 1_000;
const targetMicros = 50;

/** Choosing and claiming a place, and giving it back, in process: with 1,000 engines listed, and with 10. */
export async function place(): Promise<Finding> {
  const many = fleetOf(1_000);
  const few = fleetOf(10);
  for (let round = 0; round < 5; round++) for (const fleet of [many, few]) await block(fleet);

  const ours: number[][] = [];
  const theirs: number[][] = [];
  for (let round = 0; round < blocks; round++) {
    ours.push(await block(many));
    theirs.push(await block(few));
  }
  const p99s = ours.map((micros) => quantile(micros, 0.99));
  const medians = ours.map(
    (micros, round): Pair => ({ ours: quantile(micros, 0.5), theirs: quantile(theirs[round] ?? [], 0.5) }),
  );
  const p99 = estimate([p99s], median);
  const ratio = medianRatio(medians);
  const all = ours.flat();
  const written = await journaled();
  const writtenP99 = estimate([written.map((micros) => quantile(micros, 0.99))], median);
  return {
    rows: [
      {
        part: 'place',
        what: 'Choosing, claiming and giving back a place, 1,000 engines listed, p99',
        measured: text(p99, 'µs', 1),
        target: `under ${targetMicros} µs`,
        reached: p99.value < targetMicros,
      },
      {
        part: 'place',
        what: 'The same with 1,000 engines against 10, ratio of medians',
        measured: text(ratio, '', 3),
        target: 'no slower (interval reaches 1)',
        reached: ratio.low <= 1,
      },
      {
        part: 'place',
        what: 'The same with 1,000 engines, each event written to the journal on disk, p99',
        measured: text(writtenP99, 'µs', 1),
        target: '',
        reached: null,
      },
    ],
    notes: [
      `place: ${blocks} interleaved blocks of ${perBlock} for each size, after warming up. With 1,000 engines: ` +
        `p50 ${quantile(all, 0.5).toFixed(1)} µs, p99 of all ${quantile(all, 0.99).toFixed(1)} µs, p99.9 ${quantile(all, 0.999).toFixed(0)} µs. ` +
        `With 10: p50 ${quantile(theirs.flat(), 0.5).toFixed(1)} µs, p99 ${quantile(theirs.flat(), 0.99).toFixed(1)} µs. ` +
        'Each place is three events in the log, which are part of the time; ' +
        'the first two lines have a journal that holds nothing.',
      `place, with the journal on disk: ${journaledBlocks} blocks of ${perBlock}: p50 ${quantile(written.flat(), 0.5).toFixed(1)} µs, ` +
        `p99 of all ${quantile(written.flat(), 0.99).toFixed(1)} µs, the slowest ${(Math.max(...written.flat()) / 1_000).toFixed(1)} ms.`,
    ],
  };
}

/** Microseconds of each place taken and given back. */
async function block(fleet: Fleet): Promise<number[]> {
  const micros: number[] = [];
  for (let turn = 0; turn < perBlock; turn++) {
    const begin = performance.now();
    {
      using _reservation = reserved(fleet);
    }
    micros.push((performance.now() - begin) * 1_000);
  }
  // What waits for events, if anything does, has its turn between blocks and not within one.
  await systemClock.sleep(1);
  return micros;
}

/** The same with 1,000 engines and a journal that writes everything down. */
async function journaled(): Promise<number[][]> {
  await using scratch = await scratchJournal();
  const fleet = fleetOf(1_000, scratch.journal);
  await block(fleet);
  const micros: number[][] = [];
  for (let round = 0; round < journaledBlocks; round++) micros.push(await block(fleet));
  return micros;
}

/** Two READY VPNs and `count` running engines. */
function fleetOf(count: number, journal: Journal = new Forgetful()): Fleet {
  const ports = (first: number) => Array.from({ length: 1_000 }, (_, offset) => first + offset);
  const { fleet } = aWorld({
    vpns,
    ports: new Map(vpns.map((vpn, index) => [vpn, ports(19_000 + index * 1_000)])),
    policy: { minReplicas: 0, maxReplicas: 10_000 },
    clock: systemClock,
    journal,
    tail: 1_000,
  });
  for (let made = 0; made < count; made++) {
    using reservation = reserved(fleet);
    reservation.fill(`container-${made}`, foundWell);
  }
  return fleet;
}
