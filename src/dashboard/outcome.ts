import { counted } from './words.ts';

/** What came of something that was asked for on the page, or that it is under way. */
export interface Notice {
  readonly id: number;
  readonly tone: 'busy' | 'good' | 'bad';
  readonly text: string;
  readonly details: readonly Detail[];
  /** When it need not be shown any longer; null while nobody has dismissed it. */
  readonly until: number | null;
}

export interface Detail {
  readonly text: string;
  /** How often it was said. */
  readonly count: number;
  /** When the same may succeed; null when nobody can say. */
  readonly retryAt: number | null;
}

export type Outcome = Omit<Notice, 'id' | 'until'>;

interface Refusal {
  readonly message: string;
  readonly retryAfterSeconds?: number | null | undefined;
}

/** Milliseconds that good news are shown. */
export const goodNewsMs = 10_000;

export const done = (text: string): Outcome => ({ tone: 'good', text, details: [] });
export const failed = (text: string): Outcome => ({ tone: 'bad', text, details: [] });

export const refused = (text: string, refusals: readonly Refusal[], now: number): Outcome => ({
  tone: 'bad',
  text,
  details: detailsOf(refusals, now),
});

/** What came of a batch. */
export function provisioned(
  {
    requested,
    engines,
    errors,
  }: { requested: number; engines: readonly unknown[]; errors: readonly Refusal[] },
  now: number,
): Outcome {
  const run = engines.length === 1 ? 'runs' : 'run';
  return errors.length === 0
    ? done(`${counted(engines.length, 'engine')} ${run}.`)
    : refused(`${engines.length} of ${requested} ${run}.`, errors, now);
}

/** The same reason is told once, with the longest wait. */
function detailsOf(refusals: readonly Refusal[], now: number): Detail[] {
  const details = new Map<string, Detail>();
  for (const { message, retryAfterSeconds } of refusals) {
    const { count = 0, retryAt = null } = details.get(message) ?? {};
    const again = retryAfterSeconds == null ? null : now + retryAfterSeconds * 1_000;
    details.set(message, {
      text: message,
      count: count + 1,
      retryAt: again === null ? retryAt : Math.max(again, retryAt ?? 0),
    });
  }
  return [...details.values()];
}
