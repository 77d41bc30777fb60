import type { Place } from './async/place.ts';
import type { Autoscaler } from './services/autoscaler.ts';
import type { EmergencyMode } from './services/emergency.ts';
import type { EventLog } from './services/event-log.ts';
import type { Fleet } from './services/fleet.ts';
import type { Provisioner } from './services/provisioner.ts';
import type { Reader } from './services/reader.ts';
import type { Simulation } from './services/simulation.ts';

/** What a viewer may do: everything, or look. */
export type Role = 'ALL' | 'READ';

/** Whoever asks. Viewers of one role are shown the same. */
export interface Viewer {
  readonly role: Role;
}

/** What resolvers ask. */
export interface Services {
  readonly fleet: Fleet;
  readonly events: EventLog;
  readonly reader: Reader;
  readonly provisioner: Provisioner;
  readonly autoscaler: Autoscaler;
  readonly emergency: EmergencyMode;
  readonly simulation: Simulation;
}

/** What a resolver may reach, the same over HTTP, SSE and WebSocket. */
export interface Context extends Services {
  readonly viewer: Viewer;
  /** How far a subscription has come. */
  readonly place: Place;
}
