import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Client } from '../support/client.ts';
import { simulated } from '../support/simulated.ts';
import type { EventPageQueryVariables, EventType } from './gql/graphql.ts';
import {
  AllEvents,
  EventPage,
  LiveVpnStatus,
  ProvisionEngine,
  ProvisionEngines,
  StopEngine,
} from './operations.ts';

const page = async (client: Client, variables: EventPageQueryVariables = {}) =>
  (await client.ask(EventPage, variables)).events;
const idsOf = async (client: Client, variables: EventPageQueryVariables) =>
  (await page(client, variables)).nodes.map(({ id }) => id);

/** A service in which some engines have come and gone. */
async function eventful() {
  const world = await simulated();
  await world.tandem.ask(ProvisionEngines, { input: { count: 5 } });
  const { provisionEngine } = await world.tandem.ask(ProvisionEngine);
  assert(provisionEngine.__typename === 'Engine');
  await world.tandem.ask(StopEngine, { engine: { id: provisionEngine.id } });
  return world;
}

describe('events', () => {
  test('are told oldest first, with cursors that are their ids', async () => {
    await using world = await eventful();
    const { edges, nodes, pageInfo } = await page(world.tandem);
    const ids = nodes.map(({ id }) => id);
    assert(ids.length > 10);
    assert.deepEqual(ids, [...new Set(ids)].sort());
    assert.deepEqual(
      edges.map(({ cursor }) => cursor),
      ids,
    );
    assert.deepEqual(pageInfo, {
      hasNextPage: false,
      hasPreviousPage: false,
      startCursor: ids[0],
      endCursor: ids.at(-1),
    });
  });

  test('come page by page in either direction, and each once', async () => {
    await using world = await eventful();
    const all = await idsOf(world.tandem, { first: 500 });
    const forward: string[] = [];
    for (let after: string | null = null; ; ) {
      const { nodes, pageInfo }: Awaited<ReturnType<typeof page>> = await page(world.tandem, {
        first: 4,
        after,
      });
      assert.equal(pageInfo.hasPreviousPage, forward.length > 0);
      forward.push(...nodes.map(({ id }) => id));
      assert.equal(pageInfo.hasNextPage, forward.length < all.length);
      after = pageInfo.endCursor;
      if (!pageInfo.hasNextPage) break;
      assert.equal(nodes.length, 4);
    }
    assert.deepEqual(forward, all);

    const backward: string[] = [];
    for (let before: string | null = null; ; ) {
      const { nodes, pageInfo }: Awaited<ReturnType<typeof page>> = await page(world.tandem, {
        last: 4,
        before,
      });
      assert.equal(pageInfo.hasNextPage, backward.length > 0);
      backward.unshift(...nodes.map(({ id }) => id));
      assert.equal(pageInfo.hasPreviousPage, backward.length < all.length);
      before = pageInfo.startCursor;
      if (!pageInfo.hasPreviousPage) break;
    }
    assert.deepEqual(backward, all);
  });

  test('between two cursors are those between them, the oldest or the newest of them', async () => {
    await using world = await eventful();
    const all = await idsOf(world.tandem, { first: 500 });
    const [after, before] = [all[2] ?? '', all[8] ?? ''];
    assert.deepEqual(await idsOf(world.tandem, { after, before }), all.slice(3, 8));
    assert.deepEqual(await idsOf(world.tandem, { after, before, first: 2 }), all.slice(3, 5));
    assert.deepEqual(await idsOf(world.tandem, { after, before, last: 2 }), all.slice(6, 8));
    const nothing = await page(world.tandem, { after: all.at(-1) ?? '' });
    assert.deepEqual(nothing.nodes, []);
    assert.deepEqual(nothing.pageInfo, {
      hasNextPage: false,
      hasPreviousPage: true,
      startCursor: null,
      endCursor: null,
    });
  });

  test('can be had of some types alone, and pages count only those', async () => {
    await using world = await eventful();
    const all = (await page(world.tandem, { first: 500 })).nodes;
    const every: EventType[][] = [['ENGINE_ASSIGNED'], ['ENGINE_CHANGED', 'VPN_CHANGED'], ['SCALING'], []];
    for (const types of every) {
      const wanted = all.filter(({ type }) => types.includes(type)).map(({ id }) => id);
      assert.deepEqual(await idsOf(world.tandem, { first: 500, types }), wanted, types.join());
      assert.deepEqual(await idsOf(world.tandem, { last: 2, types }), wanted.slice(-2), types.join());
      const { pageInfo } = await page(world.tandem, { first: 2, types });
      assert.equal(pageInfo.hasNextPage, wanted.length > 2, types.join());
    }
  });

  for (const wrong of [{ first: -1 }, { first: 501 }, { last: -1 }, { last: 501 }]) {
    test(`with ${JSON.stringify(wrong)} are BAD_USER_INPUT`, async () => {
      await using world = await simulated();
      const { body } = await world.tandem.answer({ query: EventPage.toString(), variables: wrong });
      assert.equal(body.errors?.[0]?.extensions?.code, 'BAD_USER_INPUT', JSON.stringify(body));
      assert.match(body.errors?.[0]?.message ?? '', /from 0 to 500/);
      assert.equal((await page(world.tandem, { first: 500 })).pageInfo.hasNextPage, false, '500 is allowed');
    });
  }

  test('after or before what is no id of theirs are CURSOR_EXPIRED', async () => {
    await using world = await eventful();
    const [known = ''] = await idsOf(world.tandem, { last: 1 });
    const otherRun = known.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
    const later = known.replace(/^\d{12}/, '000000999999');
    for (const cursor of ['', 'nonsense', otherRun, later, '9'.repeat(100_000), "'; DROP TABLE events; --"]) {
      for (const variables of [{ after: cursor }, { before: cursor }, { after: known, before: cursor }]) {
        const { body } = await world.tandem.answer({ query: EventPage.toString(), variables });
        assert.equal(
          body.errors?.[0]?.extensions?.code,
          'CURSOR_EXPIRED',
          JSON.stringify(variables).slice(0, 80),
        );
      }
    }
  });
});

test('vpnStatus leads into the stream of events by its lastEventId, whatever happens in between', async () => {
  await using world = await simulated();
  const { tandem } = world;
  const busy = tandem.ask(ProvisionEngines, { input: { count: 30 } });
  const followed: string[][] = [];
  const began: string[] = [];
  await using live = await tandem.follow(LiveVpnStatus);
  for (let reader = 0; reader < 5; reader++) {
    const { vpnStatus } = await live.next();
    const running = vpnStatus.vpns.reduce((total, { engineCount }) => total + engineCount, 0);
    await using events = await tandem.follow(AllEvents, { after: vpnStatus.lastEventId });
    const ids: string[] = [];
    let started = running;
    while (started < 30) {
      const { events: event } = await events.next();
      ids.push(event.id);
      if (event.__typename === 'EngineChanged' && event.change === 'STARTED') started++;
    }
    assert.equal(started, 30, 'every engine is in the status or in an event, and in one of them alone');
    began.push(vpnStatus.lastEventId);
    followed.push(ids);
  }
  await busy;
  const all = await idsOf(tandem, { first: 500 });
  for (const [reader, ids] of followed.entries()) {
    const since = all.filter((id) => id > (began[reader] ?? ''));
    assert.deepEqual(ids, since.slice(0, ids.length));
  }
  assert(followed[0]?.length);
});
