import type { Clock } from '../async/clock.ts';
import { Scope } from '../async/scope.ts';
import type { EventLog } from './event-log.ts';

export interface UntilDeps {
  readonly events: EventLog;
  readonly clock: Clock;
  /** Aborts when the service ends: nobody works on it any longer. */
  readonly ending: AbortSignal;
}

/** What `look` gives once `is` holds of it, or as it is after `longestMs` or when the service ends. */
export async function untilIt<T>(
  look: () => T,
  is: (found: T) => boolean,
  longestMs: number,
  { events, clock, ending }: UntilDeps,
): Promise<T> {
  using enough = new Scope(ending);
  const watch = async () => {
    for await (const found of events.latest(look, enough.signal)) if (is(found)) return;
  };
  await Promise.race([watch(), clock.sleep(longestMs, enough.signal)]);
  return look();
}
