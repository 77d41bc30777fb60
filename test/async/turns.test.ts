import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Clock } from '../../src/async/clock.ts';
import { Lane, Turns } from '../../src/async/turns.ts';
import { range } from '../support/build.ts';
import { FakeClock, settled } from '../support/fake-clock.ts';

/** For it no time passes: a burst is over its beginning at once. */
const hasty: Clock = { now: () => 0, sleep: async () => {} };

/** Tasks that end when they are told to. */
class Workshop {
  readonly turns: Turns;
  readonly begun: string[] = [];
  readonly ended: string[] = [];
  readonly #running: { name: string; end: () => void }[] = [];

  constructor(width: number, clock: Clock = hasty) {
    this.turns = new Turns(width, clock);
  }

  get running(): number {
    return this.#running.length;
  }

  ask(name: string, lane = new Lane()): void {
    this.turns.take(lane, () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.begun.push(name);
      this.#running.push({ name, end: resolve });
      return promise;
    });
  }

  /** Ends the running task of that place, and lets the next begin. */
  async end(place = 0): Promise<void> {
    for (const { name, end } of this.#running.splice(place, 1)) {
      this.ended.push(name);
      end();
    }
    await settled();
  }

  async endAll(): Promise<void> {
    while (this.running > 0) await this.end();
  }
}

describe('turns', () => {
  test('never more than the width at once, and never fewer while somebody waits', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.oneof(fc.record({ lane: fc.nat(3) }), fc.record({ end: fc.nat(7) })), {
          maxLength: 60,
          size: 'max',
        }),
        async (width, steps) => {
          const workshop = new Workshop(width);
          const lanes = range(0, 3).map(() => new Lane());
          let [asked, over] = [0, 0];
          for (const step of steps) {
            if ('lane' in step) workshop.ask(`task ${++asked}`, lanes[step.lane]);
            else if (step.end < workshop.running) {
              over++;
              await workshop.end(step.end);
            }
            await settled();
            assert.equal(workshop.running, Math.min(width, asked - over));
          }
          await workshop.endAll();
          assert.equal(new Set(workshop.begun).size, asked);
          assert.equal(workshop.begun.length, asked);
        },
      ),
      { numRuns: 150 },
    );
  });

  for (const width of [1, 4, 8]) {
    test(`a lone request in the middle of a batch of 500 waits for at most two of the others, ${width} at once`, async () => {
      for (const middle of [0, 1, 100, 250, 480]) {
        const workshop = new Workshop(width);
        const batch = new Lane();
        for (const number of range(1, 500)) workshop.ask(`${number}`, batch);
        await settled();
        for (let ended = 0; ended < middle; ended++) await workshop.end();
        workshop.ask('lone');
        const already = workshop.ended.length;
        while (!workshop.begun.includes('lone')) await workshop.end();
        assert.ok(
          workshop.ended.length - already <= 2,
          `after ${middle}, it waited for ${workshop.ended.length - already}`,
        );
      }
    });
  }

  test('a second batch takes turns with the first, one to one', async () => {
    const workshop = new Workshop(1);
    const [first, second] = [new Lane(), new Lane()];
    for (const number of range(1, 20)) workshop.ask(`first ${number}`, first);
    await settled();
    for (let ended = 0; ended < 10; ended++) await workshop.end();
    for (const number of range(1, 9)) workshop.ask(`second ${number}`, second);
    await workshop.endAll();
    const order = workshop.begun.slice(11).map((name) => name.split(' ')[0]);
    assert.deepEqual(
      order.slice(0, 16),
      range(1, 8).flatMap(() => ['first', 'second']),
    );
  });

  test('a lane that was idle has saved up no turns', async () => {
    const workshop = new Workshop(1);
    const [busy, idle] = [new Lane(), new Lane()];
    workshop.ask('idle 0', idle);
    for (const number of range(1, 30)) workshop.ask(`busy ${number}`, busy);
    await settled();
    for (let ended = 0; ended < 20; ended++) await workshop.end();
    for (const number of range(1, 5)) workshop.ask(`idle ${number}`, idle);
    const already = workshop.begun.length;
    await workshop.endAll();
    const next = workshop.begun.slice(already, already + 6);
    assert.equal(next.filter((name) => name.startsWith('busy')).length, 3);
  });

  for (const width of [1, 4]) {
    test(`64 lone requests are served in order of arrival, ${width} at once`, async () => {
      const names = range(1, 64).map(String);
      const atOnce = new Workshop(width);
      for (const name of names) atOnce.ask(name);
      await settled();
      await atOnce.endAll();
      assert.deepEqual(atOnce.begun, names);

      const oneByOne = new Workshop(width);
      for (const name of names) {
        oneByOne.ask(name);
        if (Number(name) % 3 === 0) await oneByOne.end();
        else if (Number(name) % 3 === 1) await settled();
      }
      await oneByOne.endAll();
      assert.deepEqual(oneByOne.begun, names);
    });
  }

  test('a task that throws, or rejects, gives its turn back and its error to whoever asked', async () => {
    const turns = new Turns(1, hasty);
    const rejects = turns.take(new Lane(), () => Promise.reject(new Error('rejected')));
    const throws = turns.take(new Lane(), () => {
      throw new Error('thrown');
    });
    const after = turns.take(new Lane(), async () => 'served');
    await assert.rejects(rejects, /rejected/);
    await assert.rejects(throws, /thrown/);
    assert.equal(await after, 'served');
  });

  test('a burst has half of the turns at first, and all of them soon', async () => {
    const clock = new FakeClock();
    const workshop = new Workshop(4, clock);
    for (const name of range(1, 8).map(String)) workshop.ask(name);
    await settled();
    assert.equal(workshop.running, 2);
    await workshop.end();
    assert.equal(workshop.running, 2);
    await clock.advance(250);
    await settled();
    assert.equal(workshop.running, 4);
    await workshop.endAll();
    await settled();
    for (const name of range(9, 16).map(String)) workshop.ask(name);
    await settled();
    assert.equal(workshop.running, 2);
  });

  test('what a task gives is given on', async () => {
    assert.equal(await new Turns(1, hasty).take(new Lane(), async () => 42), 42);
  });
});
