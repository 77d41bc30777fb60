import { parentPort } from 'node:worker_threads';
import { simulate } from './simulation.ts';
import { Tally } from './tally.ts';

/** Some seeds for one thread. */
export interface Batch {
  readonly from: number;
  readonly count: number;
  /** Every so many-th seed runs twice, which has to be the same twice. */
  readonly twiceEvery: number;
}

export interface Failure {
  readonly seed: number;
  readonly promise: string;
  readonly what: string;
}

export interface BatchResult {
  readonly seeds: number;
  readonly steps: number;
  /** Milliseconds of simulated time. */
  readonly lasted: number;
  readonly tally: readonly (readonly [string, number])[];
  readonly failures: readonly Failure[];
}

// An AbortError is made for everything that is given up, and its stack is read by nobody.
Error.stackTraceLimit = 0;

async function run({ from, count, twiceEvery }: Batch): Promise<BatchResult> {
  const tally = new Tally();
  const failures: Failure[] = [];
  let [steps, lasted] = [0, 0];
  for (let seed = from; seed < from + count; seed++) {
    const outcome = await simulate({ seed });
    steps += outcome.steps;
    lasted += outcome.lasted;
    tally.add(outcome.tally);
    const [violation] = outcome.violations;
    if (violation) failures.push({ seed, promise: violation.promise, what: violation.what });
    if (seed % twiceEvery === 0 && (await simulate({ seed })).digest !== outcome.digest)
      failures.push({ seed, promise: 'determinism', what: 'it is not the same twice' });
  }
  return { seeds: count, steps, lasted, tally: [...tally.counts], failures };
}

const asked = parentPort;
asked?.on('message', async (batch: Batch) => asked.postMessage(await run(batch)));
