import assert from 'node:assert/strict';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { Grant } from '../../src/server/access.ts';
import { Connections } from '../../src/server/connections.ts';
import type { Begun, Live } from '../../src/server/live/live.ts';
import { sseServer } from '../../src/server/sse.ts';
import { until } from '../support/docker/until.ts';
import { scrape } from '../support/exposition.ts';
import { type Serving, serving } from '../support/serving.ts';
import { Stream, Wire } from '../support/wire.ts';

const status = 'subscription { vpnStatus { lastEventId } }';
const events = 'subscription { events { id } }';

const untilNobody = (world: Serving) =>
  until('nobody follows', async () => (await scrape(world)).value('tandem_graphql_subscribers') === 0);

/** Distinct connections mode of the protocol of graphql-sse. */
describe('server-sent events', () => {
  let world: Serving;
  before(async () => {
    world = await serving();
  });
  after(() => world[Symbol.asyncDispose]());

  test('come as text/event-stream that is not kept by anybody, a comment first', async () => {
    await using stream = await Stream.open(world.url, status);
    assert.equal(stream.response.statusCode, 200);
    assert.match(stream.response.headers['content-type'] ?? '', /^text\/event-stream\b/);
    assert.equal(stream.response.headers['cache-control'], 'no-cache');
    await until('the state comes', () => stream.events().length === 1);
    assert.match(stream.text, /^:\n\nevent: next\ndata: \{"data":\{"vpnStatus":/);
  });

  test('are next for each result, as long as the client stays', async () => {
    await using stream = await Stream.open(world.url, events);
    await until('it stands', () => world.events.followers > 0);
    world.stir();
    await until('three come', () => stream.events().length === 3);
    assert.equal(stream.events('complete').length, 0);
    await stream[Symbol.asyncDispose]();
    await untilNobody(world);
  });

  test('of a GET are the same', async () => {
    const url = `${world.url}/graphql?query=${encodeURIComponent(status)}`;
    const { promise, resolve } = Promise.withResolvers<string>();
    const asked = request(url, { headers: { accept: 'text/event-stream' } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (text.includes('event: next\n')) resolve(text);
      });
      response.on('error', () => undefined);
    }).end();
    assert.match(await promise, /event: next\ndata: \{"data":\{"vpnStatus":/);
    asked.destroy();
    await untilNobody(world);
  });

  test('of a query are next and complete', async () => {
    await using stream = await Stream.open(world.url, '{ fleet { running } }');
    await stream.ended;
    assert.deepEqual(stream.events(), [{ data: { fleet: { running: 0 } } }]);
    assert.equal(stream.events('complete').length, 1);
  });

  for (const [what, query, expected] of [
    ['a syntax error', 'subscription {', /Syntax Error/],
    ['a field that there is not', 'subscription { nothing }', /nothing/],
    ['a cursor that is not known', 'subscription { events(after: "x") { id } }', /CURSOR_EXPIRED/],
  ] as const)
    test(`of ${what} are one error, and the end`, async () => {
      await using stream = await Stream.open(world.url, query);
      await stream.ended;
      assert.match(stream.text, expected);
      await untilNobody(world);
    });

  test('are not given to whoever accepts only JSON', async () => {
    const response = await fetch(`${world.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ query: status }),
    });
    assert.equal(response.status, 406);
    await untilNobody(world);
  });

  test('and WebSockets share one execution', async () => {
    await using stream = await Stream.open(world.url, events);
    await using wire = await Wire.ready(world.url);
    await wire.follow(events);
    await until('both follow', async () => (await scrape(world)).value('tandem_graphql_subscribers') === 2);
    const executed = async () =>
      (await scrape(world)).value('tandem_subscription_executions_total') ?? Number.NaN;
    const earlier = await executed();
    world.stir();
    await until('both are told', () => stream.events().length === 3 && wire.heard.length === 4);
    assert.equal((await executed()) - earlier, 3);
    assert.deepEqual(
      stream.events(),
      wire.heard.slice(1).map(({ payload }) => payload),
    );
  });
});

describe('streams', () => {
  test('are kept alive by comments', async () => {
    await using world = await serving({ live: { beatMs: 20 } });
    await using stream = await Stream.open(world.url, events);
    await until('three come', () => (stream.text.match(/^:\n\n/gm) ?? []).length > 3);
  });

  test('of clients that have gone without a word, with something on the way, are given up', async () => {
    await using world = await serving({ live: { beatMs: 100 } });
    await using stream = await Stream.open(
      world.url,
      'subscription { vpnStatus { vpns { engines { labels { value } } } } }',
    );
    await until('the state comes', () => stream.events().length === 1);
    stream.response.pause();
    const { fleet } = world;
    for (let n = 0; n < 15; n++) {
      const wish = { labels: [{ key: 'text', value: 'x'.repeat(600_000) }], request: null, replaces: null };
      const reservation = fleet.reserve(wish);
      assert('engine' in reservation);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until('it is given up', () => world.events.followers === 0);
  });

  test('end when the service stops, and are not completed', async () => {
    const world = await serving();
    await using stream = await Stream.open(world.url, events);
    await until('it stands', () => world.events.followers > 0);
    await world[Symbol.asyncDispose]();
    assert.equal(await stream.ended, true, 'the response is whole');
    assert.equal(stream.events('complete').length, 0);
  });

  test('are completed with an error when what they were let in with is no longer good', async () => {
    await using world = await serving({ keys: { all: 'a-key-for-all', read: null } });
    await using stream = await Stream.open(world.url, events, {}, { 'x-api-key': 'a-key-for-all' });
    await until('it stands', () => world.events.followers > 0);
    assert.equal(world.served.changeKeys({ all: 'another-key', read: null }), 1);
    assert.equal(await stream.ended, true);
    assert.match(JSON.stringify(stream.events()), /UNAUTHENTICATED/);
    assert.equal(stream.events('complete').length, 1);
    await untilNobody(world);
  });

  test('are counted with the sockets, and one too many is answered with 503', async () => {
    await using world = await serving({ live: { connections: 1 } });
    await using _one = await Stream.open(world.url, events);
    await until('it stands', () => world.events.followers > 0);
    await using other = await Stream.open(world.url, events);
    assert.equal(other.response.statusCode, 503);
    await other.ended;
    assert.match(other.text, /OVERLOADED/);
    await assert.rejects(Wire.open(world.url), /503/);
    assert.equal((await scrape(world)).value('tandem_graphql_subscribers'), 1);
  });

  test('whose clients leave before they begin leave nothing behind', async () => {
    await using world = await serving();
    for (let n = 0; n < 20; n++) {
      const body = JSON.stringify({ query: events });
      const headers = {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        'content-length': body.length,
      };
      const asked = request(`${world.url}/graphql`, { method: 'POST', headers });
      asked.on('error', () => undefined);
      asked.end(body, () => asked.destroy());
    }
    await untilNobody(world);
    await until('none is left', () => world.events.followers === 0);
  });

  test('are an error and an end where the key went while they were begun, and what was begun is ended', async () => {
    let ended = false;
    const begun = {
      results: {
        [Symbol.asyncIterator]: () => ({
          next: () => new Promise(() => {}),
          return: async () => {
            ended = true;
            return { done: true, value: undefined };
          },
        }),
      },
    } as unknown as Begun;
    const connections = new Connections(1);
    const nobody = { deliver: () => assert.fail('it was let in') } as unknown as Live;
    const serve = sseServer(nobody, connections, () => false);
    const grant: Grant = { kind: 'granted', viewer: { role: 'ALL' }, digest: null };
    const server = createServer((_request, response) => void serve(begun, response, grant));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    await using stream = await Stream.open(
      `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      status,
    );
    assert.equal(await stream.ended, true);
    assert.match(stream.text, /no longer valid/);
    assert.equal(ended, true);
    assert.equal(connections.full, false, 'none is kept');
    server.close();
  });
});
