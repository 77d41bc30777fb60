import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Event } from '../../src/domain/events.ts';
import { seconds } from '../support/build.ts';
import { History } from './history.ts';
import { all, Place } from './place.ts';

const rowsOf = (place: Place): number =>
  Number(place.tamper((db) => db.prepare('SELECT count(*) AS count FROM objects').get())?.count);

describe('what is kept', () => {
  test('is so many events and at most a hundred more, each of them whole', () => {
    using place = new Place();
    const journal = place.journal({ eventsMax: 50 });
    const events = new History(5).live(1_000);
    for (const event of events) {
      journal.append([event]);
      const kept = event.position - journal.oldest + 1;
      assert(kept <= 150 && kept >= Math.min(50, event.position), `${kept} at ${event.position}`);
    }
    assert(journal.oldest > 800);
    assert.deepEqual(journal.read(all), events.slice(journal.oldest - 1));
    journal.close();
    const reopened = place.journal({ eventsMax: 50 });
    assert.equal(reopened.oldest, 951);
    assert.deepEqual(reopened.read(all), events.slice(950));
  });

  test('of many events is a tenth more', () => {
    using place = new Place();
    const journal = place.journal({ eventsMax: 2_000 });
    const history = new History(2);
    journal.append(history.live(2_200));
    assert.equal(journal.oldest, 1);
    journal.append(history.live(1));
    assert.equal(journal.oldest, 202);
  });

  test('is not older than it may be', async () => {
    using place = new Place();
    const wishes = { eventsMaxMs: seconds(30) };
    const history = new History(5);
    const journal = place.journal(wishes);
    const events: Event[] = [];
    for (let count = 0; count < 400; count++) {
      await place.clock.advance(seconds(1));
      const [event] = history.live(1);
      assert(event);
      events.push(event);
      journal.append([event]);
      assert(event.position - journal.oldest < 131, `${journal.oldest} at ${event.position}`);
    }
    journal.close();
    await place.clock.advance(seconds(10));
    const reopened = place.journal(wishes);
    assert.deepEqual(
      reopened.read(all),
      events.filter(({ at }) => at >= place.clock.now() - seconds(30)),
    );
    assert.equal(reopened.read(all).length, 21);
  });

  test('is always the newest event, however old', async () => {
    using place = new Place();
    const events = new History(3).live(10);
    const journal = place.journal();
    journal.append(events);
    journal.close();
    await place.clock.advance(seconds(1_000_000));
    const reopened = place.journal({ eventsMax: 0, eventsMaxMs: 1 });
    assert.equal(reopened.oldest, 10);
    assert.deepEqual(reopened.newest, events[9]);
    assert.deepEqual(reopened.read(all), events.slice(9));
  });

  test('of objects is what the kept events need, and no more for every day that goes by', () => {
    using place = new Place();
    const history = new History(5);
    const rows: number[] = [];
    let kept: Event[] = [];
    for (let day = 0; day < 4; day++) {
      const journal = place.journal({ eventsMax: 20 });
      kept = history.live(500);
      for (const event of kept) journal.append([event]);
      journal.close();
      place.journal({ eventsMax: 20 }).close();
      rows.push(rowsOf(place));
    }
    assert(Math.max(...rows) < 120, `${rows}`);
    assert.deepEqual(place.journal().read(all), kept.slice(-20));
  });

  test('goes on from what was deleted: no object gets the row of an earlier one', () => {
    using place = new Place();
    const history = new History(5);
    const events: Event[] = [];
    for (let run = 0; run < 30; run++) {
      const journal = place.journal({ eventsMax: 3 });
      const more = history.live(7);
      journal.append(more);
      events.push(...more);
      assert.deepEqual(journal.read(all), events.slice(journal.oldest - 1));
      journal.close();
    }
  });

  test('may not be what was read before: a snapshot that was not looked at in time says so', () => {
    using place = new Place();
    const journal = place.journal({ eventsMax: 1 });
    const history = new History(3);
    journal.append(history.live(50));
    const [first] = journal.read(all);
    assert(first);
    for (const event of history.live(300)) journal.append([event]);
    assert.equal(first.message, 'event 1');
    assert.throws(() => first.snapshot, { name: 'StorageTrouble', message: /no longer kept/ });
  });

  test('holds what an event was the first to tell of and a later snapshot holds', () => {
    using place = new Place();
    const history = new History(3);
    const [first, second, third] = history.live(3);
    assert(first?.type === 'ENGINE_ASSIGNED' && second && third);
    const { snapshot } = third;
    // The engine is told of one event before it is listed.
    const told: Event[] = [
      { ...first, snapshot: { ...snapshot, sites: [] } },
      { ...second, type: 'SCALING', snapshot: { ...snapshot, sites: [] } },
      { ...third, type: 'SCALING', snapshot: { ...snapshot, sites: first.snapshot.sites } },
    ];
    const journal = place.journal();
    for (const event of told) journal.append([event]);
    journal.close();
    assert.deepEqual(place.journal({ eventsMax: 2 }).read(all), told.slice(1));
  });
});
