import type { Clock } from '../async/clock.ts';
import { Scope } from '../async/scope.ts';
import { plainWords } from '../domain/words.ts';
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

/** Sends calls, each of which ends by its own deadline, or when `close` is called. */
export class Calls {
  readonly clock: Clock;
  readonly #closing = new AbortController();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  close(): void {
    this.#closing.abort();
  }

  /**
   * Sends one call. It races the clock, whatever the client library does: a reply that is cut half-way settles neither its
   * promise nor its abort signal. `send` gets a signal that aborts when nobody waits for the answer any more.
   */
  async send<T>(deadlineMs: number, send: (signal: AbortSignal) => Promise<T>): Promise<Answer<T>> {
    const sending = new AbortController();
    let answered = false;
    using waiting = new Scope(this.#closing.signal);
    const late = this.clock.sleep(deadlineMs, waiting.signal).then((): Answer<T> => {
      // Not once it was answered: aborting would take the kept-alive socket down with it.
      if (!answered) sending.abort();
      return { ok: false, status: null, trouble: { kind: 'unknown', message: this.#lateness(deadlineMs) } };
    });
    const answer = await Promise.race([
      send(sending.signal).then((value): Answer<T> => ({ ok: true, value }), failure),
      late,
    ]);
    answered = true;
    return answer;
  }

  #lateness(deadlineMs: number): string {
    if (this.#closing.signal.aborted) return 'Tandem is shutting down and waits no longer';
    return `Docker did not answer within ${deadlineMs / 1_000} s`;
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
  // Whatever Docker says that is no success, dockerode throws: 304, that nothing was to be done, too.
  if (statusCode !== undefined) {
    const said = json?.message ?? message ?? `status ${statusCode}`;
    return {
      ok: false,
      status: statusCode,
      trouble: { kind: statusCode >= 500 ? 'errored' : 'refused', message: plainWords(said.trim()) },
    };
  }
  const said = message || code || String(problem);
  const kind = code !== undefined && unreachable.has(code) ? 'unreachable' : 'unknown';
  return { ok: false, status: null, trouble: { kind, message: plainWords(said) } };
}
