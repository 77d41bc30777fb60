import {
  GraphQLError,
  type GraphQLSchema,
  getIntrospectionQuery,
  getOperationAST,
  isObjectType,
  parse,
} from 'graphql';
import { schema } from '../../src/graphql.ts';
import { exampleOperations } from '../../src/server/examples.ts';
import { makeYoga, type Yoga } from '../../src/server/yoga.ts';
import * as operations from '../api/operations.ts';
import { Random } from '../support/random.ts';
import { simulated } from '../support/simulated.ts';
import { generate } from './generate.ts';
import { anyValue, mutate } from './mutate.ts';

export interface FuzzOptions {
  readonly seed: number;
  readonly documents: number;
  /** Milliseconds of processor time that an answer may take, a new engine's start left out. */
  readonly longestMs?: number;
  readonly progress?: (done: number) => void;
}

export interface Failure {
  readonly seed: number;
  readonly what: string;
  readonly asked: string;
}

export interface FuzzReport {
  readonly documents: number;
  readonly tookMs: number;
  /** How many were answered with data, refused as a document, and refused for what they would cost. */
  readonly answered: number;
  readonly refused: number;
  readonly limited: number;
  readonly slowestMs: number;
  readonly failures: readonly Failure[];
}

interface Asked {
  readonly query: string;
  readonly variables?: unknown;
  readonly operationName?: unknown;
}

interface Result {
  readonly data?: unknown;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: { readonly code?: unknown };
  }[];
}

const seeds = [
  ...Object.values(operations).map(String),
  ...parse(exampleOperations).definitions.map(({ loc }) => loc?.source.body.slice(loc.start, loc.end) ?? ''),
  getIntrospectionQuery(),
  // Beyond what is let through, or about to be.
  `{ engines { ${'vpn { engines { '.repeat(6)}id${' } }'.repeat(6)} } }`,
  `{ ${Array.from({ length: 50 }, (_, n) => `a${n}: events(first: 500) { nodes { id message } }`).join(' ')} }`,
  'mutation { a: provisionEngines(input: { count: 1000 }) { requested } b: provisionEngines(input: { count: 999 }) { requested } }',
];

/** Asks a service for what nobody would, each document from a seed of its own, and looks that it bears it. */
/** Without a response of Node's there is none to be written to: Yoga streams by itself. */
const noStream = () => Promise.reject(new Error('nothing is streamed here'));

export async function fuzz({
  seed,
  documents,
  longestMs = 1_000,
  progress,
}: FuzzOptions): Promise<FuzzReport> {
  await using world = await simulated({ env: { MAX_REPLICAS: '6', LOG_LEVEL: 'error' } });
  const { tandem } = world;
  const failures: Failure[] = [];
  let current: Failure = { seed, what: '', asked: '' };
  const note = (what: string) => void failures.push({ ...current, what });
  const uncaught = (problem: unknown) => note(`the process would have ended: ${problem}`);
  const log = {
    info() {},
    warn() {},
    error: (facts: object, message: string) => note(`${message} ${JSON.stringify(facts, textOfErrors)}`),
  };
  const { context, metrics } = tandem.app;
  const yoga: Yoga = makeYoga(
    context,
    log,
    () => 'an-id',
    metrics,
    { introspection: true },
    noStream,
    () => false,
    () => true,
  );
  const counts = { answered: 0, refused: 0, limited: 0, slowestMs: 0 };
  const names = namesIn(schema);
  process.on('uncaughtException', uncaught).on('unhandledRejection', uncaught);
  const begun = performance.now();
  try {
    for (let done = 0; done < documents && failures.length < 10; done++) {
      const random = new Random(seed + done);
      const asked = documentFrom(random, names);
      current = { seed: seed + done, what: '', asked: JSON.stringify(asked).slice(0, 2_000) };
      // Of processor time: what else the machine does is no matter of the document's.
      const before = process.cpuUsage();
      const result = await (random.chance(0.3) ? askSocket(yoga, asked) : askHttp(yoga, asked, random)).catch(
        (problem: unknown): Result => {
          note(`it was thrown: ${problem instanceof Error ? problem.stack : problem}`);
          return {};
        },
      );
      const { user, system } = process.cpuUsage(before);
      const tookMs = (user + system) / 1_000;
      // A start takes its time, and so does a stop; what is asked for beside it may be slow in its shadow.
      if (!/provision|stopEngine|scale/.test(asked.query)) {
        counts.slowestMs = Math.max(counts.slowestMs, tookMs);
        if (tookMs > longestMs) note(`it took ${tookMs.toFixed(0)} ms`);
      }
      judge(result, note);
      if (result.errors?.some(isLimit)) counts.limited++;
      else if (result.data != null) counts.answered++;
      else counts.refused++;
      progress?.(done + 1);
    }
    if ((await tandem.ready()).status !== 200) note('the service is not ready any more');
  } finally {
    process.off('uncaughtException', uncaught).off('unhandledRejection', uncaught);
  }
  await yoga.dispose();
  return { documents, tookMs: performance.now() - begun, ...counts, failures };
}

