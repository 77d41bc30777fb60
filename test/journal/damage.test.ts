import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { containerIdOf } from '../../src/domain/engine.ts';
import type { Event } from '../../src/domain/events.ts';
import { seal } from '../../src/journal/trouble.ts';
import { History } from './history.ts';
import { all, Place } from './place.ts';

/** The two files of a journal. */
interface Files {
  readonly db: Buffer;
  readonly log: Buffer | null;
}

/** What `count` events leave behind, closed or killed: what a process wrote is there for whoever comes after it. */
function leftBy(count: number, end: 'closed' | 'killed'): Files & { readonly events: readonly Event[] } {
  using place = new Place();
  const events = new History(2).live(count);
  const journal = place.journal();
  for (const event of events) journal.append([event]);
  if (end === 'closed') journal.close();
  const log = end === 'closed' ? null : readFileSync(`${place.path}-wal`);
  return { events, db: readFileSync(place.path), log };
}

const cut = (bytes: Buffer, at: number): Buffer => bytes.subarray(0, at);

function flip(bytes: Buffer, at: number): Buffer {
  const flipped = Buffer.from(bytes);
  flipped.writeUInt8(bytes.readUInt8(at) ^ (1 << (at % 8)), at);
  return flipped;
}

const every = (step: number, { length }: Buffer): number[] =>
  Array.from({ length: Math.ceil(length / step) }, (_, index) => index * step);

/** What `read` gives is what was written, unless it says that it cannot give it. */
function trueOrTrouble(read: () => unknown, written: unknown): void {
  let found: unknown;
  try {
    found = read();
  } catch (problem) {
    assert(problem instanceof Error && problem.name === 'StorageTrouble', `${problem}`);
    return;
  }
  assert.deepEqual(found, written);
}

/** Opens what is left of a journal: it holds a state that once was, or it is set aside. Says which. */
function opened({ db, log }: Files, events: readonly Event[]): 'restored' | 'set aside' {
  using place = new Place();
  writeFileSync(place.path, db);
  if (log) writeFileSync(`${place.path}-wal`, log);
  const { journal, setAside } = place.open();
  if (setAside) {
    assert(setAside.why.length > 0);
    assert.equal(journal.newest, null);
    assert(existsSync(setAside.path));
    return 'set aside';
  }
  const lived = events.slice(0, journal.newest?.position ?? 0);
  // Before the first event there was a state too; but only a log that was lost from its start may lead back there.
  assert(lived.length > 0 || log);
  assert.deepEqual(journal.newest, lived.at(-1) ?? null);
  trueOrTrouble(() => journal.read(all).map((event) => ({ ...event })), lived);
  for (const event of lived) {
    if (event.type === 'ENGINE_CHANGED' && event.change === 'REMOVED') {
      trueOrTrouble(() => journal.departed('id', event.engine.id), event.engine);
      trueOrTrouble(() => journal.departed('containerId', String(containerIdOf(event.engine))), event.engine);
    }
  }
  return 'restored';
}

describe('a damaged journal', () => {
  const closed = leftBy(20, 'closed');
  const killed = leftBy(4, 'killed');
  /** Its log has gone over into the database at least twice, and begun anew. */
  const longLived = leftBy(150, 'killed');

  test('that is whole is restored', () => {
    for (const files of [closed, killed, longLived]) assert.equal(opened(files, files.events), 'restored');
  });

  test('cut short holds a state that once was, or is set aside', () => {
    const outcomes = every(97, closed.db).map((at) =>
      opened({ ...closed, db: cut(closed.db, at) }, closed.events),
    );
    // Where the last page ends in nothing, a cut may take away just that.
    const restored = outcomes.filter((outcome) => outcome === 'restored');
    assert(restored.length < 4_096 / 97, `${restored.length} of ${outcomes.length}`);
  });

  test('with one bit turned over holds a state that once was, or is set aside', () => {
    const header = every(1, closed.db.subarray(0, 100));
    const outcomes = [...header, ...every(97, closed.db)].map((at) =>
      opened({ ...closed, db: flip(closed.db, at) }, closed.events),
    );
    assert.deepEqual(new Set(outcomes), new Set(['restored', 'set aside']));
  });

  for (const [name, files, step] of [
    ['a killed process', killed, 97 * 3],
    ['one that lived longer', longLived, 97 * 131],
  ] as const) {
    test(`whose log was left by ${name} and is cut short or has a bit turned over is no other`, () => {
      const { log, db, events } = files;
      assert(log);
      for (const at of every(step, log)) {
        opened({ db, log: cut(log, at) }, events);
        opened({ db, log: flip(log, at) }, events);
      }
    });

    test(`that ${name} left with its log, and that has a bit turned over, is no other`, () => {
      for (const at of every(step, files.db)) opened({ ...files, db: flip(files.db, at) }, files.events);
    });
  }
});

const unnoticed = (sql: string) => (place: Place) =>
  place.tamper((db) => {
    assert(Number(db.prepare(sql).run().changes) > 0, sql);
  });

/** The newest event with a text that is sealed well and makes no sense. */
const senseless = (place: Place) =>
  place.tamper((db) => {
    const row = db.prepare('SELECT * FROM events ORDER BY position DESC LIMIT 1').get();
    assert(row);
    const { position, run, at, type, body, first_object } = row as Record<string, string | number>;
    const crc = seal(...([position, run, at, type, body, '{', first_object] as string[]));
    db.prepare('UPDATE events SET snapshot = ?, crc = ? WHERE position = ?').run('{', crc, position ?? 0);
  });

