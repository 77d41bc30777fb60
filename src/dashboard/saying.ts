import type { Alarm } from './condition.ts';
import type { News } from './shapes.ts';
import { counted, moment } from './words.ts';

/** What a screen reader says at once. It stays the same while the same goes on, so it is said once. */
export const alertOf = (alarm: Alarm | null, now: number): string =>
  alarm
    ? `${alarm.outage ? 'Outage' : 'Emergency'} since ${moment(alarm.since, now)}: ${alarm.title}. ${alarm.outage ? 'No VPN is left.' : ''}`.trim()
    : '';

/** What it says when it has nothing better to do: many events in few words. */
export function summaryOf(events: readonly News[]): string {
  const changes = events.flatMap((event) =>
    event.__typename === 'EngineChanged' ? [event.engineChange] : [],
  );
  const many = (change: (typeof changes)[number]) => changes.filter((each) => each === change).length;
  const engines = (count: number, what: [one: string, more: string]) =>
    count === 0 ? [] : [`${counted(count, 'engine')} ${count === 1 ? what[0] : what[1]}`];
  return [
    ...events.flatMap((event) => (isTurn(event) ? [event.message] : [])),
    ...engines(many('STARTED'), ['runs now', 'run now']),
    ...engines(many('REMOVED'), ['is gone', 'are gone']),
    ...engines(many('UNHEALTHY'), ['is unhealthy', 'are unhealthy']),
    ...engines(many('FAILED'), ['has failed', 'have failed']),
  ].join('. ');
}

/** What is said in full. That an emergency begins is said at once, and not here. */
const isTurn = (event: News): boolean =>
  event.__typename === 'VpnChanged' ||
  event.__typename === 'FleetChanged' ||
  (event.__typename === 'EmergencyModeChanged' && event.emergencyChange === 'EXITED');
