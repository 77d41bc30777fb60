import { Events } from './operations.ts';
import type { Service } from './service.ts';
import type { Shell } from './shell.ts';
import { some } from './words.ts';

interface Asked {
  readonly count: number;
  /** The label that the engines carry. */
  readonly request: { readonly key: string; readonly value: string };
  /** The last event before they were asked for. */
  readonly after: string;
}

/** Draws a bar that follows the engines of one call until `signal` aborts, and takes it away then. */
export async function showProgress(
  shell: Shell,
  service: Service,
  asked: Asked,
  signal: AbortSignal,
): Promise<void> {
  const { count, request, after } = asked;
  const { err } = shell;
  const stages = new Map<string, 'under way' | 'running' | 'failed'>();
  const draw = () => err.write(`\r${barFor(stages.values(), count)}\x1b[K`);
  draw();
  const types = ['ENGINE_ASSIGNED' as const, 'ENGINE_CHANGED' as const];
  try {
    for await (const { events: event } of service.follow(
      Events,
      { types, after },
      ({ events: { id } }) => id,
      signal,
    )) {
      if (!('engine' in event) || !event.engine.labels.some((label) => isSame(label, request))) continue;
      if (event.__typename === 'EngineAssigned') stages.set(event.engine.id, 'under way');
      else if (event.change === 'STARTED') stages.set(event.engine.id, 'running');
      else if (event.change === 'FAILED') stages.set(event.engine.id, 'failed');
      draw();
    }
  } catch {
    // What became of the engines is in the answer; without its bar the call goes on.
  } finally {
    err.write('\r\x1b[K');
  }
}

const isSame = (one: Asked['request'], other: Asked['request']): boolean =>
  one.key === other.key && one.value === other.value;

const width = 30;

/** A bar such as `Starting 4 engines  ███████░░░░░░░  2 running, 2 under way`. */
export function barFor(stages: Iterable<'under way' | 'running' | 'failed'>, count: number): string {
  const all = [...stages];
  const [running, underWay, failed] = (['running', 'under way', 'failed'] as const).map(
    (stage) => all.filter((each) => each === stage).length,
  ) as [number, number, number];
  const filled = Math.min(width, Math.floor((width * running) / count));
  const bar = '█'.repeat(filled) + '░'.repeat(width - filled);
  // One whose VPN failed meanwhile is tried once more: a failed start is not yet an engine less.
  const failures = failed === 0 ? '' : `, ${some(failed, 'start')} failed`;
  return `Starting ${some(count, 'engine')}  ${bar}  ${running} running, ${underWay} under way${failures}`;
}
