import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, clientOf } from './client.ts';
import { until } from './docker/until.ts';

const main = join(import.meta.dirname, '../../src/main.ts');

/** One that starts often need not be compiled every time. */
const compiled = join(tmpdir(), 'tandem-compiled');

/** How long a process may take to begin, and to end, on a busy machine. */
const startsMs = 30_000;
const endsMs = 20_000;

/** Those that a test which went wrong has left behind. */
const alive = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

type Environment = Readonly<Record<string, string>>;

/** How a process has ended, and all that it said. */
export interface Ending {
  readonly code: number | null;
  readonly said: string;
}

/** The service as a process of its own, which can be killed, and started again on what it left behind. */
export class Child implements AsyncDisposable {
  /** What was written to its output, by each process in turn. */
  said = '';
  /** How many characters of what was said in former lives are kept. */
  memory = Number.POSITIVE_INFINITY;
  readonly #cwd: string;
  readonly #args: readonly string[];
  #env: Environment;
  #process: ChildProcess | null = null;
  #url: string | null = null;

  /** `cwd` is a folder without a .env of a developer's. */
  constructor(cwd: string, env: Environment, args: readonly string[] = []) {
    this.#cwd = cwd;
    this.#env = env;
    this.#args = args;
  }

  /** Where it listens; another place after every start; null while it does not run. */
  get url(): string | null {
    return this.#url;
  }

  /** @throws while it does not run. */
  get client(): Client {
    if (this.#url === null) throw new Error('it does not run');
    return clientOf(this.#url);
  }

  /** Resolves when it listens. From now on it has these variables too. */
  async start(more: Environment = {}): Promise<void> {
    this.#env = { ...this.#env, ...more };
    this.said = this.said.slice(-this.memory);
    const child = this.#spawn();
    this.#process = child;
    const before = this.said.length;
    this.#url = await until(
      'it says where it listens',
      () => {
        const output = this.said.slice(before);
        if (hasEnded(child)) throw new Error(`it ended with ${child.exitCode}: ${output}`);
        return /Playground\s+(http:\S+)\/graphql/.exec(output)?.[1];
      },
      startsMs,
    );
  }

  /** Asks it to end, as an operator does. */
  async stop(): Promise<Ending> {
    const child = this.#process;
    if (!child) throw new Error('it does not run');
    child.kill('SIGTERM');
    return this.#ending(child);
  }

  /** Asks it to take its keys anew. */
  hangUp(): void {
    if (!this.#process?.kill('SIGHUP')) throw new Error('it does not run');
  }

  /** Nothing of it runs any longer when this resolves. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#url = null;
    this.#process = null;
    if (!child || hasEnded(child)) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  /** Runs one more, beside it if it runs, until that one ends by itself, as it does where it cannot work. */
  double(): Promise<Ending> {
    return this.#ending(this.#spawn());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }

  #spawn(): ChildProcess {
    const child = spawn(process.execPath, [main, ...this.#args], {
      cwd: this.#cwd,
      env: { PATH: process.env.PATH ?? '', APP_PORT: '0', NODE_COMPILE_CACHE: compiled, ...this.#env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.said += text;
      });
    alive.add(child);
    child.on('exit', () => alive.delete(child));
    return child;
  }

  async #ending(child: ChildProcess): Promise<Ending> {
    const late = AbortSignal.timeout(endsMs);
    late.addEventListener('abort', () => child.kill('SIGKILL'));
    if (!hasEnded(child)) await once(child, 'close');
    if (late.aborted) throw new Error(`it did not end by itself: ${this.said}`);
    return { code: child.exitCode, said: this.said };
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null;
