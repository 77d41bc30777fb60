import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { GraphQLError } from 'graphql';
import type { Viewer } from '../../src/context.ts';
import { aWorld, started, type World } from '../support/build.ts';
import { until } from '../support/docker/until.ts';
import { Exposition } from '../support/exposition.ts';
import { Forgetful } from '../support/forgetful.ts';
import { type Audience, audience, Recorder } from '../support/outlets.ts';
import { stir } from '../support/serving.ts';

const turns = async (count = 10) => {
  for (let n = 0; n < count; n++) await new Promise((resolve) => setImmediate(resolve));
};

const count = async ({ metrics }: Audience, name: string): Promise<number> =>
  new Exposition(await metrics.scrape()).value(name) ?? Number.NaN;
const executions = (all: Audience) => count(all, 'tandem_subscription_executions_total');

const idsOf = ({ taken }: Recorder): string[] =>
  taken.map(({ data }) => {
    const [[, event] = []] = Object.entries(data as Record<string, { id?: string; lastEventId?: string }>);
    return event?.id ?? event?.lastEventId ?? '';
  });

/** The ids of all events of a world. */
async function idsIn({ events }: World): Promise<string[]> {
  const all = { after: null, before: null, types: null, newestFirst: false, most: 10_000 };
  return (await events.page(all)).events.map(({ id }) => id);
}

const allEvents =
  'subscription ($types: [EventType!], $after: ID) { events(types: $types, after: $after) { id } }';
const status = 'subscription { vpnStatus { lastEventId vpns { engines { id } } } }';

describe('equal subscriptions', () => {
  test('of a hundred clients are executed once for each change', async () => {
    const world = aWorld();
    const all = audience(world);
    const clients = [];
    for (let n = 0; n < 100; n++) clients.push(await all.follow(allEvents));
    await turns();
    const before = await executions(all);
    stir(world);
    await turns();
    assert.equal((await executions(all)) - before, 3);
    const ids = await idsIn(world);
    for (const { to } of clients) assert.deepEqual(idsOf(to), ids.slice(-3));
    assert.equal(await count(all, 'tandem_graphql_subscribers'), 100);
    assert.equal(await count(all, 'tandem_subscription_deliveries_total'), 300);
    for (const { subscriber } of clients) subscriber.leave();
    assert.equal(await count(all, 'tandem_graphql_subscribers'), 0);
    assert.equal(world.events.followers, 0);
  });

  test('are equal whatever the order of their variables, and of the keys in them', async () => {
    const world = aWorld();
    const all = audience(world);
    const query =
      'subscription ($vpn: String, $with: Boolean!) { engineAssigned(vpn: $vpn) { id engine @include(if: $with) { id } } }';
    await all.follow(query, { vpn: 'red', with: true });
    await all.follow(query, { with: true, vpn: 'red', unknown: 1 });
    const other = await all.follow(query, { vpn: 'red', with: false });
    await turns();
    const before = await executions(all);
    stir(world);
    await turns();
    assert.equal((await executions(all)) - before, 2);
    assert.equal(JSON.stringify(other.to.taken).includes('engine"'), false);
  });

  test('of two roles are never one', async () => {
    const world = aWorld();
    const all = audience(world);
    const roles: Viewer[] = [{ role: 'ALL' }, { role: 'READ' }, { role: 'READ' }];
    for (const viewer of roles) await all.follow(allEvents, {}, viewer);
    await turns();
    const before = await executions(all);
    stir(world);
    await turns();
    assert.equal((await executions(all)) - before, 2 * 3);
  });

  test('are checked for each: a VPN that there is not is refused to whoever asks', async () => {
    const all = audience(aWorld());
    for (let n = 0; n < 2; n++)
      await assert.rejects(
        all.follow('subscription { engineChanged(vpn: "green") { id } }'),
        /BAD_USER_INPUT/,
      );
  });

  test('end with the last that follows, and begin anew', async () => {
    const world = aWorld();
    const all = audience(world);
    const [first, second] = [await all.follow(allEvents), await all.follow(allEvents)];
    await turns();
    assert.equal(world.events.followers, 1);
    first.subscriber.leave();
    stir(world);
    await turns();
    assert.deepEqual([first.to.taken.length, second.to.taken.length], [0, 3]);
    second.subscriber.leave();
    assert.equal(world.events.followers, 0);
    const third = await all.follow(allEvents);
    stir(world);
    await turns();
    assert.equal(third.to.taken.length, 3);
  });

  test('fail as one when what they follow does, with one error that is masked', async () => {
    const journal = new Forgetful();
    Object.defineProperty(journal, 'oldest', { get: () => journal.newest?.position ?? 1 });
    const world = aWorld({ tail: 1, journal });
    const all = audience(world);
    const clients = [await all.follow(allEvents), await all.follow(allEvents)];
    await turns();
    // More than is kept, at once.
    for (let n = 0; n < 20; n++) stir(world);
    await until('both have ended', () => clients.every(({ to }) => to.gone));
    const [first, second] = clients.map(({ to }) => to.problem);
    assert.equal((first as GraphQLError).extensions.code, 'CURSOR_EXPIRED');
    assert.equal(second, first);
    assert.equal(await count(all, 'tandem_graphql_subscribers'), 0);
  });
});

