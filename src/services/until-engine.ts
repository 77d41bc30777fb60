import type { Clock } from '../async/clock.ts';
import type { Engine } from '../domain/engine.ts';
import type { EventLog } from './event-log.ts';
import type { Fleet } from './fleet.ts';

export interface UntilEngineDeps {
  readonly fleet: Fleet;
  readonly events: EventLog;
  readonly clock: Clock;
}

/** The engine once `is` holds of it, or as it is after `longestMs`. */
export async function untilEngine(
  id: string,
  is: (engine: Engine) => boolean,
  longestMs: number,
  { fleet, events, clock }: UntilEngineDeps,
): Promise<Engine> {
  const enough = new AbortController();
  const look = () => {
    const engine = fleet.engine(id);
    if (!engine) throw new Error(`engine ${id} was forgotten while somebody waited for it`);
    return engine;
  };
  const watch = async () => {
    for await (const engine of events.latest(look, enough.signal)) if (is(engine)) return;
  };
  await Promise.race([watch(), clock.sleep(longestMs, enough.signal)]);
  enough.abort();
  return look();
}
