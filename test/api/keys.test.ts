import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Child } from '../support/child.ts';
import { until } from '../support/docker/until.ts';
import { type Simulated, simulated } from '../support/simulated.ts';
import { connected, type Socket } from '../support/socket.ts';

const all = 'everything-may-be-done';
const read = 'only-looking-is-allowed';
const keyed = { env: { API_KEY: all, API_KEY_READ: read, HOST: '127.0.0.1' }, whenReady: false };

const query = '{ fleet { running } }';
const subscription = 'subscription { vpnStatus { mode } }';
const mutations = [
  'mutation { provisionEngine { __typename } }',
  'mutation { provisionEngines(input: { count: 1 }) { requested } }',
  'mutation { stopEngine(engine: { name: "acestream-1" }) { __typename } }',
  'mutation { scaleEngines(to: 3) { desired } }',
  'mutation { resetCircuit { circuit } }',
];

type Result = { data?: unknown; errors?: readonly { message: string; extensions?: { code?: string } }[] };

/** An operation over WebSocket, and what comes first of it. */
async function overSocket(socket: Socket, text: string, extensions?: object): Promise<Result> {
  socket.send({ type: 'subscribe', id: 'one', payload: { query: text, extensions } });
  const message = await socket.next();
  assert('type' in message, JSON.stringify(message));
  return message.type === 'error'
    ? { errors: message.payload as Result['errors'] & {} }
    : (message.payload as Result);
}

/** A stream of server-sent events. */
async function stream(url: string, text: string, key?: string) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      ...(key !== undefined && { 'x-api-key': key }),
    },
    body: JSON.stringify({ query: text }),
  });
  const chunks = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  return {
    status: response.status,
    /** All that has come when `pattern` is in it, or when the stream has ended. */
    async until(pattern: RegExp): Promise<string> {
      let text = '';
      for (;;) {
        const next = await chunks?.read().catch(() => undefined);
        if (!next || next.done) return `${text}[ended]`;
        text += next.value;
        if (pattern.test(text)) return text;
      }
    },
  };
}

const resultIn = (events: string): Result => JSON.parse(/^data: (\{.*\})$/m.exec(events)?.[1] ?? '{}');

