import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { RemovedEngine } from '../domain/engine.ts';
import { seal, verify } from './trouble.ts';

const keptMs = 24 * 60 * 60 * 1_000;

interface Row {
  readonly id: string;
  readonly container_id: string | null;
  readonly keyed: number;
  readonly at: number;
  readonly body: string;
  readonly crc: number;
}

/** The engines that are gone, for a day. They outlive the events that told of them. */
export class DepartedEngines {
  readonly #insert: StatementSync;
  readonly #delete: StatementSync;
  readonly #by: Readonly<Record<'id' | 'containerId', StatementSync>>;
  readonly #keyed: StatementSync;

  constructor(db: DatabaseSync) {
    this.#insert = db.prepare('INSERT OR REPLACE INTO departed VALUES (?, ?, ?, ?, ?, ?)');
    this.#delete = db.prepare('DELETE FROM departed WHERE at <= ?');
    const by = (column: string) =>
      db.prepare(`SELECT * FROM departed WHERE ${column} = ? AND at > ? ORDER BY at DESC LIMIT 1`);
    this.#by = { id: by('id'), containerId: by('container_id') };
    this.#keyed = db.prepare('SELECT * FROM departed WHERE at > ? AND keyed = 1 ORDER BY at');
  }

  write(engine: RemovedEngine, at: number): void {
    const { id, containerId } = engine;
    const keyed = engine.request === null ? 0 : 1;
    const body = JSON.stringify(engine);
    this.#insert.run(id, containerId, keyed, at, body, seal(id, containerId, keyed, at, body));
  }

  find(by: 'id' | 'containerId', value: string, now: number): RemovedEngine | null {
    const row = this.#by[by].get(value, now - keptMs) as Row | undefined;
    return row ? engineOf(row) : null;
  }

  underKeys(now: number): RemovedEngine[] {
    return (this.#keyed.all(now - keptMs) as unknown as Row[]).map(engineOf);
  }

  deleteOld(now: number): void {
    this.#delete.run(now - keptMs);
  }
}

function engineOf(row: Row): RemovedEngine {
  verify(`removed engine ${row.id}`, row.crc, row.id, row.container_id, row.keyed, row.at, row.body);
  return JSON.parse(row.body);
}
