import type { Place } from '../async/place.ts';
import { checkRef, type EngineRef } from '../domain/engine-ref.ts';
import { type Event, type EventOf, type EventPage, type EventType, longestPage } from '../domain/events.ts';
import { PlainError } from '../domain/plain-error.ts';
import { quote } from '../domain/refusal.ts';
import { type EngineFilter, type EngineView, listEngines, vpnNamed } from '../domain/snapshot.ts';
import type { EventLog } from './event-log.ts';
import type { Fleet } from './fleet.ts';

/** Arguments that clients may leave out arrive as null or undefined. */
type Optional<T> = { readonly [K in keyof T]?: T[K] | null | undefined };

export interface EngineFollowing {
  readonly vpn?: string | null | undefined;
  readonly after?: string | null | undefined;
}

export interface EventFollowing {
  readonly types?: readonly EventType[] | null | undefined;
  readonly after?: string | null | undefined;
}

export interface PageAsked {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
  readonly types?: readonly EventType[] | null | undefined;
}

/** Reads what is so, and what changes, for clients; refuses what cannot be meant. */
export class Reader {
  readonly #fleet: Fleet;
  readonly #events: EventLog;

  constructor(fleet: Fleet, events: EventLog) {
    this.#fleet = fleet;
    this.#events = events;
  }

  engines({ vpn, states, health }: Optional<EngineFilter>): EngineView[] {
    this.#checkVpn(vpn);
    return listEngines(this.#fleet.snapshot(), {
      ...(vpn != null && { vpn }),
      ...(states && { states }),
      ...(health && { health }),
    });
  }

  engine(ref: EngineRef): EngineView | null {
    const wrong = checkRef(ref);
    if (wrong) throw new PlainError('BAD_USER_INPUT', wrong.message);
    const engine = this.#fleet.roster.find(ref);
    return engine && engine.state !== 'REMOVED' ? { snapshot: this.#fleet.snapshot(), engine } : null;
  }

  engineAssigned(
    { vpn, after }: EngineFollowing,
    place?: Place,
  ): AsyncIterableIterator<EventOf<'ENGINE_ASSIGNED'>> {
    this.#checkVpn(vpn);
    const pick = (event: Event): event is EventOf<'ENGINE_ASSIGNED'> =>
      event.type === 'ENGINE_ASSIGNED' && concerns(event, vpn);
    return this.#events.follow({ after: after ?? null, types: ['ENGINE_ASSIGNED'], pick, place });
  }

  engineChanged(
    { vpn, after }: EngineFollowing,
    place?: Place,
  ): AsyncIterableIterator<EventOf<'ENGINE_CHANGED'>> {
    this.#checkVpn(vpn);
    const pick = (event: Event): event is EventOf<'ENGINE_CHANGED'> =>
      event.type === 'ENGINE_CHANGED' && concerns(event, vpn);
    return this.#events.follow({ after: after ?? null, types: ['ENGINE_CHANGED'], pick, place });
  }

  events({ types, after }: EventFollowing, place?: Place): AsyncIterableIterator<Event> {
    return this.#events.follow({ after: after ?? null, types: types ?? null, place });
  }

  /** `last` pages from the end and then counts alone, for `first` has a default. */
  async eventPage({ first, after, last, before, types }: PageAsked): Promise<EventPage> {
    for (const [name, count] of Object.entries({ first, last }))
      if (count != null && (count < 0 || count > longestPage))
        throw new PlainError(
          'BAD_USER_INPUT',
          `${name} is ${count}; it takes a whole number from 0 to ${longestPage}.`,
        );
    return this.#events.page({
      after: after ?? null,
      before: before ?? null,
      types: types ?? null,
      newestFirst: last != null,
      most: last ?? first ?? 50,
    });
  }

  #checkVpn(vpn: string | null | undefined): void {
    if (vpn != null && !vpnNamed(this.#fleet.snapshot(), vpn)) {
      throw new PlainError(
        'BAD_USER_INPUT',
        `No VPN is called ${quote(vpn)}; the query "vpnStatus" lists those there are.`,
      );
    }
  }
}

const concerns = (
  { engine }: EventOf<'ENGINE_ASSIGNED' | 'ENGINE_CHANGED'>,
  vpn: string | null | undefined,
): boolean => vpn == null || engine.tunnel?.vpn === vpn;
