import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/async/clock.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { openJournal } from '../../src/journal/sqlite.ts';
import { undoLater } from './cleanup.ts';

export interface ScratchJournal extends AsyncDisposable {
  readonly journal: Journal;
}

/** A journal as the service keeps it, in a folder that does not outlive its scope. */
export async function scratchJournal(): Promise<ScratchJournal> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-bench-'));
  const { journal } = openJournal({
    folder,
    // What a service has that was told nothing else.
    eventsMax: 10_000,
    eventsMaxMs: 30 * 86_400_000,
    clock: systemClock,
    newRun: () => '00000000',
  });
  return {
    journal,
    [Symbol.asyncDispose]: undoLater(async () => {
      journal.close();
      await rm(folder, { recursive: true, force: true });
    }),
  };
}
