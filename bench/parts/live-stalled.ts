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
const parts = 10;
const everyMs = 10;
/** How many there are where it is measured what one of them takes: of five it would be lost among all else. */
const crowd = 20;
/** The kernels take some megabytes for each before the process has to keep anything. */
const crowdEvents = isTrial ? 2_000 : 80_000;
const crowdBurst = 20;
/** Events between two looks at the memory, which is most just before they are sent away. */
const lookEvery = 1_000;
const query = 'subscription { events { id at type message } }';

interface Round {
  readonly paced: Latencies;
  readonly resumed: Awaited<ReturnType<ClientHandlers['resume']>>;
}

/** A hundred follow all events, of whom none or five read nothing. */
export async function liveStalled(): Promise<Finding> {
  const without = await round(0);
  const among = await round(stalled);
  const [with5, with0] = [among, without].map(({ paced }) => estimate([[...paced.p99s]], median));
  if (!with5 || !with0) throw new Error('nothing was measured');
  const held = await memoryOfStalled();
  const lost = among.resumed.filter(({ all, inOrder }) => all !== events || !inOrder);
  const sent = among.resumed.filter(({ code }) => code !== null);
  const few = `${stalled} that read nothing among 100, ${events} events`;
  const row = (what: string, measured: string, target: string, reached: boolean | null): Row => ({
    part: 'live-stalled',
    what,
    measured,
    target,
    reached,
  });
  return {
    rows: [
      row(
        `${few}: the others' p99, against without (median of ten stretches)`,
        `${text(with5, 'ms', 1)} against ${text(with0, 'ms', 1)}`,
        'no slower (intervals meet)',
        with5.low <= with0.high,
      ),
      row(
        `${crowd} that read nothing, until they are sent away: memory in use for each, at most`,
        `${held.toFixed(2)} MB`,
        'at most 1 MB',
        isTrial ? null : held <= 1,
      ),
      // So few fit into what the kernels take.
      row(`${few}: sent away`, String(sent.length), 'all', isTrial ? null : sent.length === stalled),
      row(
        `${few}: that missed an event, or were told one twice, after coming back`,
        String(lost.length),
        '0',
        lost.length === 0,
      ),
    ],
    notes: [
      `live-stalled: the others' p99 in each tenth with: ${list(among.paced.p99s, 1)} ms, without: ${list(without.paced.p99s, 1)} ms; ` +
        `deliveries missing among them: ${among.paced.missing} and ${without.paced.missing}; ` +
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

/** A server of this bench, whose journal goes with it, and clients. */
async function opened() {
  const journal = await mkdtemp(join(tmpdir(), 'tandem-bench-'));
  await using stack = new AsyncDisposableStack();
  stack.use({ [Symbol.asyncDispose]: undoLater(() => rm(journal, { recursive: true, force: true })) });
  const server = stack.use(new Worker<ServerHandlers>('server.ts'));
  const clients = stack.use(new Worker<ClientHandlers>('clients.ts'));
  const port = await server.ask('open', {
    recipe: 'tandem',
    engines: 2,
    journal,
    selection: 'five fields',
    live: { beatMs: 86_400_000 },
  });
  const all = stack.move();
  return { server, clients, port, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

async function round(count: number): Promise<Round> {
  await using world = await opened();
  const { server, clients, port } = world;
  await clients.ask('open', {
    port,
    count: subscribers + stalled - count,
    query,
    marker: '"events":{"id":"',
  });
  await clients.ask('stall', { port, count });
  const at: (readonly [number, number])[] = [];
  for (let part = 0; part < parts; part++)
    at.push(...(await server.ask('pace', { everyMs, count: events / parts, burst })).at);
  const paced = await clients.ask('latencies', { at, waitForAll: true });
  const last = at.at(-1)?.[0] ?? 0;
  const resumed = await clients.ask('resume', { port, last });
  return { paced, resumed };
}

/** MB. */
async function memoryOfStalled(): Promise<number> {
  await using world = await opened();
  const { server, clients, port } = world;
  const used = async () => (await server.ask('memory')).used / 1_048_576;
  // As many as stay in memory whoever follows.
  await server.ask('pace', { everyMs, count: 2_000, burst: crowdBurst });
  await clients.ask('stall', { port, count: crowd });
  const before = await used();
  let most = 0;
  for (let told = 0; told < crowdEvents; told += lookEvery) {
    await server.ask('pace', { everyMs, count: lookEvery, burst: crowdBurst });
    most = Math.max(most, await used());
  }
  return (most - before) / crowd;
}