describe('who joins', () => {
  test('a state has it at once, and is given nothing older later', async () => {
    const world = aWorld();
    const all = audience(world);
    const first = await all.follow(status);
    await turns();
    const before = await executions(all);
    const second = await all.follow(status);
    await turns();
    assert.deepEqual(second.to.taken, first.to.taken);
    assert.equal((await executions(all)) - before, 0);
    started(world.fleet);
    const third = await all.follow(status);
    await turns();
    const newest = world.events.lastId;
    assert.deepEqual(idsOf(third.to), [newest]);
    assert.equal(idsOf(first.to).at(-1), newest);
    assert.equal(idsOf(second.to).at(-1), newest);
  });

  test('a state that nothing has changed for long has its clocks as they are now', async () => {
    const world = aWorld();
    const all = audience(world);
    await all.follow(status);
    await turns();
    const before = await executions(all);
    all.now += 99;
    await all.follow(status);
    await turns();
    assert.equal((await executions(all)) - before, 0);
    all.now += 1;
    await all.follow(status);
    await turns();
    assert.equal((await executions(all)) - before, 1);
    assert.equal(await count(all, 'tandem_graphql_subscribers'), 3);
    world.events.nudge();
    await turns();
    assert.equal((await executions(all)) - before, 2);
  });

  for (const type of ['ID', 'ID!'])
    test(`after an event, a variable of type ${type}, catches up by itself, and shares from there on`, async () => {
      const query = allEvents.replace('$after: ID', `$after: ${type}`);
      const world = aWorld();
      const all = audience(world);
      const live = await all.follow(query, { after: world.events.lastId });
      for (let n = 0; n < 10; n++) stir(world);
      await turns();
      const ids = await idsIn(world);
      const late = await all.follow(query, { after: ids[4] });
      await turns(20);
      assert.deepEqual(idsOf(late.to), ids.slice(5));
      const before = await executions(all);
      stir(world);
      await turns();
      assert.equal((await executions(all)) - before, 3);
      assert.deepEqual(idsOf(late.to), (await idsIn(world)).slice(5));
      assert.deepEqual(idsOf(live.to).slice(-3), idsOf(late.to).slice(-3));
    });

  test('after an event that is written into the document reads by itself', async () => {
    const world = aWorld();
    const all = audience(world);
    stir(world);
    const ids = await idsIn(world);
    const query = `subscription { events(after: "${ids[0]}") { id } }`;
    const both = [await all.follow(query), await all.follow(query)];
    await turns();
    const before = await executions(all);
    stir(world);
    await turns();
    assert.equal((await executions(all)) - before, 2 * 3);
    for (const { to } of both) assert.deepEqual(idsOf(to), (await idsIn(world)).slice(1));
  });

  test('in the middle of a long row is told neither twice nor too little', async () => {
    const world = aWorld();
    const all = audience(world);
    const clients: { to: Recorder; from: number }[] = [];
    const join = async () => {
      const from = (await idsIn(world)).length;
      clients.push({ ...(await all.follow(allEvents)), from });
    };
    for (let n = 0; n < 600; n++) await join();
    stir(world);
    for (let n = 0; n < 1_000; n++) await Promise.resolve();
    const served = clients.filter(({ to }) => to.taken.length > 0);
    assert.equal(served.length, 100, 'the others have their turn before the rest');
    await join();
    stir(world);
    await join();
    await turns(50);
    const ids = await idsIn(world);
    for (const { to, from } of clients) assert.deepEqual(idsOf(to), ids.slice(from));
  });
});

