import { z } from 'zod';
import { systemClock } from '../../src/async/clock.ts';
import { type Call, countingProxy } from '../harness/counting-proxy.ts';
import type { Finding, Row } from '../harness/report.ts';
import { Tandem } from '../harness/tandem.ts';
import { isTrial } from '../harness/tries.ts';
import { embeddedWorld, type World } from '../harness/world.ts';

const engines = 100;
const spanS = isTrial ? 10 : 60;
const mostPercent = 1;
const listEveryS = 30;

/** What the starts have set off ends in this time, and what is compiled later is compiled. */
const warmUpS = 10;

/** A hundred engines that are well, and nobody asks for anything: what the service does all the same. */
export async function rest(): Promise<Finding> {
  const checked = await atRest('with health checks', {});
  const unchecked = await atRest('without health checks', { HEALTH_CHECK_INTERVAL_S: '86400' });
  return { rows: [...checked.rows, ...unchecked.rows], notes: [...checked.notes, ...unchecked.notes] };
}

async function atRest(how: string, env: Readonly<Record<string, string>>): Promise<Finding> {
  await using world = await embeddedWorld(engines / 2, { createMs: 0, startMs: 0 });
  await using proxy = await countingProxy(world.docker);
  await using tandem = await Tandem.start(world, { socketPath: proxy.socketPath, env });
  await tandem.provisionBatch(engines);
  await systemClock.sleep(warmUpS * 1_000);

  const [from, busy, lastEventId] = [proxy.calls.length, tandem.cpuMs(), await newest(tandem)];
  await systemClock.sleep(spanS * 1_000);
  const percent = (tandem.cpuMs() - busy) / (spanS * 10);
  const calls = proxy.calls.slice(from);
  const told = (await newest(tandem)) !== lastEventId;
  if (told) throw new Error('something happened: this was no rest');

  const kinds = Map.groupBy(calls, (call) => kindOf(call, world));
  const counted = [...kinds].map(([kind, alike]) => `${alike.length} ${kind}`).sort();
  const changing = calls.filter(({ method }) => method !== 'GET').length;
  // One more may fall just inside of the stretch.
  const listings = (kinds.get(listing) ?? []).length;
  const row = (what: string, measured: string, target: string, reached: boolean): Row => ({
    part: 'rest',
    what: `${engines} engines at rest, ${how}: ${what}`,
    measured,
    target,
    reached,
  });
  return {
    rows: [
      row(
        'processor time, of one core',
        `${percent.toFixed(2)} %`,
        `under ${mostPercent} %`,
        percent < mostPercent,
      ),
      row('Docker calls that change anything', String(changing), '0', changing === 0),
      row(
        `listings in ${spanS} s`,
        String(listings),
        `one in ${listEveryS} s`,
        listings <= Math.floor(spanS / listEveryS) + 1,
      ),
    ],
    notes: [`rest, ${how}: Docker calls in ${spanS} s, on the embedded daemon: ${counted.join(', ')}.`],
  };
}

const listing = 'listings of containers';

function kindOf({ method, path }: Call, { vpns }: World): string {
  if (method !== 'GET') return `${method} ${path}`;
  if (path.startsWith('/containers/json?')) return listing;
  if (vpns.some(({ name }) => path === `/containers/${name}/json`)) return 'looks at a VPN';
  return path.startsWith('/containers/') ? 'looks at an engine' : `GET ${path}`;
}

const newest = async (tandem: Tandem): Promise<string> =>
  (await tandem.ask(newestShape, '{ lastEventId }')).data.lastEventId;

const newestShape = z.object({ data: z.object({ lastEventId: z.string() }) });
