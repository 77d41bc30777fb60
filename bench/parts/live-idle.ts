import { setTimeout as sleep } from 'node:timers/promises';
import { type Finding, list, type Row } from '../harness/report.ts';
import { median } from '../harness/stats.ts';
import { isTrial, tries } from '../harness/tries.ts';
import type { ClientHandlers, Latencies } from '../live/clients.ts';
import { type RecipeName, selections } from '../live/recipes.ts';
import { Worker } from '../live/rpc.ts';
import type { ServerHandlers } from '../live/server.ts';

const subscribers = 5_000;
const engines = 50;
const rounds = tries(3);
const events = isTrial ? 5 : 20;
const everyMs = 1_000;

interface Round {
  /** What one more subscriber takes, in KB. */
  readonly kilobytes: number;
  readonly stallMs: number;
  readonly paced: Latencies;
}

/** Five thousand clients that are told nothing, and then something now and again. */
export async function liveIdle(): Promise<Finding> {
  const all: Record<'tandem' | 'plain', Round[]> = { tandem: [], plain: [] };
  for (let n = 0; n < rounds; n++)
    for (const recipe of ['tandem', 'plain'] as const) all[recipe].push(await round(recipe));
  const of = (recipe: 'tandem' | 'plain', what: (round: Round) => number) => all[recipe].map(what);
  const kilobytes = median(of('tandem', (each) => each.kilobytes));
  const stallMs = median(of('tandem', (each) => each.stallMs));
  const missing = Math.max(...of('tandem', ({ paced }) => paced.missing));
  const row = (what: string, measured: string, target: string, reached: boolean): Row => ({
    part: 'live-idle',
    what: `${subscribers} idle subscribers of vpnStatus: ${what}`,
    measured,
    target,
    reached,
  });
  return {
    rows: [
      row('memory of the process for each', `${kilobytes.toFixed(1)} KB`, 'at most 16 KB', kilobytes <= 16),
      row('an event reaches all; those it did not reach', String(missing), '0', missing === 0),
      row('the longest stall of the event loop', `${stallMs.toFixed(1)} ms`, 'at most 25 ms', stallMs <= 25),
    ],
    notes: (['tandem', 'plain'] as const).map(
      (recipe) =>
        `live-idle, ${recipe}, by round: KB each: ${list(
          of(recipe, (each) => each.kilobytes),
          1,
        )}; longest stall: ${list(
          of(recipe, (each) => each.stallMs),
          0,
        )} ms; ${events} events, one each ${everyMs} ms, p50: ${list(
          of(recipe, ({ paced }) => paced.p50),
          0,
        )} ms, p99: ${list(
          of(recipe, ({ paced }) => paced.p99),
          0,
        )} ms.`,
    ),
  };
}

async function round(recipe: RecipeName): Promise<Round> {
  await using server = new Worker<ServerHandlers>('server.ts');
  await using clients = new Worker<ClientHandlers>('clients.ts');
  const selection = 'five fields';
  const port = await server.ask('open', { recipe, engines, journal: null, selection });
  const asking = { port, query: `subscription ${selections[selection]}`, marker: '"lastEventId":"' };
  // What the first ones make the process compile and load is not what one more takes.
  await clients.ask('open', { ...asking, count: 200 });
  await server.ask('flood', 1_000);
  const before = await server.ask('memory');
  await clients.ask('open', { ...asking, count: subscribers - 200 });
  const after = await server.ask('memory');
  await server.ask('pace', { everyMs, count: 2 });
  await sleep(everyMs);

  await clients.ask('forget');
  const { at, stallMs } = await server.ask('pace', { everyMs, count: events });
  const paced = await clients.ask('latencies', { at, waitForAll: recipe === 'tandem' });
  return { kilobytes: (after.rss - before.rss) / (subscribers - 200) / 1_024, stallMs, paced };
}
