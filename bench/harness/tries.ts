const limit = Number(process.env.TANDEM_BENCH_TRIES || Number.POSITIVE_INFINITY);
if (!(limit >= 1)) throw new Error('TANDEM_BENCH_TRIES is to be a number from 1 on');

/** A trial of the benchmark itself: its figures are too few to be published. */
export const isTrial = Number.isFinite(limit);

/** How often something is tried: as often as it takes, or no more than TANDEM_BENCH_TRIES. */
export const tries = (enough: number): number => Math.min(enough, limit);
