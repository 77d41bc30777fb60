import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { Child } from '../support/child.ts';
import { clientOf } from '../support/client.ts';
import { until } from '../support/docker/until.ts';
import { simulated } from '../support/simulated.ts';
import { connected } from '../support/socket.ts';
import { type Asked, ways as everyWay, overSocket, stream, type Told } from '../support/ways.ts';

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

/** The ways in, and the two others by which a key comes. */
const ways: readonly [string, (url: string, asked: Asked, key: string) => Promise<Told>][] = [
  ...everyWay,
  [
    'HTTP, as a bearer',
    async (url, asked, key) =>
      (await clientOf(url).answer(asked, { authorization: `Bearer ${key}` })).body as Told,
  ],
  [
    'a WebSocket with headers',
    async (url, asked, key) => {
      using socket = await connected(url, {}, { headers: { 'x-api-key': key } });
      return await overSocket(socket, asked);
    },
  ],
  [
    'a WebSocket with the headers that GraphiQL sends along',
    async (url, asked, key) => {
      using socket = await connected(url);
      return await overSocket(socket, {
        ...asked,
        extensions: { headers: { Authorization: `Bearer ${key}` } },
      });
    },
  ],
];

describe('a key for reading', () => {
  for (const [way, ask] of ways) {
    test(`opens queries and no mutation over ${way}`, async () => {
      await using world = await simulated(keyed);
      assert.deepEqual(await ask(world.tandem.url, { query }, read), { data: { fleet: { running: 0 } } });
      for (const mutation of mutations) {
        const { data, errors } = await ask(world.tandem.url, { query: mutation }, read);
        assert.equal(data ?? null, null, mutation);
        assert.equal(errors?.[0]?.extensions?.code, 'FORBIDDEN', mutation);
        assert.match(errors?.[0]?.message ?? '', /needs API_KEY/);
      }
      assert.deepEqual(world.engineContainers(), []);
    });

    test(`for everything opens mutations over ${way}`, async () => {
      await using world = await simulated(keyed);
      assert.deepEqual(await ask(world.tandem.url, { query: 'mutation { resetCircuit { circuit } }' }, all), {
        data: { resetCircuit: { circuit: 'CLOSED' } },
      });
    });
  }

  test('opens subscriptions, over WebSocket and as server-sent events', async () => {
    await using world = await simulated(keyed);
    using socket = await connected(world.tandem.url, { 'X-API-Key': read });
    assert.deepEqual((await overSocket(socket, { query: subscription })).data, {
      vpnStatus: { mode: 'REDUNDANT' },
    });
    await using events = await stream(world.tandem.url, { query: subscription }, read);
    assert.deepEqual((await events.next()).data, { vpnStatus: { mode: 'REDUNDANT' } });
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
    await overSocket(graphiql, { query: subscription, extensions: { headers: { 'x-api-key': read } } });
    await using streamed = await stream(url, { query: subscription }, read);
    await streamed.next();
    using other = await connected(url, { 'X-API-Key': all });
    await using otherStream = await stream(url, { query: subscription }, all);
    await otherStream.next();

    const before = performance.now();
    assert.equal(world.tandem.changeKeys({ all, read: 'another-one-for-reading' }), 4);
    for (const socket of withRead) assert.equal((await socket.closed).code, 4403);
    assert.equal((await streamed.next()).errors?.[0]?.extensions?.code, 'UNAUTHENTICATED');
    await assert.rejects(streamed.next(), /the stream has ended/);
    assert(performance.now() - before < 1_000);

    assert.equal((await world.tandem.answer({ query }, { 'x-api-key': read })).status, 401);
    assert.equal(
      (await world.tandem.answer({ query }, { 'x-api-key': 'another-one-for-reading' })).status,
      200,
    );
    assert.deepEqual((await overSocket(other, { query })).data, { fleet: { running: 0 } });
    await world.tandem.answer({ query: mutations[3] }, { 'x-api-key': all });
    assert((await otherStream.next()).data);
  });

  for (const accept of ['application/json', 'text/event-stream', '*/*']) {
    test(`are asked for again when a body comes late: the old one opens nothing, accepting ${accept}`, async () => {
      await using world = await simulated(keyed);
      const { url, changeKeys } = world.tandem;
      for (const asked of [query, subscription, ...mutations]) {
        changeKeys({ all, read });
        const headers = {
          accept,
          'content-type': 'application/json',
          'x-api-key': all,
          expect: '100-continue',
        };
        const late = request(`${url}/graphql`, { method: 'POST', headers });
        late.flushHeaders();
        await once(late, 'continue');
        changeKeys({ all: 'another-one-for-everything', read });
        late.end(JSON.stringify({ query: asked }));
        const [answer] = await once(late, 'response');
        // A stream that is let in would not end.
        const told = await text(answer);
        assert.match(told, /UNAUTHENTICATED/, asked);
        assert.doesNotMatch(told, /"data":\{/, asked);
        if (accept === 'application/json') assert.equal(answer.statusCode, 401, asked);
      }
      assert.deepEqual(world.engineContainers(), []);
    });
  }

  test('that trade roles close what they opened in the other one', async () => {
    await using world = await simulated(keyed);
    using socket = await connected(world.tandem.url, { 'X-API-Key': all });
    world.tandem.changeKeys({ all: read, read: all });
    assert.equal((await socket.closed).code, 4403);
    const { body } = await world.tandem.answer({ query: mutations[4] }, { 'x-api-key': all });
    assert.equal((body as Told).errors?.[0]?.extensions?.code, 'FORBIDDEN');
  });

  test('that come to be asked for close what was open to everybody', async () => {
    await using world = await simulated({ whenReady: false });
    using socket = await connected(world.tandem.url);
    await overSocket(socket, { query: subscription });
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

  test('are not given up on SIGHUP: a port that everybody reaches would be open', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tandem-keys-'));
    await writeFile(join(folder, '.env'), `API_KEY=${all}\n`);
    await using child = new Child(folder, { HOST: '127.0.0.1' }, ['--embedded']);
    await child.start();
    await writeFile(join(folder, '.env'), '');
    child.hangUp();
    await until('it is logged', () => /API_KEY.*without one, start anew/.test(child.said));
    assert.equal((await child.client.answer({ query })).status, 401);
    assert.equal((await child.client.answer({ query }, { 'x-api-key': all })).status, 200);
    await child.kill();
    await rm(folder, { recursive: true });
  });
});
