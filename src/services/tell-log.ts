import type { Event } from '../domain/events.ts';
import type { EventLog } from './event-log.ts';
import type { Log } from './log.ts';

/** Says every event in the log. */
export async function tellLog(events: EventLog, log: Log, signal: AbortSignal): Promise<void> {
  for await (const event of events.follow(
    null,
    (candidate): candidate is Event => candidate !== null,
    signal,
  )) {
    const facts = { event: event.type, id: event.id };
    if (isTrouble(event)) log.warn(facts, event.message);
    else log.info(facts, event.message);
  }
}

const isTrouble = (event: Event): boolean =>
  event.type === 'VPN_CHANGED'
    ? event.snapshot.sites.some(({ vpn }) => vpn?.name === event.vpn && vpn.state.kind === 'FAILED')
    : event.type === 'ENGINE_CHANGED' && (event.change === 'FAILED' || event.change === 'UNHEALTHY');
