import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Mutant, mutants } from './mutants.ts';

/**
 * npm run mutants              every planted fault is caught by name within 4,000 seeds
 * npm run mutants -- pending   those whose name contains that
 */
const { values, positionals } = parseArgs({
  options: { seeds: { type: 'string', default: '4000' }, from: { type: 'string', default: '1' } },
  allowPositionals: true,
});

interface Caught {
  readonly promise: string;
  readonly seed: string;
  readonly what: string;
}

const root = join(import.meta.dirname, '../..');
const wanted = mutants.filter(({ name }) => positionals.every((part) => name.includes(part)));
let survived = 0;
for (const mutant of wanted) {
  const began = performance.now();
  const caught = await hunt(mutant);
  const took = `${Math.round((performance.now() - began) / 1_000)} s`;
  const named = caught !== null && mutant.breaks.includes(caught.promise);
  if (!named) survived++;
  const verdict = caught === null ? 'SURVIVED' : named ? 'caught  ' : 'MISNAMED';
  const where = caught ? `${caught.promise}, seed ${caught.seed}: ${caught.what}` : `${values.seeds} seeds`;
  console.log(`${verdict} ${mutant.name} (${took})\n           ${where}`);
}
console.log(`${wanted.length - survived} of ${wanted.length} mutants were caught by name.`);
process.exit(wanted.length > 0 && survived === 0 ? 0 : 1);

/** Runs the simulation on a copy with that fault, until a promise is broken. */
async function hunt({ file, from, to }: Mutant): Promise<Caught | null> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-mutant-'));
  try {
    for (const part of ['src', 'test', 'package.json'])
      cpSync(join(root, part), join(folder, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const path = join(folder, file);
    const [before, after, ...more] = readFileSync(path, 'utf8').split(from);
    if (before === undefined || after === undefined || more.length > 0)
      throw new Error(`what is to be changed is not there exactly once in ${file}: ${from}`);
    writeFileSync(path, before + to + after);
    const said = await run(folder);
    const [, promise, what, seed] = /^ {2}(\S+) {2}(.*)\n\s+npm run sim -- --seed (\d+)/m.exec(said) ?? [];
    if (promise === undefined) {
      if (!said.includes('Every promise was kept.'))
        throw new Error(`the simulation ended otherwise:\n${said}`);
      return null;
    }
    return { promise, what: what ?? '', seed: seed ?? '' };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function run(folder: string): Promise<string> {
  const args = ['test/sim/main.ts', '--seeds', values.seeds, '--from', values.from, '--first'];
  const child = spawn(process.execPath, args, { cwd: folder });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  return new Promise((resolve) => child.on('close', () => resolve(said)));
}
