import type { z } from 'zod';

/** What a path answers: a status of HTTP, and what becomes JSON. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** Whole seconds after which the same may be asked again. */
  readonly retryAfterSeconds?: number | null;
}

export const ok = (body: unknown): Answer => ({ status: 200, body });

/** What went wrong, where the original says it: in words, or as data. */
export const problem = (status: number, detail: unknown): Answer => ({ status, body: { detail } });

interface Mistake {
  readonly type: string;
  /** Where it is, from "path", "query" or "body" on. */
  readonly loc: readonly (string | number)[];
  readonly msg: string;
}

/** Input that breaks a rule. */
export const unprocessable = (...mistakes: readonly Mistake[]): Answer => problem(422, mistakes);

/** Told of what does not fit: there may be as many mistakes as there are entries, and their names may be long. */
const mostMistakes = 20;
const longestName = 60;

export const misfit = ({ issues }: z.ZodError): Answer =>
  unprocessable(
    ...issues.slice(0, mostMistakes).map(({ code, path, message }) => ({
      type: code,
      loc: path.map((part) => (typeof part === 'number' ? part : String(part).slice(0, longestName))),
      msg: message,
    })),
  );
