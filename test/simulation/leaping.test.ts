import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempDisposable, readFile } from 'node:fs/promises';
import { createServer, get } from 'node:http';
import type { ListenOptions } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { Status } from '../api/operations.ts';
import { Leaping, leaping, minute, second } from '../support/leaping.ts';
import { history, only } from '../support/story.ts';

const often = 300;

/** The time at which `work` has ended, in a world where somebody waits for every millisecond. */
async function endOf(work: (time: Leaping) => Promise<unknown>): Promise<number> {
  const time = new Leaping();
  const begun = time.clock.now();
  const ended = work(time).then(() => time.clock.now() - begun);
  const ticking = (async () => {
    for (let tick = 0; tick < 100; tick++) await time.clock.sleep(1);
  })();
  await time.pass(100);
  await ticking;
  return ended;
}

/** Asks a server in this process often, on a connection of its own each time. */
async function chat(address: ListenOptions): Promise<void> {
  const server = createServer((_request, response) => response.end('x'.repeat(100_000)));
  server.listen(address);
  await once(server, 'listening');
  const bound = server.address();
  const to = typeof bound === 'string' ? { socketPath: bound } : { port: bound?.port };
  for (let asked = 0; asked < often; asked++) {
    const [response] = await once(get({ ...to, agent: false }), 'response');
    assert.equal((await text(response)).length, 100_000);
  }
  server.close();
}

describe('time stands still', () => {
  test('while one asks and another answers over a unix socket', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'tandem-chat-'));
    assert.equal(await endOf(() => chat({ path: join(folder.path, 'socket') })), 0);
  });

  test('while an answer is owed over loopback', async () => {
    assert.equal(await endOf((time) => time.underWay.add(chat({ host: '127.0.0.1', port: 0 }))), 0);
  });

  test('while files are read, and while turns are given away', async () => {
    const read = async () => {
      for (let turn = 0; turn < often; turn++) {
        await readFile(import.meta.filename);
        await new Promise(setImmediate);
      }
    };
    assert.equal(await endOf(read), 0);
  });

  test("until Docker's event has reached the service, and what follows from it its clients", async () => {
    await using world = await leaping({ env: { GLUETUN_HEALTH_CHECK_INTERVAL_S: '60' } });
    for (let failure = 0; failure < 20; failure++) {
      const at = world.time.clock.now();
      await world.docker.vpn('gluetun').kill();
      await world.time.pass(1);
      const [turn] = only('EmergencyModeChanged', await history(world.tandem)).slice(-1);
      assert.deepEqual([turn?.turn, Date.parse(turn?.at ?? '')], ['ENTERED', at]);
      await world.docker.vpn('gluetun').start();
      await world.time.pass(3 * minute);
    }
  });
});

describe('time leaps', () => {
  test('over what Docker never answers, to where the wait for it ends', async () => {
    await using world = await leaping({ env: { GLUETUN_HEALTH_CHECK_INTERVAL_S: '60' } });
    const { time, docker, tandem } = world;
    await time.pass(second);
    const path = /^\/containers\/gluetun\/json$/;
    docker.faults.next({ path, times: Number.POSITIVE_INFINITY, fault: { kind: 'hang', when: 'before' } });
    const begun = performance.now();
    await time.pass(10 * minute);
    assert(performance.now() - begun < 10 * second, 'it was waited for');
    const [asked, other] = (await tandem.ask(Status)).vpnStatus.vpns;
    assert.deepEqual([asked?.state, asked?.health, other?.health], ['READY', 'UNKNOWN', 'HEALTHY']);
    assert.equal(docker.audit.calls('GET', path).filter(({ status }) => status === 0).length, 10);
  });

  test('over what Docker takes long for', async () => {
    await using world = await leaping();
    const { time, docker, tandem } = world;
    const create = { method: 'POST', path: /^\/containers\/create$/ };
    docker.faults.next({ ...create, fault: { kind: 'delay', ms: 5 * second } });
    const begun = time.clock.now();
    const { body } = await time.during(
      tandem.answer({ query: 'mutation { provisionEngine { __typename } }' }),
    );
    assert.deepEqual(body.data, { provisionEngine: { __typename: 'Engine' } });
    const took = time.clock.now() - begun;
    assert(took >= 5 * second && took < 6 * second, `it took ${took} ms`);
  });
});
