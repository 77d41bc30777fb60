import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { delayRows, p99, spread } from '../harness/delays.ts';
import { type Finding, list } from '../harness/report.ts';
import type { Tandem } from '../harness/tandem.ts';
import { tries } from '../harness/tries.ts';
import { Watched } from '../harness/watched.ts';
import { type RealWorld, realWorld } from '../harness/world.ts';

/**
 * Fifty at once are seldom tried, for each time fifty are to be started first. Their VPNs publish no ports: giving back as many
 * keeps Docker, and the machine, busy for seconds.
 */
const big = { engines: 50, count: tries(10), published: false };
const small = { engines: 2, count: tries(100), published: true };
const promised = { unlistedMs: 20, goneMs: 2_500, queryMs: 50 };
const queryEveryMs = 10;

/** The engines of a VPN that fails: how soon nobody is sent to them, how soon they are gone, and who has to wait meanwhile. */
export async function purge(): Promise<Finding> {
  const many = await purges(big);
  const few = await purges(small);
  const gone = Math.max(...many.gone);
  const slowest = Math.max(...many.queries);
  const part = 'purge';
  return {
    rows: [
      ...delayRows(
        part,
        `Docker's die event to a list without the VPN's ${small.engines} engines`,
        few.unlisted,
        {
          p99: promised.unlistedMs,
        },
      ),
      ...delayRows(part, `The same with ${big.engines} engines, ${big.count} tries`, many.unlisted, {
        p99: promised.unlistedMs,
      }),
      {
        part,
        what: `Docker's die event to the end of the last of ${big.engines} containers, the slowest of ${big.count} tries`,
        measured: `${gone.toFixed(0)} ms`,
        target: `at most ${promised.goneMs} ms`,
        reached: gone <= promised.goneMs,
      },
      {
        part,
        what: 'The slowest status query meanwhile',
        measured: `${slowest.toFixed(1)} ms`,
        target: `at most ${promised.queryMs} ms`,
        reached: slowest <= promised.queryMs,
      },
    ],
    notes: [
      `purge, ${big.engines} engines: gone after ${list(many.gone, 0)} ms; unlisted after ${list(many.unlisted, 1)} ms. ` +
        `Status queries meanwhile, one every ${queryEveryMs} ms whether the last was answered or not: ${many.queries.length}, ${spread(many.queries)}; ` +
        `p99 of the slowest try ${Math.max(...many.queryP99s).toFixed(1)} ms.`,
      `purge, ${small.engines} engines: ${small.count} tries: unlisted: ${spread(few.unlisted)}; gone: ${spread(few.gone)}.`,
    ],
  };
}

interface Purges {
  readonly unlisted: number[];
  readonly gone: number[];
  readonly queries: number[];
  readonly queryP99s: number[];
}

/** The first VPN is killed again and again; each time as many engines are started on it as went. */
async function purges({ engines, count, published }: typeof big): Promise<Purges> {
  await using world = await realWorld(engines + 5, { published });
  await using watched = await Watched.start(world);
  const { tandem } = watched;
  const found: Purges = { unlisted: [], gone: [], queries: [], queryP99s: [] };
  await tandem.provisionBatch(2 * engines);
  for (let turn = 0; turn < count; turn++) {
    const { unlisted, gone, queries } = await one(world, watched, engines);
    found.unlisted.push(unlisted);
    found.gone.push(gone);
    found.queries.push(...queries);
    found.queryP99s.push(p99(queries));
    await world.vpns[0].start();
    await watched.recovered();
    await tandem.provisionBatch(engines);
  }
  return found;
}

async function one(
  world: RealWorld,
  watched: Watched,
  engines: number,
): Promise<{ unlisted: number; gone: number; queries: number[] }> {
  const { tandem, docker } = watched;
  const [vpn] = world.vpns;
  const doomed = (await listed(tandem)).filter((engine) => engine.vpn.name === vpn.name);
  if (doomed.length !== engines) throw new Error(`${doomed.length} engines are on the VPN to be killed`);
  const strike = await vpn.assassin();
  watched.begin();
  using queries = new Queries(tandem);
  strike();
  const [down, entered] = await Promise.all([watched.down(vpn, 'die'), watched.entered(vpn)]);
  const left = await listed(tandem);
  const unlisted = performance.now() - down.at;
  if (entered.value.removedEngines.length !== engines || left.some((engine) => engine.vpn.name === vpn.name))
    throw new Error('an engine of a VPN that failed is still listed');
  const ends = await Promise.all(
    doomed.map(({ containerId }) =>
      docker.inbox.first(
        `${containerId} is gone`,
        ({ id, action }) => id === containerId && action === 'destroy',
      ),
    ),
  );
  const gone = Math.max(...ends.map(({ at }) => at)) - down.at;
  return { unlisted, gone, queries: await queries.end() };
}

/** Status queries that are sent at a fixed pace, so that a slow answer does not hide those behind it. */
class Queries implements Disposable {
  readonly #tandem: Tandem;
  readonly #timer: NodeJS.Timeout;
  readonly #sent: Promise<number>[] = [];

  constructor(tandem: Tandem) {
    this.#tandem = tandem;
    this.#timer = setInterval(() => {
      const asked = this.#ask();
      // Whoever asks for the times hears of it, and nobody if the try has failed by then.
      asked.catch(() => undefined);
      this.#sent.push(asked);
    }, queryEveryMs);
  }

  /** Milliseconds of each. */
  async end(): Promise<number[]> {
    this[Symbol.dispose]();
    await sleep(0);
    return Promise.all(this.#sent);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #ask(): Promise<number> {
    const begin = performance.now();
    const query = '{ vpnStatus { emergencyMode { active } vpns { name state health engineCount } } }';
    await this.#tandem.ask(statusShape, query);
    return performance.now() - begin;
  }
}

async function listed(tandem: Tandem) {
  const query = '{ engines { id containerId vpn { name } } }';
  return (await tandem.ask(enginesShape, query)).data.engines;
}

const statusShape = z.object({ data: z.object({ vpnStatus: z.object({}) }) });
const enginesShape = z.object({
  data: z.object({
    engines: z.array(
      z.object({ id: z.string(), containerId: z.string(), vpn: z.object({ name: z.string() }) }),
    ),
  }),
});
