import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text as read } from 'node:stream/consumers';
import { z } from 'zod';
import { end, hear } from '../harness/child.ts';
import { interrupted, undoLater } from '../harness/cleanup.ts';
import { cpuMsOf } from '../harness/cpu.ts';
import { expect } from '../harness/http.ts';
import { type Finding, list, type Row, text } from '../harness/report.ts';
import { estimate, median, medianRatio } from '../harness/stats.ts';
import { tries } from '../harness/tries.ts';

const rounds = tries(12);
const secondsEach = 3;
const warmUpRounds = 1;
const connections = 32;

const questions = {
  small: '{ fleet { running } }',
  'ten engines': '{ engines { id name url state health } }',
};
type Question = keyof typeof questions;

const sides = ['tandem', 'yoga', 'mercurius', 'constant'] as const;
type Side = (typeof sides)[number];

interface Sample {
  readonly perSecond: number;
  readonly cpuUs: number;
}

/** Queries over HTTP: Tandem against Yoga as it comes, mercurius, and a server that thinks of nothing. */
export async function http(): Promise<Finding> {
  await using stack = new AsyncDisposableStack();
  const start = async (...command: string[]): Promise<Server> => stack.use(await startServer(command));
  const program = join(import.meta.dirname, '../harness/http-server.ts');
  const tandem = await start(program, 'tandem');
  const servers: Record<Side, Server> = {
    tandem,
    yoga: await start(program, 'yoga'),
    mercurius: await start(mercurius(), await answersOf(tandem)),
    constant: await start(program, 'constant'),
  };

  const samples = new Map<string, Sample[]>();
  for (let round = -warmUpRounds; round < rounds; round++) {
    for (const question of Object.keys(questions) as Question[]) {
      for (const side of sides) {
        const sample = await load(servers[side], questions[question]);
        if (round >= 0)
          samples.set(`${side} ${question}`, [...(samples.get(`${side} ${question}`) ?? []), sample]);
      }
    }
  }
  const of = (side: Side, question: Question) => samples.get(`${side} ${question}`) ?? [];
  const ratio = (against: Side, question: Question, least: number | null): Row => {
    const pairs = of('tandem', question).map(({ perSecond }, round) => ({
      ours: perSecond,
      theirs: of(against, question)[round]?.perSecond ?? Number.NaN,
    }));
    const found = medianRatio(pairs);
    return {
      part: 'http',
      what: `Queries per second, ${question}: Tandem against ${names[against]}`,
      measured: text(found, '×', 2),
      target: least === null ? '' : `at least ${least} ×`,
      reached: least === null ? null : found.value >= least,
    };
  };
  const cpu = (side: Side, question: Question): Row => ({
    part: 'http',
    what: `Processor time of a query, ${question}: ${names[side]}`,
    measured: text(estimate([of(side, question).map(({ cpuUs }) => cpuUs)], median), 'µs', 0),
    target: '',
    reached: null,
  });
  const each = Object.keys(questions) as Question[];
  return {
    rows: [
      ratio('yoga', 'small', 4),
      ratio('mercurius', 'small', 1),
      ratio('yoga', 'ten engines', null),
      ratio('mercurius', 'ten engines', null),
      ...each.flatMap((question) => sides.map((side) => cpu(side, question))),
    ],
    notes: each.flatMap((question) =>
      sides.map(
        (side) =>
          `http, ${question}, ${names[side]}: ${list(
            of(side, question).map(({ perSecond }) => perSecond),
            0,
          )} a second, ` + `${rounds} interleaved rounds of ${secondsEach} s, ${connections} connections.`,
      ),
    ),
  };
}

const names: Readonly<Record<Side, string>> = {
  tandem: 'Tandem',
  yoga: 'Yoga as it comes',
  mercurius: 'mercurius',
  constant: 'node:http with a constant answer',
};

interface Server extends AsyncDisposable {
  readonly port: number;
  readonly process: ChildProcess;
}

async function startServer(command: readonly string[]): Promise<Server> {
  const child = spawn(process.execPath, command, {
    env: { PATH: process.env.PATH, NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const stop = undoLater(() => end(child));
  const [, port] = await hear(child, /listening at (\d+)\n/);
  return { port: Number(port), process: child, [Symbol.asyncDispose]: stop };
}

/** The path of mercurius' server, which is installed when it is first wanted. */
function mercurius(): string {
  const folder = join(import.meta.dirname, '../mercurius');
  if (!existsSync(join(folder, 'node_modules')))
    execFileSync('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'], {
      cwd: folder,
      stdio: 'inherit',
    });
  return join(folder, 'server.js');
}

/** What Tandem answers, for another server to answer too. */
async function answersOf({ port }: Server): Promise<string> {
  const query = `{ ${Object.values(questions)
    .map((each) => each.slice(1, -1))
    .join(' ')} }`;
  const answer = await expect([200], { host: '127.0.0.1', port }, 'POST', '/graphql', { query });
  return JSON.stringify(answerShape.parse(JSON.parse(answer)).data);
}
const answerShape = z.object({
  data: z.object({ fleet: z.unknown(), engines: z.array(z.unknown()).length(10) }),
});

async function load({ port, process: server }: Server, query: string): Promise<Sample> {
  interrupted.throwIfAborted();
  const options = { port, body: JSON.stringify({ query }), connections, seconds: secondsEach };
  const program = join(import.meta.dirname, '../harness/load.ts');
  const begin = cpuMsOf(server.pid);
  const client = spawn(process.execPath, [program, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { answered, perSecond } = loadShape.parse(JSON.parse(await read(client.stdout)));
  return { perSecond, cpuUs: ((cpuMsOf(server.pid) - begin) * 1_000) / answered };
}
const loadShape = z.object({ answered: z.number(), perSecond: z.number() });
