import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Event, EventPage } from '../../src/domain/events.ts';
import { StorageTrouble } from '../../src/domain/storage-trouble.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { EventLog } from '../../src/services/event-log.ts';
import { Place } from '../journal/place.ts';
import { aSnapshot, range } from '../support/build.ts';
import { settled } from '../support/fake-clock.ts';
import { Forgetful } from '../support/forgetful.ts';

const never = new AbortController().signal;
const every = (event: Event): event is Event => event.id !== '';
const expired = { name: 'PlainError', code: 'CURSOR_EXPIRED' };
const run = 'abcdef01';

/** Appends an event whose message is its number. */
function append(log: EventLog, number: number): string {
  log.record([[{ type: 'VPN_CHANGED', vpn: 'red' }, `${number}`]], aSnapshot([]));
  return log.lastId;
}

/** A log that has lived through `count` events, and their ids, the one before the first included. `tail` are in memory. */
function logOf(count: number, { tail = 1_000, journal = new Forgetful() as Journal } = {}) {
  const log = new EventLog(journal, run, tail);
  return { log, ids: [log.lastId, ...range(1, count).map((number) => append(log, number))] };
}

const all = (after: string | null, pick = every) => ({ after, types: null, pick });

/** Reads whatever there is to read, keeping it in order. */
class Follower {
  readonly read: string[] = [];
  readonly from: number;
  readonly #events: AsyncIterableIterator<Event>;
  #parked = false;

  constructor(log: EventLog, from: number, after: string | null) {
    this.from = from;
    this.#events = log.follow(all(after), never);
  }

  async readOne(): Promise<void> {
    if (this.#parked) return;
    this.#parked = true;
    const { value } = await this.#events.next();
    this.#parked = false;
    this.read.push(value.message);
  }
}

describe('following the log', () => {
  test('every follower reads every event in order and exactly once, however appending and reading interleave', async () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ append: fc.integer({ min: 1, max: 3 }) }) },
      { weight: 4, arbitrary: fc.record({ read: fc.nat(5), wait: fc.boolean() }) },
      fc.constant({ join: 'now' }),
      fc.record({ replayFrom: fc.nat(30) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
        const { log, ids } = logOf(0);
        const followers = [new Follower(log, 0, null)];
        for (const action of steps) {
          if ('append' in action)
            for (let count = 0; count < action.append; count++) ids.push(append(log, ids.length));
          else if ('read' in action) {
            followers[action.read]?.readOne();
            if (action.wait) await settled();
          } else if ('join' in action) followers.push(new Follower(log, ids.length - 1, null));
          else {
            const from = action.replayFrom % ids.length;
            followers.push(new Follower(log, from, ids[from] ?? null));
          }
        }
        for (const follower of followers) {
          for (let left = ids.length; left > 0; left--) {
            follower.readOne();
            await settled();
          }
          await settled();
          assert.deepEqual(follower.read, range(follower.from + 1, ids.length - 1).map(String));
        }
      }),
      { numRuns: 150 },
    );
  });

  test('`after` replays from right after that id, without gap or repeat, and goes on with what is new', async () => {
    const { log, ids } = logOf(10);
    for (const [position, id] of ids.entries()) {
      const follower = new Follower(log, position, id);
      while (follower.read.length < 10 - position) await follower.readOne();
      assert.deepEqual(follower.read, range(position + 1, 10).map(String));
      follower.readOne();
      await settled();
      assert.equal(follower.read.length, 10 - position);
    }
    const last = new Follower(log, 10, log.lastId);
    last.readOne();
    append(log, 11);
    await settled();
    assert.deepEqual(last.read, ['11']);
  });

  test('the id of an event picked up resumes right behind it', async () => {
    const { log, ids } = logOf(3);
    const first: Event = (await log.follow(all(ids[0] ?? ''), never).next()).value;
    const resumed: Event = (await log.follow(all(first.id), never).next()).value;
    assert.equal(resumed.message, '2');
  });

  test("an event carries the snapshot of the moment right after it, and its id is that snapshot's last", async () => {
    const { log, ids } = logOf(2);
    const events = log.follow(all(ids[0] ?? ''), never);
    for (const id of ids.slice(1)) {
      const event: Event = (await events.next()).value;
      assert.deepEqual([event.id, event.snapshot.lastEventId], [id, id]);
    }
  });

  test('a follower is given only what it picks, and only the types that it asks for', async () => {
    const { log } = logOf(0);
    const picks = (event: Event): event is Event => Number(event.message) % 2 === 0;
    const events = log.follow(all(null, picks), never);
    const other = log.follow({ after: null, types: ['SCALING'], pick: every }, never).next();
    for (const number of range(1, 5)) append(log, number);
    assert.deepEqual([(await events.next()).value.message, (await events.next()).value.message], ['2', '4']);
    log.record([[{ type: 'SCALING' }, 'up']], aSnapshot([]));
    assert.equal((await other).value.message, 'up');
  });

  test('followers are counted until they leave', async () => {
    const { log } = logOf(0);
    const ending = new AbortController();
    const [one] = [log.follow(all(null), never), log.follow(all(null), ending.signal)];
    assert.equal(log.followers, 2);
    await one?.return?.();
    ending.abort();
    assert.equal(log.followers, 0);
  });
});

