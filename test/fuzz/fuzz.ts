import { type GraphQLSchema, getIntrospectionQuery, isObjectType, parse } from 'graphql';
import { schema } from '../../src/graphql.ts';
import { exampleOperations } from '../../src/server/examples.ts';
import * as operations from '../api/operations.ts';
import { Random } from '../support/random.ts';
import { simulated } from '../support/simulated.ts';
import { type Answer, type Asked, HttpClient, keys, type Result, SocketClient, type Way } from './clients.ts';
import { generate } from './generate.ts';
import { anyValue, mutate } from './mutate.ts';

export interface FuzzOptions {
  readonly seed: number;
  readonly documents: number;
  /**
   * Milliseconds of processor time that an answer may take, its client's included, and a new engine's start left out. The dearest
   * that is let through, 25,000 events out of the journal, takes 0.4 s, in many turns, and twice that on a busy machine.
   */
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
  /** How many were answered each way. */
  readonly ways: Readonly<Record<Way, number>>;
  readonly slowestMs: number;
  readonly failures: readonly Failure[];
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

/** Wall-clock milliseconds after which no answer will come, whatever else the machine does. */
const patienceMs = 60_000;

/** Asks a service for what nobody would, each document from a seed of its own, and looks that it bears it. */
export async function fuzz({
  seed,
  documents,
  longestMs = 2_000,
  progress,
}: FuzzOptions): Promise<FuzzReport> {
  await using world = await simulated({ env: { MAX_REPLICAS: '6', LOG_LEVEL: 'error' } });
  const { url, logged, changeKeys, ready } = world.tandem;
  changeKeys(keys);
  using http = new HttpClient(url);
  using socket = new SocketClient(url);
  const failures: Failure[] = [];
  let current: Failure = { seed, what: '', asked: '' };
  let lost = () => {};
  const note = (what: string) => void failures.push({ ...current, what });
  const uncaught = (problem: unknown) => {
    note(`the process would have ended: ${problem instanceof Error ? problem.stack : problem}`);
    lost();
  };
  const answerTo = async (asked: Asked, random: Random): Promise<Answer | null> => {
    const { promise: nothing, resolve } = Promise.withResolvers<null>();
    lost = () => resolve(null);
    const patience = setTimeout(() => {
      note(`no answer came in ${patienceMs / 1_000} s`);
      lost();
    }, patienceMs);
    try {
      return await Promise.race([nothing, (random.chance(0.3) ? socket : http).ask(asked, random)]);
    } catch (problem) {
      note(`it was thrown: ${problem instanceof Error ? problem.stack : problem}`);
      return null;
    } finally {
      clearTimeout(patience);
    }
  };
  const counts = { answered: 0, refused: 0, limited: 0, slowestMs: 0 };
  const ways: Record<Way, number> = { POST: 0, GET: 0, events: 0, socket: 0 };
  const names = namesIn(schema);
  let seen = 0;
  process.on('uncaughtException', uncaught).on('unhandledRejection', uncaught);
  const begun = performance.now();
  try {
    for (let done = 0; done < documents && failures.length < 10; done++) {
      const random = new Random(seed + done);
      const asked = documentFrom(random, names);
      current = { seed: seed + done, what: '', asked: JSON.stringify(asked).slice(0, 2_000) };
      // Of processor time: what else the machine does is no matter of the document's.
      const before = process.cpuUsage();
      const answer = await answerTo(asked, random);
      const { user, system } = process.cpuUsage(before);
      const tookMs = (user + system) / 1_000;
      // A start takes its time, and so does a stop; what is asked for beside it may be slow in its shadow.
      if (!/provision|stopEngine|scale/.test(asked.query)) {
        counts.slowestMs = Math.max(counts.slowestMs, tookMs);
        if (tookMs > longestMs) note(`it took ${tookMs.toFixed(0)} ms`);
      }
      for (; seen < logged.length; seen++) note(`it was logged: ${logged[seen]}`);
      if (answer) {
        const { way, result } = answer;
        ways[way]++;
        judge(result, note);
        if (result.errors?.some(isLimit)) counts.limited++;
        else if (result.data != null) counts.answered++;
        else counts.refused++;
      }
      progress?.(done + 1);
    }
    if ((await ready()).status !== 200) note('the service is not ready any more');
  } finally {
    process.off('uncaughtException', uncaught).off('unhandledRejection', uncaught);
  }
  return { documents, tookMs: performance.now() - begun, ...counts, ways, failures };
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

const isLimit = ({ message, extensions }: NonNullable<Result['errors']>[number]): boolean =>
  extensions?.code === 'LIMIT_EXCEEDED' || /more than \d+ tokens/.test(message);

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
