import { type Row, text } from './report.ts';
import { estimate, median, quantile } from './stats.ts';

export interface Promised {
  readonly median?: number;
  readonly p99?: number;
}

/** The 99th percentile: of fewer than a hundred values it lies between the two largest. */
export const p99 = (values: readonly number[] = []): number => quantile(values, 0.99);

/** Two lines on delays in milliseconds, with what was promised of either. */
export function delayRows(part: string, what: string, ms: readonly number[], promised: Promised): Row[] {
  const row = (
    name: string,
    statistic: (drawn?: readonly number[]) => number,
    target: number | undefined,
  ): Row => {
    const found = estimate([ms], statistic);
    return {
      part,
      what: `${what}, ${name}`,
      measured: text(found, 'ms', 1),
      target: target === undefined ? '' : `at most ${target} ms`,
      reached: target === undefined ? null : found.value <= target,
    };
  };
  return [row('median', (drawn = []) => median(drawn), promised.median), row('p99', p99, promised.p99)];
}

/** The same for a note, with the extremes. */
export const spread = (ms: readonly number[]): string =>
  `p50 ${median(ms).toFixed(1)} ms, p99 ${p99(ms).toFixed(1)} ms, from ${Math.min(...ms).toFixed(1)} to ${Math.max(...ms).toFixed(1)} ms`;
