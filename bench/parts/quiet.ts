import { z } from 'zod';
import { systemClock } from '../../src/async/clock.ts';
import { type Call, countingProxy } from '../harness/counting-proxy.ts';
import type { Finding } from '../harness/report.ts';
import { Tandem } from '../harness/tandem.ts';
import { realWorld, type World } from '../harness/world.ts';

const queries = 1_000;
const rounds = 5;

/** Seconds between two looks at a VPN, and two listings of engines, where nothing stirs. */
const lookEveryS = 5;
const listEveryS = 30;

/** Queries are answered from memory: what reaches Docker while they run is only the beat, as much as without them. */
export async function quiet(): Promise<Finding> {
  await using world = await realWorld(8);
  await using proxy = await countingProxy(world.docker);
  await using tandem = await Tandem.start(world, proxy);
  await tandem.provisionBatch(10);
  await systemClock.sleep(1_000);

  const asked: Call[] = [];
  const idle: Call[] = [];
  let seconds = 0;
  let cpu = 0;
  for (let round = 0; round < rounds; round++) {
    const [from, begin, busy] = [proxy.calls.length, performance.now(), tandem.cpuMs()];
    await ask(tandem, queries / rounds);
    const took = performance.now() - begin;
    cpu += tandem.cpuMs() - busy;
    seconds += took / 1_000;
    asked.push(...proxy.calls.slice(from));

    const idleFrom = proxy.calls.length;
    await systemClock.sleep(took);
    idle.push(...proxy.calls.slice(idleFrom));
  }
  const caused = asked.filter((call) => !isBeat(call, world)).length;
  // A beat may fall just inside of each stretch.
  const mostBeats =
    Math.ceil(seconds / lookEveryS) * world.vpns.length + Math.ceil(seconds / listEveryS) + rounds;
  return {
    rows: [
      {
        part: 'quiet',
        what: `Docker calls caused by ${queries} queries for engines and vpnStatus`,
        measured: String(caused),
        target: '0',
        reached: caused === 0 && asked.length <= mostBeats,
      },
    ],
    notes: [
      `quiet: ${queries} queries in ${seconds.toFixed(1)} s, in ${rounds} stretches that alternate with idle ones of the same length. ` +
        `The beat's own calls (looks at the two VPNs, listings of engines): ${asked.length - caused} while asked, ${idle.length} while idle. ` +
        `Tandem's processor time: ${(cpu / queries).toFixed(2)} ms a query.`,
    ],
  };
}

async function ask(tandem: Tandem, count: number): Promise<void> {
  const query =
    '{ engines { id name url state health vpn { name state } } vpnStatus { vpns { name state health engines { id } } } }';
  for (let turn = 0; turn < count; turn++) await tandem.ask(answerShape, query);
}

const isBeat = ({ method, path }: Call, { vpns }: World): boolean =>
  method === 'GET' &&
  (path.startsWith('/containers/json?') || vpns.some(({ name }) => path === `/containers/${name}/json`));

const answerShape = z.object({
  data: z.object({ engines: z.array(z.object({ id: z.string() })).min(10), vpnStatus: z.object({}) }),
});
