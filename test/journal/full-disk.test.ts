import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Event } from '../../src/domain/events.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { FragileDisk, noFragileDisk, noSmallDisk, SmallDisk } from '../support/small-disk.ts';
import { History } from './history.ts';
import { all, Place } from './place.ts';

const full = { name: 'StorageTrouble', message: /tandem\.db cannot be written: the disk is full/ };

/** Appends until the disk is full, and gives the event that did not fit. */
function appendUntilFull(journal: Journal, history: History): Event {
  for (;;) {
    const [event] = history.live(1);
    assert(event && event.position < 10_000);
    try {
      journal.append([event]);
    } catch (problem) {
      assert.throws(() => {
        throw problem;
      }, full);
      return event;
    }
  }
}

describe('a full disk', { skip: noSmallDisk }, () => {
  test('fails an append, which succeeds as soon as there is room', () => {
    using disk = new SmallDisk();
    using place = new Place(mkdtempSync(join(disk.folder, 'journal-')));
    const history = new History(3);
    const journal = place.journal();
    journal.append(history.live(10));
    disk.fill();
    const event = appendUntilFull(journal, history);
    assert.equal(journal.newest?.position, event.position - 1);
    assert.throws(() => journal.append([event]), full);
    assert.throws(() => journal.append([]), full, 'a mere try finds no room either');
    const lived = new History(3).live(event.position);
    assert.deepEqual(journal.read(all), lived.slice(0, -1), 'what is there can be read');

    disk.free();
    journal.append([]);
    journal.append([event]);
    assert.deepEqual(journal.read(all), lived);
    journal.append(history.live(50));
    journal.close();
    const reopened = place.journal();
    assert.deepEqual(reopened.read(all), new History(3).live(event.position + 50));
  });

  test('keeps no journal from being opened, even one that was not closed', () => {
    using disk = new SmallDisk();
    using place = new Place(mkdtempSync(join(disk.folder, 'journal-')));
    const history = new History(3);
    const journal = place.journal();
    journal.append(history.live(10));
    disk.fill();
    const event = appendUntilFull(journal, history);
    journal.close();
    assert(existsSync(`${place.path}-wal`), 'there was no room to move the log into the database');
    const reopened = place.journal({ eventsMax: 2 });
    assert.equal(reopened.newest?.position, event.position - 1);
    assert.deepEqual(reopened.newest, new History(3).live(event.position - 1).at(-1));
    disk.free();
    reopened.append([event]);
    assert.deepEqual(reopened.newest, event);
  });

  test('is no place to begin, and nothing half-made stays there', () => {
    using disk = new SmallDisk();
    using place = new Place(mkdtempSync(join(disk.folder, 'journal-')));
    disk.fill();
    assert.throws(() => place.journal(), { name: 'JournalUnusable', message: /the disk is full/ });
    assert.deepEqual(readdirSync(place.folder), []);
    disk.free();
    assert.equal(place.journal().newest, null);
  });

  test('nor is one that is read-only', () => {
    using disk = new SmallDisk();
    using place = new Place(mkdtempSync(join(disk.folder, 'journal-')));
    disk.remount('ro');
    assert.throws(() => place.journal(), { name: 'JournalUnusable', message: /or name another one/ });
    disk.remount('rw');
    const journal = place.journal();
    journal.append(new History(3).live(3));
    journal.close();
    disk.remount('ro');
    assert.throws(() => place.journal(), {
      name: 'JournalUnusable',
      message: /read-only|or name another one/,
    });
    disk.remount('rw');
    assert.equal(place.journal().newest?.position, 3);
  });
});

describe('a disk that turns read-only because of an error', { skip: noFragileDisk }, () => {
  test('takes neither an event nor a mere try, until it is mounted anew', () => {
    using disk = new FragileDisk();
    using place = new Place(mkdtempSync(join(disk.folder, 'journal-')));
    const history = new History(3);
    const journal = place.journal();
    journal.append(history.live(3));
    disk.fail();
    const trouble = { name: 'StorageTrouble', message: /read-only|the disk reports an error/ };
    const next = history.live(1);
    assert.throws(() => journal.append(next), trouble);
    assert.throws(() => journal.append([]), trouble);
    assert.deepEqual(journal.read(all), new History(3).live(3), 'what is there can be read');
    journal.close();
    disk.repair();
    const reopened = place.journal();
    reopened.append([]);
    reopened.append(next);
    assert.deepEqual(reopened.read(all), new History(3).live(4));
  });
});