describe('who joins a state', () => {
  test('in the middle of a long row is not given the one that is being told', async () => {
    const world = aWorld();
    const all = audience(world);
    for (let n = 0; n < 600; n++) await all.follow(status);
    await turns(20);
    stir(world);
    for (let n = 0; n < 1_000; n++) await Promise.resolve();
    stir(world);
    const newest = world.events.lastId;
    const { to } = await all.follow(status);
    await turns(20);
    assert.deepEqual(idsOf(to), [newest]);
  });
});

describe('who is slow', () => {
  test('skips to the newest state', async () => {
    const world = aWorld();
    const all = audience(world);
    const [slow, quick] = [await all.follow(status), await all.follow(status)];
    await turns();
    slow.to.stall();
    for (let n = 0; n < 50; n++) {
      stir(world);
      await turns(2);
    }
    assert.equal(slow.to.held.length, 1);
    assert(quick.to.taken.length > 20);
    slow.to.drain();
    await turns();
    assert.equal(slow.to.taken.length, 3);
    assert.deepEqual(slow.to.taken.at(-1), quick.to.taken.at(-1));
    assert.equal(slow.to.wasCutOff, false);
    assert((await count(all, 'tandem_subscription_skips_total')) > 20);
  });

  test('for events is sent away at a megabyte, comes back and has missed none', async () => {
    const world = aWorld({ tail: 2_000 });
    const all = audience(world);
    const query =
      'subscription ($after: ID) { events(after: $after) { id ... on EngineAssigned { engine { labels { value } } } } }';
    const [slow, quick] = [await all.follow(query), await all.follow(query)];
    await turns();
    slow.to.stall();
    for (let n = 0; n < 400; n++) {
      stir(world, 'x'.repeat(4_096));
      await turns(2);
    }
    await turns();
    assert.equal(slow.to.wasCutOff, true);
    assert(slow.to.waiting <= 1_048_576, `${slow.to.waiting} bytes`);
    assert.equal(await count(all, 'tandem_subscription_cutoffs_total'), 1);
    slow.subscriber.leave();
    slow.to.drain();
    const seen = idsOf(slow.to);
    const again = await all.follow(query, { after: seen.at(-1) });
    await until('all have come', () => seen.length + again.to.taken.length === 1_200);
    assert.deepEqual([...seen, ...idsOf(again.to)], idsOf(quick.to));
  });

  test('and reads by itself is waited for, and holds no more than one event', async () => {
    const world = aWorld({ tail: 2_000 });
    const all = audience(world);
    const after = world.events.lastId;
    const query = `subscription { events(after: "${after}") { id } }`;
    const slow = await all.follow(query);
    await turns();
    slow.to.stall();
    for (let n = 0; n < 100; n++) stir(world);
    await turns(50);
    assert.equal(slow.to.held.length, 1);
    slow.to.drain();
    await until('all have come', () => slow.to.taken.length === 300);
    assert.equal(slow.to.wasCutOff, false);
  });
});

