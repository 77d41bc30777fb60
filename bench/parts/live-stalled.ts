import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { undoLater } from '../harness/cleanup.ts';
import { type Finding, list, type Row } from '../harness/report.ts';
import { median } from '../harness/stats.ts';
import { isTrial, tries } from '../harness/tries.ts';
import type { ClientHandlers, Latencies } from '../live/clients.ts';
import { Worker } from '../live/rpc.ts';
import type { ServerHandlers } from '../live/server.ts';

const subscribers = 95;
const stalled = 5;
const events = isTrial ? 50_000 : 100_000;
const burst = 10;
const everyMs = 10;
const rounds = tries(3);
const query = 'subscription { events { id at type message } }';

interface Round {
  readonly paced: Latencies;
  /** What is kept after everything, in MB. */
  readonly used: number;
  readonly resumed: Awaited<ReturnType<ClientHandlers['resume']>>;
}

/** A hundred follow all events, of whom none or five read nothing. */
export async function liveStalled(): Promise<Finding> {
  const without: Round[] = [];
  const among: Round[] = [];
  for (let n = 0; n < rounds; n++) {
    without.push(await round(0));
    among.push(await round(stalled));
  }
  const p99 = (all: Round[]) => all.map(({ paced }) => paced.p99);
  // The noise is what the rounds without them differ by; where there is but one, nothing is known of it.
  const most = Math.max(...p99(without));
  const extra = median(among.map(({ used }, index) => (used - (without[index]?.used ?? 0)) / stalled));
  const lost = among
    .flatMap(({ resumed }) => resumed)
    .filter(({ all, inOrder }) => all !== events || !inOrder);
  const told = among.flatMap(({ resumed }) => resumed).filter(({ code }) => code === 1013);
  const row = (what: string, measured: string, target: string, reached: boolean | null): Row => ({
    part: 'live-stalled',
    what: `${stalled} that read nothing among 100, ${events} events: ${what}`,
    measured,
    target,
    reached,
  });
  return {
    rows: [
      row(
        "the others' p99, against without",
        `${median(p99(among)).toFixed(1)} ms against ${median(p99(without)).toFixed(1)} ms`,
        'no slower (within the rounds without)',
        rounds > 1 ? median(p99(among)) <= most : null,
      ),
      row('what is kept for each', `${extra.toFixed(2)} MB`, 'at most 1 MB', extra <= 1),
      row(
        'sent away with 1013, of all',
        `${told.length} of ${rounds * stalled}`,
        'all',
        told.length === rounds * stalled,
      ),
      row(
        'that missed an event, or were told one twice, after coming back',
        String(lost.length),
        '0',
        lost.length === 0,
      ),
    ],
    notes: [
      `live-stalled, by round: the others' p99 with: ${list(p99(among), 1)} ms, without: ${list(p99(without), 1)} ms; ` +
        `deliveries missing among them: ${list(
          [...among, ...without].map(({ paced }) => paced.missing),
          0,
        )}; ` +
        `MB in use at the end with: ${list(
          among.map(({ used }) => used),
          1,
        )}, without: ${list(
          without.map(({ used }) => used),
          1,
        )}; ` +
        `events that the kernels had taken for those who read nothing: ${list(
          among.flatMap(({ resumed }) => resumed.map(({ before }) => before)),
          0,
        )}.`,
    ],
  };
}

async function round(count: number): Promise<Round> {
  const journal = await mkdtemp(join(tmpdir(), 'tandem-bench-'));
  await using _removing = {
    [Symbol.asyncDispose]: undoLater(() => rm(journal, { recursive: true, force: true })),
  };
  await using server = new Worker<ServerHandlers>('server.ts');
  await using clients = new Worker<ClientHandlers>('clients.ts');
  const port = await server.ask('open', { recipe: 'tandem', engines: 2, journal, selection: 'five fields' });
  await clients.ask('open', {
    port,
    count: subscribers + stalled - count,
    query,
    marker: '"events":{"id":"',
  });
  await clients.ask('stall', { port, count });
  const { at } = await server.ask('pace', { everyMs, count: events, burst });
  const paced = await clients.ask('latencies', { at, waitForAll: true });
  const { used } = await server.ask('memory');
  const last = at.at(-1)?.[0] ?? 0;
  const resumed = await clients.ask('resume', { port, last });
  return { paced, used: used / 1_048_576, resumed };
}
