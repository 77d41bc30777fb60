import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, clientOf } from './client.ts';
import { until } from './docker/until.ts';

const main = join(import.meta.dirname, '../../src/main.ts');

/** One that starts often need not be compiled every time. */
const compiled = join(tmpdir(), 'tandem-compiled');

/** How long a process may take to begin, on a busy machine. */
const startsMs = 30_000;

/** The service as a process of its own, which can be killed, and started again on what it left behind. */
export class Child implements AsyncDisposable {
  /** All that was written to its output, by each process in turn. */
  said = '';
  readonly #cwd: string;
  readonly #env: Readonly<Record<string, string>>;
  #process: ChildProcess | null = null;
  #url: string | null = null;

  /** `cwd` is a folder without a .env of a developer's. */
  constructor(cwd: string, env: Readonly<Record<string, string>>) {
    this.#cwd = cwd;
    this.#env = env;
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

  /** Resolves when it listens. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [main], {
      cwd: this.#cwd,
      env: { PATH: process.env.PATH ?? '', APP_PORT: '0', NODE_COMPILE_CACHE: compiled, ...this.#env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        this.said += text;
      });
    this.#url = await until(
      'it says where it listens',
      () => {
        if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${output}`);
        return /Playground\s+(http:\S+)\/graphql/.exec(output)?.[1];
      },
      startsMs,
    );
  }

  /** Nothing of it runs any longer when this resolves. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#url = null;
    this.#process = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}
