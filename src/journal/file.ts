import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { toIso } from '../async/clock.ts';
import { Damaged, seal, verify } from './trouble.ts';

/** 'Tndm': says whose file it is to whoever finds it. */
const applicationId = 0x546e646d;
const version = 3;

const schema = [
  'CREATE TABLE meta(id TEXT NOT NULL, crc INTEGER NOT NULL, filler BLOB) STRICT',
  'CREATE TABLE objects(id INTEGER PRIMARY KEY, body TEXT NOT NULL, crc INTEGER NOT NULL) STRICT',
  'CREATE TABLE events(position INTEGER PRIMARY KEY, run TEXT NOT NULL, at REAL NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL, snapshot TEXT NOT NULL, first_object INTEGER NOT NULL, crc INTEGER NOT NULL) STRICT',
  'CREATE TABLE departed(id TEXT PRIMARY KEY, container_id TEXT, keyed INTEGER NOT NULL, at REAL NOT NULL, body TEXT NOT NULL, crc INTEGER NOT NULL) STRICT',
  'CREATE INDEX departed_container ON departed(container_id)',
  'CREATE INDEX departed_at ON departed(at)',
];

/**
 * Pages in the log after which they go over into the database itself. That waits twice for the disk, and the longer the
 * more pages there are: 2 ms with 250 of them, 7 ms with 1,000, says test/journal/measure.ts. All told it costs the same.
 */
const checkpointPages = 250;

const columnOf = (db: DatabaseSync, sql: string): unknown[] =>
  db
    .prepare(sql)
    .all()
    .flatMap((row) => Object.values(row));

/**
 * Locks the file against other processes, for as long as this one lives: a kill frees it. What is committed survives the
 * process, however it ends. A power cut may take the last moments with it, for the disk is waited for at a checkpoint only;
 * what is left then is still one whole earlier state.
 */
export function lock(db: DatabaseSync): void {
  db.exec('PRAGMA locking_mode = EXCLUSIVE');
  // The first statement that touches the file: here the lock is got, or is another's.
  db.exec('PRAGMA journal_mode = WAL');
  db.exec(`PRAGMA synchronous = NORMAL;
    PRAGMA wal_autocheckpoint = ${checkpointPages};
    PRAGMA journal_size_limit = ${4 * checkpointPages * 4_096}`);
}

export function create(db: DatabaseSync, id: string): void {
  db.exec(`BEGIN; PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${version}`);
  for (const statement of schema) db.exec(statement);
  db.prepare('INSERT INTO meta(id, crc) VALUES (?, ?)').run(id, seal(id));
  db.exec('COMMIT');
}

/**
 * Makes sure that the file is a journal, and whole. The integrity check finds what is out of shape, indexes that do not fit
 * their table included; the rows' own checksums find the rest.
 */
export function check(db: DatabaseSync): void {
  if (columnOf(db, 'PRAGMA application_id')[0] !== applicationId)
    throw new Damaged('it is no journal of Tandem');
  const [found] = columnOf(db, 'PRAGMA user_version');
  if (found !== version) throw new Damaged(`it has version ${found}, and this Tandem reads ${version}`);
  const [finding] = columnOf(db, 'PRAGMA integrity_check(1)');
  if (finding !== 'ok') throw new Damaged(String(finding));
  const tables = columnOf(db, 'SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid');
  if (tables.join() !== schema.join()) throw new Damaged('its tables are not those of a journal');
}

export function idOf(db: DatabaseSync): string {
  const [row] = db.prepare('SELECT id, crc FROM meta').all() as { id: string; crc: number }[];
  if (!row) throw new Damaged('it has no id');
  verify('its id', row.crc, row.id);
  return row.id;
}

/** Renames the file and what belongs to it, and says what it is called now. */
export function setAside(path: string, at: number): string {
  const suffix = `.damaged-${toIso(at).replaceAll(':', '')}`;
  for (const file of filesOf(path)) if (existsSync(file)) renameSync(file, file + suffix);
  return path + suffix;
}

export function remove(path: string): void {
  for (const file of filesOf(path)) rmSync(file, { force: true });
}

/** What the file and what belongs to it take on the disk; null when the disk does not say. */
export function bytesOf(path: string): number | null {
  try {
    return filesOf(path).reduce(
      (sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
  } catch {
    return null;
  }
}

const filesOf = (path: string): string[] => [path, `${path}-wal`, `${path}-shm`];
