import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Event, eventId } from '../../src/domain/events.ts';
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

  test('of many events is a tenth more, and few are deleted at once', () => {
    using place = new Place();
    const journal = place.journal({ eventsMax: 2_000 });
    const history = new History(2);
    journal.append(history.live(2_200));
    assert.equal(journal.oldest, 1);
    journal.append(history.live(1));
    assert.equal(journal.oldest, 201);
    for (const _ of Array(20)) journal.append(history.live(100));
    assert.equal(4_201 - journal.oldest + 1 <= 2_200, true, `${journal.oldest}`);
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

  test('is what is exactly as old as it may be', async () => {
    using place = new Place();
    const journal = place.journal();
    const events = new History(3).live(5);
    journal.append(events);
    journal.close();
    await place.clock.advance(seconds(10));
    const eventsMaxMs = place.clock.now() - (events[2]?.at ?? 0);
    assert.deepEqual(place.journal({ eventsMaxMs }).read(all), events.slice(2));
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

  test('is never overwritten: no object gets the row of one that is gone', () => {
    using place = new Place();
    const rows = () =>
      place.tamper((db) => db.prepare('SELECT id FROM objects').all()).map(({ id }) => Number(id));
    const history = new History(3);
    const journal = place.journal();
    const events = history.live(10);
    assert.deepEqual(
      events.slice(-2).map((event) => event.type === 'ENGINE_CHANGED' && event.change),
      ['REMOVED', false],
    );
    journal.append(events.slice(0, 9));
    journal.append(events.slice(9));
    journal.close();
    const last = Math.max(...rows());
    place.journal({ eventsMax: 1 }).close();
    const before = rows();
    assert(!before.includes(last), 'the engine that was removed was the last to be written');
    const reopened = place.journal();
    reopened.append(history.live(1));
    reopened.close();
    const added = rows().filter((row) => !before.includes(row));
    assert(Math.min(...added) > last);
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
    assert.throws(() => first.snapshot, { code: 'CURSOR_EXPIRED', message: /no longer kept/ });
  });

  test('holds what an event tells of and no snapshot holds any more', () => {
    using place = new Place();
    const [, , , , , , first, second] = new History(3).live(8);
    assert(first?.type === 'EMERGENCY_MODE_CHANGED' && second);
    const { at, lastEventId } = second.snapshot;
    const later = { ...first.snapshot, at, lastEventId, sites: [] };
    const told: Event[] = [
      { ...first, position: 1, id: eventId(1, '0a1b2c3d') },
      { ...first, position: 2, id: eventId(2, '0a1b2c3d'), snapshot: later },
    ];
    const journal = place.journal();
    for (const event of told) journal.append([event]);
    journal.close();
    const reopened = place.journal({ eventsMax: 1 });
    assert.deepEqual(reopened.read(all), told.slice(1));
    reopened.close();
    assert.deepEqual(place.journal().newest, told[1]);
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
