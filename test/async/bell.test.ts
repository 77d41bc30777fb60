import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Bell } from '../../src/async/bell.ts';
import { FakeClock, settled } from '../support/fake-clock.ts';

const sleeper = (bell: Bell, signal = new AbortController().signal) => {
  const clock = new FakeClock(0);
  const sleep = { clock, awake: false };
  bell.sleep(clock, 1_000, signal).then(() => {
    sleep.awake = true;
  });
  return sleep;
};

describe('a bell', () => {
  test('wakes whoever sleeps, before the time is up', async () => {
    const bell = new Bell();
    const sleep = sleeper(bell);
    await settled();
    assert.equal(sleep.awake, false);
    bell.ring();
    await settled();
    assert.equal(sleep.awake, true);
    assert.equal(sleep.clock.now(), 0);
  });

  test('lets the sleeper wake by itself when the time is up, and not earlier', async () => {
    const sleep = sleeper(new Bell());
    await sleep.clock.advance(999);
    assert.equal(sleep.awake, false);
    await sleep.clock.advance(1);
    assert.equal(sleep.awake, true);
  });

  test('remembers a ring while nobody slept', async () => {
    const bell = new Bell();
    bell.ring();
    const sleep = sleeper(bell);
    await settled();
    assert.equal(sleep.awake, true);
  });

  test('remembers many rings as one', async () => {
    const bell = new Bell();
    for (let ring = 0; ring < 5; ring++) bell.ring();
    sleeper(bell);
    await settled();
    const second = sleeper(bell);
    await settled();
    assert.equal(second.awake, false);
  });

  test('forgets a ring that woke somebody', async () => {
    const bell = new Bell();
    sleeper(bell);
    bell.ring();
    bell.ring();
    await settled();
    const second = sleeper(bell);
    await settled();
    assert.equal(second.awake, false);
    bell.ring();
    await settled();
    assert.equal(second.awake, true);
  });

  test('wakes when the signal aborts, and does not sleep once it has', async () => {
    const ending = new AbortController();
    const bell = new Bell();
    const first = sleeper(bell, ending.signal);
    await settled();
    assert.equal(first.awake, false);
    ending.abort();
    await settled();
    assert.equal(first.awake, true);
    const second = sleeper(bell, ending.signal);
    await settled();
    assert.equal(second.awake, true);
  });
});
