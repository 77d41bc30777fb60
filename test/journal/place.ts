import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Journal, Selection } from '../../src/journal/journal.ts';
import { type JournalOptions, type Opened, openJournal } from '../../src/journal/sqlite.ts';
import { FakeClock } from '../support/fake-clock.ts';

export const all: Selection = {
  after: 0,
  before: Number.POSITIVE_INFINITY,
  types: null,
  newestFirst: false,
  most: Number.POSITIVE_INFINITY,
};

/** A folder with a journal in it, for one test. */
export class Place implements Disposable {
  readonly folder: string;
  readonly clock = new FakeClock();
  readonly #open = new Set<Journal>();

  constructor(folder = mkdtempSync(join(tmpdir(), 'tandem-journal-'))) {
    this.folder = folder;
  }

  get path(): string {
    return join(this.folder, 'tandem.db');
  }

  open(wishes: Partial<JournalOptions> = {}): Opened {
    const { folder, clock } = this;
    const opened = openJournal({
      folder,
      clock,
      eventsMax: 1_000_000,
      eventsMaxMs: 1_000_000_000,
      newRun: () => '00c0ffee',
      ...wishes,
    });
    this.#open.add(opened.journal);
    return opened;
  }

  /** Opens one that is nothing wrong with. */
  journal(wishes: Partial<JournalOptions> = {}): Journal {
    const { journal, setAside } = this.open(wishes);
    if (setAside) throw new Error(`set aside: ${setAside.why}`);
    return journal;
  }

  /** Does to the closed file what no journal would. */
  tamper<T>(how: (db: DatabaseSync) => T): T {
    const db = new DatabaseSync(this.path);
    try {
      return how(db);
    } finally {
      db.close();
    }
  }

  [Symbol.dispose](): void {
    for (const journal of this.#open) journal.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
