import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KeyedRequest } from '../../src/domain/engine.ts';
import { foundWell } from '../../src/domain/health.ts';
import type { EngineRequest } from '../../src/domain/input.ts';
import { isRefusal, type ProvisionRefusal, startFailed } from '../../src/domain/refusal.ts';
import type { EngineView } from '../../src/domain/snapshot.ts';
import { IdempotencyKeys } from '../../src/services/idempotency.ts';
import { aFleet, anEngine, anyPlace, aSnapshot, hours, range } from '../support/build.ts';
import { FakeClock, settled } from '../support/fake-clock.ts';

const request = (changes: Partial<EngineRequest> = {}): EngineRequest => ({
  labels: [],
  env: [],
  idempotencyKey: 'key',
  ...changes,
});
const one = { kind: 'one', count: 1 };
const batch = { kind: 'batch', count: 4 };
const failure = startFailed('START', 'no luck');

type Results = readonly (EngineView | ProvisionRefusal)[];

/** Starts engines, of which those fail whose number in the order of all starts is in `failing`. */
class Workshop {
  readonly clock = new FakeClock();
  readonly fleet = aFleet({ clock: this.clock, policy: { circuitFailureThreshold: 100 } });
  readonly keys = new IdempotencyKeys(this.fleet, this.clock);
  readonly failing = new Set<number>();
  runs = 0;
  starts = 0;
  /** What a run waits for before it starts anything. */
  door: Promise<void> = Promise.resolve();

