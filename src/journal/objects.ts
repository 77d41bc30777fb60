import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { Damaged, seal, verify } from './trouble.ts';

/** Fields that hold what has a row of its own. A VPN that is only named in `vpn` has none. */
const links = ['engine', 'vpn', 'policy'];
const listsOfLinks = ['sites', 'provisioning', 'running', 'stopping', 'removedEngines'];

type Fields = Record<string, unknown>;
interface Row {
  readonly body: string;
  readonly crc: number;
}

/** Objects that were read, by their rows: what is one object stays one object. */
export type Rows = Map<number, object>;

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/**
 * The objects that snapshots share. Each is written once, however many snapshots it is in, because it is never changed,
 * only replaced; so an event costs what it changed and not what there is.
 */
export class Objects {
  readonly #insert: StatementSync;
  readonly #select: StatementSync;
  readonly #delete: StatementSync;
  readonly #written = new WeakMap<object, number>();
  /** Written in the transaction that is under way. */
  readonly #fresh = new Map<object, number>();
  #next: number;

  /** `first` is above all rows that may ever have been written, so that no row is taken for one that was there before. */
  constructor(db: DatabaseSync, first: number) {
    this.#insert = db.prepare('INSERT INTO objects VALUES (?, ?, ?)');
    this.#select = db.prepare('SELECT body, crc FROM objects WHERE id = ?');
    this.#delete = db.prepare(
      'DELETE FROM objects WHERE id < ? AND id NOT IN (SELECT value FROM json_each(?))',
    );
    const { newest } = db.prepare('SELECT max(id) AS newest FROM objects').get() as { newest: number | null };
    this.#next = Math.max(first, (newest ?? 0) + 1);
  }

  /** The row that the next object will get. */
  get next(): number {
    return this.#next;
  }

  /** The text of what lasts: whatever it links to may be in later texts too. */
  write(whole: object): string {
    return this.#text(whole, this.#fresh);
  }

  /**
   * The text of what is said once. What only it links to is forgotten at once and would be written again, for nothing
   * keeps its row when this text is deleted.
   */
  writeOnce(whole: object): string {
    return this.#text(whole, new Map());
  }

  /** The transaction was committed. */
  keep(): void {
    for (const [object, row] of this.#fresh) this.#written.set(object, row);
    this.#fresh.clear();
  }

  /** The transaction was rolled back: its rows are not there. */
  forget(): void {
    this.#fresh.clear();
  }

  /** Takes what was read for written, so that it is not written again. */
  remember(rows: Rows): void {
    for (const [row, object] of rows) this.#written.set(object, row);
  }

  /** What was written as `text`. Everything that it links to is read, unless it is among `rows`, and put there. */
  read(text: string, rows: Rows): object {
    const whole: Fields = JSON.parse(text);
    for (const field of links) {
      const row = whole[field];
      if (typeof row === 'number') whole[field] = this.#at(row, rows);
    }
    for (const field of listsOfLinks) {
      const list = whole[field];
      if (Array.isArray(list)) whole[field] = list.map((row: number) => this.#at(row, rows));
    }
    return whole;
  }

  /** Deletes the rows before `first` that are not among `kept`. */
  collect(first: number, kept: Rows): void {
    this.#delete.run(first, JSON.stringify([...kept.keys()]));
  }

  #text(whole: object, fresh: Map<object, number>): string {
    const plain: Fields = { ...whole };
    for (const field of links) {
      const value = plain[field];
      if (isObject(value)) plain[field] = this.#row(value, fresh);
    }
    for (const field of listsOfLinks) {
      const list = plain[field];
      if (Array.isArray(list)) plain[field] = list.map((each: object) => this.#row(each, fresh));
    }
    return JSON.stringify(plain);
  }

  #row(object: object, fresh: Map<object, number>): number {
    const known = this.#written.get(object) ?? this.#fresh.get(object) ?? fresh.get(object);
    if (known !== undefined) return known;
    const body = this.#text(object, fresh);
    const row = this.#next++;
    this.#insert.run(row, body, seal(row, body));
    fresh.set(object, row);
    return row;
  }

  #at(row: number, rows: Rows): object {
    const known = rows.get(row);
    if (known) return known;
    const found = this.#select.get(row) as Row | undefined;
    if (!found) throw new Damaged(`object ${row} is missing`);
    verify(`object ${row}`, found.crc, row, found.body);
    const object = this.read(found.body, rows);
    rows.set(row, object);
    return object;
  }
}
