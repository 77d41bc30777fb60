import { z } from 'zod';
import { DockerError } from './errors.ts';

/** Filters as the API takes them: `{"key": ["value"]}`, or the older `{"key": {"value": true}}`. */
export type Filters = ReadonlyMap<string, readonly string[]>;

const encoded = z.record(z.string(), z.union([z.array(z.string()), z.record(z.string(), z.boolean())]));

export function parseFilters(raw: string | null): Filters {
  if (raw === null || raw === '') return new Map();
  let json: unknown;
  try {
    json = JSON.parse(raw);
  } catch (problem) {
    throw new DockerError(500, `invalid filter: ${String(problem)}`);
  }
  const parsed = encoded.safeParse(json);
  if (!parsed.success) throw new DockerError(500, 'json: cannot unmarshal the filter');
  return new Map(
    Object.entries(parsed.data).map(([key, values]) => [
      key,
      Array.isArray(values) ? values : Object.keys(values).filter((value) => values[value]),
    ]),
  );
}

export function refuseUnknownFilters(filters: Filters, known: ReadonlySet<string>): void {
  for (const key of filters.keys())
    if (!known.has(key)) throw new DockerError(400, `Invalid filter '${key}'`);
}

/** True when the key is not asked for, or one of its values fits. */
export function anyOf(filters: Filters, key: string, fits: (wanted: string) => boolean): boolean {
  const wanted = filters.get(key);
  return wanted === undefined || wanted.length === 0 || wanted.some(fits);
}

/** Labels alone are joined by "and": every `key` or `key=value` must be there. */
export function matchesLabels(filters: Filters, labels: Readonly<Record<string, string>>): boolean {
  return (filters.get('label') ?? []).every((wanted) => {
    const cut = wanted.indexOf('=');
    return cut < 0 ? wanted in labels : labels[wanted.slice(0, cut)] === wanted.slice(cut + 1);
  });
}