  async ask(what: typeof one, changes: Partial<EngineRequest> = {}): Promise<Results | ProvisionRefusal> {
    return this.keys.once(request(changes), what, async (keyed, known) => {
      this.runs++;
      await this.door;
      const old = known.map((engine): EngineView => ({ snapshot: this.fleet.snapshot(), engine }));
      return [...old, ...range(1, what.count - old.length).map(() => this.#start(keyed))];
    });
  }

  #start(keyed: KeyedRequest | null): EngineView | ProvisionRefusal {
    const reservation = this.fleet.reserve({ ...anyPlace, request: keyed });
    if (isRefusal(reservation)) return reservation;
    using place = reservation;
    if (this.failing.has(++this.starts)) return failure;
    const engine = place.fill(`container of ${place.engine.id}`, foundWell);
    return { snapshot: this.fleet.snapshot(), engine };
  }
}

const view = (number: number): EngineView => ({ snapshot: aSnapshot([]), engine: anEngine(number, 'red') });

const ids = (results: Results | ProvisionRefusal): string[] =>
  isRefusal(results)
    ? [results.kind]
    : results.map((result) => (isRefusal(result) ? result.kind : result.engine.id));

describe('an idempotency key', () => {
  test('thirty equal requests at once run the work once and have one answer', async () => {
    const shop = new Workshop();
    const answers = await Promise.all(range(1, 30).map(() => shop.ask(one)));
    assert.equal(shop.runs, 1);
    assert.deepEqual(new Set(answers.map((answer) => ids(answer).join())), new Set(['id-1']));
  });

  test('a later equal request starts nothing and gets the same engine', async () => {
    const shop = new Workshop();
    await shop.ask(one);
    assert.deepEqual(ids(await shop.ask(one)), ['id-1']);
    assert.equal(shop.starts, 1);
  });

  test('without a key every request is its own', async () => {
    const shop = new Workshop();
    await Promise.all(range(1, 3).map(() => shop.ask(one, { idempotencyKey: null })));
    assert.equal(shop.starts, 3);
  });

  test('different keys are different requests', async () => {
    const shop = new Workshop();
    await shop.ask(one, { idempotencyKey: 'a' });
    await shop.ask(one, { idempotencyKey: 'A' });
    assert.equal(shop.starts, 2);
  });

  const others: [string, typeof one, Partial<EngineRequest>][] = [
    ['another count', { kind: 'batch', count: 3 }, {}],
    ['one engine instead of a batch of one', one, {}],
    ['another label', batch, { labels: [{ key: 'a', value: '2' }] }],
    ['a label less', batch, { labels: [] }],
    ['another variable', batch, { env: [{ name: 'A', value: '2' }] }],
    ['a variable where a label was', batch, { labels: [], env: [{ name: 'a', value: '1' }] }],
  ];
  for (const [name, what, changes] of others) {
    test(`other input under the same key is refused: ${name}, during the work and after it`, async () => {
      const shop = new Workshop();
      const { promise, resolve } = Promise.withResolvers<void>();
      shop.door = promise;
      const first = shop.ask(batch, { labels: [{ key: 'a', value: '1' }] });
      const during = await shop.ask(what, { labels: [{ key: 'a', value: '1' }], ...changes });
      resolve();
      await first;
      const after = await shop.ask(what, { labels: [{ key: 'a', value: '1' }], ...changes });
      for (const answer of [during, after]) {
        assert.ok(isRefusal(answer) && answer.kind === 'InvalidInputError');
        assert.equal(answer.field, 'idempotencyKey');
      }
      assert.equal(shop.runs, 1);
    });
  }

  test('the order of labels and variables makes no other input', async () => {
    const shop = new Workshop();
    const labels = [
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
    ];
    const env = [
      { name: 'A', value: '1' },
      { name: 'B', value: '2' },
    ];
    await shop.ask(one, { labels, env });
    assert.deepEqual(ids(await shop.ask(one, { labels: labels.toReversed(), env: env.toReversed() })), [
      'id-1',
    ]);
  });

  test('a failure is not remembered: the next request tries again', async () => {
    const shop = new Workshop();
    shop.failing.add(1);
    assert.deepEqual(ids(await shop.ask(one)), ['EngineStartError']);
    assert.deepEqual(ids(await shop.ask(one)), ['id-2']);
    assert.deepEqual(ids(await shop.ask(one)), ['id-2']);
    assert.equal(shop.starts, 2);
  });

  test('a key whose request failed is free for other input', async () => {
    const shop = new Workshop();
    shop.failing.add(1);
    await shop.ask(one);
    assert.deepEqual(ids(await shop.ask(batch)), ['id-2', 'id-3', 'id-4', 'id-5']);
  });

  test('those who wait for a failing request share its failure', async () => {
    const shop = new Workshop();
    shop.failing.add(1);
    const answers = await Promise.all([shop.ask(one), shop.ask(one)]);
    assert.deepEqual(answers.map(ids), [['EngineStartError'], ['EngineStartError']]);
    assert.equal(shop.starts, 1);
  });

  test('a batch keeps its engines and tries its failures again, until all are there', async () => {
    const shop = new Workshop();
    for (const number of [2, 3, 5]) shop.failing.add(number);
    assert.deepEqual(ids(await shop.ask(batch)), ['id-1', 'EngineStartError', 'EngineStartError', 'id-4']);
    assert.deepEqual(ids(await shop.ask(batch)), ['id-1', 'id-4', 'EngineStartError', 'id-6']);
    assert.deepEqual(ids(await shop.ask(batch)), ['id-1', 'id-4', 'id-6', 'id-7']);
    assert.deepEqual(ids(await shop.ask(batch)), ['id-1', 'id-4', 'id-6', 'id-7']);
    assert.equal(shop.starts, 7);
  });

  test('work that throws is told to all who wait and not remembered', async () => {
    const keys = new IdempotencyKeys(aFleet(), new FakeClock());
    const broken = async (): Promise<Results> => {
      await settled();
      throw new Error('a defect');
    };
    const both = [keys.once(request(), one, broken), keys.once(request(), one, broken)];
    for (const answer of both) await assert.rejects(answer, /a defect/);
    assert.deepEqual(ids(await keys.once(request(), one, async () => [view(1)])), ['engine-1']);
  });

  test('24 h later the key is free, and a millisecond earlier it is not', async () => {
    const shop = new Workshop();
    await shop.ask(one);
    await shop.clock.advance(hours(24) - 1);
    assert.deepEqual(ids(await shop.ask(one)), ['id-1']);
    assert.deepEqual(ids(await shop.ask(batch)), ['InvalidInputError']);
    await shop.clock.advance(1);
    assert.deepEqual(ids(await shop.ask(one)), ['id-2']);
  });

  test('each key has its own 24 h', async () => {
    const shop = new Workshop();
    await shop.ask(one, { idempotencyKey: 'a' });
    await shop.clock.advance(hours(12));
    await shop.ask(one, { idempotencyKey: 'b' });
    await shop.clock.advance(hours(12));
    assert.deepEqual(ids(await shop.ask(one, { idempotencyKey: 'b' })), ['id-2']);
    assert.deepEqual(ids(await shop.ask(one, { idempotencyKey: 'a' })), ['id-3']);
  });

  test('a request that is under way for more than 24 h is still the same request', async () => {
    const shop = new Workshop();
    const { promise, resolve } = Promise.withResolvers<void>();
    shop.door = promise;
    const first = shop.ask(one);
    await shop.clock.advance(hours(25));
    const second = shop.ask(one);
    resolve();
    assert.deepEqual([ids(await first), ids(await second)], [['id-1'], ['id-1']]);
  });
});
