import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ClientOptions, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { simulated } from '../support/simulated.ts';

const key = 'correct-horse-battery';
const keyed = { env: { API_KEY: key, HOST: '127.0.0.1' }, whenReady: false };
const introspection = { query: '{ __schema { queryType { name } } }' };

describe('with an API_KEY', () => {
  test('every HTTP operation needs it, introspection included', async () => {
    await using world = await simulated(keyed);
    for (const headers of [
      {},
      { 'x-api-key': 'wrong-wrong' },
      { authorization: `Basic ${key}` },
      { authorization: 'Bearer' },
    ]) {
      const { status, body } = await world.tandem.answer(introspection, headers);
      assert.equal(status, 401);
      assert.equal(body.errors?.[0]?.extensions?.code, 'UNAUTHENTICATED');
    }
    for (const headers of [{ 'x-api-key': key }, { 'X-API-KEY': key }, { authorization: `Bearer ${key}` }]) {
      assert.equal((await world.tandem.answer(introspection, headers)).status, 200);
    }
  });

  test('it is checked before the document is parsed', async () => {
    await using world = await simulated(keyed);
    assert.equal((await world.tandem.answer({ query: '{{{{' })).status, 401);
  });

  test('a WebSocket may carry it in connectionParams, headers, or the extensions that GraphiQL sends', async () => {
    await using world = await simulated(keyed);
    const url = `${world.tandem.url.replace('http', 'ws')}/graphql`;
    class WithHeader extends WebSocket {
      constructor(address: string, protocols: string) {
        super(address, protocols, { headers: { 'x-api-key': key } });
      }
    }
    const ways: { options: Partial<ClientOptions>; extensions: Record<string, unknown> }[] = [
      { options: { connectionParams: { 'X-API-Key': key } }, extensions: {} },
      { options: { connectionParams: { Authorization: `Bearer ${key}` } }, extensions: {} },
      { options: { webSocketImpl: WithHeader }, extensions: {} },
      { options: {}, extensions: { headers: { 'X-API-Key': key } } },
    ];
    for (const { options, extensions } of ways) {
      const client = createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0, ...options });
      const { value } = await client.iterate({ query: '{ fleet { running } }', extensions }).next();
      assert.deepEqual(value?.data, { fleet: { running: 0 } });
      await client.dispose();
    }
  });

  test('a WebSocket without it, or with a wrong one, is closed with 4403', async () => {
    await using world = await simulated(keyed);
    const url = `${world.tandem.url.replace('http', 'ws')}/graphql`;
    for (const connectionParams of [{}, { 'X-API-Key': 'wrong-wrong' }]) {
      const client = createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0, connectionParams });
      await assert.rejects(
        async () => client.iterate(introspection).next(),
        (problem) =>
          typeof problem === 'object' && problem !== null && 'code' in problem && problem.code === 4403,
      );
      await client.dispose();
    }
  });

  test('it is in no line of the log', async () => {
    await using world = await simulated({ ...keyed, env: { ...keyed.env, LOG_LEVEL: 'trace' } });
    await world.tandem.answer(introspection, { 'x-api-key': key });
    await world.tandem.answer({ query: `{ a(key: "x") }` }, { authorization: `Bearer ${key}` });
    assert(world.tandem.logged.every((line) => !line.includes(key)));
  });

  test('the probes need none', async () => {
    await using world = await simulated(keyed);
    assert.equal((await fetch(`${world.tandem.url}/healthz`)).status, 200);
    assert([200, 503].includes((await fetch(`${world.tandem.url}/readyz`)).status));
  });
});
