import { writeSync } from 'node:fs';
import { JournalBusy } from '../../src/journal/sqlite.ts';
import { History } from './history.ts';
import { Place } from './place.ts';

/** A process of its own that appends without end and says after each event how far it is. 75: the journal is another's. */
const [folder] = process.argv.slice(2);
try {
  const journal = new Place(folder).journal();
  const history = new History(3);
  for (;;) {
    const [event] = history.live(1);
    if (!event) break;
    journal.append([event]);
    writeSync(1, `${event.position}\n`);
  }
} catch (problem) {
  process.exitCode = problem instanceof JournalBusy ? 75 : 1;
}
