import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { until } from '../../test/support/docker/until.ts';
import { end, hear } from './child.ts';
import { undoLater } from './cleanup.ts';
import { type Address, expect, send } from './http.ts';
import type { World } from './world.ts';

export const engineShape = z.object({
  id: z.string(),
  vpn: z.object({ name: z.string() }),
  createdAt: z.iso.datetime().transform((text) => Date.parse(text)),
});
export type Engine = z.infer<typeof engineShape>;

/** A real Tandem in a process of its own, asked over HTTP. */
export class Tandem implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #address: Address;
  readonly #end: () => Promise<void>;

  private constructor(process: ChildProcess, address: Address, end: () => Promise<void>) {
    this.#process = process;
    this.#address = address;
    this.#end = end;
  }

  /** Runs src/main.ts on a world's daemon, or on another socket that leads there, until it is ready. */
  static async start(world: World, socketPath = world.docker.socketPath): Promise<Tandem> {
    const folder = await mkdtemp(join(tmpdir(), 'tandem-bench-'));
    const child = spawn(process.execPath, [join(import.meta.dirname, '../../src/main.ts')], {
      cwd: folder,
      env: environment(world, socketPath, folder),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const undo = undoLater(async () => {
      await end(child);
      await rm(folder, { recursive: true, force: true });
    });
    try {
      const [, port] = await hear(child, /Ready\?\s+http:\/\/[^:]+:(\d+)\//);
      const address = { host: '127.0.0.1', port: Number(port) };
      await until('Tandem is ready', async () => (await send(address, 'GET', '/readyz')).status === 200);
      return new Tandem(child, address, undo);
    } catch (problem) {
      await undo();
      throw problem;
    }
  }

  async ask<T>(shape: z.ZodType<T>, query: string, variables: object = {}): Promise<T> {
    const answer = await expect([200], this.#address, 'POST', '/graphql', { query, variables });
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

  /** Milliseconds of processor time that all its threads have used so far. */
  cpuMs(): number {
    const tasks = `/proc/${this.#process.pid}/task`;
    const nanoseconds = readdirSync(tasks).map((task) =>
      Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0]),
    );
    return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e6;
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
    APP_PORT: '0',
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
