import { parseTime } from '../async/clock.ts';
import { madeAt } from './condition.ts';
import { gapAt, longestFeed, type Row, rowOf, withRows } from './feed.ts';
import type { Notice } from './outcome.ts';
import { summaryOf } from './saying.ts';
import type { Engine, Fleet, LostEngine, News, Present, Status, Told, Turn } from './shapes.ts';
import { nextTiles, swept, type Tile } from './tiles.ts';

/** How the page stands with the service. */
export type Link =
  | { readonly kind: 'CONNECTING' }
  | { readonly kind: 'LIVE' }
  /** `why` is null for a socket that was lost: it comes back by itself. */
  | { readonly kind: 'LOST'; readonly since: number; readonly why: string | null }
  /** A key is needed; `wrong` when one was given. */
  | { readonly kind: 'LOCKED'; readonly wrong: boolean };

/** How long a stabilization takes as a whole, as far as it was seen, in milliseconds. */
export interface Stabilization {
  readonly until: string;
  readonly wholeMs: number;
}

/** All that the page shows. Never changed, only replaced. */
export interface Picture {
  readonly link: Link;
  readonly status: Status | null;
  readonly fleet: Fleet | null;
  /** By the name of the VPN; by the empty name those that have none. */
  readonly tiles: Readonly<Record<string, readonly Tile[]>>;
  /** By the name of the VPN: what its failure has cost, until it is READY again. */
  readonly lost: Readonly<Record<string, readonly LostEngine[]>>;
  /** By the name of the VPN. */
  readonly stabilizations: Readonly<Record<string, Stabilization>>;
  readonly rows: readonly Row[];
  readonly notices: readonly Notice[];
  /** Milliseconds by which the service's clock is ahead of the page's. */
  readonly skew: number;
  readonly mayChange: boolean;
  /** For the ear: what was said last, and what is not said yet. */
  readonly said: string;
  readonly unsaid: readonly News[];
}

export const nothingYet: Picture = {
  link: { kind: 'CONNECTING' },
  status: null,
  fleet: null,
  tiles: {},
  lost: {},
  stabilizations: {},
  rows: [],
  notices: [],
  skew: 0,
  mayChange: true,
  said: '',
  unsaid: [],
};

/** What the page is told, by the service or by whoever sits before it. */
export type Message =
  /** Nothing is known, and a service is asked. */
  | { readonly kind: 'BEGIN' }
  | { readonly kind: 'PRESENT'; readonly present: Present; readonly withRows: boolean }
  | { readonly kind: 'STATUS'; readonly status: Status }
  | { readonly kind: 'NUMBERS'; readonly fleet: Fleet; readonly loose?: readonly Engine[] | undefined }
  | { readonly kind: 'EVENT'; readonly event: News }
  | { readonly kind: 'MISSED' }
  | { readonly kind: 'SOCKET'; readonly standing: boolean }
  | { readonly kind: 'TROUBLE'; readonly why: string }
  | { readonly kind: 'LOCKED'; readonly wrong: boolean }
  | { readonly kind: 'ROLE'; readonly mayChange: boolean }
  | { readonly kind: 'NOTICE'; readonly notice: Notice }
  | { readonly kind: 'DISMISS'; readonly id: number }
  | { readonly kind: 'BEAT' };

const mostNotices = 4;

/** The picture after a message; the same one when nothing is to be seen of it. */
export function after(picture: Picture, message: Message, now: number): Picture {
  switch (message.kind) {
    case 'BEGIN':
      return nothingYet;
    case 'PRESENT':
      return atPresent(picture, message.present, message.withRows, now);
    case 'STATUS':
      return withStatus(picture, message.status, now);
    case 'NUMBERS': {
      const { fleet, loose } = message;
      const tiles = loose && { '': nextTiles(picture.tiles[''] ?? [], loose, [], now) };
      return { ...picture, fleet, tiles: { ...picture.tiles, ...tiles } };
    }
    case 'EVENT':
      return withEvent(picture, message.event, now);
    case 'MISSED':
      return { ...picture, rows: withRows(picture.rows, [gapAt(now)]) };
    case 'SOCKET':
      return withLink(picture, message.standing ? { kind: 'LIVE' } : { kind: 'LOST', since: now, why: null });
    case 'TROUBLE':
      return withLink(picture, { kind: 'LOST', since: now, why: message.why });
    case 'LOCKED':
      // Whoever has no key sees nothing of what another key has shown.
      return { ...nothingYet, link: message };
    case 'ROLE':
      return { ...picture, mayChange: message.mayChange };
    case 'NOTICE': {
      const { notice } = message;
      const others = picture.notices.filter(({ id }) => id !== notice.id);
      return { ...picture, notices: [notice, ...others].slice(0, mostNotices) };
    }
    case 'DISMISS':
      return { ...picture, notices: picture.notices.filter(({ id }) => id !== message.id) };
    case 'BEAT':
      return onBeat(picture, now);
  }
}

