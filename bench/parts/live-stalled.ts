import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { undoLater } from '../harness/cleanup.ts';
import { type Finding, list, type Row, text } from '../harness/report.ts';
import { estimate, median } from '../harness/stats.ts';
import { isTrial } from '../harness/tries.ts';
import type { ClientHandlers, Latencies } from '../live/clients.ts';
import { Worker } from '../live/rpc.ts';
import type { ServerHandlers } from '../live/server.ts';

const subscribers = 95;
const stalled = 5;
const events = isTrial ? 5_000 : 100_000;
const burst = 2;
/** Between them it is looked how much memory is in use. */
const parts = 10;
const everyMs = 10;
const query = 'subscription { events { id at type message } }';

interface Round {
  readonly paced: Latencies;
  /** The most that was in use after a tenth of the events, in MB. */
  readonly used: number;
  readonly resumed: Awaited<ReturnType<ClientHandlers['resume']>>;
}

/** A hundred follow all events, of whom none or five read nothing. */
export async function liveStalled(): Promise<Finding> {
  const without = await round(0);
  const among = await round(stalled);
  const [with5, with0] = [among, without].map(({ paced }) => estimate([[...paced.p99s]], median));
  if (!with5 || !with0) throw new Error('nothing was measured');
  const extra = (among.used - without.used) / stalled;
  const lost = among.resumed.filter(({ all, inOrder }) => all !== events || !inOrder);
  const sent = among.resumed.filter(({ code }) => code !== null);
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
        "the others' p99, against without (median of ten stretches)",
        `${text(with5, 'ms', 1)} against ${text(with0, 'ms', 1)}`,
        'no slower (intervals meet)',
        with5.low <= with0.high,
      ),
      row('memory in use for each, at most', `${extra.toFixed(2)} MB`, 'at most 1 MB', extra <= 1),
      // So few fit into what the kernels take.
      row('sent away', String(sent.length), 'all', isTrial ? null : sent.length === stalled),
      row(
        'that missed an event, or were told one twice, after coming back',
        String(lost.length),
        '0',
        lost.length === 0,
      ),
    ],
    notes: [
      `live-stalled: the others' p99 in each tenth with: ${list(among.paced.p99s, 1)} ms, without: ${list(without.paced.p99s, 1)} ms; ` +
        `deliveries missing among them: ${among.paced.missing} and ${without.paced.missing}; ` +
        `most MB in use with: ${among.used.toFixed(1)}, without: ${without.used.toFixed(1)}; ` +
        `closed with: ${list(
          among.resumed.map(({ code }) => code ?? 0),
          0,
        )}; events told before that: ${list(
          among.resumed.map(({ before }) => before),
          0,
        )}. Nobody is pinged, so that the bound on memory is what ends them; otherwise they are given up after 24 s.`,
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
  const port = await server.ask('open', {
    recipe: 'tandem',
    engines: 2,
    journal,
    selection: 'five fields',
    live: { beatMs: 86_400_000 },
  });
  await clients.ask('open', {
    port,
    count: subscribers + stalled - count,
    query,
    marker: '"events":{"id":"',
  });
  await clients.ask('stall', { port, count });
  const at: (readonly [number, number])[] = [];
  let used = 0;
  for (let part = 0; part < parts; part++) {
    at.push(...(await server.ask('pace', { everyMs, count: events / parts, burst })).at);
    used = Math.max(used, (await server.ask('memory')).used);
  }
  const paced = await clients.ask('latencies', { at, waitForAll: true });
  const last = at.at(-1)?.[0] ?? 0;
  const resumed = await clients.ask('resume', { port, last });
  return { paced, used: used / 1_048_576, resumed };
}
