import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { until } from '../support/docker/until.ts';
import { scrape } from '../support/exposition.ts';
import { type Serving, serving } from '../support/serving.ts';
import { type Message, Stream, Wire } from '../support/wire.ts';

/** More than two kernels take for a client that does not read, in events of this many bytes. */
const events = 250;
const bytes = 100_000;

const query =
  'subscription ($after: ID) { events(after: $after, types: [ENGINE_ASSIGNED]) { id ... on EngineAssigned { engine { labels { value } } } } }';
const state = 'subscription { vpnStatus { lastEventId vpns { engines { labels { value } } } } }';

const idOf = (payload: Message['payload']) =>
  (payload?.data as { events: { id: string } } | undefined)?.events.id ?? '';
const wide = () => serving({}, { tail: 4 * events });
const counted = async (world: Serving, name: string) => (await scrape(world)).value(name) ?? Number.NaN;

/** Many events, one by one, as fast as those who read take them. */
async function flood(world: Serving, quick: () => number): Promise<void> {
  const text = 'x'.repeat(bytes);
  for (let n = 1; n <= events; n++) {
    world.stir(text);
    await until('it is read', () => quick() >= n);
  }
}

describe('a client that reads nothing', () => {
  test('of events over WebSocket is sent away with 1013, comes back, and has missed none; others notice nothing', async () => {
    await using world = await wide();
    await using stalled = await Wire.ready(world.url);
    await using quick = await Wire.ready(world.url);
    const ids = [await stalled.follow(query), await quick.follow(query)];
    stalled.socket.pause();
    const before = process.memoryUsage().external;
    await flood(world, () => quick.of(ids[1] ?? '').length);
    assert.equal(await counted(world, 'tandem_subscription_cutoffs_total'), 1);
    assert(process.memoryUsage().external - before < 200 * bytes, 'little is kept');

    stalled.socket.resume();
    assert.deepEqual(await stalled.closed, {
      code: 1013,
      reason: 'Too slow: come back with "after" the last event seen',
    });
    const seen = stalled.of(ids[0] ?? '').map(({ payload }) => idOf(payload));
    assert(seen.length < events);
    await using again = await Wire.ready(world.url);
    const id = await again.follow(query, { after: seen.at(-1) });
    await until('all have come', () => again.of(id).length + seen.length === events);
    assert.deepEqual(
      [...seen, ...again.of(id).map(({ payload }) => idOf(payload))],
      quick.of(ids[1] ?? '').map(({ payload }) => idOf(payload)),
    );
  });

  test('of events over server-sent events: its response ends, and it comes back and has missed none', async () => {
    await using world = await wide();
    await using stalled = await Stream.open(world.url, query);
    await using quick = await Wire.ready(world.url);
    const followed = await quick.follow(query);
    await until('both follow', async () => (await counted(world, 'tandem_graphql_subscribers')) === 2);
    stalled.response.pause();
    await flood(world, () => quick.of(followed).length);
    assert.equal(await counted(world, 'tandem_subscription_cutoffs_total'), 1);
    stalled.response.resume();
    assert.equal(await stalled.ended, true);
    assert.equal(stalled.events('complete').length, 0);
    const seen = stalled.events().map(idOf);
    await using again = await Stream.open(world.url, query, { after: seen.at(-1) });
    await until('all have come', () => again.events().length + seen.length === events);
    assert.deepEqual(
      [...seen, ...again.events().map(idOf)],
      quick.of(followed).map(({ payload }) => idOf(payload)),
    );
  });

  test('of events that it reads by itself is waited for, and misses none', async () => {
    await using world = await wide();
    const { lastId } = world.events;
    await using stalled = await Wire.ready(world.url);
    await using quick = await Wire.ready(world.url);
    const own = query.replace('($after: ID)', '').replace('$after', JSON.stringify(lastId));
    const [mine, theirs] = [await stalled.follow(own), await quick.follow(query)];
    stalled.socket.pause();
    await flood(world, () => quick.of(theirs).length);
    assert.equal(await counted(world, 'tandem_subscription_cutoffs_total'), 0);
    stalled.socket.resume();
    await until('all have come', () => stalled.of(mine).length === events);
    assert.deepEqual(
      stalled.of(mine).map(({ payload }) => idOf(payload)),
      quick.of(theirs).map(({ payload }) => idOf(payload)),
    );
  });

  for (const transport of ['WebSocket', 'server-sent events'] as const)
    test(`of a state over ${transport} skips to the newest`, async () => {
      await using world = await wide();
      const client =
        transport === 'WebSocket' ? await Wire.ready(world.url) : await Stream.open(world.url, state);
      await using _closing = client;
      await using quick = await Wire.ready(world.url);
      const [id = ''] = client instanceof Wire ? [await client.follow(state)] : [];
      const told = () =>
        (client instanceof Wire ? client.of(id).map(({ payload }) => payload) : client.events()).map(
          (payload) =>
            (payload?.data as { vpnStatus: { lastEventId: string } } | undefined)?.vpnStatus.lastEventId ??
            '',
        );
      await until('the first comes', () => told().length === 1);
      const followed = await quick.follow(state);
      if (client instanceof Wire) client.socket.pause();
      else client.response.pause();
      await flood(world, () => quick.of(followed).length - 1);
      assert((await counted(world, 'tandem_subscription_skips_total')) > 0);
      if (client instanceof Wire) client.socket.resume();
      else client.response.resume();
      await until('the newest comes', () => told().at(-1) === world.events.lastId);
      assert.deepEqual(told(), told().toSorted());
      assert(told().length < quick.of(followed).length);
    });

  test('but asks on and on is not listened to, and its answers are not kept', async () => {
    await using world = await serving();
    await using asking = await Wire.ready(world.url);
    await using other = await Wire.ready(world.url);
    const socket = asking.socket as unknown as { _socket: { writableLength: number } };
    asking.socket.pause();
    for (let n = 0; n < 3_000; n++) asking.say({ type: 'ping', payload: { text: 'x'.repeat(10_000) } });
    await until('nothing more is taken from it', async () => {
      const before = socket._socket.writableLength;
      for (let turn = 0; turn < 20; turn++) await other.trip();
      return before > 0 && socket._socket.writableLength === before;
    });
    asking.socket.resume();
    await until('it is answered in the end', () => asking.heard.length === 1 + 3_000);
  });
});
