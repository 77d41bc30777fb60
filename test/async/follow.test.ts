import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Moving } from '../../src/async/follow.ts';
import { settled } from '../support/fake-clock.ts';

const never = new AbortController().signal;

/** A list that grows, and readers that each keep their place in it. */
class Growing {
  readonly moving = new Moving();
  readonly #items: string[] = [];

  add(...items: string[]): void {
    this.#items.push(...items);
    this.moving.moved();
  }

  follow(signal = never): AsyncIterableIterator<string, undefined> {
    let place = 0;
    return this.moving.follow(() => (place < this.#items.length ? this.#items[place++] : undefined), signal);
  }
}

/** What came of a promise so far. */
const watch = <T>(promise: Promise<T>) => {
  const seen: { result?: T; problem?: unknown } = {};
  promise.then(
    (result) => Object.assign(seen, { result }),
    (problem) => Object.assign(seen, { problem }),
  );
  return seen;
};

describe('following', () => {
  test('a reader gets what is there already, then waits for more', async () => {
    const list = new Growing();
    list.add('a', 'b');
    const reader = list.follow();
    assert.equal((await reader.next()).value, 'a');
    assert.equal((await reader.next()).value, 'b');
    const parked = watch(reader.next());
    await settled();
    assert.deepEqual(parked, {});
    list.add('c');
    await settled();
    assert.deepEqual(parked.result, { done: false, value: 'c' });
  });

  test('a slow reader misses nothing and holds up nobody', async () => {
    const list = new Growing();
    const [slow, fast] = [list.follow(), list.follow()];
    for (const item of ['a', 'b', 'c']) {
      list.add(item);
      assert.equal((await fast.next()).value, item);
    }
    for (const item of ['a', 'b', 'c']) assert.equal((await slow.next()).value, item);
  });

  test('several additions while a reader is parked are read one by one', async () => {
    const list = new Growing();
    const reader = list.follow();
    const first = reader.next();
    list.add('a', 'b');
    list.add('c');
    assert.equal((await first).value, 'a');
    assert.equal((await reader.next()).value, 'b');
    assert.equal((await reader.next()).value, 'c');
  });

  test('a movement that gives nothing leaves the reader parked', async () => {
    const list = new Growing();
    const parked = watch(list.follow().next());
    list.moving.moved();
    await settled();
    assert.deepEqual(parked, {});
  });

  test('return() ends a parked reader at once', async () => {
    const list = new Growing();
    const reader = list.follow();
    const parked = watch(reader.next());
    await settled();
    await reader.return?.();
    await settled();
    assert.deepEqual(parked.result, { done: true, value: undefined });
    assert.equal(list.moving.size, 0);
    assert.equal((await reader.next()).done, true);
  });

  test('leaving a for-await loop ends the reader', async () => {
    const list = new Growing();
    list.add('a', 'b');
    for await (const item of list.follow()) {
      assert.equal(item, 'a');
      break;
    }
    assert.equal(list.moving.size, 0);
  });

  test('an abort ends a parked reader, and its loop', async () => {
    const list = new Growing();
    const ending = new AbortController();
    const read: string[] = [];
    const loop = (async () => {
      for await (const item of list.follow(ending.signal)) read.push(item);
    })();
    list.add('a');
    await settled();
    ending.abort();
    await loop;
    assert.deepEqual(read, ['a']);
    assert.equal(list.moving.size, 0);
  });

  test('an abort ends a reader although there is more to read', async () => {
    const list = new Growing();
    list.add('a', 'b');
    const ending = new AbortController();
    const reader = list.follow(ending.signal);
    await reader.next();
    ending.abort();
    assert.equal((await reader.next()).done, true);
  });

  test('a reader that comes after the abort gets nothing and is not counted', async () => {
    const list = new Growing();
    list.add('a');
    const reader = list.follow(AbortSignal.abort());
    assert.equal(list.moving.size, 0);
    assert.equal((await reader.next()).done, true);
  });

  test('an error on the first read reaches the reader', async () => {
    const moving = new Moving();
    const reader = moving.follow(() => {
      throw new Error('cannot be read');
    }, never);
    await assert.rejects(reader.next(), /cannot be read/);
    assert.equal(moving.size, 0);
    assert.equal((await reader.next()).done, true);
  });

  test('an error while a reader is parked reaches it and no other', async () => {
    const list = new Growing();
    let broken = false;
    const reader = list.moving.follow((): string | undefined => {
      if (broken) throw new Error('broke meanwhile');
      return undefined;
    }, never);
    const other = watch(list.follow().next());
    const parked = watch(reader.next());
    await settled();
    broken = true;
    list.add('a');
    await settled();
    assert.match(String(parked.problem), /broke meanwhile/);
    assert.deepEqual(other.result, { done: false, value: 'a' });
    assert.equal(list.moving.size, 1);
  });

  test('readers are counted while they follow', async () => {
    const moving = new Moving();
    const readers = [1, 2, 3].map(() => moving.follow(() => undefined, never));
    assert.equal(moving.size, 3);
    for (const reader of readers) await reader.return?.();
    assert.equal(moving.size, 0);
  });
});
