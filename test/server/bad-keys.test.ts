import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Simulated, simulated } from '../support/simulated.ts';
import { connected, openSocket } from '../support/socket.ts';
import { overSocket } from '../support/ways.ts';

const key = 'the-key-of-this-test';
const query = '{ fleet { running } }';

describe('what is no key opens nothing:', () => {
  let world: Simulated;
  before(async () => {
    world = await simulated({ env: { API_KEY: key, HOST: '127.0.0.1' }, whenReady: false });
  });
  after(() => world[Symbol.asyncDispose]());

  const headers: [string, Record<string, string>][] = [
    ['none at all', {}],
    ['an empty one', { 'x-api-key': '' }],
    ['the beginning of it', { 'x-api-key': key.slice(0, -1) }],
    ['more than it', { 'x-api-key': `${key}0` }],
    ['it in capitals', { 'x-api-key': key.toUpperCase() }],
    ['it twice', { 'x-api-key': `${key}, ${key}` }],
    ['a megabyte less a little', { 'x-api-key': 'x'.repeat(10_000) }],
    ['a bearer without a key', { authorization: 'Bearer ' }],
    ['a bearer of two words', { authorization: `Bearer ${key} ${key}` }],
    ['another scheme', { authorization: `Basic ${Buffer.from(`x:${key}`).toString('base64')}` }],
    ['it without a scheme', { authorization: key }],
    ['it in a cookie', { cookie: `x-api-key=${key}` }],
    ['it in a header of another name', { 'api-key': key }],
    ['a wrong one before the right one', { 'x-api-key': 'wrong-wrong', authorization: `Bearer ${key}` }],
  ];
  for (const [what, sent] of headers) {
    test(`${what}, over HTTP: 401 and UNAUTHENTICATED`, async () => {
      const { status, body } = await world.tandem.answer({ query }, sent);
      assert.equal(status, 401);
      assert.equal(body.errors?.[0]?.extensions?.code, 'UNAUTHENTICATED');
    });
  }

  test('it in the address, which proxies write down: 401', async () => {
    const address = `${world.tandem.url}/graphql?query=${encodeURIComponent(query)}&x-api-key=${key}&apiKey=${key}`;
    assert.equal((await fetch(address)).status, 401);
  });

  const params: [string, object | string][] = [
    ['nothing', {}],
    ['a wrong one', { 'X-API-Key': 'wrong-wrong' }],
    ['a list of it', { 'X-API-Key': [key] }],
    ['an object', { 'X-API-Key': { toString: key } }],
    ['a number', { 'X-API-Key': 7 }],
    ['a prototype', JSON.parse(`{"__proto__":{"x-api-key":"${key}"}}`)],
  ];
  for (const [what, sent] of params) {
    test(`${what}, in connectionParams: closed with 4403, at the latest with the first operation`, async () => {
      using socket = await openSocket(world.tandem.url);
      socket.send({ type: 'connection_init', payload: sent });
      const answer = await socket.next();
      if ('type' in answer) socket.send({ type: 'subscribe', id: '1', payload: { query } });
      assert.equal((await socket.closed).code, 4403);
    });
  }

  for (const [what, extensions] of [
    ['a wrong one', { headers: { 'X-API-Key': 'wrong-wrong' } }],
    ['a text instead of headers', { headers: `X-API-Key: ${key}` }],
    ['a list of headers', { headers: [['X-API-Key', key]] }],
    ['no headers', { headers: null }],
  ] as const) {
    test(`${what}, in the extensions that GraphiQL sends: closed with 4403`, async () => {
      using socket = await connected(world.tandem.url);
      socket.send({ type: 'subscribe', id: '1', payload: { query, extensions } });
      assert.equal((await socket.closed).code, 4403);
    });
  }

  test('a key that comes with one operation opens no other', async () => {
    using socket = await connected(world.tandem.url);
    const told = await overSocket(socket, { query, extensions: { headers: { 'X-API-Key': key } } });
    assert.deepEqual(told.data, { fleet: { running: 0 } });
    socket.send({ type: 'subscribe', id: '2', payload: { query } });
    assert.equal((await socket.closed).code, 4403);
  });
});

describe('a WebSocket that breaks the protocol is closed with the code for it, and hurts no other:', () => {
  let world: Simulated;
  before(async () => {
    world = await simulated({ whenReady: false });
  });
  after(() => world[Symbol.asyncDispose]());

  const init = { type: 'connection_init' };
  const follow = (id: string) => ({
    type: 'subscribe',
    id,
    payload: { query: 'subscription { events { id } }' },
  });
  const breaches: [what: string, sent: (object | string | Buffer)[], code: number][] = [
    ['no JSON', ['hello'], 4400],
    ['half of a message', ['{"type":"connection_init"'], 4400],
    ['bytes', [Buffer.from([0, 1, 2, 255])], 4400],
    ['a list', ['[]'], 4400],
    ['null', ['null'], 4400],
    ['a message without a type', [{}], 4400],
    ['a message of an unknown type', [{ type: 'start' }], 4400],
    ['connectionParams that are a text', [{ ...init, payload: 'x' }], 4400],
    ['an operation before it is let in', [follow('1')], 4401],
    ['two beginnings', [init, init], 4429],
    ['an id that is in use', [init, follow('1'), follow('1')], 4409],
    ['an operation without an id', [init, { type: 'subscribe', payload: { query: '{ __typename }' } }], 4400],
    ['an id that is empty', [init, { ...follow(''), id: '' }], 4400],
    ['an id that is a number', [init, { ...follow('1'), id: 1 }], 4400],
    ['an operation without a document', [init, { type: 'subscribe', id: '1', payload: {} }], 4400],
    ['a document that is a number', [init, { type: 'subscribe', id: '1', payload: { query: 7 } }], 4400],
    [
      'variables that are a list',
      [init, { type: 'subscribe', id: '1', payload: { query: '{ __typename }', variables: 'x' } }],
      4400,
    ],
    [
      'a message of two megabytes',
      [JSON.stringify({ ...init, payload: { x: 'x'.repeat(2_000_000) } })],
      1009,
    ],
  ];
  for (const [what, sent, code] of breaches) {
    test(`${what}: ${code}`, async () => {
      using other = await connected(world.tandem.url);
      using socket = await openSocket(world.tandem.url);
      for (const message of sent) {
        socket.send(message);
        if (message === init && sent[1] !== init) await socket.next();
      }
      assert.equal((await socket.closed).code, code);
      assert.deepEqual((await overSocket(other, { query })).data, { fleet: { running: 0 } });
    });
  }

  test('no subprotocol: 4406', async () => {
    using socket = await openSocket(world.tandem.url, { protocol: null });
    assert.equal((await socket.closed).code, 4406);
  });
});
