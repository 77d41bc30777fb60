import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/async/clock.ts';
import { openJournal } from '../../src/journal/sqlite.ts';
import { now } from '../support/build.ts';
import { History } from './history.ts';

/**
 * What an append costs, and what it costs to open what was appended:
 *
 *     node test/journal/measure.ts <engines per site> <appends> <events kept>
 */
const [engines = 50, appends = 20_000, eventsMax = 10_000] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), 'tandem-measure-'));
const clock = { ...systemClock, now: () => now };
const open = () =>
  openJournal({ folder, eventsMax, eventsMaxMs: Number.MAX_SAFE_INTEGER, clock, newRun: () => '00000000' })
    .journal;

try {
  const journal = open();
  const history = new History(engines);
  const took: number[] = [];
  let longestLog = 0;
  for (let count = 0; count < appends; count++) {
    const events = history.live(1);
    const begun = performance.now();
    journal.append(events);
    took.push(performance.now() - begun);
    if (count % 100 === 0) longestLog = Math.max(longestLog, size('tandem.db-wal'));
  }
  took.sort((a, b) => a - b);
  const at = (share: number) => `${(1_000 * (took[Math.ceil(share * took.length) - 1] ?? 0)).toFixed(0)} µs`;
  console.log(`append: p50 ${at(0.5)}, p99 ${at(0.99)}, p99.9 ${at(0.999)}, max ${at(1)}`);
  console.log(`log: ${megabytes(longestLog)} at most`);
  journal.close();
  console.log(`file: ${megabytes(size('tandem.db'))}`);

  const begun = performance.now();
  const reopened = open();
  console.log(`open: ${(performance.now() - begun).toFixed(0)} ms`);
  const before = performance.now();
  const read = reopened.read({
    after: 0,
    before: Number.MAX_SAFE_INTEGER,
    types: null,
    newestFirst: true,
    most: 100,
  });
  const between = performance.now();
  for (const { snapshot } of read) snapshot.sites.length;
  console.log(
    `read of 100: ${(between - before).toFixed(1)} ms, their snapshots: ${(performance.now() - between).toFixed(1)} ms`,
  );
  reopened.close();
} finally {
  rmSync(folder, { recursive: true });
}

function size(name: string): number {
  return statSync(join(folder, name)).size;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
