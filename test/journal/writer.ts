import { writeSync } from 'node:fs';
import { JournalBusy } from '../../src/journal/sqlite.ts';
import { History } from './history.ts';
import { Place } from './place.ts';

/**
 * A process of its own that appends more than anyone waits for, and says after each event how far it is. It ends with 75 if
 * the journal is another's.
 */
const [folder] = process.argv.slice(2);
try {
  const journal = new Place(folder).journal();
  const history = new History(3);
  for (let count = 0; count < 20_000; count++) {
    const [event] = history.live(1);
    if (event) journal.append([event]);
    writeSync(1, `${journal.newest?.position}\n`);
  }
} catch (problem) {
  process.exitCode = problem instanceof JournalBusy ? 75 : 1;
}
