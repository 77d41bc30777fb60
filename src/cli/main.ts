import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { parseEnv } from 'node:util';
import { systemClock } from '../async/clock.ts';
import { exit } from './exit.ts';
import { run } from './program.ts';
import type { Output, Shell } from './shell.ts';

const { stdout, stderr } = process;

// Whoever read it, such as head, has seen enough.
for (const stream of [stdout, stderr])
  stream.on('error', (problem: NodeJS.ErrnoException) =>
    process.exit(problem.code === 'EPIPE' ? exit.ok : exit.mistake),
  );

const ending = new AbortController();
let endedBy: NodeJS.Signals | null = null;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (endedBy) process.exit(128 + constants.signals[signal]);
    endedBy = signal;
    ending.abort();
  });
}

const shell: Shell = {
  env: { ...beside(), ...process.env },
  out: stdout,
  err: stderr,
  clock: systemClock,
  signal: ending.signal,
  atExit: (undo) => void process.on('exit', undo),
};
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

const code = await run(process.argv.slice(2), shell, version);
await Promise.all([stdout, stderr].map(written));
// Not left to end by itself: a connection that is being closed would be waited for.
process.exit(endedBy && code !== exit.ok ? 128 + constants.signals[endedBy as NodeJS.Signals] : code);

/** What the .env in the current folder says. */
function beside(): NodeJS.Dict<string> {
  try {
    return existsSync('.env') ? parseEnv(readFileSync('.env', 'utf8')) : {};
  } catch (problem) {
    const { code = 'an error' } = problem as NodeJS.ErrnoException;
    stderr.write(`tandem: .env cannot be read (${code}). Correct it, or run this in another folder.\n`);
    process.exit(exit.usage);
  }
}

function written(stream: Output): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}
