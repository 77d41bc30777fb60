import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { History } from './history.ts';
import { all, Place } from './place.ts';

const writer = join(import.meta.dirname, 'writer.ts');

const start = (folder: string): ChildProcess =>
  spawn(process.execPath, [writer, folder], { stdio: ['ignore', 'pipe', 'inherit'] });

/** Kills `child` once it has reported `position`, and gives the last position that it reported in time. */
async function killedAt(child: ChildProcess, position: number): Promise<number> {
  let said = '';
  const last = () => Number(said.slice(0, said.lastIndexOf('\n')).split('\n').at(-1));
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (last() >= position) child.kill('SIGKILL');
  });
  const [, signal] = await once(child, 'close');
  assert.equal(signal, 'SIGKILL');
  return last();
}

describe('processes', () => {
  test('the second one is refused while the first one lives, and let in once that was killed', async () => {
    using place = new Place();
    const first = start(place.folder);
    assert(first.stdout);
    await once(first.stdout, 'data');
    const busy = { name: 'JournalBusy', message: /tandem\.db is in use by another process/ };
    assert.throws(() => place.journal(), busy);
    assert.throws(() => place.journal(), busy, 'having tried once does not help');
    first.kill('SIGKILL');
    await once(first, 'close');
    assert(place.journal().newest);
    const second = start(place.folder);
    const [code] = await once(second, 'close');
    assert.equal(code, 75);
  });

  for (const position of [1, 40, 900]) {
    test(`what was reported is there after a kill -9, at event ${position} or soon after`, async () => {
      using place = new Place();
      const reported = await killedAt(start(place.folder), position);
      const journal = place.journal();
      const there = journal.newest?.position ?? 0;
      assert(there >= reported, `${reported} reported, ${there} there`);
      const lived = new History(3).live(there + 1);
      assert.deepEqual(journal.newest, lived[there - 1]);
      assert.deepEqual(journal.read(all), lived.slice(0, there));
      journal.append(lived.slice(there));
      assert.deepEqual(journal.newest, lived[there]);
    });
  }
});
