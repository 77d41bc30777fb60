import { z } from 'zod';
import { until } from '../../test/support/docker/until.ts';
import { delayRows, spread } from '../harness/delays.ts';
import type { Finding } from '../harness/report.ts';
import { Tandem } from '../harness/tandem.ts';
import { tries } from '../harness/tries.ts';
import { embeddedWorld, realWorld, type World } from '../harness/world.ts';

const embedded = { engines: 300, count: tries(100) };
const real = { engines: 60, count: tries(10) };
const promised = { p99: 1_500 };

/** Killed without warning and started again: until it serves, with all engines as they were. */
export async function restartEmbedded(): Promise<Finding> {
  await using world = await embeddedWorld(embedded.engines / 2, { createMs: 0, startMs: 0 });
  return await restarts(world, 'embedded daemon', embedded);
}

export async function restart(): Promise<Finding> {
  await using world = await realWorld(real.engines / 2, { published: false });
  return await restarts(world, 'real daemon', real);
}

async function restarts(
  world: World,
  where: string,
  { engines, count }: { engines: number; count: number },
): Promise<Finding> {
  await using tandem = await Tandem.start(world);
  for (let made = 0; made < engines; made += 60) await tandem.provisionBatch(Math.min(60, engines - made));
  const before = await listed(tandem);
  if (before.length !== engines) throw new Error(`${before.length} engines are listed`);
  const ms: number[] = [];
  const starts: number[] = [];
  for (let turn = 0; turn < count; turn++) {
    await tandem.kill();
    const { listening, ready } = await tandem.again();
    ms.push(ready);
    starts.push(listening);
    const after = await listed(tandem);
    if (JSON.stringify(after) !== JSON.stringify(before)) throw new Error('engines are not as they were');
    // So that the next kill does not come while it is still busy with its first looks.
    await until('every VPN is READY', async () => {
      const { data } = await tandem.ask(statusShape, '{ vpnStatus { vpns { state } } }');
      return data.vpnStatus.vpns.every(({ state }) => state === 'READY');
    });
  }
  return {
    rows: delayRows('restart', `kill -9 with ${engines} engines, ${where}: to ready again`, ms, promised),
    notes: [
      `restart, ${where}: ${count} tries with ${engines} engines, from starting the process to the first 200 of /readyz: ${spread(ms)}. ` +
        `Of that until it listens, which is Node and the loading of modules: ${spread(starts)}. ` +
        'Each time all engines had the ids, containers, names and ports of before.',
    ],
  };
}

async function listed(tandem: Tandem) {
  const query = '{ engines { id containerId name httpPort createdAt vpn { name } } }';
  return (await tandem.ask(enginesShape, query)).data.engines;
}

const enginesShape = z.object({ data: z.object({ engines: z.array(z.looseObject({ id: z.string() })) }) });
const statusShape = z.object({
  data: z.object({ vpnStatus: z.object({ vpns: z.array(z.object({ state: z.string() })) }) }),
});
