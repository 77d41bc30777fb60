import { setTimeout as sleep } from 'node:timers/promises';
import { type Finding, list, type Row, text } from '../harness/report.ts';
import { estimate, median, medianRatio } from '../harness/stats.ts';
import { isTrial, tries } from '../harness/tries.ts';
import type { ClientHandlers, Latencies } from '../live/clients.ts';
import { type RecipeName, type Selection, selections } from '../live/recipes.ts';
import { Worker } from '../live/rpc.ts';
import type { ServerHandlers } from '../live/server.ts';

const subscribers = 1_000;
const engines = 50;
const rounds = tries(5);
const names = ['tandem', 'plain', 'raw'] as const;
const floodMs = isTrial ? 2_000 : 5_000;
const pacedEvents = isTrial ? 12 : 40;
const paceMs = 250;

interface Round {
  readonly perSecond: number;
  /** Microseconds of the server's processor time for each delivery. */
  readonly cpu: number;
  /** Of a delivery. */
  readonly bytes: number;
  readonly paced: Latencies;
}

/** A thousand clients follow the VPNs with fifty engines: as Tandem does it, as the plain recipe does, and as ws alone can. */
export async function live(): Promise<Finding> {
  const page = await compare('a page');
  const five = await compare('five fields');
  return { rows: [...page.rows, ...five.rows], notes: [...page.notes, ...five.notes] };
}

async function compare(selection: Selection): Promise<Finding> {
  const all: Record<RecipeName, Round[]> = { tandem: [], plain: [], raw: [] };
  for (let n = 0; n < rounds; n++)
    for (const recipe of names) all[recipe].push(await round(recipe, selection));

  const ratio = (ours: RecipeName, theirs: RecipeName) =>
    medianRatio(
      all[ours].map(({ perSecond }, index) => ({
        ours: perSecond,
        theirs: all[theirs][index]?.perSecond ?? Number.NaN,
      })),
    );
  const [toPlain, toRaw] = [ratio('tandem', 'plain'), ratio('tandem', 'raw')];
  const rawToPlain = ratio('raw', 'plain');
  const p99 = estimate([all.tandem.map(({ paced }) => paced.p99)], median);
  const row = (what: string, measured: string, target = '', reached: boolean | null = null): Row => ({
    part: 'live',
    what: `${subscribers} subscribers of vpnStatus with ${engines} engines (${selection}): ${what}`,
    measured,
    target,
    reached,
  });
  const bytes = list([median(all.raw.map((each) => each.bytes))], 0);
  return {
    rows: [
      // With little to execute the kernel is nearly all, and what no server can surpass is raw ws.
      selection === 'a page'
        ? row(
            'deliveries a second, against the plain recipe',
            text(toPlain, 'times', 1),
            'at least 25',
            toPlain.value >= 25,
          )
        : row(
            'deliveries a second, against the plain recipe; raw ws against it',
            `${text(toPlain, 'times', 1)}; ${text(rawToPlain, 'times', 1)}`,
          ),
      row(
        'deliveries a second, against raw ws',
        text(toRaw, 'times', 2),
        'at least 0.75',
        toRaw.value >= 0.75,
      ),
      row(`p99 of an event each ${paceMs} ms`, text(p99, 'ms', 1), 'under 50 ms', p99.value < 50),
      ...names.map((recipe) =>
        row(
          `the server's processor time for a delivery, ${recipe}`,
          text(estimate([all[recipe].map(({ cpu }) => cpu)], median), 'µs', 1),
        ),
      ),
    ],
    notes: names.map(
      (recipe) =>
        `live, ${selection} (${bytes} bytes), ${recipe}, by round: deliveries a second: ${list(
          all[recipe].map(({ perSecond }) => perSecond),
          0,
        )}; µs of processor time each: ${list(
          all[recipe].map(({ cpu }) => cpu),
          1,
        )}; paced, p50: ${list(
          all[recipe].map(({ paced }) => paced.p50),
          1,
        )} ms, p99: ${list(
          all[recipe].map(({ paced }) => paced.p99),
          1,
        )} ms, skipped for a newer one: ${list(
          all[recipe].map(({ paced }) => paced.missing),
          0,
        )}.`,
    ),
  };
}

async function round(recipe: RecipeName, selection: Selection): Promise<Round> {
  await using server = new Worker<ServerHandlers>('server.ts');
  await using clients = new Worker<ClientHandlers>('clients.ts');
  const port = await server.ask('open', { recipe, engines, journal: null, selection });
  const query = `subscription ${selections[selection]}`;
  await clients.ask('open', { port, count: subscribers, query, marker: '"lastEventId":"' });
  await server.ask('flood', floodMs / 2);
  await sleep(500);

  const before = await clients.ask('read');
  const { cpuMs, ms } = await server.ask('flood', floodMs);
  const after = await clients.ask('read');
  const delivered = after.frames - before.frames;
  await sleep(500);

  await clients.ask('forget');
  const { at } = await server.ask('pace', { everyMs: paceMs, count: pacedEvents });
  const paced = await clients.ask('latencies', { at, waitForAll: false });
  const bytes = (after.bytes - before.bytes) / delivered;
  return { perSecond: (delivered * 1_000) / ms, cpu: (cpuMs * 1_000) / delivered, bytes, paced };
}
