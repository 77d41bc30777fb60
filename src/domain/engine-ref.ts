import { invalid, quote, type RefusalOf } from './refusal.ts';

/** Exactly one of the three is given. */
export interface EngineRef {
  readonly id?: string | null | undefined;
  readonly name?: string | null | undefined;
  readonly containerId?: string | null | undefined;
}

/** Which of the three, and what it says. */
export const readRef = (ref: EngineRef): readonly [field: string, value: string] =>
  Object.entries(ref).flatMap(([field, value]) => (value == null ? [] : [[field, value] as const]))[0] ?? [
    'id',
    '',
  ];

/** What is wrong with a reference, or null. A well-formed one may still name nothing. */
export function checkRef(ref: EngineRef): RefusalOf<'InvalidInputError'> | null {
  const [field, value] = readRef(ref);
  if (/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/.test(value)) return null;
  const complaint = value === '' ? 'is empty' : `is ${quote(value)}`;
  return invalid(
    `engine.${field}`,
    `engine.${field} ${complaint}; it takes one whole ${field}, up to 128 letters, digits, "_", "." and "-".`,
  );
}

export const engineNotFound = (ref: EngineRef): RefusalOf<'EngineNotFoundError'> => ({
  kind: 'EngineNotFoundError',
  message: `No engine of this instance has the ${readRef(ref).join(' ')}. Ids are compared whole; the query "engines" lists what there is.`,
  retryable: false,
  retryAfterSeconds: null,
});
