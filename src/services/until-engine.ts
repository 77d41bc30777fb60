import type { Engine } from '../domain/engine.ts';
import type { Fleet } from './fleet.ts';
import { type UntilDeps, untilIt } from './until.ts';

export interface UntilEngineDeps extends UntilDeps {
  readonly fleet: Fleet;
}

/** The engine once `is` holds of it, or as it is after `longestMs` or when the service ends. */
export function untilEngine(
  id: string,
  is: (engine: Engine) => boolean,
  longestMs: number,
  deps: UntilEngineDeps,
): Promise<Engine> {
  const look = () => {
    const engine = deps.fleet.roster.engine(id);
    if (!engine) throw new Error(`engine ${id} was forgotten while somebody waited for it`);
    return engine;
  };
  return untilIt(look, is, longestMs, deps);
}
