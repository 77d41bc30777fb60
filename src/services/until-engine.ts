import type { Clock } from '../async/clock.ts';
import { Scope } from '../async/scope.ts';
import type { Engine } from '../domain/engine.ts';
import type { EventLog } from './event-log.ts';
import type { Fleet } from './fleet.ts';

export interface UntilEngineDeps {
  readonly fleet: Fleet;
  readonly events: EventLog;
  readonly clock: Clock;
  /** Aborts when the service ends: nobody works on the engine any longer. */
  readonly ending: AbortSignal;
}

/** The engine once `is` holds of it, or as it is after `longestMs` or when the service ends. */
export async function untilEngine(
  id: string,
  is: (engine: Engine) => boolean,
  longestMs: number,
  { fleet, events, clock, ending }: UntilEngineDeps,
): Promise<Engine> {
  using enough = new Scope(ending);
  const look = () => {
    const engine = fleet.roster.engine(id);
    if (!engine) throw new Error(`engine ${id} was forgotten while somebody waited for it`);
    return engine;
  };
  const watch = async () => {
    for await (const engine of events.latest(look, enough.signal)) if (is(engine)) return;
  };
  await Promise.race([watch(), clock.sleep(longestMs, enough.signal)]);
  return look();
}
