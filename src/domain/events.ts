import type { Engine } from './engine.ts';
import type { Snapshot } from './snapshot.ts';

export type EngineChange = 'STARTED' | 'FAILED' | 'HEALTHY' | 'UNHEALTHY' | 'STOPPED' | 'REMOVED' | 'ADOPTED';

/** What changed, in the words of whoever changed it. */
export type Change =
  | { readonly type: 'ENGINE_ASSIGNED'; readonly engine: Engine }
  | {
      readonly type: 'ENGINE_CHANGED';
      readonly change: EngineChange;
      readonly reason: string | null;
      readonly engine: Engine;
    }
  | { readonly type: 'VPN_CHANGED'; readonly vpn: string };

/** A change with its place in the order of all changes. `snapshot` is the moment right after it. */
export type Event = Change & {
  readonly id: string;
  readonly at: number;
  readonly message: string;
  readonly snapshot: Snapshot;
};

export type EventOf<T extends Change['type']> = Extract<Event, { type: T }>;
