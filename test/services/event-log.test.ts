import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ClientMistake } from '../../src/domain/client-mistake.ts';
import type { Event, EventOf } from '../../src/domain/events.ts';
import { EventLog } from '../../src/services/event-log.ts';
import { aSnapshot, range } from '../support/build.ts';
import { settled } from '../support/fake-clock.ts';

const never = new AbortController().signal;
const every = (event: Event): event is Event => event.id !== '';
const expired = { name: 'ClientMistake', code: 'CURSOR_EXPIRED' };

/** Appends an event whose message is its number. */
function append(log: EventLog, number: number): string {
  log.append({ type: 'VPN_CHANGED', vpn: 'red' }, `${number}`, (lastEventId) =>
    aSnapshot([], { lastEventId }),
  );
  return log.lastId;
}

/** A log that has lived through `count` events, and their ids, the one before the first included. */
function logOf(count: number, longest = 1_000, run = 'run') {
  const log = new EventLog(run, longest);
  return { log, ids: [log.lastId, ...range(1, count).map((number) => append(log, number))] };
}

/** Reads whatever there is to read, keeping it in order. */
class Follower {
  readonly read: string[] = [];
  readonly from: number;
  readonly #events: AsyncIterableIterator<Event>;
  #parked = false;

  constructor(log: EventLog, from: number, after: string | null) {
    this.from = from;
    this.#events = log.follow(after, every, never);
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
            await Promise.resolve();
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
    const { log } = logOf(3);
    const events = log.follow('run-000000000000', every, never);
    const first: Event = (await events.next()).value;
    const resumed: Event = (await log.follow(first.id, every, never).next()).value;
    assert.equal(resumed.message, '2');
  });

  test("an event carries the snapshot of the moment right after it, and its id is that snapshot's last", async () => {
    const { log } = logOf(2);
    const events = log.follow('run-000000000000', every, never);
    for (const id of ['run-000000000001', 'run-000000000002']) {
      const event: Event = (await events.next()).value;
      assert.deepEqual([event.id, event.snapshot.lastEventId], [id, id]);
    }
  });

  test('a follower is given only what it picks', async () => {
    const { log } = logOf(0);
    const picks = (event: Event): event is EventOf<'VPN_CHANGED'> =>
      event.type === 'VPN_CHANGED' && Number(event.message) % 2 === 0;
    const events = log.follow(null, picks, never);
    for (const number of range(1, 5)) append(log, number);
    assert.deepEqual([(await events.next()).value.message, (await events.next()).value.message], ['2', '4']);
  });

  test('followers are counted until they leave', async () => {
    const { log } = logOf(0);
    const ending = new AbortController();
    const [one] = [log.follow(null, every, never), log.follow(null, every, ending.signal)];
    assert.equal(log.followers, 2);
    await one?.return?.();
    ending.abort();
    assert.equal(log.followers, 0);
  });
});

describe('ids', () => {
  test('ids in the order of events are in the order of text', () => {
    const { ids } = logOf(1_100);
    assert.deepEqual(ids, ids.toSorted());
  });

  const { log, ids } = logOf(10, 4);
  const other = logOf(10, 100, 'other');
  const shorter = logOf(10, 100, 'ru');

  const unknown: Record<string, string> = {
    'one too old': ids[5] ?? '',
    'the first': ids[0] ?? '',
    'the next': 'run-000000000011',
    'one far in the future': 'run-999999999999',
    'one of another run': other.ids[10] ?? '',
    'one of a run with a shorter name': shorter.ids[10] ?? '',
    'an empty one': '',
    'the run alone': 'run',
    'the run and a dash': 'run-',
    'the number alone': '000000000010',
    'one without zeros': 'run-10',
    'one with too many zeros': 'run-0000000000010',
    'a negative one': 'run-00000000000-1',
    'one with a fraction': 'run-0000000009.5',
    'one with a whole fraction': 'run-00000010.00',
    'one in scientific notation': 'run-0000000001e1',
    'a hexadecimal one': 'run-00000000000xa',
    NaN: 'run-000000000NaN',
    Infinity: 'run-0000Infinity',
    'one with a space before it': ' run-000000000010',
    'one with a space behind it': 'run-000000000010 ',
    'one with a line feed behind it': 'run-000000000010\n',
    "another alphabet's digits": 'run-0000000000１0',
    "an object's property": '__proto__',
    'a million characters': 'x'.repeat(1_000_000),
  };
  for (const [name, id] of Object.entries(unknown)) {
    test(`${name} is refused at once with CURSOR_EXPIRED`, () => {
      assert.throws(() => log.follow(id, every, never), expired);
    });
  }

  test('any text that is no id of the kept events is refused at once', () => {
    const kept = ids.slice(6);
    const nearly = fc
      .tuple(
        fc.constantFrom('run-', 'run', 'other-', ''),
        fc.string({ unit: fc.constantFrom(...'0123456789.-eN '), maxLength: 13, size: 'max' }),
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(fc.string(), nearly), (id) => {
        fc.pre(!kept.includes(id));
        assert.throws(() => log.follow(id, every, never), expired);
      }),
      { numRuns: 2_000 },
    );
  });

  test('every id from right before the oldest kept event to the last is known', async () => {
    for (const position of range(6, 9)) {
      const { value } = await log.follow(ids[position] ?? '', every, never).next();
      assert.equal(value.message, `${position + 1}`);
    }
    log.follow(ids[10] ?? '', every, never);
  });

  test('the id before the first event is known while nothing is dropped', async () => {
    const { value } = await other.log.follow(other.ids[0] ?? '', every, never).next();
    assert.equal(value.message, '1');
  });
});

describe('falling behind', () => {
  test('a follower reads on while the event after its place is kept', async () => {
    const { log } = logOf(1, 4);
    const follower = new Follower(log, 1, null);
    for (const number of range(2, 5)) append(log, number);
    for (const _ of range(2, 5)) await follower.readOne();
    assert.deepEqual(follower.read, ['2', '3', '4', '5']);
  });

  test('a follower that falls behind the kept events gets an error and not a gap', async () => {
    const { log } = logOf(1, 4);
    const events = log.follow(null, every, never);
    for (const number of range(2, 6)) append(log, number);
    await assert.rejects(
      events.next(),
      (problem) => problem instanceof ClientMistake && problem.code === 'CURSOR_EXPIRED',
    );
    assert.equal((await events.next()).done, true);
    assert.equal(log.followers, 0);
  });

  test('a follower that picks little and reads in time does not fall behind', async () => {
    const { log } = logOf(0, 4);
    const last = (event: Event): event is Event => event.message === '100';
    const events = log.follow(null, last, never);
    const waiting = events.next();
    for (const number of range(1, 100)) append(log, number);
    assert.equal((await waiting).value.message, '100');
  });
});

describe('the latest', () => {
  test('a reader gets what is so now, then again after a change, and fast changes count as one', async () => {
    const { log } = logOf(3);
    const states = log.latest(() => log.lastId);
    assert.equal((await states.next()).value, 'run-000000000003');
    for (const number of range(4, 9)) append(log, number);
    assert.equal((await states.next()).value, 'run-000000000009');
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
