import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { assertFilesSilent, assertSilent, secretsIn } from '../support/canary.ts';
import { until } from '../support/docker/until.ts';
import { runToItsEnd } from '../support/process.ts';
import { type Simulated, simulated } from '../support/simulated.ts';
import { connected, openSocket } from '../support/socket.ts';
import { ways } from '../support/ways.ts';
import { EventPage, ProvisionEngine, ProvisionEngines, Status, StopEngine } from './operations.ts';

const keys = { API_KEY: 'canary+all/of?it=7', API_KEY_READ: 'canary+read/of?it=8' };
const basic = { GLUETUN_API_USER: 'tandem', GLUETUN_API_PASSWORD: 'canary+pass/word?=9' };
const bearer = { GLUETUN_API_KEY: 'canary+key/of?gluetun=3' };
const ofCaller = 'canary+token/of?caller=5';

/** Everything that anybody is told of it, whether it goes well or not. */
async function live({ tandem, docker, engineContainers }: Simulated): Promise<string[]> {
  const told: string[] = [];
  const key = { 'x-api-key': keys.API_KEY };
  const ask = async (
    document: object | string,
    variables: object = {},
    headers: Record<string, string> = key,
  ) => {
    const answer = await tandem.answer({ query: document.toString(), variables }, headers);
    told.push(JSON.stringify(answer));
    return answer.body.data as Record<string, unknown> | null;
  };
  using socket = await connected(tandem.url, { 'X-API-Key': keys.API_KEY });
  socket.send({
    type: 'subscribe',
    id: '1',
    payload: { query: 'subscription { events { __typename id message ... on EngineChanged { reason } } }' },
  });

  const env = [{ name: 'TOKEN', value: ofCaller }];
  const input = { env, idempotencyKey: `key-of-${ofCaller}` };
  await ask(ProvisionEngine, { input });
  await ask(ProvisionEngine, { input: { ...input, labels: [{ key: 'other', value: 'input' }] } });
  const said = `invalid environment variable: TOKEN=${ofCaller} (X-API-Key: refused)`;
  for (const status of [400, 500]) {
    docker.faults.next({
      method: 'POST',
      path: /\/containers\/create/,
      fault: { kind: 'answer', when: 'before', status, message: said },
    });
    await ask(ProvisionEngines, { input: { count: 2, env } });
  }
  await ask(ProvisionEngine, { input: { env: [{ name: 'TOKEN', value: `${ofCaller}\u0000` }] } });
  await ask(ProvisionEngine, { input: { env: [{ name: ofCaller, value: 7 }] } });
  await ask(ProvisionEngine, { input: { env: [{ name: `x`, value: [ofCaller] }] } });
  await ask(StopEngine, { engine: { name: 'acestream-1' } });

  await ask('{ nothing }');
  await ask('{{{');
  await ask(Status, {}, { 'x-api-key': `${keys.API_KEY}x` });
  await ask(Status, {}, { authorization: `Bearer ${keys.API_KEY_READ}` });
  await ask(ProvisionEngine, {}, { 'x-api-key': keys.API_KEY_READ });
  for (const [, way] of ways)
    told.push(
      JSON.stringify(
        await way(tandem.url, { query: 'mutation { resetCircuit { circuit } }' }, keys.API_KEY_READ),
      ),
    );
  const stranger = await openSocket(tandem.url);
  stranger.send({ type: 'connection_init', payload: { 'x-api-key': `${keys.API_KEY}x` } });
  told.push(JSON.stringify(await stranger.next()));
  for (const path of ['/metrics', '/readyz', '/healthz', `/nothing?key=x`, '/graphql?query={fleet{running}}'])
    told.push(await (await fetch(`${tandem.url}${path}`, { headers: key })).text());

  await docker.vpn('gluetun').kill();
  await until('the failure is told', async () => JSON.stringify(await ask(Status)).includes('FAILED'));
  await ask(EventPage, { last: 500 });
  await docker.goDown();
  await ask(ProvisionEngine, { input: { env } });
  await docker.comeBack();
  assert(engineContainers().length > 0, 'something has happened');

  tandem.changeKeys({ all: 'canary-new-key-of-all', read: null });
  for (;;) {
    const message = await socket.next();
    told.push(JSON.stringify(message));
    if ('closed' in message) return told;
  }
}

describe('no secret is told', () => {
  for (const [what, control, auth] of [
    ['a key', bearer, { kind: 'apikey', key: bearer.GLUETUN_API_KEY }],
    ['a user and a password', basic, { kind: 'basic', user: 'tandem', password: basic.GLUETUN_API_PASSWORD }],
    ['a key that is refused', bearer, { kind: 'deny' }],
  ] as const) {
    test(`in answers, events, errors, metrics, the log and the journal, with ${what} for Gluetun`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'tandem-canary-'));
      const env = { ...keys, ...control, HOST: '127.0.0.1', LOG_LEVEL: 'trace', VPN_STABILIZATION_S: '0' };
      const secrets = [...secretsIn(env), ofCaller, 'canary-new-key-of-all'];
      {
        await using world = await simulated({ env, dataDir: folder, control: { auth }, whenReady: false });
        await until('it is ready', async () => (await world.tandem.ready()).status === 200);
        const told = await live(world);
        assert(told.length > 20 && world.tandem.logged.length > 5, 'something was said');
        for (const answer of told) assertSilent('an answer', answer, secrets);
        assertSilent('the log', world.tandem.logged.join(''), secrets);
      }
      await assertFilesSilent(folder, secrets);
      await rm(folder, { recursive: true });
    });
  }

  for (const [what, env] of [
    [
      'that are wrong',
      { API_KEY: 'canary wrong', API_KEY_READ: 'canary\u0007wrong', GLUETUN_API_KEY: 'canary wrong 2' },
    ],
    ['in an address that is wrong', { DOCKER_HOST: 'tcp//me:canary-in-an-address@host' }],
    ['in an address of another kind', { DOCKER_HOST: 'ftp://me:canary-in-an-address@host' }],
  ] as const) {
    test(`by a process that ends because of settings ${what}`, async () => {
      const { code, said } = await runToItsEnd([], env);
      assert.equal(code, 78);
      assert(said.includes(Object.keys(env)[0] ?? ''));
      assertSilent('the output', said, [...secretsIn(env), 'canary-in-an-address']);
    });
  }

  test('the search finds one that is told, in every disguise', () => {
    for (const said of [
      ofCaller,
      Buffer.from(`x:${ofCaller}`).toString('base64'),
      Buffer.from(`ab${ofCaller}yz`).toString('base64url'),
      encodeURIComponent(ofCaller),
      Buffer.from(ofCaller).toString('hex'),
    ])
      assert.throws(() => assertSilent('it', `before ${said} after`, [ofCaller]), said);
  });
});
