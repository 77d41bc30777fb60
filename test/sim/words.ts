import type { Report } from './seeds.ts';

const shown = 20;

/** A report, for people. */
export function reportOf({ seeds, steps, lasted, tookMs, tally, failures }: Report): string {
  const counts = [...tally.counts].sort(([a], [b]) => (a < b ? -1 : 1));
  const width = Math.max(...counts.map(([what]) => what.length));
  const seconds = tookMs / 1_000;
  return [
    ...counts.map(([what, times]) => `  ${what.padEnd(width)} ${times}`),
    `${seeds} seeds in ${seconds.toFixed(0)} s (${(seeds / seconds).toFixed(1)} a second): ${(lasted / 3_600_000).toFixed(1)} simulated hours, ${steps} steps.`,
    failures.length === 0 ? 'Every promise was kept.' : `${failures.length} seeds broke a promise:`,
    ...failures
      .slice(0, shown)
      .map(({ seed, promise, what }) => `  ${promise}  ${what}\n    npm run sim -- --seed ${seed}`),
    ...(failures.length > shown ? [`  … and ${failures.length - shown} more`] : []),
  ].join('\n');
}
