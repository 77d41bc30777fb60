#!/usr/bin/env node
// Runs on whatever Node the machine has, before anything is installed: hence plain JavaScript with no imports from npm.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { constants } from 'node:os';
import { isatty } from 'node:tty';
import { fileURLToPath } from 'node:url';

/** sysexits.h: something that it needs is not there. */
const exitUnavailable = 69;

const packages = new URL('../node_modules/', import.meta.url);
const node24 = fileURLToPath(new URL('node/bin/node', packages));
const isNew = Number(process.versions.node.split('.')[0]) >= 24;

if (!existsSync(isNew ? new URL('commander', packages) : node24)) {
  console.error(
    `tandem: what it needs is not installed. Run: npm ci --prefix ${fileURLToPath(new URL('..', import.meta.url))}`,
  );
  process.exitCode = exitUnavailable;
} else if (isNew) {
  // A second run need not compile what the first one did.
  module.enableCompileCache();
  await import('../src/cli/main.ts');
} else {
  const child = spawn(node24, process.argv.slice(1), { stdio: 'inherit' });
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  // A terminal sends Ctrl-C to both, and a second one would end the other at once: it is passed on where there is none.
  const inTerminal = [0, 1, 2].some((stream) => isatty(stream));
  process.on('SIGINT', () => inTerminal || child.kill('SIGINT'));
  child.on('error', (problem) => {
    console.error(`tandem: ${node24} cannot be run (${problem.code}). Run: npm ci`);
    process.exitCode = exitUnavailable;
  });
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}
