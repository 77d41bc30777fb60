import type { Engine, StoppingEngine } from './engine.ts';
import type { Snapshot } from './snapshot.ts';

export type EngineChange = 'STARTED' | 'FAILED' | 'HEALTHY' | 'UNHEALTHY' | 'STOPPED' | 'REMOVED' | 'ADOPTED';
export type EmergencyChange = 'ENTERED' | 'UPDATED' | 'EXITED';

/** What changed, in the words of whoever changed it. */
export type Change =
  | { readonly type: 'ENGINE_ASSIGNED'; readonly engine: Engine }
  | {
      readonly type: 'ENGINE_CHANGED';
      readonly change: EngineChange;
      readonly reason: string | null;
      readonly engine: Engine;
    }
  | {
      readonly type: 'EMERGENCY_MODE_CHANGED';
      readonly change: EmergencyChange;
      readonly episodeId: string;
      /** How long the episode has lasted. */
      readonly episodeMs: number;
      /** The one that failed or recovered. */
      readonly vpn: string;
      /** Those that this change condemned. */
      readonly removedEngines: readonly StoppingEngine[];
    }
  | { readonly type: 'VPN_CHANGED'; readonly vpn: string }
  | { readonly type: 'SCALING' | 'CIRCUIT_CHANGED' };

export type EventType = Change['type'];

/** A change with its place in the order of all changes. `snapshot` is the moment right after it. */
export type Event = Change & {
  /** 1 for the first event of a journal. */
  readonly position: number;
  readonly id: string;
  readonly at: number;
  readonly message: string;
  readonly snapshot: Snapshot;
};

export type EventOf<T extends EventType> = Extract<Event, { type: T }>;

/** The most events that a page holds. */
export const longestPage = 500;

/** Some of all events, in order, and whether there are others before and behind. */
export interface EventPage {
  readonly events: readonly Event[];
  readonly hasPrevious: boolean;
  readonly hasNext: boolean;
}

/**
 * Ids are in the order of events as text. `run` sets those that one process gave apart from those of another, so that an
 * id which a damaged or lost journal no longer holds is not taken for a newer event's.
 */
export const eventId = (position: number, run: string): string =>
  `${position.toString().padStart(12, '0')}-${run}`;

/** Null for what is no event's id. */
export function readEventId(id: string): { readonly position: number; readonly run: string } | null {
  const [, position, run] = /^(\d{12})-([0-9a-f]{8})$/.exec(id) ?? [];
  return position === undefined || run === undefined ? null : { position: Number(position), run };
}
