import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { interrupt, interrupted } from './harness/cleanup.ts';
import { machine, page } from './harness/page.ts';
import { type Finding, table } from './harness/report.ts';
import { isTrial } from './harness/tries.ts';
import { noRealDocker } from './harness/world.ts';
import { batch } from './parts/batch.ts';
import { manyCallers } from './parts/callers.ts';
import { crash } from './parts/crash.ts';
import { detect } from './parts/detect.ts';
import { http } from './parts/http.ts';
import { journal } from './parts/journal.ts';
import { live } from './parts/live.ts';
import { liveIdle } from './parts/live-idle.ts';
import { liveStalled } from './parts/live-stalled.ts';
import { place } from './parts/place.ts';
import { purge } from './parts/purge.ts';
import { quiet } from './parts/quiet.ts';
import { rest } from './parts/rest.ts';
import { restart, restartEmbedded } from './parts/restart.ts';
import { single, singleEmbedded } from './parts/single.ts';
import { stabilization } from './parts/stabilization.ts';
import { turns } from './parts/turns.ts';

interface Part {
  readonly run: () => Promise<Finding>;
  readonly needsDocker: boolean;
}

const parts: Readonly<Record<string, Part>> = {
  batch: { run: batch, needsDocker: true },
  single: { run: single, needsDocker: true },
  'single-embedded': { run: singleEmbedded, needsDocker: false },
  callers: { run: manyCallers, needsDocker: true },
  turns: { run: turns, needsDocker: false },
  place: { run: place, needsDocker: false },
  journal: { run: journal, needsDocker: false },
  quiet: { run: quiet, needsDocker: true },
  rest: { run: rest, needsDocker: false },
  http: { run: http, needsDocker: false },
  live: { run: live, needsDocker: false },
  'live-idle': { run: liveIdle, needsDocker: false },
  'live-stalled': { run: liveStalled, needsDocker: false },
  detect: { run: detect, needsDocker: true },
  crash: { run: crash, needsDocker: true },
  stabilization: { run: stabilization, needsDocker: true },
  purge: { run: purge, needsDocker: true },
  restart: { run: restart, needsDocker: true },
  'restart-embedded': { run: restartEmbedded, needsDocker: false },
};

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    console.error(`${signal}: removing what was made ...`);
    // Whatever was under way fails now; that must not end the process before all is removed.
    process.on('unhandledRejection', () => undefined);
    await interrupt();
    process.exit(130);
  });
}

const args = process.argv.slice(2);
const names = args.filter((arg) => !arg.startsWith('--'));
const unknown = args.filter((arg) => arg !== '--write' && !(arg in parts));
if (unknown.length > 0) {
  console.error(
    `bench: unknown: ${unknown.join(' ')}. Parts: ${Object.keys(parts).join(', ')}; --write writes docs/performance.md.`,
  );
  process.exit(64);
}

if (isTrial && args.includes('--write')) {
  console.error('bench: TANDEM_BENCH_TRIES is set: figures of so few tries are not written.');
  process.exit(64);
}

const why = await noRealDocker();
const findings: Finding[] = [];
for (const [name, { run, needsDocker }] of Object.entries(parts)) {
  if (names.length > 0 && !names.includes(name)) continue;
  if (needsDocker && why !== null) {
    findings.push({ rows: [], notes: [`${name}: not measured, for ${why}.`] });
    continue;
  }
  const load = loadavg()[0] ?? 0;
  console.error(`${name} ... (load ${load.toFixed(1)})`);
  const finding = await run().catch((problem): Finding | Promise<never> => {
    // Once interrupted, everything fails: the signal's own handler has the last word.
    if (interrupted.aborted) return new Promise<never>(() => {});
    console.error(problem);
    process.exitCode = 1;
    return { rows: [], notes: [`${name}: could not be measured: ${problem}.`] };
  });
  const notes = [...finding.notes, `${name}: the machine's load was ${load.toFixed(1)} when it began.`];
  findings.push({ rows: finding.rows, notes });
  console.error([...finding.rows.map(({ what, measured }) => `${what}: ${measured}`), ...notes].join('\n'));
}

const rows = findings.flatMap((finding) => finding.rows);
const notes = findings.flatMap((finding) => finding.notes);
const where = await machine();
console.log([where, table(rows), notes.map((note) => `- ${note}`).join('\n')].join('\n\n'));
if (args.includes('--write')) {
  const docs = join(import.meta.dirname, '../docs');
  mkdirSync(docs, { recursive: true });
  writeFileSync(join(docs, 'performance.md'), page(where, rows, notes));
}
if (rows.some(({ reached }) => reached === false)) process.exitCode = 1;