test('who is slow before it has joined the others holds nobody back, and misses nothing', async () => {
  const world = aWorld({ tail: 2_000 });
  const all = audience(world);
  stir(world);
  const [after] = await idsIn(world);
  const stalled = new Recorder();
  stalled.stall();
  const slow = await all.follow(allEvents, { after }, undefined, stalled);
  await turns();
  for (let n = 0; n < 300; n++) {
    stir(world);
    await turns(2);
  }
  const quick = await all.follow(allEvents);
  await turns();
  stir(world);
  await turns();
  assert.equal(quick.to.taken.length, 3);
  slow.to.drain();
  const due = (await idsIn(world)).slice(1);
  await until('it has caught up', () => slow.to.taken.length >= due.length);
  assert.deepEqual(idsOf(slow.to), due);
});

test('many who read by themselves on one slow socket give it one event at a time', async () => {
  const world = aWorld();
  const all = audience(world);
  const { to } = await all.follow(`subscription { events(after: "${world.events.lastId}") { id } }`);
  for (let n = 1; n < 50; n++)
    await all.follow(`subscription { events(after: "${world.events.lastId}") { id } }`, {}, undefined, to);
  await turns();
  to.stall();
  stir(world);
  await turns(20);
  assert.equal(to.held.length, 1);
  to.drain();
  await until('all have come', () => to.taken.length === 50 * 3);
});

type Step =
  | { readonly do: 'stir' | 'join' | 'joinAfter' | 'turn' | 'promise' }
  | { readonly do: 'leave' | 'stall' | 'drain'; readonly which: number };

const steps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constantFrom('stir', 'stir', 'join', 'joinAfter', 'turn', 'promise') }),
    fc.record({ do: fc.constantFrom('leave', 'stall', 'drain'), which: fc.nat(20) }),
  ) as fc.Arbitrary<Step>,
  { maxLength: 60 },
);

describe('whatever the order of events, joins, leaves, stalls and turns', () => {
  const play = async (query: string, program: readonly Step[]) => {
    const world = aWorld({ tail: 1_000 });
    const all = audience(world);
    const clients: { to: Recorder; leave: () => void; after: string }[] = [];
    const join = async (after?: string) => {
      const beginning = after ?? world.events.lastId;
      const { to, subscriber } = await all.follow(query, after === undefined ? {} : { after });
      clients.push({ to, leave: () => subscriber.leave(), after: beginning });
    };
    for (const step of program) {
      const client = 'which' in step ? clients[step.which % Math.max(clients.length, 1)] : undefined;
      if (step.do === 'stir') stir(world);
      if (step.do === 'join') await join();
      if (step.do === 'joinAfter') {
        const ids = await idsIn(world);
        await join(ids[Math.floor(ids.length / 2)]);
      }
      if (step.do === 'turn') await turns(1);
      if (step.do === 'promise') await Promise.resolve();
      if (step.do === 'leave' && client) {
        client.leave();
        client.to.gone = true;
      }
      if (step.do === 'stall') client?.to.stall();
      if (step.do === 'drain') client?.to.drain();
    }
    for (const { to } of clients) to.drain();
    await turns(100);
    return { world, clients, ids: await idsIn(world) };
  };

  test('everyone is given every event after its beginning, once and in order', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (program) => {
        const { clients, ids } = await play(allEvents, program);
        for (const { to, after } of clients) {
          const due = ids.filter((id) => id > after);
          const got = idsOf(to);
          assert.deepEqual(got, due.slice(0, to.gone ? got.length : due.length));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('everyone is given states that only ever get newer, the first as new as the beginning, the last the newest', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (program) => {
        const withoutAfter = program.map((step) =>
          step.do === 'joinAfter' ? { do: 'join' as const } : step,
        );
        const { world, clients } = await play(status, withoutAfter);
        for (const { to, after } of clients) {
          const got = idsOf(to);
          assert.deepEqual(got, got.toSorted());
          assert(got.every((id) => id >= after));
          if (!to.gone) assert.equal(got.at(-1), world.events.lastId);
        }
      }),
      { numRuns: 300 },
    );
  });
});
