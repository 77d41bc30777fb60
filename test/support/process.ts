import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, clientOf } from './client.ts';
import { until } from './docker/until.ts';

type Environment = Readonly<Record<string, string>>;

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

/** The service as a process of its own, which can end in any way and be started again. */
export interface TandemProcess extends Client, AsyncDisposable {
  /** Of the present life: every life listens somewhere else. */
  readonly url: string;
  readonly label: string;
  /** All that it wrote, over all its lives. */
  readonly output: string;
  /** The lines of its log, over all its lives. */
  readonly logged: readonly LogLine[];
  /** Ends it as a power cut would. */
  kill9(): Promise<void>;
  /** Asks it to end, and waits until it has. */
  stop(): Promise<Ending>;
  /** Starts it once more, on the same DATA_DIR. `env` goes on top of what it was started with. */
  start(env?: Environment): Promise<void>;
  /** Tries to run a second process like it, at the same time, until that one ends. */
  double(): Promise<Ending>;
}

export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly [fact: string]: unknown;
}

export interface ProcessOptions {
  readonly env: Environment;
  readonly args?: readonly string[];
  /** False to begin as soon as it listens. */
  readonly whenReady?: boolean;
}

const main = join(import.meta.dirname, '../../src/main.ts');

/** Children that a test which went wrong has left behind. */
const alive = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

/** Runs the service in a folder where no .env of a developer's is read. */
class Life {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  output = '';

  constructor(folder: string, args: readonly string[], env: Environment) {
    this.child = spawn(process.execPath, [main, ...args], {
      env: { PATH: process.env.PATH ?? '', ...env },
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    alive.add(this.child);
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    this.ended = once(this.child, 'close').then(() => alive.delete(this.child));
  }

  get over(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  async ending(): Promise<Ending> {
    const late = AbortSignal.timeout(20_000);
    late.addEventListener('abort', () => this.child.kill('SIGKILL'));
    await this.ended;
    if (late.aborted) throw new Error(`it does not end by itself:\n${this.output}`);
    const { exitCode, signalCode } = this.child;
    return { code: exitCode, signal: signalCode, output: this.output };
  }
}

/** Runs it until it ends by itself, as it does where it cannot work. */
export async function runToItsEnd(args: readonly string[], env: Environment): Promise<Ending> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-process-'));
  try {
    return await new Life(folder, args, env).ending();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export async function startProcess({
  env: given,
  args = [],
  whenReady = true,
}: ProcessOptions): Promise<TandemProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-process-'));
  let env: Environment = { APP_PORT: '0', DATA_DIR: join(folder, 'data'), ...given };
  const lives: Life[] = [];
  let url = '';
  const life = () => {
    const last = lives.at(-1);
    if (!last) throw new Error('it was never started');
    return last;
  };
  const output = () => lives.map((each) => each.output).join('');
  const client = clientOf(() => url);

  const start = async (more: Environment = {}) => {
    env = { ...env, ...more };
    const fresh = new Life(folder, args, env);
    lives.push(fresh);
    const step = async <T>(what: string, look: () => T | Promise<T>) =>
      until(what, () => {
        if (fresh.over) throw new Error(`it has ended:\n${fresh.output}`);
        return look();
      }).catch((problem) => {
        throw new Error(`${problem.message}\n${fresh.output}`, { cause: problem });
      });
    url = await step(
      'it says where it listens',
      () => /Playground\s+(http:\S+)\/graphql/.exec(fresh.output)?.[1],
    );
    if (whenReady) await step('it is ready', async () => (await client.ready()).status === 200);
  };
  const end = async (signal: NodeJS.Signals): Promise<Ending> => {
    life().child.kill(signal);
    return life().ending();
  };
  const tandem: TandemProcess = {
    ...client,
    get url() {
      return url;
    },
    label: env.CONTAINER_LABEL ?? '',
    get output() {
      return output();
    },
    get logged() {
      // Only its last line can be half a line, after a kill.
      return output()
        .split('\n')
        .filter((line) => /^\{.*\}$/.test(line))
        .map((line): LogLine => JSON.parse(line));
    },
    kill9: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
    start,
    double: () => new Life(folder, args, env).ending(),
    async [Symbol.asyncDispose]() {
      if (!life().over) await end('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    await start();
    return tandem;
  } catch (problem) {
    await tandem[Symbol.asyncDispose]();
    throw problem;
  }
}
