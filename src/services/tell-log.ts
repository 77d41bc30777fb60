import type { Event } from '../domain/events.ts';
import { PlainError } from '../domain/plain-error.ts';
import { type VpnView, vpnNamed } from '../domain/snapshot.ts';
import { failedVpns, healthyVpns } from '../domain/status.ts';
import type { EventLog } from './event-log.ts';
import type { Log } from './log.ts';

/** Says every event in the log; and that it could not keep up, where more came at once than are kept. */
export async function tellLog(events: EventLog, log: Log, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const event of events.follow({ after: null }, signal)) tell(event, log);
    } catch (problem) {
      if (!(problem instanceof PlainError)) throw problem;
      log.warn({ reason: problem.message }, 'some events are not in this log');
    }
  }
}

function tell(event: Event, log: Log): void {
  const facts = { event: event.type, id: event.id, ...factsOf(event) };
  if (isTrouble(event)) log.warn(facts, event.message);
  else log.info(facts, event.message);
}

function isTrouble(event: Event): boolean {
  switch (event.type) {
    case 'VPN_CHANGED':
      return vpnNamed(event.snapshot, event.vpn)?.site.vpn.state.kind === 'FAILED';
    case 'EMERGENCY_MODE_CHANGED':
      return event.change !== 'EXITED';
    case 'ENGINE_CHANGED':
      return event.change === 'FAILED' || event.change === 'UNHEALTHY';
    default:
      return false;
  }
}

/** An episode in numbers, for those who read logs by machine. */
function factsOf(event: Event): object {
  if (event.type !== 'EMERGENCY_MODE_CHANGED') return {};
  const names = (vpns: readonly VpnView[]) => vpns.map(({ site }) => site.vpn.name);
  return {
    change: event.change,
    episode: event.episodeId,
    seconds: event.episodeMs / 1_000,
    vpn: event.vpn,
    failed: names(failedVpns(event.snapshot)),
    healthy: names(healthyVpns(event.snapshot)),
    removed: event.removedEngines.length,
  };
}
