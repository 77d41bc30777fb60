/** What clients that stay connected may use. */
export interface LiveLimits {
  /** WebSockets and streams of server-sent events at once. */
  readonly connections: number;
  /** Operations under way at once on one WebSocket. */
  readonly operations: number;
  /** Milliseconds that a WebSocket has for its connection_init. */
  readonly initMs: number;
  /** Milliseconds between two signs of life; whoever gives none in that time is gone. */
  readonly beatMs: number;
  /** Milliseconds between two looks at who has taken nothing of an answer that is complete. */
  readonly takingMs: number;
  /** Milliseconds that clients have to go when the service stops. */
  readonly drainMs: number;
}

export const liveLimits: LiveLimits = {
  connections: 10_000,
  operations: 256,
  initMs: 3_000,
  beatMs: 12_000,
  takingMs: 30_000,
  drainMs: 1_000,
};
