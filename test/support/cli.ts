import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/async/clock.ts';
import { run } from '../../src/cli/program.ts';
import { until } from './docker/until.ts';

const root = join(import.meta.dirname, '../..');
export const cliPath = join(root, 'bin/tandem.mjs');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** A folder without a .env of a developer's. */
const folder = mkdtempSync(join(tmpdir(), 'tandem-cli-'));
const alive = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Another program than the command line, in its place. */
  readonly command?: readonly string[];
}

/** How it ended, and what it wrote. */
export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The command line as a process of its own that runs. */
export class Cli implements AsyncDisposable {
  out = '';
  err = '';
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;

  constructor(args: readonly string[], { env = {}, cwd = folder, command }: CliOptions = {}) {
    const [program = '', ...before] = command ?? [process.execPath, cliPath];
    this.#child = spawn(program, [...before, ...args], {
      cwd,
      env: {
        PATH: process.env.PATH ?? '',
        HOME: folder,
        NODE_COMPILE_CACHE: join(tmpdir(), 'tandem-compiled'),
        ...env,
      },
    });
    alive.add(this.#child);
    this.#child.on('exit', () => alive.delete(this.#child));
    this.#closed = once(this.#child, 'close');
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.out += text;
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.err += text;
    });
  }

  /** Resolves when what it has written to its output matches. */
  async says(pattern: RegExp): Promise<void> {
    await until(`it says ${pattern}`, () => {
      if (this.#child.exitCode !== null)
        throw new Error(`it ended with ${this.#child.exitCode}: ${this.err}`);
      return pattern.test(this.out);
    });
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Types at a terminal. */
  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** Waits until it ends. */
  async ended(): Promise<Outcome> {
    await this.#closed;
    return { code: this.#child.exitCode, out: this.out, err: this.err };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#closed;
  }
}

/** Runs it to its end, in a process of its own. */
export async function cliAlone(args: readonly string[], options: CliOptions = {}): Promise<Outcome> {
  await using running = new Cli(args, options);
  return await running.ended();
}

/** Runs it to its end in this process, with no environment but the one given: all that it has of a process is handed in. */
export async function cli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const said = { out: '', err: '' };
  const output = (where: 'out' | 'err') => ({
    isTTY: false,
    rows: 24,
    write(text: string) {
      said[where] += text;
      return true;
    },
  });
  const undo: (() => void)[] = [];
  const code = await run(
    args,
    {
      env,
      out: output('out'),
      err: output('err'),
      clock: systemClock,
      signal: new AbortController().signal,
      atExit: (each) => void undo.push(each),
    },
    version,
  );
  for (const each of undo) each();
  return { code, ...said };
}

/** Why nothing is tried in a terminal; false where it is. util-linux's script gives a program one. */
export const noTerminal =
  spawnSync('script', ['--version']).status === 0
    ? false
    : 'there is no "script" (Debian: bsdutils), and so no terminal to try the command line in.';

export interface TerminalOptions {
  readonly url: string;
  readonly rows?: number;
  readonly columns?: number;
  /** Another Node than this one. */
  readonly node?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs it in a terminal, whose name comes first. What it writes to its output and on the side comes as one. */
export function inTerminal(args: readonly string[], options: TerminalOptions): Cli {
  const { url, rows = 24, columns = 120, node = process.execPath, env = {} } = options;
  const command = `tty; stty rows ${rows} cols ${columns}; exec '${node}' '${cliPath}' ${args.join(' ')}`;
  return new Cli(['--quiet', '--flush', '--return', '--command', command, '/dev/null'], {
    command: ['script'],
    env: { TANDEM_URL: url, TERM: 'xterm-256color', ...env },
  });
}
