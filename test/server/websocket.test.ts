import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { keysOf } from '../../src/server/websocket-connection.ts';
import { until } from '../support/docker/until.ts';
import { scrape } from '../support/exposition.ts';
import { type Serving, serving } from '../support/serving.ts';
import { Wire } from '../support/wire.ts';

const status = 'subscription { vpnStatus { lastEventId } }';
const events = 'subscription { events { id } }';

/** PROTOCOL.md of graphql-ws, clause by clause. */
describe('graphql-transport-ws', () => {
  let world: Serving;
  before(async () => {
    world = await serving({ live: { initMs: 300 } });
  });
  after(() => world[Symbol.asyncDispose]());

  const subscribe = (wire: Wire, query: string, id = 'one', payload: object = {}) =>
    wire.say({ type: 'subscribe', id, payload: { query, ...payload } });

  test('init is acknowledged', async () => {
    await using wire = await Wire.open(world.url);
    assert.equal(wire.socket.protocol, 'graphql-transport-ws');
    wire.say({ type: 'connection_init' });
    assert.deepEqual(await wire.next('connection_ack'), { type: 'connection_ack' });
  });

  test('a socket without init is closed with 4408', async () => {
    await using wire = await Wire.open(world.url);
    assert.equal((await wire.closed).code, 4408);
  });

  test('one that pings instead of init is closed with 4408 too', async () => {
    await using wire = await Wire.open(world.url);
    wire.say({ type: 'ping' });
    await wire.next('pong');
    assert.equal((await wire.closed).code, 4408);
  });

  test('a second init is closed with 4429', async () => {
    await using wire = await Wire.ready(world.url);
    wire.say({ type: 'connection_init' });
    assert.equal((await wire.closed).code, 4429);
  });

  test('two inits at once are closed with 4429', async () => {
    await using wire = await Wire.open(world.url);
    for (let n = 0; n < 2; n++) wire.say({ type: 'connection_init' });
    assert.equal((await wire.closed).code, 4429);
  });

  test('subscribe before the acknowledgement is closed with 4401', async () => {
    await using wire = await Wire.open(world.url);
    subscribe(wire, '{ __typename }');
    assert.equal((await wire.closed).code, 4401);
  });

  test('ping is answered by pong, with its payload, before init and after', async () => {
    await using wire = await Wire.open(world.url);
    wire.say({ type: 'ping', payload: { n: 1 } });
    assert.deepEqual(await wire.next('pong'), { type: 'pong', payload: { n: 1 } });
    wire.say({ type: 'connection_init' });
    await wire.next('connection_ack');
    wire.say({ type: 'ping' });
    assert.deepEqual(await wire.next('pong'), { type: 'pong' });
  });

  test('a pong that nobody asked for changes nothing', async () => {
    await using wire = await Wire.ready(world.url);
    wire.say({ type: 'pong', payload: {} });
    await wire.trip();
  });

  test('a query gives next and complete', async () => {
    await using wire = await Wire.ready(world.url);
    subscribe(wire, '{ fleet { running } }');
    const next = await wire.next('next');
    assert.deepEqual(next, { type: 'next', id: 'one', payload: { data: { fleet: { running: 0 } } } });
    assert.deepEqual(await wire.next('complete'), { type: 'complete', id: 'one' });
  });

  test('a subscription gives next until the client completes it, and nothing after', async () => {
    await using wire = await Wire.ready(world.url);
    const id = await wire.follow(events);
    world.stir();
    for (let n = 0; n < 3; n++) assert.equal((await wire.next('next')).id, id);
    wire.say({ type: 'complete', id });
    await wire.trip();
    world.stir();
    await wire.trip();
    assert.equal(wire.of(id).length, 3);
  });

  test('an id in use is closed with 4409', async () => {
    await using wire = await Wire.ready(world.url);
    subscribe(wire, events, 'same');
    subscribe(wire, events, 'same');
    const { code, reason } = await wire.closed;
    assert.deepEqual([code, reason], [4409, 'Subscriber for same already exists']);
  });

  test('an id is free again when its operation has ended', async () => {
    await using wire = await Wire.ready(world.url);
    for (let n = 0; n < 3; n++) {
      subscribe(wire, '{ __typename }', 'same');
      await wire.next('next');
      await wire.next('complete');
    }
  });

  test('an id is free again at once when the client has completed it', async () => {
    await using wire = await Wire.ready(world.url);
    for (let n = 0; n < 20; n++) {
      subscribe(wire, status, 'same');
      wire.say({ type: 'complete', id: 'same' });
    }
    subscribe(wire, status, 'same');
    await wire.trip();
    assert(wire.of('same').every(({ type }) => type === 'next'));
    assert.equal((await scrape(world)).value('tandem_graphql_subscribers'), 1);
    const told = wire.heard.length;
    world.stir();
    await until('it lives', () => wire.heard.length > told);
  });

  test('an id is not free before what the client has completed has ended', async () => {
    const { events: log } = world;
    const held = Promise.withResolvers<void>();
    const page = log.page.bind(log);
    log.page = (asked) => held.promise.then(() => page(asked));
    {
      await using wire = await Wire.ready(world.url);
      subscribe(wire, '{ events { nodes { id } } }', 'same');
      wire.say({ type: 'complete', id: 'same' });
      subscribe(wire, events, 'same');
      await wire.trip();
      held.resolve();
      log.page = page;
      await wire.trip();
      const [refusal, ...others] = wire.of('same');
      assert.equal(refusal?.type, 'error');
      assert.match(JSON.stringify(refusal), /BAD_USER_INPUT/);
      assert.deepEqual(others, []);
      await wire.follow(events, {}, 'same');
      world.stir();
      await until('it is told', () => wire.of('same').length === 1 + 3);
    }
    await until('nobody follows', () => log.followers === 0);
  });

  test('complete of an id that there is not changes nothing', async () => {
    await using wire = await Wire.ready(world.url);
    wire.say({ type: 'complete', id: 'nobody' });
    await wire.trip();
  });

  test('the same id on two sockets is two operations', async () => {
    await using one = await Wire.ready(world.url);
    await using other = await Wire.ready(world.url);
    for (const wire of [one, other]) await wire.follow(events, {}, 'same');
    one.say({ type: 'complete', id: 'same' });
    await one.trip();
    world.stir();
    await other.next('next');
    assert.equal(one.of('same').length, 0);
  });

  const errors: [what: string, payload: object, expected: RegExp][] = [
    ['a syntax error', { query: '{' }, /Syntax Error/],
    ['an empty document', { query: '' }, /Syntax Error/],
    ['a field that there is not', { query: '{ nothing }' }, /nothing/],
    [
      'an operation that is not named',
      { query: 'query A { __typename } query B { __typename }' },
      /identify operation/,
    ],
    ['a name of no operation', { query: 'query A { __typename }', operationName: 'B' }, /identify operation/],
    ['two root fields', { query: 'subscription { vpnStatus { mode } events { id } }' }, /only one/],
  ];
  for (const [what, payload, expected] of errors)
    test(`${what} is an error of that operation alone`, async () => {
      await using wire = await Wire.ready(world.url);
      const live = await wire.follow(events);
      subscribe(wire, '', 'bad', payload);
      const message = await wire.next('error');
      assert.equal(message.id, 'bad');
      assert.match(JSON.stringify(message.payload), expected);
      assert.doesNotMatch(
        JSON.stringify(message.payload),
        /"http"/,
        'that is between Yoga and its transport',
      );
      world.stir();
      assert.equal((await wire.next('next')).id, live);
      subscribe(wire, '{ __typename }', 'bad');
      await until('its id is free', () => wire.of('bad').some(({ type }) => type === 'complete'));
    });

  const refused: [what: string, payload: object, expected: RegExp][] = [
    [
      'a variable of the wrong type',
      { query: 'subscription ($v: String) { engineChanged(vpn: $v) { id } }', variables: { v: {} } },
      /String/,
    ],
    ['a cursor that is not known', { query: 'subscription { events(after: "x") { id } }' }, /CURSOR_EXPIRED/],
    [
      'a VPN that there is not',
      { query: 'subscription { engineChanged(vpn: "x") { id } }' },
      /BAD_USER_INPUT/,
    ],
  ];
  for (const [what, payload, expected] of refused)
    test(`${what} is told, and the operation ends`, async () => {
      await using wire = await Wire.ready(world.url);
      subscribe(wire, '', 'bad', payload);
      const message = await until('an answer', () => wire.of('bad')[0]);
      assert.match(JSON.stringify(message), expected);
      await wire.trip();
      subscribe(wire, '{ __typename }', 'bad');
      await wire.trip();
      assert.equal(wire.of('bad').at(-1)?.type, 'complete');
    });

  const garbage: [what: string, message: string | Buffer][] = [
    ['no JSON', 'hello'],
    ['half of a message', '{"type":"connection_init"'],
    ['a number', '7'],
    ['null', 'null'],
    ['a list', '[]'],
    ['no type', '{}'],
    ['a type that there is not', '{"type":"start","id":"1","payload":{"query":"{ __typename }"}}'],
    ['a type of a server', '{"type":"next","id":"1","payload":{}}'.replace('next', 'connection_terminate')],
    ['subscribe without an id', '{"type":"subscribe","payload":{"query":"{ __typename }"}}'],
    ['subscribe with an empty id', '{"type":"subscribe","id":"","payload":{"query":"{ __typename }"}}'],
    ['subscribe without a payload', '{"type":"subscribe","id":"1"}'],
    ['subscribe without a query', '{"type":"subscribe","id":"1","payload":{}}'],
    ['a query that is no text', '{"type":"subscribe","id":"1","payload":{"query":7}}'],
    [
      'variables that are no object',
      '{"type":"subscribe","id":"1","payload":{"query":"{ __typename }","variables":7}}',
    ],
    [
      'extensions that are no object',
      '{"type":"subscribe","id":"1","payload":{"query":"{ __typename }","extensions":"x"}}',
    ],
    [
      'an operation name that is no text',
      '{"type":"subscribe","id":"1","payload":{"query":"{ __typename }","operationName":{}}}',
    ],
    ['complete without an id', '{"type":"complete"}'],
    ['bytes', Buffer.from([0, 1, 2, 255])],
  ];
  for (const [what, message] of garbage)
    test(`${what} is closed with 4400`, async () => {
      await using wire = await Wire.ready(world.url);
      wire.socket.send(message);
      assert.equal((await wire.closed).code, 4400);
    });

  test('a payload of connection_init that is no object is closed with 4400', async () => {
    await using wire = await Wire.open(world.url);
    wire.say({ type: 'connection_init', payload: 'key' });
    assert.equal((await wire.closed).code, 4400);
  });

  test('text that is no UTF-8 is closed with 1007', async () => {
    await using wire = await Wire.ready(world.url);
    wire.socket.send(Buffer.from([0xc3, 0x28]), { binary: false });
    assert.equal((await wire.closed).code, 1007);
  });

  for (const size of [1_048_577, 10_000_000])
    test(`a message of ${size} bytes is closed with 1009, in one frame or in many`, async () => {
      await using wire = await Wire.ready(world.url);
      wire.say(' '.repeat(size));
      assert.equal((await wire.closed).code, 1009);
      await using other = await Wire.ready(world.url);
      for (let sent = 0; sent < size; sent += 100_000)
        other.socket.send(' '.repeat(100_000), { fin: false }, () => undefined);
      assert.equal((await other.closed).code, 1009);
    });

  test('a message of almost a megabyte is taken', async () => {
    await using wire = await Wire.ready(world.url);
    const payload = { query: '{ __typename }', extensions: { padding: ' '.repeat(1_000_000) } };
    wire.say({ type: 'subscribe', id: 'one', payload });
    await wire.next('next');
  });

  for (const protocol of ['graphql-ws', 'chat'])
    test(`the subprotocol ${protocol} is not spoken here`, async () => {
      // Without a protocol in the answer a client of ws gives up by itself; one that goes on is closed with 4406.
      await assert.rejects(Wire.open(world.url, { protocol }), /no subprotocol/);
    });

  test('a client without a subprotocol is closed with 4406', async () => {
    await using wire = await Wire.open(world.url, { protocol: [] });
    assert.equal((await wire.closed).code, 4406);
  });

  test('an id that is too long is refused, and nothing else', async () => {
    await using wire = await Wire.ready(world.url);
    subscribe(wire, events, 'x'.repeat(201));
    assert.match(JSON.stringify(await wire.next('error')), /BAD_USER_INPUT/);
    await wire.trip();
  });

  test('ids may be anything: quotes, line breaks, and names of what objects have', async () => {
    await using wire = await Wire.ready(world.url);
    const ids = ['"},"x":{"', 'a\nb\u2028', '__proto__', 'constructor', 'é😀'];
    for (const id of ids) await wire.follow(status, {}, id);
    for (const id of ids) assert.equal(wire.of(id)[0]?.type, 'next', id);
    for (const id of ids) wire.say({ type: 'complete', id });
    await wire.trip();
    const told = wire.heard.length;
    world.stir();
    await wire.trip();
    assert.equal(wire.heard.length, told);
  });
});

