import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  fstatSync,
  globSync,
  mkdtempDisposableSync,
  openSync,
  readFileSync,
  readSync,
} from 'node:fs';
import { constants, setPriority, tmpdir } from 'node:os';
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
  const options = ['--test', '--test-timeout=300000', '--test-force-exit', `--test-concurrency=${atOnce}`];
  // A file, for a runner that exits waits for no pipe: where this process is slow to read, what it said last would be lost.
  using folder = mkdtempDisposableSync(join(tmpdir(), 'tandem-tests-'));
  const file = openSync(join(folder.path, 'said'), 'w+');
  const tests = spawn(process.execPath, [...options, ...group], { env, stdio: ['ignore', file, 'inherit'] });
  if (priority !== undefined && tests.pid !== undefined) setPriority(tests.pid, priority);
  let heard = 0;
  const listen = () => {
    const more = Buffer.alloc(fstatSync(file).size - heard);
    heard += readSync(file, more, { position: heard });
    // Of two that run side by side one is told when it has ended.
    if (priority === undefined) process.stdout.write(more);
  };
  const listening = setInterval(listen, 500);
  const [code] = await once(tests, 'close');
  clearInterval(listening);
  listen();
  closeSync(file);
  const said = readFileSync(join(folder.path, 'said'), 'utf8');
  if (priority !== undefined) process.stdout.write(said);
  for (const [, reason = ''] of said.matchAll(/^\s*﹣ .*?# (.+)$/gm)) skipped.add(reason);
  return code ?? 1;
}
