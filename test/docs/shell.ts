import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { root } from './markdown.ts';

const bin = join(root, 'node_modules/.bin');
const path = [bin, ...(process.env.PATH ?? '').split(delimiter)];

/** Why commands with curl are not run; false when they are. */
export const noCurl: string | false = path.some((folder) => existsSync(join(folder, 'curl')))
  ? false
  : 'no curl was found; install it (Debian: apt-get install curl). No command line with it was tried.';

export interface Commands {
  readonly text: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Ends commands that go on for ever, once they have said this. */
  readonly until: string | null;
}

/** Milliseconds that commands may take. */
const patienceMs = 60_000;

/** Runs a few lines of shell, Node 24 in front, and gives what they wrote; fails when they do. */
export function runShell({ text, cwd, env, until }: Commands): Promise<string> {
  const shell = spawn('sh', ['-euc', text], {
    cwd,
    env: { PATH: path.join(delimiter), HOME: cwd, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, for what the shell has started has to end with it.
    detached: true,
  });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let written = '';
  let said = '';
  let enough = false;
  const end = () => {
    if (shell.pid !== undefined && shell.exitCode === null) process.kill(-shell.pid, 'SIGKILL');
  };
  const late = setTimeout(end, patienceMs);
  const hear = (chunk: string) => {
    said += chunk;
    if (until === null || !said.includes(until)) return;
    enough = true;
    end();
  };
  shell.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    written += chunk;
    hear(chunk);
  });
  shell.stderr.setEncoding('utf8').on('data', hear);
  shell.on('error', reject);
  shell.on('close', (code) => {
    clearTimeout(late);
    if (enough || (code === 0 && until === null)) resolve(written);
    else reject(new Error(`it ended with ${code ?? 'a signal'}, having said:\n${said}`));
  });
  return promise;
}
