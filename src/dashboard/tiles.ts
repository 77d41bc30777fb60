import type { Engine, LostEngine } from './shapes.ts';

/** An engine on the page: one that there is, one that a failure has cost, or one that has just gone. */
export type Tile =
  | { readonly kind: 'LIVE'; readonly engine: Engine }
  | { readonly kind: 'LOST'; readonly engine: LostEngine }
  | { readonly kind: 'LEAVING'; readonly engine: LostEngine; readonly until: number };

/** Milliseconds that a tile is seen to go. */
export const leavingMs = 700;

/** The tiles of one place, by port, out of those that it had. */
export function nextTiles(
  before: readonly Tile[],
  engines: readonly Engine[],
  lost: readonly LostEngine[],
  now: number,
): readonly Tile[] {
  const shown = new Map<string, Tile>();
  for (const tile of before) {
    const { kind, engine } = tile;
    if (kind === 'LIVE') shown.set(engine.id, { kind: 'LEAVING', engine, until: now + leavingMs });
    else if (kind === 'LEAVING' && tile.until > now) shown.set(engine.id, tile);
  }
  for (const engine of lost) shown.set(engine.id, { kind: 'LOST', engine });
  for (const engine of engines) shown.set(engine.id, { kind: 'LIVE', engine });
  return [...shown.values()].sort(
    (a, b) => a.engine.httpPort - b.engine.httpPort || (a.engine.id < b.engine.id ? -1 : 1),
  );
}

/** Without those that have been seen to go; the same list when there are none. */
export function swept(tiles: readonly Tile[], now: number): readonly Tile[] {
  const left = tiles.filter((tile) => tile.kind !== 'LEAVING' || tile.until > now);
  return left.length === tiles.length ? tiles : left;
}
