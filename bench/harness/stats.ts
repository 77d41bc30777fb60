/** A figure and the interval that holds it with 95 % confidence. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** The value below which the share `q` of `values` lies, interpolated between neighbours. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = Float64Array.from(values).sort();
  const place = (sorted.length - 1) * q;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** `statistic` of the samples, and its bootstrap percentile interval: each group is drawn anew from itself, with replacement. */
export function estimate(
  groups: readonly (readonly number[])[],
  statistic: (...drawn: number[][]) => number,
): Estimate {
  const draws = Array.from({ length: 2_000 }, () => statistic(...groups.map(drawAnew)));
  return {
    value: statistic(...groups.map((group) => [...group])),
    low: quantile(draws, 0.025),
    high: quantile(draws, 0.975),
  };
}

/** The median of paired ratios. */
export const medianRatio = (pairs: readonly Pair[]): Estimate =>
  estimate([pairs.map(({ ours, theirs }) => ours / theirs)], median);

/** What the two sides of one interleaved round measured. */
export interface Pair {
  readonly ours: number;
  readonly theirs: number;
}

const drawAnew = (group: readonly number[]): number[] =>
  group.map(() => group[Math.floor(Math.random() * group.length)] ?? Number.NaN);