describe('what is no longer in memory', () => {
  test('is replayed from the journal without gap or repeat, and goes on with what is new', async () => {
    using place = new Place();
    const { log, ids } = logOf(350, { tail: 20, journal: place.journal() });
    for (const position of [0, 1, 99, 100, 101, 328, 329, 330, 331, 349, 350]) {
      const follower = new Follower(log, position, ids[position] ?? '');
      while (follower.read.length < 350 - position) await follower.readOne();
      assert.deepEqual(follower.read, range(position + 1, 350).map(String));
    }
    const joined = new Follower(log, 0, ids[0] ?? '');
    for (const _ of range(1, 200)) await joined.readOne();
    for (const number of range(351, 420)) append(log, number);
    while (joined.read.length < 420) await joined.readOne();
    assert.deepEqual(joined.read, range(1, 420).map(String));
  });

  test('is passed over in pieces by a follower that picks little', async () => {
    using place = new Place();
    const { log, ids } = logOf(900, { tail: 10, journal: place.journal() });
    const picks = (event: Event): event is Event => event.message === '850';
    let turns = 0;
    const others = setInterval(() => turns++, 0);
    const { value } = await log.follow(all(ids[0] ?? '', picks), never).next();
    clearInterval(others);
    assert.equal(value.message, '850');
    assert.ok(turns > 0, 'nobody else had a turn');
  });

  test('goes on after a restart under the same ids', async () => {
    using place = new Place();
    const journal = place.journal();
    const { ids } = logOf(5, { journal });
    journal.close();
    const log = new EventLog(place.journal(), 'abcdef02', 100);
    assert.equal(log.lastId, ids[5]);
    const follower = new Follower(log, 3, ids[3] ?? '');
    append(log, 6);
    while (follower.read.length < 3) await follower.readOne();
    assert.deepEqual(follower.read, ['4', '5', '6']);
    assert.match(log.lastId, /^000000000006-abcdef02$/);
  });

  test('is refused with CURSOR_EXPIRED when it is no longer kept, and a follower that is there already is told', async () => {
    using place = new Place();
    const { log, ids } = logOf(1, { tail: 4, journal: place.journal({ eventsMax: 4 }) });
    const slow = log.follow(all(ids[1] ?? ''), never);
    for (const number of range(2, 400)) ids.push(append(log, number));
    assert.throws(() => log.follow(all(ids[0] ?? ''), never), expired);
    assert.throws(() => log.follow(all(ids[100] ?? ''), never), expired);
    log.follow(all(ids[397] ?? ''), never);
    await assert.rejects(slow.next(), expired);
    assert.equal((await slow.next()).done, true);
  });
});

describe('a long replay', () => {
  test('lets others have their turn, whether the reader picks much or little', async () => {
    const { log, ids } = logOf(500);
    let turns = 0;
    const others = () => {
      turns++;
      if (turns < 1_000) setImmediate(others);
    };
    setImmediate(others);
    const events = log.follow(all(ids[0] ?? ''), never);
    for (const _ of range(1, 500)) await events.next();
    assert.ok(turns >= 20, `others had ${turns} turns`);
    turns = 1_000;
  });
});

describe('ids', () => {
  test('ids in the order of events are in the order of text', () => {
    const { ids } = logOf(1_100);
    assert.deepEqual(ids, ids.toSorted());
  });

  const { log, ids } = logOf(10);

  const unknown: Record<string, string> = {
    'the next': `000000000011-${run}`,
    'one far in the future': `999999999999-${run}`,
    'one of another run': '000000000010-abcdef02',
    'the one before the first, of another journal': '000000000000-abcdef01',
    'an empty one': '',
    'the run alone': run,
    'the number alone': '000000000010',
    'one without zeros': `10-${run}`,
    'one with too many zeros': `0000000000010-${run}`,
    'a negative one': `00000000000-1-${run}`,
    'one with a fraction': `0000000009.5-${run}`,
    'one in scientific notation': `0000000001e1-${run}`,
    'one with a space before it': ` 000000000010-${run}`,
    'one with a line feed behind it': `000000000010-${run}\n`,
    "another alphabet's digits": `0000000000１0-${run}`,
    "an object's property": '__proto__',
    'a million characters': 'x'.repeat(1_000_000),
  };
  for (const [name, id] of Object.entries(unknown)) {
    test(`${name} is refused at once with CURSOR_EXPIRED`, () => {
      assert.throws(() => log.follow(all(id), never), expired);
    });
  }

  test('any text that is no id of the kept events is refused at once', () => {
    const nearly = fc
      .tuple(
        fc.string({ unit: fc.constantFrom(...'0123456789.-eN '), maxLength: 13, size: 'max' }),
        fc.constantFrom(`-${run}`, run, '-other', ''),
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(fc.string(), nearly), (id) => {
        fc.pre(!ids.includes(id));
        assert.throws(() => log.follow(all(id), never), expired);
      }),
      { numRuns: 2_000 },
    );
  });

  test('every id from the one before the first event to the last is known', async () => {
    for (const position of range(0, 9)) {
      const { value } = await log.follow(all(ids[position] ?? ''), never).next();
      assert.equal(value.message, `${position + 1}`);
    }
    log.follow(all(ids[10] ?? ''), never);
  });
});

