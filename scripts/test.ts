import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';

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

console.log(`tandem: running ${files.length} test files; those on a real Docker daemon take a few minutes.`);
const options = ['--test', '--test-timeout=300000', '--test-force-exit', '--test-concurrency=2'];
const tests = spawn(process.execPath, [...options, ...files], { stdio: ['ignore', 'pipe', 'inherit'] });

let rest = '';
const skipped: string[] = [];
tests.stdout.setEncoding('utf8').on('data', (text: string) => {
  process.stdout.write(text);
  const lines = (rest + text).split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines) {
    const reason = /^\s*﹣ .*?# (.+)$/.exec(line)?.[1];
    if (reason && !skipped.includes(reason)) skipped.push(reason);
  }
});
tests.on('close', (code) => {
  for (const reason of skipped) console.log(`\ntandem: SKIPPED, because ${reason}`);
  process.exit(code ?? 1);
});
