import { EventPage, Keeping } from '../api/operations.ts';
import type { Client } from './client.ts';
import { until } from './docker/until.ts';
import { type LeapingWorld, minute } from './leaping.ts';

/** How everything is kept, for tests that watch it being kept. */
export const keeping = (tandem: Client) => tandem.ask(Keeping);

export type Kept = Awaited<ReturnType<typeof keeping>>;
export type KeptEngine = Kept['engines'][number];

/** What is kept, as soon as it is as `wanted`. */
export const untilKept = (
  tandem: Client,
  what: string,
  wanted: (kept: Kept) => boolean,
  patienceMs?: number,
): Promise<Kept> =>
  until(
    what,
    async () => {
      const kept = await keeping(tandem);
      return wanted(kept) && kept;
    },
    patienceMs,
  );

/** The same in a world in which time passes only as it is waited for. */
export const untilKeptInTime = (
  { tandem, until }: LeapingWorld,
  what: string,
  wanted: (kept: Kept) => boolean,
  withinMs = minute,
): Promise<Kept> =>
  until(what, withinMs, async () => {
    const kept = await keeping(tandem);
    return wanted(kept) && kept;
  });

/** Whether there are so many engines, and all are well. */
export const areWell =
  (count: number) =>
  ({ engines }: Kept): boolean =>
    engines.length === count && engines.every(isWell);

/** The engines once so many are well, and none is anything else. */
export const untilWell = (tandem: Client, count: number, patienceMs?: number): Promise<KeptEngine[]> =>
  untilKept(tandem, `${count} engines are well`, areWell(count), patienceMs).then(({ engines }) => engines);

export const isWell = ({ state, health }: KeptEngine): boolean => state === 'RUNNING' && health === 'HEALTHY';

export const on = (vpn: string, engines: readonly KeptEngine[]): KeptEngine[] =>
  engines.filter((engine) => engine.vpn?.name === vpn);

/** What has become of an engine, in order: STARTED, UNHEALTHY, STOPPED, … */
export async function lifeOf(tandem: Client, id: string): Promise<string[]> {
  const { events } = await tandem.ask(EventPage, { last: 500, types: ['ENGINE_CHANGED'] });
  return events.nodes.flatMap((event) =>
    event.__typename === 'EngineChanged' && event.engine.id === id ? [event.change] : [],
  );
}
