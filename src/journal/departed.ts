import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type RemovedEngine, rememberedMs } from '../domain/engine.ts';
import { seal, verify } from './trouble.ts';

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
  readonly #all: StatementSync;

  constructor(db: DatabaseSync) {
    this.#insert = db.prepare('INSERT OR REPLACE INTO departed VALUES (?, ?, ?, ?, ?, ?)');
    this.#delete = db.prepare('DELETE FROM departed WHERE at <= ?');
    const by = (column: string) =>
      db.prepare(`SELECT * FROM departed WHERE ${column} = ? AND at > ? ORDER BY at DESC LIMIT 1`);
    this.#by = { id: by('id'), containerId: by('container_id') };
    this.#all = db.prepare('SELECT * FROM departed');
    this.#keyed = db.prepare('SELECT * FROM departed WHERE at > ? AND keyed = 1 ORDER BY at');
  }

  /** Reads every row, so that a damaged one is found at once and not when it is asked for. */
  verify(): void {
    for (const row of this.#all.iterate()) engineOf(row as unknown as Row);
  }

  write(engine: RemovedEngine, at: number): void {
    const { id, containerId } = engine;
    const keyed = engine.request === null ? 0 : 1;
    const body = JSON.stringify(engine);
    this.#insert.run(id, containerId, keyed, at, body, seal(id, containerId, keyed, at, body));
  }

  find(by: 'id' | 'containerId', value: string, now: number): RemovedEngine | null {
    const row = this.#by[by].get(value, now - rememberedMs) as Row | undefined;
    return row ? engineOf(row) : null;
  }

  underKeys(now: number): RemovedEngine[] {
    return (this.#keyed.all(now - rememberedMs) as unknown as Row[]).map(engineOf);
  }

  deleteOld(now: number): void {
    this.#delete.run(now - rememberedMs);
  }
}

function engineOf(row: Row): RemovedEngine {
  verify(`removed engine ${row.id}`, row.crc, row.id, row.container_id, row.keyed, row.at, row.body);
  return JSON.parse(row.body);
}