describe('a page', () => {
  const numbers = ({ events }: EventPage) => events.map(({ message }) => Number(message));
  const whole = { after: null, before: null, types: null, newestFirst: false, most: 500 };

  test('joins what is in the journal and what is in memory, from either end, in order, and says what lies beyond', async () => {
    using place = new Place();
    const { log, ids } = logOf(60, { tail: 10, journal: place.journal() });
    await fc.assert(
      fc.asyncProperty(
        fc.option(fc.nat(60)),
        fc.option(fc.integer({ min: 1, max: 60 })),
        fc.boolean(),
        fc.integer({ min: 1, max: 70 }),
        async (after, before, newestFirst, most) => {
          const inside = range((after ?? 0) + 1, (before ?? 61) - 1);
          const expected = newestFirst ? inside.slice(-most) : inside.slice(0, most);
          const page = await log.page({
            ...whole,
            after: after === null ? null : (ids[after] ?? ''),
            before: before === null ? null : (ids[before] ?? ''),
            newestFirst,
            most,
          });
          assert.deepEqual(numbers(page), expected);
          if (expected.length === 0) return;
          assert.equal(page.hasPrevious, expected[0] !== 1);
          assert.equal(page.hasNext, expected.at(-1) !== 60);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('holds only the types that are asked for', async () => {
    using place = new Place();
    const { log } = logOf(30, { tail: 3, journal: place.journal() });
    log.record([[{ type: 'SCALING' }, '31']], aSnapshot([]));
    append(log, 32);
    const page = await log.page({ ...whole, types: ['SCALING'] });
    assert.deepEqual([numbers(page), page.hasPrevious, page.hasNext], [[31], false, false]);
  });
});

describe('a journal that cannot be written', () => {
  /** One whose disk is full whenever it is said to be. */
  class Full extends Forgetful {
    full = false;
    readonly written: number[] = [];
    override append(events: readonly Event[]): void {
      if (this.full) throw new StorageTrouble('The disk is full.');
      super.append(events);
      this.written.push(...events.map(({ position }) => position));
    }
  }

  test('keeps no fact from those who listen, and has them all in order when it can be written again', async () => {
    const journal = new Full();
    const { log } = logOf(2, { journal });
    const follower = new Follower(log, 2, null);
    journal.full = true;
    append(log, 3);
    append(log, 4);
    assert.equal(log.trouble, 'The disk is full.');
    for (const _ of range(1, 2)) await follower.readOne();
    assert.deepEqual(follower.read, ['3', '4']);
    assert.deepEqual(journal.written, [1, 2]);
    journal.full = false;
    assert.equal(log.catchUp(), true);
    assert.deepEqual(journal.written, [1, 2, 3, 4]);
    assert.equal(log.trouble, null);
  });

  test('takes no promise: nothing is told and no id is spent', () => {
    const journal = new Full();
    const { log } = logOf(2, { journal });
    journal.full = true;
    const last = log.lastId;
    const promise = () => log.promise([[{ type: 'SCALING' }, 'promised']], aSnapshot([]));
    assert.throws(promise, StorageTrouble);
    assert.equal(log.lastId, last);
    journal.full = false;
    promise();
    assert.deepEqual(journal.written, [1, 2, 3]);
    assert.equal(log.trouble, null);
  });
});

describe('the latest', () => {
  test('a reader gets what is so now, then again after a change, and fast changes count as one', async () => {
    const { log, ids } = logOf(3);
    const states = log.latest(() => log.lastId);
    assert.equal((await states.next()).value, ids[3]);
    for (const number of range(4, 9)) append(log, number);
    assert.equal((await states.next()).value, `000000000009-${run}`);
    let more = false;
    states.next().then(() => {
      more = true;
    });
    await settled();
    assert.equal(more, false);
    append(log, 10);
    await settled();
    assert.equal(more, true);
  });
});
