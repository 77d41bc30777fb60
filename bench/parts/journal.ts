import { History } from '../../test/journal/history.ts';
import type { Finding } from '../harness/report.ts';
import { scratchJournal } from '../harness/scratch.ts';
import { median, quantile } from '../harness/stats.ts';
import { isTrial } from '../harness/tries.ts';

const sizes = [50, 500];
/** More than are kept, so that deleting old events is part of it. */
const appends = isTrial ? 2_000 : 20_000;

/** What it takes to write one event down, with the whole state after it. */
export async function journal(): Promise<Finding> {
  const found: Finding[] = [];
  for (const engines of sizes) found.push(await append(engines));
  return { rows: found.flatMap(({ rows }) => rows), notes: found.flatMap(({ notes }) => notes) };
}

async function append(engines: number): Promise<Finding> {
  await using scratch = await scratchJournal();
  const history = new History(engines);
  const micros: number[] = [];
  for (let turn = 0; turn < appends; turn++) {
    const events = history.live(1);
    const begin = performance.now();
    scratch.journal.append(events);
    micros.push((performance.now() - begin) * 1_000);
  }
  const p99 = quantile(micros, 0.99);
  return {
    rows: [
      {
        part: 'journal',
        what: `Writing one event down, ${engines} engines on each of two VPNs: median, p99, slowest`,
        measured: `${median(micros).toFixed(0)} µs, ${p99.toFixed(0)} µs, ${(Math.max(...micros) / 1_000).toFixed(1)} ms`,
        target: '',
        reached: null,
      },
    ],
    notes: [
      `journal, ${engines} engines on each VPN: ${appends} events, checkpoints and the deletion of old events included. ` +
        `p90 ${quantile(micros, 0.9).toFixed(0)} µs, p99.9 ${(quantile(micros, 0.999) / 1_000).toFixed(1)} ms; ` +
        `${micros.filter((each) => each > 1_000).length} took more than 1 ms.`,
    ],
  };
}
