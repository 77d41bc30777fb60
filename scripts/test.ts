import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
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

/** A browser, a real daemon, processes that are timed as they start, and a soak want a processor whenever they can use one. */
const isAlone = (file: string) => /^test[/\\](browser|docker|crash|soak)[/\\]/.test(file);
/** Worlds with a time of their own, and mere computing, take of the processors what those leave, who mostly wait. */
const isPatient = (file: string) => /^test[/\\](fuzz|sim|simulation|services[/\\]interleavings)\b/.test(file);

/** Each file is a process of its own, and most load the whole service: what one has compiled the next need not. */
const env = { NODE_COMPILE_CACHE: join(import.meta.dirname, '../node_modules/.cache/tests'), ...process.env };

const skipped = new Set<string>();
const ended = [
  await run(
    files.filter((file) => !isAlone(file) && !isPatient(file)),
    { atOnce: 4 },
  ),
];
ended.push(
  ...(await Promise.all([
    run(files.filter(isAlone), { atOnce: 1 }),
    run(files.filter(isPatient), { atOnce: 1, priority: constants.priority.PRIORITY_LOW }),
  ])),
);
for (const reason of skipped) console.log(`\ntandem: SKIPPED, because ${reason}`);
process.exit(ended.every((code) => code === 0) ? 0 : 1);

interface Manner {
  readonly atOnce: number;
  readonly priority?: number;
}

/** Resolves with the exit code. */
async function run(group: readonly string[], { atOnce, priority }: Manner): Promise<number> {
  if (group.length === 0) return 0;
  console.log(`tandem: running ${group.length} test files, ${atOnce} at once.`);
  // Nobody is made to exit: that would cut off what was said last, and hide what was left open.
  const options = ['--test', '--test-timeout=300000', `--test-concurrency=${atOnce}`];
  const tests = spawn(process.execPath, [...options, ...group], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (priority !== undefined && tests.pid !== undefined) setPriority(tests.pid, priority);
  let told = '';
  tests.stdout.setEncoding('utf8').on('data', (text: string) => {
    // Of two that run side by side one is told when it has ended.
    if (priority === undefined) process.stdout.write(text);
    told += text;
  });
  const [code] = await once(tests, 'close');
  if (priority !== undefined) process.stdout.write(told);
  for (const [, reason = ''] of told.matchAll(/^\s*﹣ .*?# (.+)$/gm)) skipped.add(reason);
  return code ?? 1;
}
