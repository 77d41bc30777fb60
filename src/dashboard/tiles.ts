import type { Engine, LostEngine } from './shapes.ts';

/** An engine on the page: one that there is, one that a failure has cost, or one that has just gone. */
export type Tile =
  | { readonly kind: 'LIVE'; readonly engine: Engine }
  | { readonly kind: 'LOST'; readonly engine: LostEngine }
  | { readonly kind: 'LEAVING'; readonly engine: LostEngine; readonly until: number };

/** Milliseconds that a tile is seen to go. */
export const leavingMs = 700;

/** The tiles of one place, by port, out of those that it had: what looks the same is the same one, and not drawn again. */
export function nextTiles(
  before: readonly Tile[],
  engines: readonly Engine[],
  lost: readonly LostEngine[],
  now: number,
): readonly Tile[] {
  const known = new Map(before.map((tile) => [tile.engine.id, tile]));
  const shown = new Map<string, Tile>();
  for (const tile of before) {
    const { kind, engine } = tile;
    if (kind === 'LIVE') shown.set(engine.id, { kind: 'LEAVING', engine, until: now + leavingMs });
    else if (kind === 'LEAVING' && tile.until > now) shown.set(engine.id, tile);
  }
  const show = (tile: Tile) => {
    const same = known.get(tile.engine.id);
    shown.set(tile.engine.id, same && looksSame(same, tile) ? same : tile);
  };
  for (const engine of lost) show({ kind: 'LOST', engine });
  for (const engine of engines) show({ kind: 'LIVE', engine });
  return [...shown.values()].sort(
    (a, b) => a.engine.httpPort - b.engine.httpPort || (a.engine.id < b.engine.id ? -1 : 1),
  );
}

function looksSame(one: Tile, other: Tile): boolean {
  const [a, b] = [Object.entries(one.engine), new Map(Object.entries(other.engine))];
  return one.kind === other.kind && a.length === b.size && a.every(([name, value]) => b.get(name) === value);
}

/** Without those that have been seen to go; the same list when there are none. */
export function swept(tiles: readonly Tile[], now: number): readonly Tile[] {
  const left = tiles.filter((tile) => tile.kind !== 'LEAVING' || tile.until > now);
  return left.length === tiles.length ? tiles : left;
}
