import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Selection } from './journal.ts';
import { Damaged, seal, verify } from './trouble.ts';

export interface EventRow {
  readonly position: number;
  readonly run: string;
  readonly at: number;
  readonly type: string;
  /** All of the event but its snapshot. */
  readonly body: string;
  readonly snapshot: string;
  /** The row that the first object of this event's transaction got, or would have got. */
  readonly first_object: number;
}

type Sealed = EventRow & { readonly crc: number };

/** The events as they are written, their objects aside. */
export class EventRows {
  readonly #db: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #since: StatementSync;
  readonly #deleteBefore: StatementSync;
  readonly #oldestFirst: StatementSync;
  readonly #newestFirst: StatementSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#insert = db.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
    this.#since = db.prepare('SELECT position FROM events WHERE at >= ? ORDER BY position LIMIT 1');
    this.#deleteBefore = db.prepare('DELETE FROM events WHERE position < ?');
    const select = (order: 'ASC' | 'DESC') =>
      db.prepare(`SELECT * FROM events WHERE position > ?1 AND position < ?2
        AND (?3 IS NULL OR type IN (SELECT value FROM json_each(?3))) ORDER BY position ${order} LIMIT ?4`);
    this.#oldestFirst = select('ASC');
    this.#newestFirst = select('DESC');
  }

  insert({ position, run, at, type, body, snapshot, first_object }: EventRow): void {
    const crc = seal(position, run, at, type, body, snapshot, first_object);
    this.#insert.run(position, run, at, type, body, snapshot, first_object, crc);
  }

  select({ after, before, types, newestFirst, most }: Selection): EventRow[] {
    const statement = newestFirst ? this.#newestFirst : this.#oldestFirst;
    const wanted = types === null ? null : JSON.stringify(types);
    const rows = statement.all(after, before, wanted, Math.min(most, Number.MAX_SAFE_INTEGER));
    return (rows as unknown as Sealed[]).map(verified);
  }

  /** The first and the last position; null where there is none. None may be missing in between. */
  extent(): { readonly oldest: number; readonly newest: number } | null {
    const { oldest, newest, count } = this.#db
      .prepare('SELECT min(position) AS oldest, max(position) AS newest, count(*) AS count FROM events')
      .get() as { oldest: number; newest: number; count: number };
    if (count === 0) return null;
    if (newest - oldest + 1 !== count) throw new Damaged('events are missing');
    return { oldest, newest };
  }

  at(position: number): EventRow {
    const [row] = this.select({
      after: position - 1,
      before: position + 1,
      types: null,
      newestFirst: false,
      most: 1,
    });
    if (!row) throw new Damaged(`event ${position} is missing`);
    return row;
  }

  /** The first event at `time` or later. */
  since(time: number): number | null {
    const row = this.#since.get(time) as { position: number } | undefined;
    return row?.position ?? null;
  }

  deleteBefore(position: number): void {
    this.#deleteBefore.run(position);
  }
}

function verified(row: Sealed): EventRow {
  const { position, run, at, type, body, snapshot, first_object, crc } = row;
  verify(`event ${position}`, crc, position, run, at, type, body, snapshot, first_object);
  return row;
}
