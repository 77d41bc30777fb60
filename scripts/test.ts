import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Runs the tests: all of them, or those whose path contains one of the arguments. Says what was left out and why, at the
 * end, where it is seen; and a run that matched no file has failed.
 */
const wanted = process.argv.slice(2);
const files = globSync('test/**/*.test.ts')
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort();
if (files.length === 0) {
  console.error(`tandem: no test file's path contains ${wanted.join(' or ')}.`);
  process.exit(1);
}

/** A browser, a real daemon, processes that are timed as they start, and a simulation on every processor want the machine. */
const alone = (file: string) => /^test[/\\](browser|docker|crash|sim|soak)[/\\]/.test(file);
const groups = [
  { files: files.filter((file) => !alone(file)), atOnce: 4 },
  { files: files.filter(alone), atOnce: 1 },
];

/** Each file is a process of its own, and most load the whole service: what one has compiled the next need not. */
const env = { NODE_COMPILE_CACHE: join(import.meta.dirname, '../node_modules/.cache/tests'), ...process.env };

const skipped = new Set<string>();
let failed = false;
for (const { files: group, atOnce } of groups) {
  if (group.length === 0) continue;
  console.log(`tandem: running ${group.length} test files, ${atOnce} at once.`);
  if ((await run(group, atOnce)) !== 0) failed = true;
}
for (const reason of skipped) console.log(`\ntandem: SKIPPED, because ${reason}`);
process.exit(failed ? 1 : 0);

function run(group: readonly string[], atOnce: number): Promise<number> {
  const options = ['--test', '--test-timeout=300000', '--test-force-exit', `--test-concurrency=${atOnce}`];
  const tests = spawn(process.execPath, [...options, ...group], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let rest = '';
  tests.stdout.setEncoding('utf8').on('data', (text: string) => {
    process.stdout.write(text);
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const reason = /^\s*﹣ .*?# (.+)$/.exec(line)?.[1];
      if (reason) skipped.add(reason);
    }
  });
  return new Promise((resolve) => tests.on('close', (code) => resolve(code ?? 1)));
}
