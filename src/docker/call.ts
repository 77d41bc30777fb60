import type { Clock } from '../async/clock.ts';
import type { Trouble } from './docker.ts';

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly status: number | null; readonly trouble: Trouble };

/** The daemon was not there: nothing can have happened. */
const unreachable = new Set([
  'ENOENT',
  'ECONNREFUSED',
  'EACCES',
  'EPERM',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/**
 * Sends one call and ends by its deadline, whatever the client library does: a reply that is cut half-way settles neither
 * its promise nor its abort signal, so the call races the clock.
 */
export async function call<T>(
  clock: Clock,
  deadlineMs: number,
  send: (signal: AbortSignal) => Promise<T>,
): Promise<Answer<T>> {
  const sending = new AbortController();
  const waiting = new AbortController();
  const late = clock.sleep(deadlineMs, waiting.signal).then((): Answer<T> => {
    // Only on time-out: aborting a call that was answered would take its kept-alive socket down with it.
    if (!waiting.signal.aborted) sending.abort();
    return {
      ok: false,
      status: null,
      trouble: { kind: 'unknown', message: `Docker did not answer within ${deadlineMs / 1_000} s` },
    };
  });
  try {
    return await Promise.race([
      send(sending.signal).then((value): Answer<T> => ({ ok: true, value }), failure),
      late,
    ]);
  } finally {
    waiting.abort();
  }
}

export const nonsense = (what: string): Trouble => ({
  kind: 'unknown',
  message: `Docker's answer to ${what} makes no sense`,
});

function failure(problem: unknown): Answer<never> {
  const { statusCode, code, message, json } = problem as {
    statusCode?: number;
    code?: string;
    message?: string;
    json?: { message?: string };
  };
  if (statusCode !== undefined && statusCode >= 400) {
    const said = json?.message ?? message ?? `status ${statusCode}`;
    return {
      ok: false,
      status: statusCode,
      trouble: { kind: statusCode >= 500 ? 'errored' : 'refused', message: said.trim() },
    };
  }
  const said = message || code || String(problem);
  const kind = code !== undefined && unreachable.has(code) ? 'unreachable' : 'unknown';
  return { ok: false, status: null, trouble: { kind, message: said } };
}
