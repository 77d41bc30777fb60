import type { Clock } from '../async/clock.ts';
import type { EventLog } from './event-log.ts';
import type { Log } from './log.ts';

/** Milliseconds between two tries to write. */
const retryMs = 1_000;

/** Tries again to write what the journal did not take, and says when it does not and when it does again. */
export async function watchStorage(
  events: EventLog,
  clock: Clock,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  for (let told: string | null = null; !signal.aborted; await clock.sleep(retryMs, signal)) {
    if (events.trouble !== null) events.catchUp();
    const { trouble } = events;
    if (trouble === told) continue;
    if (trouble === null) log.info({}, 'the journal is written again');
    else
      log.error({ reason: trouble }, 'the journal cannot be written: no new engine is promised until it can');
    told = trouble;
  }
}