/** Asks for a WebSocket, and keeps its own side open whatever is answered. */
function upgrading(url: string, path: string): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
  socket.on('error', () => undefined);
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n`,
  );
  return socket;
}

describe('sockets', () => {
  test('that are closed leave nothing behind, whatever was under way', async () => {
    await using world = await serving();
    const wires = await Promise.all(Array.from({ length: 20 }, () => Wire.ready(world.url)));
    for (const wire of wires) for (const query of [status, events]) await wire.follow(query);
    assert.equal((await scrape(world)).value('tandem_graphql_subscribers'), 40);
    for (const [index, wire] of wires.entries()) {
      if (index % 2) wire.socket.terminate();
      else wire.socket.close();
    }
    await until(
      'nobody follows',
      async () => (await scrape(world)).value('tandem_graphql_subscribers') === 0,
    );
    assert.equal(world.events.followers, 0);
  });

  test('have a number of operations at once, and one more is refused by itself', async () => {
    await using world = await serving({ live: { operations: 3 } });
    await using wire = await Wire.ready(world.url);
    const say = (id: string) => wire.say({ type: 'subscribe', id, payload: { query: events } });
    for (const id of ['1', '2']) await wire.follow(events, {}, id);
    for (const id of ['3', '4']) say(id);
    const refusal = await until('it is refused', () => wire.of('4')[0]);
    assert.equal(refusal.type, 'error');
    assert.match(JSON.stringify(refusal.payload), /OVERLOADED/);
    wire.say({ type: 'complete', id: '3' });
    await wire.trip();
    say('4');
    wire.say({ type: 'ping' });
    await until('it was heard', () => wire.heard.some(({ type }) => type === 'pong'));
    world.stir();
    await until('it lives', () => wire.of('4').length === 1 + 3);
    assert.deepEqual([wire.of('1').length, wire.of('3').length], [3, 0]);
  });

  test('keep so much of what subscriptions were begun with, and one more is refused by itself', async () => {
    await using world = await serving();
    await using wire = await Wire.ready(world.url);
    const padded = `${events} #${'x'.repeat(16_000)}`;
    for (let n = 0; n < 16; n++) await wire.follow(padded, {}, `${n}`);
    const refused = await wire.follow(padded, {}, 'too much');
    const [refusal] = wire.of(refused);
    assert.match(JSON.stringify(refusal), /have 2\d{5} characters; at most 262144/);
    wire.say({ type: 'complete', id: '0' });
    await wire.trip();
    await wire.follow(padded, {}, 'instead');
    assert.deepEqual(wire.of('instead'), []);
    world.stir();
    await until('it lives', () => wire.of('instead').length === 3);
  });

  test('are a number at once, and one more is answered with 503', async () => {
    await using world = await serving({ live: { connections: 2 } });
    await using _one = await Wire.ready(world.url);
    const other = await Wire.ready(world.url);
    await assert.rejects(Wire.open(world.url), /503/);
    await other[Symbol.asyncDispose]();
    await until('there is room again', async () => {
      const wire = await Wire.open(world.url).catch(() => undefined);
      await wire?.[Symbol.asyncDispose]();
      return wire !== undefined;
    });
  });

  test('are pinged, and given up if they do not answer', async () => {
    await using world = await serving({ live: { beatMs: 50 } });
    await using alive = await Wire.ready(world.url);
    await using dead = await Wire.ready(world.url);
    await dead.follow(events);
    dead.socket.pause();
    await until('one is given up', async () => world.events.followers === 0);
    await alive.trip();
  });

  test('are closed with 1001 when the service stops, and completed none', async () => {
    const world = await serving();
    await using wire = await Wire.ready(world.url);
    await wire.follow(events);
    await world[Symbol.asyncDispose]();
    assert.equal((await wire.closed).code, 1001);
    assert(wire.heard.every(({ type }) => type !== 'complete'));
  });

  test('that do not answer do not keep the service from stopping', async () => {
    const world = await serving({ live: { drainMs: 100 } });
    const socket = upgrading(world.url, '/graphql');
    const gone = new Promise((resolve) => socket.once('close', resolve));
    const upgraded = new Promise((resolve) => socket.once('data', resolve));
    socket.on('data', () => undefined);
    await upgraded;
    await world[Symbol.asyncDispose]();
    socket.end();
    await gone;
  });

  for (const [path, connections, status] of [
    ['/elsewhere', 1, 404],
    ['/graphql', 0, 503],
  ] as const)
    test(`that are refused with ${status} and stay half open do not keep the service from stopping`, async () => {
      const world = await serving({ live: { connections } });
      const socket = upgrading(world.url, path);
      const gone = new Promise((resolve) => socket.once('close', resolve));
      let answer = '';
      socket.setEncoding('utf8').on('data', (text) => {
        answer += text;
      });
      await new Promise((resolve) => socket.once('end', resolve));
      assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `));
      await world[Symbol.asyncDispose]();
      socket.end();
      await gone;
    });

  test('without a key may say little, and are closed with 1009 if they say more', async () => {
    await using world = await serving({ keys: { all: 'a-key', read: null } });
    await using large = await Wire.open(world.url);
    const empty = Array.from({ length: 10_000 }, () => []);
    large.say({ type: 'connection_init', payload: { empty } });
    assert.equal((await large.closed).code, 1009);
    await using known = await Wire.ready(world.url, { 'x-api-key': 'a-key' });
    known.say({ type: 'ping', payload: { empty } });
    await known.next('pong');
  });

  test('without a key may say no more in a frame that does not end', async () => {
    await using world = await serving({ keys: { all: 'a-key', read: null } });
    const socket = upgrading(world.url, '/graphql');
    const gone = new Promise((resolve) => socket.once('close', resolve));
    await new Promise((resolve) => socket.once('data', resolve));
    const almostMegabyte = Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 0x0f, 0xff, 0xff, 0, 0, 0, 0]);
    socket.write(Buffer.concat([almostMegabyte, Buffer.alloc(100_000, ' ')]));
    socket.on('data', () => undefined).on('end', () => socket.end());
    await gone;
  });

  test('let in by what an operation brought are closed when that is no longer good, though it has ended', async () => {
    await using world = await serving({ keys: { all: 'a-key', read: 'the-other-key' } });
    const sockets = [];
    for (const key of ['a-key', 'the-other-key']) {
      const wire = await Wire.ready(world.url);
      const extensions = { headers: { 'x-api-key': key } };
      wire.say({ type: 'subscribe', id: 'one', payload: { query: '{ __typename }', extensions } });
      await wire.next('next');
      await wire.next('complete');
      sockets.push(wire);
    }
    const [evicted, other] = sockets;
    assert(evicted && other);
    await using _one = evicted;
    await using _other = other;
    assert.equal(world.served.changeKeys({ all: 'a-new-key', read: 'the-other-key' }), 1);
    assert.equal((await evicted.closed).code, 4403);
    other.say({ type: 'ping' });
    await other.next('pong');
  });

  test('without a key are closed with 4403 in the end, and not those on which an operation brought one', async () => {
    await using world = await serving({ keys: { all: 'a-key', read: null }, live: { beatMs: 300 } });
    await using known = await Wire.ready(world.url);
    const extensions = { headers: { 'x-api-key': 'a-key' } };
    const ask = () =>
      known.say({ type: 'subscribe', id: 'one', payload: { query: '{ __typename }', extensions } });
    ask();
    await known.next('next');
    await known.next('complete');
    for (let n = 0; n < 2; n++) {
      await using stranger = await Wire.ready(world.url);
      assert.equal((await stranger.closed).code, 4403);
    }
    ask();
    await known.next('next');
  });

  test('keep of what clients send only what carries a key, whatever its name is written like', () => {
    assert.deepEqual(keysOf({ 'X-Api-Key': 'k', Authorization: 'Bearer k', cookie: 'c', 'x-other': [[]] }), {
      'x-api-key': 'k',
      authorization: 'Bearer k',
    });
    assert.deepEqual(keysOf({ 'x-api-key': ['k'], authorization: {} }), {});
  });

  test('and streams are closed when what they were let in with is no longer good, others not', async () => {
    const keys = { all: 'a-key-for-all', read: 'a-key-for-reading' };
    await using world = await serving({ keys });
    const bad = { 'x-api-key': keys.read };
    const good = { 'x-api-key': keys.all };
    await using evicted = await Wire.ready(world.url, {}, { headers: bad });
    await using byParams = await Wire.ready(world.url, bad);
    await using byOperation = await Wire.ready(world.url, good);
    byOperation.say({ type: 'subscribe', id: '1', payload: { query: events, extensions: { headers: bad } } });
    await byOperation.trip();
    await using completed = await Wire.ready(world.url, good);
    completed.say({ type: 'subscribe', id: '1', payload: { query: events, extensions: { headers: bad } } });
    completed.say({ type: 'complete', id: '1' });
    await completed.trip();
    assert.equal(world.served.changeKeys({ ...keys, read: null }), 3);
    for (const wire of [evicted, byParams, byOperation]) assert.equal((await wire.closed).code, 4403);
    await completed.trip();
    world.served.changeKeys({ all: 'another-key', read: null });
    assert.equal((await completed.closed).code, 4403);
  });
});