describe('what is set aside at once', () => {
  const cases: [string, (place: Place) => void, RegExp][] = [
    ['a text', (place) => writeFileSync(place.path, 'x'.repeat(5_000)), /not a database/],
    ['an empty file', (place) => writeFileSync(place.path, ''), /no journal/],
    [
      "another program's database",
      (place) => {
        rmSync(place.path);
        place.tamper((db) => db.exec('CREATE TABLE theirs(x)'));
      },
      /no journal/,
    ],
    [
      'one of another version',
      (place) => place.tamper((db) => db.exec('PRAGMA user_version = 4')),
      /version 4/,
    ],
    ['one with other tables', (place) => place.tamper((db) => db.exec('CREATE TABLE more(x)')), /tables/],
    ['one without its id', unnoticed('DELETE FROM meta'), /no id/],
    ['one with another id', unnoticed("UPDATE meta SET id = 'ffffffff'"), /its id .* checksum/],
    ['one that lacks an event', unnoticed('DELETE FROM events WHERE position = 5'), /events are missing/],
    [
      'one whose newest event was changed',
      unnoticed(
        `UPDATE events SET snapshot = replace(snapshot, 'REDUNDANT', 'DISABLED') WHERE position = 20`,
      ),
      /event 20 .* checksum/,
    ],
    [
      'one whose newest state was changed',
      unnoticed(
        `UPDATE objects SET body = replace(body, '"maxReplicas":20', '"maxReplicas":21') WHERE body LIKE '%maxReplicas%'`,
      ),
      /object \d+ .* checksum/,
    ],
    ['one whose objects changed places', unnoticed('UPDATE objects SET id = -id'), /missing/],
    ['one whose newest snapshot makes no sense', senseless, /JSON/],
  ];

  for (const [what, damage, why] of cases) {
    test(`${what}; a new journal is begun, and goes on by itself`, () => {
      using place = new Place();
      const history = new History(2);
      const journal = place.journal();
      journal.append(history.live(20));
      journal.close();
      damage(place);
      const { journal: fresh, setAside } = place.open({ newRun: () => '0badcafe' });
      assert.match(setAside?.why ?? '', why);
      assert.deepEqual(
        [setAside?.path, fresh.newest, fresh.id],
        [`${place.path}.damaged-2030-01-01T000000.000Z`, null, '0badcafe'],
      );
      assert(setAside && existsSync(setAside.path));
      const events = new History(2).live(3);
      fresh.append(events);
      fresh.close();
      assert.deepEqual(place.journal().read(all), events);
    });
  }

  test('goes with its log as it is', () => {
    using place = new Place();
    place.journal().close();
    const db = new DatabaseSync(place.path);
    db.exec('DELETE FROM meta');
    const [main, log] = [readFileSync(place.path), readFileSync(`${place.path}-wal`)];
    db.close();
    writeFileSync(place.path, main);
    writeFileSync(`${place.path}-wal`, log);
    const { setAside } = place.open();
    assert.match(setAside?.why ?? '', /no id/);
    assert.deepEqual(readFileSync(`${place.path}-wal.damaged-2030-01-01T000000.000Z`), log);
  });
});

describe('damage that is found later', () => {
  const found = (sql: string): Place => {
    const place = new Place();
    const journal = place.journal();
    journal.append(new History(2).live(20));
    journal.close();
    unnoticed(sql)(place);
    return place;
  };
  const trouble = { name: 'StorageTrouble', message: /tandem\.db is damaged: .* checksum/ };

  test('in an event: it is not given, and all others are', () => {
    using place = found(`UPDATE events SET body = replace(body, 'event 5', 'event 6') WHERE position = 5`);
    const journal = place.journal();
    assert.throws(() => journal.read(all), trouble);
    assert.throws(() => journal.read({ ...all, after: 4, most: 1 }), trouble);
    assert.deepEqual(journal.read({ ...all, after: 5 }), new History(2).live(20).slice(5));
  });

  test('in an object that only an older state had: that state is not given', () => {
    using place = found(
      `UPDATE objects SET body = replace(body, 'c', 'd') WHERE body LIKE '%"lookedAt":1893456000000,%'`,
    );
    const [first] = place.journal().read(all);
    assert(first);
    assert.throws(() => first.snapshot, trouble);
  });

  test('is not left to be found in an engine that is gone: the file is set aside', () => {
    using place = found(`UPDATE departed SET body = replace(body, 'localhost', 'localhosT')`);
    assert.match(place.open().setAside?.why ?? '', /checksum/);
  });

  test('in what an append has to touch: the append fails, and says why', () => {
    using place = new Place();
    const history = new History(2);
    const journal = place.journal();
    journal.append(history.live(5_000));
    journal.close();
    const reopened = place.journal();
    // More than SQLite keeps in memory: what comes next is read from the file.
    for (const { snapshot } of reopened.read(all)) assert(snapshot);
    const bytes = readFileSync(place.path);
    writeFileSync(place.path, bytes.fill(0xff, 4_096));
    assert.throws(() => reopened.append(history.live(10)), { name: 'StorageTrouble', message: /is damaged/ });
  });
});

describe('a place where no journal can be', () => {
  test('says which, and what to do', () => {
    using place = new Place();
    const file = join(place.folder, 'file');
    writeFileSync(file, '');
    for (const folder of [file, join(file, 'below')]) {
      assert.throws(() => place.journal({ folder }), {
        name: 'JournalUnusable',
        message: /file.*tandem\.db cannot be used: .*or name another one\./,
      });
    }
  });

  test('is one where a folder has its name', () => {
    using place = new Place();
    mkdirSync(place.path);
    assert.throws(() => place.journal(), { name: 'JournalUnusable', message: /unable to open/ });
  });
});
