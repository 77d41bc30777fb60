import type { ServerResponse } from 'node:http';
import type { Clock } from '../async/clock.ts';

/**
 * Answers that are complete and not yet taken by their clients. Not before they are complete: an answer may take as long as
 * engines do to start.
 */
export class Untaken {
  /** How many bytes of each were left at the last look. */
  readonly #left = new Map<ServerResponse, number>();

  watch(response: ServerResponse): void {
    response.once('prefinish', () => this.#left.set(response, Number.POSITIVE_INFINITY));
    response.once('close', () => this.#left.delete(response));
  }

  /** Gives up, again and again, the clients that have taken nothing since the last time. */
  async sweep(clock: Clock, everyMs: number, signal: AbortSignal): Promise<void> {
    for (; !signal.aborted; await clock.sleep(everyMs, signal)) this.#look();
  }

  #look(): void {
    for (const [response, before] of this.#left) {
      // One that waits for an answer before it on the same connection has no socket yet.
      if (!response.socket) continue;
      const now = response.writableLength;
      if (now < before) this.#left.set(response, now);
      else response.destroy();
    }
  }
}
