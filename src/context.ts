import type { Autoscaler } from './services/autoscaler.ts';
import type { EmergencyMode } from './services/emergency.ts';
import type { EventLog } from './services/event-log.ts';
import type { Fleet } from './services/fleet.ts';
import type { Provisioner } from './services/provisioner.ts';
import type { Reader } from './services/reader.ts';

/** What a resolver may reach, the same over HTTP, SSE and WebSocket. */
export interface Context {
  readonly fleet: Fleet;
  readonly events: EventLog;
  readonly reader: Reader;
  readonly provisioner: Provisioner;
  readonly autoscaler: Autoscaler;
  readonly emergency: EmergencyMode;
}
