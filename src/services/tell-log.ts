import { ClientMistake } from '../domain/client-mistake.ts';
import type { Event } from '../domain/events.ts';
import type { EventLog } from './event-log.ts';
import type { Log } from './log.ts';

/** Says every event in the log; and that it could not keep up, where more came at once than are kept. */
export async function tellLog(events: EventLog, log: Log, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const event of events.follow(null, isEvent, signal)) tell(event, log);
    } catch (problem) {
      if (!(problem instanceof ClientMistake)) throw problem;
      log.warn({ reason: problem.message }, 'some events are not in this log');
    }
  }
}

function tell(event: Event, log: Log): void {
  const facts = { event: event.type, id: event.id };
  if (isTrouble(event)) log.warn(facts, event.message);
  else log.info(facts, event.message);
}

const isEvent = (event: Event): event is Event => event.id !== '';

const isTrouble = (event: Event): boolean =>
  event.type === 'VPN_CHANGED'
    ? event.snapshot.sites.some(({ vpn }) => vpn?.name === event.vpn && vpn.state.kind === 'FAILED')
    : event.type === 'ENGINE_CHANGED' && (event.change === 'FAILED' || event.change === 'UNHEALTHY');
