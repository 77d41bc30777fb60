import type { Estimate } from './stats.ts';

/** One line of the table: a promise, what was measured, and whether it holds. */
export interface Row {
  readonly part: string;
  readonly what: string;
  readonly measured: string;
  readonly target: string;
  /** null where nothing is promised. */
  readonly reached: boolean | null;
}

/** What one part of the benchmark found. */
export interface Finding {
  readonly rows: readonly Row[];
  /** The raw figures and how they came about, for people. */
  readonly notes: readonly string[];
}

export const text = ({ value, low, high }: Estimate, unit: string, digits: number): string => {
  const behind = unit === '' ? '' : ` ${unit}`;
  return `${value.toFixed(digits)}${behind} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;
};

export const list = (values: readonly number[], digits: number): string =>
  values.map((value) => value.toFixed(digits)).join(', ');

const verdict = (reached: boolean | null): string => (reached === null ? '' : reached ? 'yes' : '**no**');

export function table(rows: readonly Row[]): string {
  return [
    '| Part | What | Measured (95 % interval) | Target | Reached |',
    '|---|---|---|---|---|',
    ...rows.map(
      ({ part, what, measured, target, reached }) =>
        `| ${part} | ${what} | ${measured} | ${target} | ${verdict(reached)} |`,
    ),
  ].join('\n');
}