function documentFrom(random: Random, names: readonly string[]): Asked {
  const valid = random.chance(0.5) ? generate(schema, random) : random.pick(seeds);
  const query = random.chance(0.35) ? valid : mutate(valid, random, names);
  const variables = random.chance(0.2)
    ? anyValue(random)
    : {
        input: { count: 1 },
        to: 2,
        engine: { name: 'acestream-1' },
        by: { id: 'x' },
        first: random.chance(0.5) ? 'gluetun' : 5,
        second: 'gluetun_2',
      };
  return {
    query,
    variables,
    ...(random.chance(0.05) && { operationName: random.pick(['Fuzz', '', '\u0000', 7, null]) }),
  };
}

async function askHttp(yoga: Yoga, asked: Asked, random: Random): Promise<Result> {
  const accept = random.pick([
    'application/json',
    'application/graphql-response+json',
    'text/event-stream',
    '*/*',
  ]);
  const byGet = random.chance(0.05);
  const address = 'http://localhost/graphql';
  const answer = await yoga.fetch(
    byGet ? `${address}?query=${encodeURIComponent(asked.query.toWellFormed())}` : address,
    byGet
      ? { headers: { accept } }
      : {
          method: 'POST',
          headers: { accept, 'content-type': 'application/json' },
          body: JSON.stringify(asked),
        },
    { viewer: { role: random.chance(0.9) ? 'ALL' : 'READ' } },
  );
  if (answer.status >= 500) throw new Error(`status ${answer.status}`);
  // A subscription, where nobody accepts a stream.
  if (answer.status === 406) return {};
  if (!answer.headers.get('content-type')?.startsWith('text/event-stream'))
    return (await answer.json()) as Result;
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = ''; ; ) {
    const event = /^data: (\{.*\})\n/m.exec(text)?.[1];
    const chunk = event === undefined ? await Promise.race([reader?.read(), quiet()]) : undefined;
    if (!chunk || chunk.done) {
      await reader?.cancel();
      return event === undefined ? { data: null } : JSON.parse(event);
    }
    text += chunk.value;
  }
}

/** As server/websocket.ts does. */
async function askSocket(yoga: Yoga, { query, variables, operationName }: Asked): Promise<Result> {
  if (typeof operationName === 'number' || typeof variables !== 'object' || Array.isArray(variables))
    return {};
  const { schema, parse, validate, execute, subscribe, contextFactory } = yoga.getEnveloped({
    viewer: { role: 'ALL' },
  });
  let document: ReturnType<typeof parse>;
  try {
    document = parse(query);
  } catch (problem) {
    if (problem instanceof GraphQLError) return { errors: [problem.toJSON() as never] };
    throw problem;
  }
  const errors = validate(schema, document);
  if (errors.length > 0) return { errors: errors.map((error: GraphQLError) => error.toJSON()) as never };
  // graphql-ws looks for it before it executes.
  if (!getOperationAST(document, operationName as string)) return {};
  const args = {
    schema,
    document,
    operationName,
    variableValues: variables,
    contextValue: await contextFactory(),
  };
  const follows = document.definitions.some(
    (each: { operation?: string }) => each.operation === 'subscription',
  );
  const result = await (follows ? subscribe(args) : execute(args));
  if (!(Symbol.asyncIterator in result)) return JSON.parse(JSON.stringify(result));
  const first = await Promise.race([result[Symbol.asyncIterator]().next(), quiet()]);
  await result.return?.();
  return first && !first.done ? JSON.parse(JSON.stringify(first.value)) : { data: null };
}

const isLimit = ({ message, extensions }: NonNullable<Result['errors']>[number]): boolean =>
  extensions?.code === 'LIMIT_EXCEEDED' || /more than \d+ tokens/.test(message);

/** Nothing may happen for ever to a subscription that is in order; whether it does is known soon. */
const quiet = (): Promise<void> =>
  new Promise((resolve) => setImmediate(() => setImmediate(() => setImmediate(() => resolve()))));

function judge({ errors = [] }: Result, note: (what: string) => void): void {
  for (const { message, extensions } of errors) {
    if (typeof message !== 'string' || message === '') note('an error without words');
    else if (message.length > 1_100) note(`an error of ${message.length} characters`);
    else if (/node_modules|\n\s+at /.test(message)) note(`an error that tells of the inside: ${message}`);
    if (extensions?.code === 'INTERNAL_SERVER_ERROR') note(`an unexpected error: ${message}`);
  }
}

const namesIn = (schema: GraphQLSchema): string[] =>
  Object.values(schema.getTypeMap()).flatMap((type) => [
    type.name,
    ...(isObjectType(type) ? Object.keys(type.getFields()) : []),
  ]);

const textOfErrors = (_key: string, value: unknown): unknown =>
  value instanceof Error ? value.stack : value;