/** Every way in: what an operation gets there, with a key. */
const ways: [string, (world: Simulated, text: string, key: string) => Promise<Result>][] = [
  [
    'HTTP',
    async ({ tandem }, query, key) => (await tandem.answer({ query }, { 'x-api-key': key })).body as Result,
  ],
  [
    'HTTP, as a bearer',
    async ({ tandem }, query, key) =>
      (await tandem.answer({ query }, { authorization: `Bearer ${key}` })).body as Result,
  ],
  [
    'server-sent events',
    async ({ tandem }, text, key) =>
      resultIn(await (await stream(tandem.url, text, key)).until(/^data: \{/m)),
  ],
  [
    'a WebSocket with connectionParams',
    async ({ tandem }, text, key) => {
      using socket = await connected(tandem.url, { 'X-API-Key': key });
      return await overSocket(socket, text);
    },
  ],
  [
    'a WebSocket with headers',
    async ({ tandem }, text, key) => {
      using socket = await connected(tandem.url, {}, { headers: { 'x-api-key': key } });
      return await overSocket(socket, text);
    },
  ],
  [
    'a WebSocket with the headers that GraphiQL sends along',
    async ({ tandem }, text, key) => {
      using socket = await connected(tandem.url);
      return await overSocket(socket, text, { headers: { Authorization: `Bearer ${key}` } });
    },
  ],
];

describe('a key for reading', () => {
  for (const [way, ask] of ways) {
    test(`opens queries and no mutation over ${way}`, async () => {
      await using world = await simulated(keyed);
      assert.deepEqual(await ask(world, query, read), { data: { fleet: { running: 0 } } });
      for (const mutation of mutations) {
        const { data, errors } = await ask(world, mutation, read);
        assert.equal(data ?? null, null, mutation);
        assert.equal(errors?.[0]?.extensions?.code, 'FORBIDDEN', mutation);
        assert.match(errors?.[0]?.message ?? '', /needs API_KEY/);
      }
      assert.deepEqual(world.engineContainers(), []);
    });

    test(`for everything opens mutations over ${way}`, async () => {
      await using world = await simulated(keyed);
      assert.deepEqual(await ask(world, 'mutation { resetCircuit { circuit } }', all), {
        data: { resetCircuit: { circuit: 'CLOSED' } },
      });
    });
  }

  test('opens subscriptions, over WebSocket and as server-sent events', async () => {
    await using world = await simulated(keyed);
    using socket = await connected(world.tandem.url, { 'X-API-Key': read });
    assert.deepEqual((await overSocket(socket, subscription)).data, { vpnStatus: { mode: 'REDUNDANT' } });
    const events = await stream(world.tandem.url, subscription, read);
    assert.deepEqual(resultIn(await events.until(/^data: \{/m)).data, { vpnStatus: { mode: 'REDUNDANT' } });
  });

  test('and another that is neither are told apart', async () => {
    await using world = await simulated(keyed);
    for (const wrong of [`${read}x`, read.slice(0, -1), read.toUpperCase(), `${all},${read}`])
      assert.equal((await world.tandem.answer({ query }, { 'x-api-key': wrong })).status, 401, wrong);
  });

  test('is what every mutation says that it is not enough for', async () => {
    await using world = await simulated({ env: {}, whenReady: false });
    const { body } = await world.tandem.answer({
      query: '{ __type(name: "Mutation") { fields { name description } } }',
    });
    const { fields } = (body.data as { __type: { fields: { name: string; description: string }[] } }).__type;
    assert.equal(fields.length, mutations.length);
    for (const { name, description } of fields) assert.match(description, /Needs API_KEY\./, name);
  });
});

describe('keys that change', () => {
  test('close the sockets and end the streams that the old ones opened, and no others', async () => {
    await using world = await simulated(keyed);
    const { url } = world.tandem;
    const withRead = [
      await connected(url, { 'X-API-Key': read }),
      await connected(url, {}, { headers: { 'x-api-key': read } }),
      await connected(url),
    ];
    const [, , graphiql] = withRead;
    assert(graphiql);
    await overSocket(graphiql, subscription, { headers: { 'x-api-key': read } });
    const streamed = await stream(url, subscription, read);
    await streamed.until(/^data: \{/m);
    using other = await connected(url, { 'X-API-Key': all });
    const otherStream = await stream(url, subscription, all);
    await otherStream.until(/^data: \{/m);

    const before = performance.now();
    assert.equal(world.tandem.changeKeys({ all, read: 'another-one-for-reading' }), 4);
    for (const socket of withRead) assert.equal((await socket.closed).code, 4403);
    assert.match(await streamed.until(/never/), /\[ended\]$/);
    assert(performance.now() - before < 1_000);

    assert.equal((await world.tandem.answer({ query }, { 'x-api-key': read })).status, 401);
    assert.equal(
      (await world.tandem.answer({ query }, { 'x-api-key': 'another-one-for-reading' })).status,
      200,
    );
    assert.deepEqual((await overSocket(other, query)).data, { fleet: { running: 0 } });
    await world.tandem.answer({ query: mutations[3] }, { 'x-api-key': all });
    assert.doesNotMatch(await otherStream.until(/^data: \{/m), /\[ended\]/);
  });

  test('that trade roles close what they opened in the other one', async () => {
    await using world = await simulated(keyed);
    using socket = await connected(world.tandem.url, { 'X-API-Key': all });
    world.tandem.changeKeys({ all: read, read: all });
    assert.equal((await socket.closed).code, 4403);
    const { body } = await world.tandem.answer({ query: mutations[4] }, { 'x-api-key': all });
    assert.equal((body as Result).errors?.[0]?.extensions?.code, 'FORBIDDEN');
  });

  test('that come to be asked for close what was open to everybody', async () => {
    await using world = await simulated({ whenReady: false });
    using socket = await connected(world.tandem.url);
    await overSocket(socket, subscription);
    world.tandem.changeKeys({ all, read: null });
    assert.equal((await socket.closed).code, 4403);
    assert.equal((await world.tandem.answer({ query })).status, 401);
  });

  test('are read anew on SIGHUP from their files and from .env, unless there is a mistake in them', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tandem-keys-'));
    const file = join(folder, 'key');
    await writeFile(file, `${all}\n`);
    await writeFile(join(folder, '.env'), `API_KEY_READ=${read}\n`);
    await using child = new Child(folder, { API_KEY_FILE: file, HOST: '127.0.0.1' }, ['--embedded']);
    await child.start();
    const statusWith = async (key: string) =>
      (await child.client.answer({ query }, { 'x-api-key': key })).status;
    assert.deepEqual([await statusWith(all), await statusWith(read)], [200, 200]);
    using socket = await connected(child.url ?? '', { 'X-API-Key': read });

    await writeFile(join(folder, '.env'), 'API_KEY_READ=short\n');
    child.hangUp();
    await until('the mistake is logged', () => /could not be read anew/.test(child.said));
    assert.match(child.said, /API_KEY_READ.*at least 8/);
    assert.deepEqual([await statusWith(all), await statusWith(read)], [200, 200]);

    await writeFile(join(folder, '.env'), 'API_KEY_READ=another-one-for-reading\n');
    await writeFile(file, 'another-one-for-everything');
    child.hangUp();
    assert.equal((await socket.closed).code, 4403);
    assert.deepEqual([await statusWith(all), await statusWith(read)], [401, 401]);
    assert.equal(await statusWith('another-one-for-everything'), 200);
    assert.equal(await statusWith('another-one-for-reading'), 200);

    await rm(file);
    child.hangUp();
    await until('the loss is logged', () => /API_KEY_FILE.*ENOENT/.test(child.said));
    assert.equal(await statusWith('another-one-for-everything'), 200);
    for (const secret of [all, read, 'another-one']) assert(!child.said.includes(secret));
    await child.kill();
    await rm(folder, { recursive: true });
  });
});
