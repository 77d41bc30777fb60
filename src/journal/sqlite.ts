import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { check, create, lock, remove, setAside } from './file.ts';
import type { Journal } from './journal.ts';
import { type JournalOptions, SqliteJournal } from './sqlite-journal.ts';
import { codeOf, isDamage, isTrouble, sqlite, whatIsWrong } from './trouble.ts';

export type { JournalOptions };

export interface Opened {
  readonly journal: Journal;
  /** A file that could not be used, where it is now, and why; null when there was none. */
  readonly setAside: { readonly path: string; readonly why: string } | null;
}

/** Another process keeps this journal. */
export class JournalBusy extends Error {
  override readonly name = 'JournalBusy';
}

/** There can be no journal in this place; `message` says why, and what to do. */
export class JournalUnusable extends Error {
  override readonly name = 'JournalUnusable';
}

/**
 * Opens the journal in a folder, or begins one there. A damaged one is set aside and a new one begun: engines can be found
 * again, a service that does not start helps nobody.
 * @throws {JournalBusy}
 * @throws {JournalUnusable}
 */
export function openJournal(options: JournalOptions): Opened {
  const path = join(options.folder, 'tandem.db');
  try {
    mkdirSync(options.folder, { recursive: true });
    return open(path, options);
  } catch (problem) {
    throw unopened(path, problem);
  }
}

function open(path: string, options: JournalOptions): Opened {
  if (!existsSync(path)) return { journal: begin(path, options), setAside: null };
  const db = new DatabaseSync(path);
  try {
    lock(db);
    check(db);
    return { journal: new SqliteJournal(db, path, options), setAside: null };
  } catch (problem) {
    // Moved before it is closed: until then nobody else has it, and closing would take its log away.
    const aside = isDamage(problem) && setAside(path, options.clock.now());
    db.close();
    if (!aside) throw problem;
    return { journal: begin(path, options), setAside: { path: aside, why: problem.message } };
  }
}

/** Makes a new file. One that could not be finished does not stay. */
function begin(path: string, options: JournalOptions): Journal {
  const db = new DatabaseSync(path);
  try {
    lock(db);
    create(db, options.newRun());
    return new SqliteJournal(db, path, options);
  } catch (problem) {
    db.close();
    if (codeOf(problem) !== sqlite.busy) remove(path);
    throw problem;
  }
}

function unopened(path: string, problem: unknown): unknown {
  if (codeOf(problem) === sqlite.busy) {
    const message = `The journal ${path} is in use by another process. Stop that one, or give this one another folder.`;
    return new JournalBusy(message, { cause: problem });
  }
  if (!isTrouble(problem)) return problem;
  return new JournalUnusable(
    `The journal ${path} ${whatIsWrong(problem)} Make its folder one that Tandem may write to, or name another one.`,
    { cause: problem },
  );
}
