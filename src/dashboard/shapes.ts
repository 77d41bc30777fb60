import type {
  EnginePartsFragment,
  EventsSubscription,
  FleetPartsFragment,
  PresentQuery,
  StatusPartsFragment,
  VpnPartsFragment,
} from './gql/graphql.ts';

/** The API's answers, as the page asks for them, by the names that it has for them. */

export type Status = StatusPartsFragment;
export type Vpn = VpnPartsFragment;
export type Engine = EnginePartsFragment;
export type Fleet = FleetPartsFragment;
export type Present = PresentQuery;

/** An event of the past; one that is followed says which engines it cost, too. */
export type Told = PresentQuery['events']['nodes'][number];
export type News = EventsSubscription['events'];
export type Turn = PresentQuery['turns']['nodes'][number];
export type LostEngine = { readonly id: string; readonly name: string; readonly httpPort: number };
