import type { Context } from '../context.ts';
import { longestPage } from '../domain/events.ts';
import { largestBatch } from '../domain/input.ts';

/**
 * How long lists are, for reckoning what a query costs: about as many fields as its answer would have now. A list that is
 * part of one page, or one batch, counts once, at the field that says how long it is.
 */
interface Cost {
  readonly field: number;
  readonly multiplier: number;
}

const times = (multiplier: number): Cost => ({ field: 1, multiplier: Math.max(1, multiplier) });

export const perEngine = (_args: object, { fleet }: Context): Cost => times(fleet.roster.size);

export const perVpn = (_args: object, { fleet }: Context): Cost => times(fleet.sites.all.length);

/** As if all VPNs had as many. */
export const perEngineOfVpn = (_args: object, { fleet }: Context): Cost =>
  times(Math.ceil(fleet.roster.size / Math.max(1, fleet.sites.all.length)));

export const once: Cost = times(1);

interface Pair {
  readonly first?: number | null | undefined;
  readonly last?: number | null | undefined;
}

/** A new engine costs what fifty fields do, so that a request starts one full batch and not two. */
const perStart = 50;

export const perPage = ({ first, last }: Pair): Cost => times(Math.min(longestPage, last ?? first ?? 50));

export const perBatch = ({ input }: { input: { count: number } }): Cost => {
  const count = Math.min(largestBatch, Math.max(1, input.count));
  return { field: perStart * count, multiplier: count };
};

export const oneStart: Cost = { field: perStart, multiplier: 1 };
