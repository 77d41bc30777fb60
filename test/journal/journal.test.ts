import assert from 'node:assert/strict';
import { existsSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { removed } from '../../src/domain/engine.ts';
import { type Event, type EventType, eventId } from '../../src/domain/events.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { anEngine, aSite, aSnapshot, aStoppingEngine, aVpn, hours, now, theHost } from '../support/build.ts';
import { History } from './history.ts';
import { all, Place } from './place.ts';

const types: EventType[] = [
  'ENGINE_ASSIGNED',
  'ENGINE_CHANGED',
  'EMERGENCY_MODE_CHANGED',
  'VPN_CHANGED',
  'SCALING',
  'CIRCUIT_CHANGED',
];

const scaling = (position: number, snapshot: Snapshot): Event => ({
  type: 'SCALING',
  position,
  id: eventId(position, '0a1b2c3d'),
  at: snapshot.at,
  message: `event ${position}`,
  snapshot,
});

/** An engine that goes, as the event at `position` tells it. */
const gone = (position: number, number: number, at: number, key: string | null): Event => ({
  ...scaling(position, aSnapshot([], { at })),
  type: 'ENGINE_CHANGED',
  change: 'REMOVED',
  reason: null,
  engine: removed(
    anEngine(number, 'red', { request: key === null ? null : { key, fingerprint: `what ${key}` } }),
  ),
});

describe('writing and reading', () => {
  test('events of every type come back as they were, ids and snapshots included, also after a restart', () => {
    using place = new Place();
    const events = new History(3).live(60);
    assert.deepEqual(new Set(events.map(({ type }) => type)), new Set(types), 'history has every type');
    const journal = place.journal();
    for (const event of events) journal.append([event]);
    assert.deepEqual(journal.read(all), events);
    journal.close();
    assert.deepEqual(place.journal().read(all), events);
  });

  test('the newest event is the one appended last, and is the same after a restart', () => {
    using place = new Place();
    const history = new History(3);
    for (const count of [1, 2, 10, 30]) {
      const events = history.live(count);
      const journal = place.journal();
      journal.append(events);
      assert.equal(journal.newest, events.at(-1));
      journal.close();
      const reopened = place.journal();
      assert.deepEqual(reopened.newest, events.at(-1));
      reopened.close();
    }
  });

  test('what is kept is said in events and in bytes on the disk, the log included', () => {
    using place = new Place();
    const journal = place.journal({ eventsMax: 50 });
    const onDisk = () =>
      ['', '-wal'].reduce(
        (sum, ending) => sum + (statSync(place.path + ending, { throwIfNoEntry: false })?.size ?? 0),
        0,
      );
    assert.deepEqual(journal.size(), { events: 0, bytes: onDisk() });
    journal.append(new History(3).live(1_000));
    assert.deepEqual(journal.size(), { events: journal.read(all).length, bytes: onDisk() });
    assert(onDisk() > statSync(place.path).size, 'there is a log');
  });

  test('a disk that does not say what it holds is no error', () => {
    using place = new Place();
    const journal = place.journal();
    renameSync(place.folder, `${place.folder}-elsewhere`);
    symlinkSync(place.folder, place.folder);
    assert.deepEqual(journal.size(), { events: 0, bytes: null });
    rmSync(place.folder);
    renameSync(`${place.folder}-elsewhere`, place.folder);
  });

  test('an empty journal has no newest event, and keeps its id', () => {
    using place = new Place();
    const journal = place.journal({ newRun: () => 'deadbeef' });
    assert.deepEqual([journal.newest, journal.oldest, journal.id], [null, 1, 'deadbeef']);
    assert.deepEqual(journal.read(all), []);
    journal.close();
    const reopened = place.journal({ newRun: () => '11111111' });
    assert.deepEqual([reopened.newest, reopened.oldest, reopened.id], [null, 1, 'deadbeef']);
  });

  test('what two events share is one object in what is read', () => {
    using place = new Place();
    const journal = place.journal();
    const vpn = aVpn('red');
    const stopping = aStoppingEngine(7, 'red');
    const host = theHost({ running: [anEngine(1, null, { request: null })] });
    const first = aSnapshot([aSite(vpn, { stopping: [stopping] }), host]);
    const second = { ...first, sites: [aSite(vpn), host], at: now + 1 };
    journal.append([
      {
        ...scaling(1, first),
        type: 'EMERGENCY_MODE_CHANGED',
        change: 'ENTERED',
        episodeId: 'e',
        episodeMs: 0,
        vpn: 'red',
        removedEngines: [stopping],
      },
      scaling(2, second),
    ]);
    const [one, two] = journal.read(all);
    assert(one?.type === 'EMERGENCY_MODE_CHANGED' && two);
    assert.equal(one.removedEngines[0], one.snapshot.sites[0]?.stopping[0]);
    assert.equal(one.vpn, 'red');
    assert.notEqual(one.snapshot.sites[0], two.snapshot.sites[0]);
    assert.equal(one.snapshot.sites[0]?.vpn, two.snapshot.sites[0]?.vpn);
    assert.equal(one.snapshot.sites[1], two.snapshot.sites[1]);
    assert.equal(two.snapshot.sites[1]?.vpn, null);
    assert.equal(one.snapshot.policy, two.snapshot.policy);
    assert.equal(one.snapshot, one.snapshot);
  });

  test('what did not change is written once, across a restart too', () => {
    using place = new Place();
    const journal = place.journal();
    const snapshot = aSnapshot([aSite(aVpn('red'), { running: [anEngine(1, 'red'), anEngine(2, 'red')] })]);
    journal.append([scaling(1, snapshot), scaling(2, { ...snapshot, at: now + 1 })]);
    journal.close();
    const restored = place.journal();
    assert(restored.newest);
    restored.append([scaling(3, { ...restored.newest.snapshot, at: now + 2 })]);
    restored.close();
    const rows = place.tamper((db) => db.prepare('SELECT count(*) AS count FROM objects').get());
    // One site, one VPN, two engines, one policy.
    assert.equal(rows?.count, 5);
  });

  test('fields that nobody has thought of yet are kept', () => {
    using place = new Place();
    const journal = place.journal();
    const snapshot = { ...aSnapshot([aSite(aVpn('red'))]), later: { deep: [1.5, null, 'x'] } };
    const event = { ...scaling(1, snapshot), alsoLater: true };
    journal.append([event]);
    assert.deepEqual(journal.read(all), [event]);
  });

  test('a selection is by position and type, from either end', () => {
    using place = new Place();
    const journal = place.journal();
    const events = new History(3).live(40);
    journal.append(events);
    const read = (selection: Partial<typeof all>) =>
      journal.read({ ...all, ...selection }).map(({ position }) => position);
    assert.deepEqual(read({ after: 3, before: 7 }), [4, 5, 6]);
    assert.deepEqual(read({ after: 3, before: 7, newestFirst: true, most: 2 }), [6, 5]);
    assert.deepEqual(read({ after: 3, most: 2 }), [4, 5]);
    assert.deepEqual(read({ most: 0 }), []);
    assert.deepEqual(read({ types: [] }), []);
    for (const type of types) {
      const wanted = events.filter((event) => event.type === type || event.type === 'SCALING');
      assert.deepEqual(
        read({ types: [type, 'SCALING'], newestFirst: true }),
        wanted.map(({ position }) => position).reverse(),
      );
    }
  });

  test('an append that fails writes nothing, and what it had begun to write is written by the next', () => {
    using place = new Place();
    const journal = place.journal();
    const [first, second, third] = new History(3).live(3);
    assert(first && second && third);
    journal.append([first]);
    const broken = { ...third, snapshot: { ...third.snapshot, broken: 1n } };
    assert.throws(() => journal.append([second, broken]), TypeError);
    assert.equal(journal.newest, first);
    journal.append([second, third]);
    assert.deepEqual(journal.read(all), [first, second, third]);
    journal.close();
    assert.deepEqual(place.journal().newest, third);
  });

  test('an event that is not the next one is refused', () => {
    using place = new Place();
    const journal = place.journal();
    const [first, second, third] = new History(3).live(3);
    assert(first && second && third);
    assert.throws(() => journal.append([second]), /not the next one/);
    assert.throws(() => journal.append([first, third]), /not the next one/);
    assert.throws(() => journal.append([{ ...first, position: 2 }]), /not the next one/);
    assert.throws(() => journal.append([{ ...first, id: 'run-000000000001' }]), /not the next one/);
    assert.throws(() => journal.append([{ ...first, id: second.id }]), /not the next one/);
    journal.append([]);
    assert.deepEqual(journal.read(all), []);
  });

  test('closing twice is closing once, and leaves no log behind', () => {
    using place = new Place();
    const journal = place.journal();
    journal.append(new History(3).live(5));
    assert(existsSync(`${place.path}-wal`));
    journal.close();
    journal.close();
    assert(!existsSync(`${place.path}-wal`));
    assert.throws(() => journal.read(all), { name: 'StorageTrouble', message: /tandem\.db is closed/ });
  });

  test('a folder that is not there is made', () => {
    using place = new Place();
    const folder = join(place.folder, 'deep', 'down');
    place.journal({ folder });
    assert(existsSync(join(folder, 'tandem.db')));
  });
});

describe('engines that are gone', () => {
  test('are found by their id and by their container, also after a restart, and only they', () => {
    using place = new Place();
    const journal = place.journal();
    const event = gone(1, 1, now, null);
    assert(event.type === 'ENGINE_CHANGED');
    journal.append([
      event,
      {
        ...event,
        position: 2,
        id: eventId(2, '0a1b2c3d'),
        change: 'STOPPED',
        engine: aStoppingEngine(2, 'red'),
      },
    ]);
    journal.close();
    const reopened = place.journal();
    assert.deepEqual(reopened.departed('id', 'engine-1'), event.engine);
    assert.deepEqual(reopened.departed('containerId', 'container-1'), event.engine);
    assert.equal(reopened.departed('id', 'container-1'), null);
    assert.equal(reopened.departed('id', 'engine-2'), null);
    assert.deepEqual(reopened.departedUnderKeys(), []);
  });

  test('are remembered for 24 hours, those asked for under a key as well', async () => {
    using place = new Place();
    const journal = place.journal();
    const events = [gone(1, 1, now, 'a'), gone(2, 2, now + hours(1), null), gone(3, 3, now + hours(2), 'b')];
    journal.append(events);
    const known = () => [1, 2, 3].filter((number) => journal.departed('id', `engine-${number}`));
    const keys = () => journal.departedUnderKeys().map(({ request }) => request?.key);
    assert.deepEqual(
      [known(), keys()],
      [
        [1, 2, 3],
        ['a', 'b'],
      ],
    );
    await place.clock.advance(hours(24) - 1);
    assert.deepEqual(
      [known(), keys()],
      [
        [1, 2, 3],
        ['a', 'b'],
      ],
    );
    await place.clock.advance(1);
    assert.deepEqual([known(), keys()], [[2, 3], ['b']]);
    assert.equal(journal.departed('containerId', 'container-1'), null);
    await place.clock.advance(hours(2));
    assert.deepEqual([known(), keys()], [[], []]);
    journal.close();
    place.journal().close();
    const rows = place.tamper((db) => db.prepare('SELECT count(*) AS count FROM departed').get());
    assert.equal(rows?.count, 0);
  });

  test('outlive the events that told of them', () => {
    using place = new Place();
    const journal = place.journal();
    journal.append([gone(1, 1, now, null), scaling(2, aSnapshot([]))]);
    journal.close();
    const reopened = place.journal({ eventsMax: 1 });
    assert.equal(reopened.oldest, 2);
    assert.equal(reopened.departed('id', 'engine-1')?.state, 'REMOVED');
  });
});
