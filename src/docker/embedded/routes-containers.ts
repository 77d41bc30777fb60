import { Buffer } from 'node:buffer';
import type { Container } from './container.ts';
import type { Daemon } from './daemon.ts';
import { DockerError } from './errors.ts';
import { parseFilters } from './filters.ts';
import { inspectJson, listJson } from './json.ts';
import { selectContainers } from './list-filter.ts';
import { type Call, empty, json, type Reply, type Route } from './route.ts';

/** How long the daemon takes over things. */
export interface Pace {
  readonly createMs: number;
  readonly startMs: number;
  readonly stopMs: number;
}

/** Everything under `/containers`. */
export function containerRoutes(daemon: Daemon, pace: Pace): Route[] {
  const { lifecycle, world } = daemon;
  const on = (
    method: string,
    verb: string,
    act: (container: Container, call: Call) => Promise<Reply> | Reply,
  ): Route => ({
    method,
    path: new RegExp(`^/containers/([^/]+)${verb}$`),
    handle: (call) => act(world.containers.get(call.captured), call),
  });
  const patience = ({ query }: Call) => ({
    patienceMs: Number(query.get('t') ?? 10) * 1000,
    takesMs: pace.stopMs,
  });

  return [
    { method: 'GET', path: /^\/containers\/json$/, handle: (call) => list(daemon, call) },
    {
      method: 'POST',
      path: /^\/containers\/create$/,
      handle: async ({ query, body }) => {
        const container = await daemon.create(query.get('name') ?? '', await body(), pace.createMs);
        return json({ Id: container.id, Warnings: [] }, 201);
      },
    },
    on('GET', '/json', (container) => json(inspectJson(container, world.network))),
    on('POST', '/start', async (container) =>
      empty((await lifecycle.start(container, pace.startMs)) ? 204 : 304),
    ),
    on('POST', '/stop', async (container, call) =>
      empty((await lifecycle.stop(container, patience(call))) ? 204 : 304),
    ),
    on('POST', '/restart', async (container, call) => {
      await lifecycle.restart(container, patience(call), pace.startMs).catch((problem) => {
        throw new DockerError(500, `Cannot restart container ${call.captured}: ${messageOf(problem)}`);
      });
      return empty();
    }),
    {
      method: 'POST',
      path: /^\/containers\/([^/]+)\/kill$/,
      handle: async ({ captured, query }) => {
        const signal = signalNumber(query.get('signal') ?? 'KILL');
        try {
          await lifecycle.kill(world.containers.get(captured), signal, pace.stopMs);
        } catch (problem) {
          const status = problem instanceof DockerError ? problem.status : 500;
          throw new DockerError(status, `Cannot kill container: ${captured}: ${messageOf(problem)}`);
        }
        return empty();
      },
    },
    on('POST', '/pause', async (container) => {
      await lifecycle.pause(container);
      return empty();
    }),
    on('POST', '/unpause', async (container) => {
      await lifecycle.unpause(container);
      return empty();
    }),
    on('POST', '/rename', (container, { query }) => {
      daemon.rename(container, query.get('name') ?? '');
      return empty();
    }),
    on('POST', '/wait', async (container, { query }) =>
      json(await wait(container, query.get('condition') ?? '')),
    ),
    {
      method: 'GET',
      path: /^\/containers\/([^/]+)\/logs$/,
      handle: (call) => {
        if (!isTrue(call.query, 'stdout') && !isTrue(call.query, 'stderr'))
          throw new DockerError(400, 'Bad parameters: you must choose at least one stream');
        return logs(world.containers.get(call.captured), call);
      },
    },
    on('DELETE', '', async (container, { captured, query }) => {
      await daemon.remove(container, captured, isTrue(query, 'force'), pace.stopMs);
      return empty();
    }),
  ];
}

function list({ world }: Daemon, { query }: Call): Reply {
  const limit = Number(query.get('limit') ?? 0);
  const found = selectContainers(
    world.containers.all(),
    parseFilters(query.get('filters')),
    isTrue(query, 'all') || limit > 0,
  );
  const now = world.moments.next();
  return json((limit > 0 ? found.slice(0, limit) : found).map((each) => listJson(each, world.network, now)));
}

async function wait(container: Container, condition: string): Promise<object> {
  if (condition === 'removed') await container.removed.promise;
  else if (condition === 'next-exit' || container.run !== undefined) await container.exited.promise;
  const { state } = container;
  const error = 'error' in state && state.error !== '' ? { Message: state.error } : null;
  return { Error: error, StatusCode: state.kind === 'exited' ? state.exit.code : 0 };
}

/** Each line as the daemon frames it without a terminal: stream, three zeros, length. */
function logs(container: Container, { query }: Call): Reply {
  const tail = Number(query.get('tail') ?? Number.NaN);
  const lines = Number.isNaN(tail) ? container.logs : container.logs.slice(container.logs.length - tail);
  const frames = lines.map((line) => {
    const text = Buffer.from(`${line}\n`);
    const header = Buffer.alloc(8);
    header.writeUInt8(1, 0);
    header.writeUInt32BE(text.length, 4);
    return Buffer.concat([header, text]);
  });
  return { kind: 'bytes', type: 'application/vnd.docker.raw-stream', bytes: Buffer.concat(frames) };
}

const signals: Readonly<Record<string, number>> = { HUP: 1, INT: 2, KILL: 9, TERM: 15 };

function signalNumber(text: string): number {
  const number = signals[text.replace(/^SIG/, '')] ?? Number(text);
  if (!Number.isInteger(number) || number < 1) throw new DockerError(400, `Invalid signal: ${text}`);
  return number;
}

const messageOf = (problem: unknown) => (problem instanceof Error ? problem.message : String(problem));

const isTrue = (query: URLSearchParams, key: string) => ['1', 'true', 'True'].includes(query.get(key) ?? '');
