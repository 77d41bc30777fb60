import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child, type Ending } from './child.ts';
import { type Client, clientOf } from './client.ts';
import { until } from './docker/until.ts';

type Environment = Readonly<Record<string, string>>;

/** The service as a process of its own that is ready to work, with a folder of its own. */
export interface TandemProcess extends Client, AsyncDisposable {
  readonly url: string;
  readonly label: string;
  /** All that it wrote, over all its lives. */
  readonly said: string;
  /** The lines of its log, over all its lives. */
  readonly logged: readonly LogLine[];
  /** Ends it as a power cut would. */
  kill9(): Promise<void>;
  /** Asks it to end, and waits until it has. */
  stop(): Promise<Ending>;
  /** Starts it once more, on the same DATA_DIR. From now on it has these variables too. */
  start(env?: Environment): Promise<void>;
  /** Tries to run a second one like it at the same time, until that one ends. */
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

/** Runs it until it ends by itself, as it does where it cannot work. */
export async function runToItsEnd(args: readonly string[], env: Environment): Promise<Ending> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-process-'));
  try {
    return await new Child(folder, env, args).double();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export async function startProcess({ env, args, whenReady = true }: ProcessOptions): Promise<TandemProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-process-'));
  const child = new Child(folder, { DATA_DIR: join(folder, 'data'), ...env }, args);
  const url = () => {
    if (child.url === null) throw new Error('it does not run');
    return child.url;
  };
  const client = clientOf(url);
  const start = async (more: Environment = {}) => {
    await child.start(more);
    if (!whenReady) return;
    await until('it is ready', async () => (await client.ready()).status === 200, 20_000).catch((problem) => {
      throw new Error(`${problem.message}\n${child.said}`, { cause: problem });
    });
  };
  const tandem: TandemProcess = {
    ...client,
    get url() {
      return url();
    },
    label: env.CONTAINER_LABEL ?? '',
    get said() {
      return child.said;
    },
    get logged() {
      // A kill leaves half a line.
      return child.said
        .split('\n')
        .filter((line) => /^\{.*\}$/.test(line))
        .map((line): LogLine => JSON.parse(line));
    },
    kill9: () => child.kill(),
    stop: () => child.stop(),
    start,
    double: () => child.double(),
    async [Symbol.asyncDispose]() {
      await child.kill();
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
