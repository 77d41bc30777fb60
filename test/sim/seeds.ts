import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { Tally } from './tally.ts';
import type { Batch, BatchResult, Failure } from './worker.ts';

export interface SeedsOptions {
  readonly from: number;
  readonly count: number;
  /** Milliseconds after which no more are begun, once there were `atLeast`. */
  readonly longestMs?: number;
  readonly atLeast?: number;
  readonly stopAtFirst?: boolean;
  readonly threads?: number;
  readonly progress?: (so: Report) => void;
}

export interface Report {
  readonly seeds: number;
  readonly steps: number;
  /** Milliseconds, of the simulated worlds and of this one. */
  readonly lasted: number;
  readonly tookMs: number;
  readonly tally: Tally;
  readonly failures: readonly Failure[];
}

/** Small enough that the threads end together. */
const batchSize = 50;
const youngGenerationMb = 64;

/**
 * Runs seeds on every processor.
 * @throws what a thread threw.
 */
export async function runSeeds(options: SeedsOptions): Promise<Report> {
  const { from, count, longestMs = Number.POSITIVE_INFINITY, atLeast = 0, stopAtFirst = false } = options;
  const began = performance.now();
  const tally = new Tally();
  const failures: Failure[] = [];
  let [seeds, steps, lasted, begun] = [0, 0, 0, 0];
  const report = (): Report => ({ seeds, steps, lasted, tookMs: performance.now() - began, tally, failures });
  const isOver = () =>
    begun >= count ||
    (stopAtFirst && failures.length > 0) ||
    (begun >= atLeast && performance.now() - began > longestMs);

  const work = async () => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
    });
    try {
      while (!isOver()) {
        const batch: Batch = {
          from: from + begun,
          count: Math.min(batchSize, count - begun),
          twiceEvery: 50,
        };
        begun += batch.count;
        worker.postMessage(batch);
        const [result] = (await once(worker, 'message')) as [BatchResult];
        seeds += result.seeds;
        steps += result.steps;
        lasted += result.lasted;
        tally.add(result.tally);
        failures.push(...result.failures);
        options.progress?.(report());
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: options.threads ?? availableParallelism() }, work));
  return report();
}
