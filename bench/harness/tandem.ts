import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { until } from '../../test/support/docker/until.ts';
import { end, hear } from './child.ts';
import { interrupted, undoLater } from './cleanup.ts';
import { cpuMsOf } from './cpu.ts';
import { expect, send } from './http.ts';
import type { World } from './world.ts';

export const engineShape = z.object({
  id: z.string(),
  vpn: z.object({ name: z.string() }),
  createdAt: z.iso.datetime().transform((text) => Date.parse(text)),
});
export type Engine = z.infer<typeof engineShape>;

export interface TandemOptions {
  /** Another socket that leads to the world's daemon. */
  readonly socketPath?: string;
  /** Settings of its own, on top of those that every benchmark has. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Milliseconds from starting the process to its first answer, and to the one that it is ready. */
export interface Restart {
  readonly listening: number;
  readonly ready: number;
}

/** A real Tandem in a process of its own, asked over HTTP. */
export class Tandem implements AsyncDisposable {
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #end: () => Promise<void>;
  #process: ChildProcess;
  #port = 0;

  private constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.#folder = folder;
    this.#env = env;
    this.#process = this.#spawn();
    this.#end = undoLater(async () => {
      await end(this.#process);
      await rm(folder, { recursive: true, force: true });
    });
  }

  /** Runs src/main.ts on a world's daemon until it is ready. */
  static async start(world: World, { socketPath, env }: TandemOptions = {}): Promise<Tandem> {
    const folder = await mkdtemp(join(tmpdir(), 'tandem-bench-'));
    const settings = environment(world, socketPath ?? world.docker.socketPath, folder);
    const tandem = new Tandem(folder, { ...settings, ...env });
    try {
      const [, port] = await hear(tandem.#process, /Ready\?\s+http:\/\/[^:]+:(\d+)\//);
      tandem.#port = Number(port);
      await until('Tandem is ready', () => tandem.#isReady());
      return tandem;
    } catch (problem) {
      await tandem.#end();
      throw problem;
    }
  }

  get address() {
    return { host: '127.0.0.1', port: this.#port };
  }

  /** Ends it as nothing that it could notice would. */
  async kill(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
  }

  /** After `kill`: runs it again on the same port and with the same journal, until it is ready. */
  async again(): Promise<Restart> {
    const begin = performance.now();
    this.#process = this.#spawn();
    for (let listening: number | null = null; ; await sleep(2)) {
      // Until it listens, nobody answers.
      const ready = await this.#isReady().catch(() => null);
      const since = performance.now() - begin;
      if (ready !== null) listening ??= since;
      if (ready && listening !== null) return { listening, ready: since };
      if (this.#process.exitCode !== null) throw new Error(`Tandem ended with ${this.#process.exitCode}`);
    }
  }

  async ask<T>(shape: z.ZodType<T>, query: string, variables: object = {}): Promise<T> {
    const answer = await expect([200], this.address, 'POST', '/graphql', { query, variables });
    return shape.parse(JSON.parse(answer));
  }

  /** One mutation for `count` engines; fails if not all of them run. */
  async provisionBatch(count: number): Promise<readonly Engine[]> {
    const query =
      'mutation ($count: Int!) { provisionEngines(input: { count: $count }) { engines { id createdAt vpn { name } } errors { message } } }';
    const { data } = await this.ask(batchShape, query, { count });
    const { engines, errors } = data.provisionEngines;
    if (errors[0]) throw new Error(errors[0].message);
    return engines;
  }

  async provisionOne(label = 'one'): Promise<Engine> {
    const query =
      'mutation ($value: String!) { provisionEngine(input: { labels: [{ key: "bench", value: $value }] }) { ... on Engine { id createdAt vpn { name } } ... on Error { message } } }';
    const { data } = await this.ask(oneShape, query, { value: label });
    if ('message' in data.provisionEngine) throw new Error(data.provisionEngine.message);
    return data.provisionEngine;
  }

  async stop(engines: readonly Engine[]): Promise<void> {
    const query =
      'mutation ($id: ID!) { stopEngine(engine: { id: $id }) { ... on Engine { state } ... on Error { message } } }';
    await Promise.all(engines.map(({ id }) => this.ask(stoppedShape, query, { id })));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end();
  }

  #spawn(): ChildProcess {
    interrupted.throwIfAborted();
    return spawn(process.execPath, [join(import.meta.dirname, '../../src/main.ts')], {
      cwd: this.#folder,
      env: { ...this.#env, APP_PORT: String(this.#port) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  }

  async #isReady(): Promise<boolean> {
    return (await send(this.address, 'GET', '/readyz')).status === 200;
  }

  /** Milliseconds of processor time that all its threads have used so far. */
  cpuMs(): number {
    return cpuMsOf(this.#process.pid);
  }
}

/** Nothing of the caller's own environment reaches it but the path. */
function environment(
  { vpns, ours, engineImage }: World,
  socketPath: string,
  folder: string,
): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    LOG_LEVEL: 'error',
    DATA_DIR: folder,
    DOCKER_HOST: `unix://${socketPath}`,
    CONTAINER_LABEL: ours,
    ENGINE_IMAGE: engineImage,
    MIN_REPLICAS: '0',
    MAX_REPLICAS: '1000',
    ...Object.fromEntries(
      vpns.flatMap(({ name, firstPort, lastPort }, index) => [
        [`GLUETUN_CONTAINER_NAME${index === 0 ? '' : `_${index + 1}`}`, name],
        [`GLUETUN_PORT_RANGE_${index + 1}`, `${firstPort}-${lastPort}`],
      ]),
    ),
  };
}

const problemShape = z.object({ message: z.string() });
const oneShape = z.object({ data: z.object({ provisionEngine: z.union([engineShape, problemShape]) }) });
const batchShape = z.object({
  data: z.object({
    provisionEngines: z.object({ engines: z.array(engineShape), errors: z.array(problemShape) }),
  }),
});
const stoppedShape = z.object({ data: z.object({ stopEngine: z.object({ state: z.literal('REMOVED') }) }) });
