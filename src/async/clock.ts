/** The only source of time. Handed in everywhere, so that a test can hold it. */
export interface Clock {
  /** Milliseconds since the epoch, never going backwards: a step of the machine's clock moves no deadline. */
  now(): number;
  /** Resolves after `ms` milliseconds, or at once when `signal` aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** setTimeout fires at once beyond this many milliseconds (2^31 - 1). */
const longestTimer = 2_147_483_647;

export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, Math.min(Math.max(ms, 0), longestTimer));
      signal?.addEventListener('abort', end, { once: true });
    }),
};

/** Milliseconds since the epoch of an ISO 8601 time. */
export const parseTime = (iso: string): number => Date.parse(iso);

/** ISO 8601 in UTC, with milliseconds. */
export const toIso = (ms: number): string => new Date(ms).toISOString();
