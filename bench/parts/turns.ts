import { systemClock } from '../../src/async/clock.ts';
import { type CountingProxy, countingProxy, isCreateOrStart } from '../harness/counting-proxy.ts';
import type { Finding } from '../harness/report.ts';
import { Tandem } from '../harness/tandem.ts';
import { embeddedWorld } from '../harness/world.ts';

const size = 500;
const singles = 20;
const batches = 3;
const target = 2;

/**
 * A single request in the middle of a big batch: how many engines of the batch are begun between the moment at which its
 * place is promised, which is when it arrives, and its own beginning.
 */
export async function turns(): Promise<Finding> {
  const waits: number[] = [];
  const took: number[] = [];
  for (let batch = 0; batch < batches; batch++) {
    await using world = await embeddedWorld(size / 2 + singles, { createMs: 20, startMs: 80 });
    await using proxy = await countingProxy(world.docker);
    await using tandem = await Tandem.start(world, proxy);
    const whole = tandem.provisionBatch(size);
    while (creates(proxy).length < 20) await systemClock.sleep(5);
    for (let single = 0; single < singles; single++) {
      await systemClock.sleep(50 + Math.random() * 300);
      const label = `single-${batch}-${single}`;
      const begin = performance.now();
      const { createdAt } = await tandem.provisionOne(label);
      took.push(performance.now() - begin);
      const own = creates(proxy).find(({ body }) => body.includes(label));
      if (!own) throw new Error('the single request was not seen among the creates');
      waits.push(creates(proxy).filter(({ at }) => at > createdAt && at < own.at).length);
    }
    if (creates(proxy).length >= size) throw new Error('the batch was over too soon');
    await whole;
  }
  const most = Math.max(...waits);
  return {
    rows: [
      {
        part: 'turns',
        what: `A single request in the middle of a batch of ${size}: engines of the batch begun before it, at most`,
        measured: String(most),
        target: `at most ${target}`,
        reached: most <= target,
      },
    ],
    notes: [
      `turns: ${waits.length} single requests at random moments in ${batches} batches of ${size}, embedded daemon; ` +
        `begun before it: ${[0, 1, 2, 3].map((count) => `${count} in ${waits.filter((wait) => wait === count).length}`).join(', ')}` +
        `; the slowest was answered after ${Math.max(...took).toFixed(0)} ms.`,
    ],
  };
}

const creates = ({ calls }: CountingProxy) =>
  calls.filter((call) => isCreateOrStart(call) && /\/containers\/create\b/.test(call.path));