function withLink(picture: Picture, link: Link): Picture {
  // A loss has one beginning, however many attempts there are to end it.
  const since = picture.link.kind === 'LOST' && link.kind === 'LOST' ? { since: picture.link.since } : {};
  return { ...picture, link: { ...link, ...since } };
}

function atPresent(before: Picture, present: Present, withHistory: boolean, now: number): Picture {
  const { vpnStatus, fleet, events, turns } = present;
  const told = withHistory ? events.nodes.toReversed().map(rowOf) : [];
  const picture = {
    ...before,
    fleet,
    rows: withRows(before.rows, told),
    lost: lossesOf(turns.nodes),
    stabilizations: events.nodes.reduce(asTold, before.stabilizations),
  };
  return withStatus(picture, vpnStatus, now);
}

function withStatus(picture: Picture, status: Status, now: number): Picture {
  const made = madeAt(status);
  const lost = Object.fromEntries(
    status.vpns.map(({ name, state }) => [name, state === 'READY' ? [] : (picture.lost[name] ?? [])]),
  );
  const stabilizations = status.vpns.reduce(
    (known, vpn) => stabilizing(known, vpn, vpn.stabilizationRemainingSeconds * 1_000),
    picture.stabilizations,
  );
  const skew = made === null ? picture.skew : made - now;
  return placed({ ...picture, status, lost, stabilizations, skew }, now);
}

/** With the engines in their places, those that were lost among them. */
function placed(picture: Picture, now: number): Picture {
  const vpns = picture.status?.vpns ?? [];
  const tiles = vpns.map(({ name, state, engines }) => {
    // After a loss of the line the state comes first, and then what led to it: that may long be over.
    const lost = state === 'READY' ? [] : (picture.lost[name] ?? []);
    return [name, nextTiles(picture.tiles[name] ?? [], engines, lost, now)];
  });
  const loose = picture.tiles[''] && { '': picture.tiles[''] };
  return { ...picture, tiles: { ...loose, ...Object.fromEntries(tiles) } };
}

function withEvent(before: Picture, event: News, now: number): Picture {
  const lost = afterTold(before.lost, event);
  const picture = {
    ...before,
    lost,
    rows: withRows(before.rows, [rowOf(event)]),
    stabilizations: asTold(before.stabilizations, event),
    unsaid: [...before.unsaid, event].slice(-longestFeed),
  };
  return lost === before.lost ? picture : placed(picture, now);
}

/** What a failure has cost, or that it is over. */
function afterTold(before: Picture['lost'], event: News): Picture['lost'] {
  if (event.__typename === 'VpnChanged' && event.vpn.state === 'READY')
    return before[event.vpn.name]?.length ? { ...before, [event.vpn.name]: [] } : before;
  if (event.__typename !== 'EmergencyModeChanged' || event.removedEngines.length === 0) return before;
  const lost = { ...before };
  for (const [name, engines] of Object.entries(byVpn(event.removedEngines)))
    lost[name] = [...(lost[name] ?? []), ...engines];
  return lost;
}

/** What the last episode has cost. */
function lossesOf(turns: readonly Turn[]): Picture['lost'] {
  const told = turns.filter((turn) => turn.__typename === 'EmergencyModeChanged');
  const episode = told.at(-1)?.episodeId;
  return byVpn(
    told.flatMap(({ episodeId, removedEngines }) => (episodeId === episode ? removedEngines : [])),
  );
}

const byVpn = <E extends { readonly vpn?: { readonly name: string } | null }>(
  engines: readonly E[],
): Record<string, E[]> => Object.groupBy(engines, ({ vpn }) => vpn?.name ?? '') as Record<string, E[]>;

const asTold = (known: Picture['stabilizations'], told: Told): Picture['stabilizations'] =>
  told.__typename === 'VpnChanged' && told.vpn.stabilizingUntil
    ? stabilizing(known, told.vpn, parseTime(told.vpn.stabilizingUntil) - parseTime(told.at))
    : known;

/** The longest that is seen to remain of one stabilization is the whole of it. */
function stabilizing(
  known: Picture['stabilizations'],
  { name, stabilizingUntil: until }: { readonly name: string; readonly stabilizingUntil?: string | null },
  remainingMs: number,
): Picture['stabilizations'] {
  if (!until) return known;
  const before = known[name]?.until === until ? known[name].wholeMs : 0;
  return remainingMs > before ? { ...known, [name]: { until, wholeMs: remainingMs } } : known;
}

function onBeat(picture: Picture, now: number): Picture {
  const { unsaid } = picture;
  const said = unsaid.length > 0 ? { said: summaryOf(unsaid), unsaid: [] } : {};
  const tiles = Object.fromEntries(
    Object.entries(picture.tiles).map(([name, each]) => [name, swept(each, now)]),
  );
  const notices = picture.notices.filter(({ until }) => until === null || until > now);
  const still = Object.entries(tiles).every(([name, each]) => each === picture.tiles[name]);
  return still && unsaid.length === 0 && notices.length === picture.notices.length
    ? picture
    : { ...picture, ...said, tiles, notices };
}
