import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, clientOf } from '../../src/client/client.ts';
import { ClientError } from '../../src/client/error.ts';
import {
  AllEvents,
  EventPage,
  LiveVpnStatus,
  ProvisionEngine,
  ProvisionEngines,
  Status,
} from '../api/operations.ts';
import { Cli } from '../support/cli.ts';
import { until } from '../support/docker/until.ts';
import { type Line, lineTo } from '../support/line.ts';
import { remembering } from '../support/remembering.ts';
import { simulated } from '../support/simulated.ts';
import type { Tandem } from '../support/tandem.ts';

/** Impatient, for a test. */
const patience = { retryAfter: 20, slowest: 100 };

const clientPath = join(import.meta.dirname, '../../src/client/client.ts');

const clientTo = (line: { readonly url: string }, key: string | null = null): Client =>
  clientOf({ url: line.url, key, patience });

/** The ids of all that happened after `after`, as the service has kept them. */
async function keptAfter(tandem: Tandem, after: string): Promise<string[]> {
  const { events } = await tandem.ask(EventPage, { first: 500, after });
  return events.nodes.map(({ id }) => id);
}

/** Follows all events from now on, and notes their ids. */
async function notingEvents(client: Client, after: string, signal: AbortSignal) {
  const seen: string[] = [];
  const resume = (told: { readonly events: { readonly id: string } }) => told.events.id;
  const ended = (async () => {
    for await (const told of client.follow(AllEvents, { after }, { resume, signal }))
      seen.push(told.events.id);
  })();
  return { seen, ended };
}

const untilToldAll = async (tandem: Tandem, after: string, seen: readonly string[]) => {
  await until('all is told', async () => {
    const kept = await keptAfter(tandem, after);
    return kept.length > 0 && seen.at(-1) === kept.at(-1);
  });
  assert.deepEqual(seen, await keptAfter(tandem, after));
};

describe('a client that follows', () => {
  test('misses nothing and is told nothing twice when its sockets are cut', async () => {
    await using world = await simulated();
    const { tandem } = world;
    await using line = await lineTo(tandem.url);
    await using client = clientTo(line);
    const ending = new AbortController();
    const { lastEventId } = await tandem.ask(Status);
    const { seen, ended } = await notingEvents(client, lastEventId, ending.signal);
    for (let round = 1; round <= 5; round++) {
      await tandem.ask(ProvisionEngine);
      await until('something was told', () => seen.length >= round);
      line.cut();
      await tandem.ask(ProvisionEngine);
    }
    await untilToldAll(tandem, lastEventId, seen);
    assert(line.made > 5, `${line.made} connections were made`);
    ending.abort();
    await ended;
  });

  test('misses nothing when the service starts anew', async () => {
    await using world = await remembering();
    await using line = await lineTo(world.tandem.url);
    await using client = clientTo(line);
    const ending = new AbortController();
    const { lastEventId } = await world.tandem.ask(Status);
    const { seen, ended } = await notingEvents(client, lastEventId, ending.signal);
    await world.tandem.ask(ProvisionEngine);
    await until('something was told', () => seen.length > 0);
    const tandem = await world.again();
    line.leadTo(tandem.url);
    await until('it serves', async () => {
      const { provisionEngine } = await tandem.ask(ProvisionEngine);
      return provisionEngine.__typename === 'Engine';
    });
    await untilToldAll(tandem, lastEventId, seen);
    ending.abort();
    await ended;
  });

  test('is told the present state anew when its socket was cut', async () => {
    await using world = await simulated();
    await using line = await lineTo(world.tandem.url);
    await using client = clientTo(line);
    const states = client.follow(LiveVpnStatus, {});
    const countNow = async () =>
      (await states.next()).value?.vpnStatus.vpns.reduce((sum, { engineCount }) => sum + engineCount, 0);
    assert.equal(await countNow(), 0);
    await line.close();
    await world.tandem.ask(ProvisionEngine);
    await line.open();
    assert.equal(await countNow(), 1);
    await states.return();
  });

  test('says when the socket is lost and when it stands, and an end of its own is no loss', async () => {
    await using world = await simulated();
    await using line = await lineTo(world.tandem.url);
    const said: boolean[] = [];
    await using client = clientOf({ url: line.url, key: null, patience, onSocket: (now) => said.push(now) });
    const states = client.follow(LiveVpnStatus, {});
    await states.next();
    line.cut();
    await states.next();
    assert.deepEqual(said, [true, false, true]);
    await states.return();
    const others = client.follow(LiveVpnStatus, {});
    await others.next();
    await others.return();
    assert.deepEqual(said, [true, false, true, true]);
  });

  test('leaves a socket on which no ping is answered', async () => {
    await using world = await simulated();
    await using line = await lineTo(world.tandem.url);
    await using client = clientOf({
      url: line.url,
      key: null,
      patience: { ...patience, pingEvery: 30, answerWithin: 200 },
    });
    const states = client.follow(LiveVpnStatus, {});
    await states.next();
    line.mute();
    await world.tandem.ask(ProvisionEngine);
    // The service itself would notice, but not so soon.
    const { value } = await Promise.race([states.next(), timeUp(5_000)]);
    assert.equal(value?.vpnStatus.vpns[0]?.engineCount, 1);
    await states.return();
  });

  test('sends a mutation with an idempotency key again, and has the same engines', async () => {
    await using world = await simulated({ embedded: { engineListensAfterMs: 200 } });
    await using line = await lineTo(world.tandem.url);
    await using client = clientTo(line);
    const answers = client.follow(ProvisionEngines, { input: { count: 4, idempotencyKey: 'once' } });
    const answered = answers.next();
    await until('engines are being made', () => world.engineContainers().length > 0);
    line.cut();
    const { value } = await answered;
    assert.equal(value?.provisionEngines.engines.length, 4);
    assert.equal(world.engineContainers().length, 4);
    assert((await answers.next()).done);
  });
});

describe('a client that has to give up', () => {
  const failsWith = (code: string) => (problem: unknown) => {
    assert(problem instanceof ClientError, String(problem));
    assert.equal(problem.code, code, problem.message);
    return true;
  };

  test('without the key it is UNAUTHENTICATED, whether it asks or follows', async () => {
    await using world = await simulated({ env: { API_KEY: 'the-right-key' }, whenReady: false });
    for (const key of [null, 'another-key']) {
      await using client = clientTo(world.tandem, key);
      await assert.rejects(client.ask(Status, {}), failsWith('UNAUTHENTICATED'));
      await assert.rejects(client.follow(LiveVpnStatus, {}).next(), failsWith('UNAUTHENTICATED'));
    }
    await using client = clientTo(world.tandem, 'the-right-key');
    assert((await client.ask(Status, {})).vpnStatus.enabled);
    const states = client.follow(LiveVpnStatus, {});
    assert((await states.next()).value?.vpnStatus.enabled);
    await states.return();
  });

  test('what can be no key is UNAUTHENTICATED too, though no header holds it, and nobody is asked', async () => {
    await using line = await lineTo('http://127.0.0.1:1');
    for (const key of ['a-key-pasted-with-\u200b', 'a key of words', 'a-line\n', 'clé', '']) {
      await using client = clientTo(line, key);
      const told = { code: 'UNAUTHENTICATED', message: /^a key is/ };
      await assert.rejects(client.ask(Status, {}), told, JSON.stringify(key));
      await assert.rejects(client.follow(LiveVpnStatus, {}).next(), told, JSON.stringify(key));
    }
    assert.equal(line.made, 0);
  });

  test('a key that is good no longer ends what it had opened', async () => {
    await using world = await simulated({ env: { API_KEY: 'the-right-key' }, whenReady: false });
    await using client = clientTo(world.tandem, 'the-right-key');
    const states = client.follow(LiveVpnStatus, {});
    await states.next();
    world.tandem.changeKeys({ all: 'another-key', read: null });
    await assert.rejects(async () => {
      for await (const _ of states);
    }, failsWith('UNAUTHENTICATED'));
  });

  test('an event that is not known is CURSOR_EXPIRED', async () => {
    await using world = await simulated({ whenReady: false });
    await using client = clientTo(world.tandem);
    const events = client.follow(AllEvents, { after: '000000000007-deadbeef' });
    await assert.rejects(events.next(), failsWith('CURSOR_EXPIRED'));
  });

  test('where nobody listens, who asks is told so at once', async () => {
    await using line = await lineTo('http://127.0.0.1:1');
    await line.close();
    await using client = clientTo(line);
    await assert.rejects(client.ask(Status, {}), failsWith('UNREACHABLE'));
  });

  test('another program that answers is not taken for Tandem', async () => {
    for (const [status, body] of [
      [200, '<html>welcome</html>'],
      [404, '{"detail":"Not Found"}'],
      [200, 'null'],
    ] as const) {
      const server = createServer((_request, response) => response.writeHead(status).end(body));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      await using client = clientOf({ url: `http://127.0.0.1:${port}`, key: null });
      await assert.rejects(client.ask(Status, {}), (problem: ClientError) => {
        assert.equal(problem.code, 'UNREACHABLE');
        assert.match(problem.message, /is not Tandem/);
        return true;
      });
      server.close();
      server.closeAllConnections();
    }
  });

  test('an answer that is cut half-way is none', async () => {
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-length': 1_000 });
      response.write('{"data":', () => response.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await using client = clientOf({ url: `http://127.0.0.1:${port}`, key: null });
    await assert.rejects(client.ask(Status, {}), { code: 'UNREACHABLE', message: /nobody answers/ });
    server.close();
  });
});

describe('a client that is told to end', () => {
  const lostLine = async (line: Line, client: Client) => {
    const states = client.follow(LiveVpnStatus, {});
    await states.next();
    await line.close();
    return states;
  };

  /** A process that follows, says so, and ends when something is typed. */
  function follower(url: string): Cli {
    const text = `
      import { clientOf } from ${JSON.stringify(clientPath)};
      const ending = new AbortController();
      process.stdin.once('data', () => (ending.abort(), process.stdin.destroy()));
      const patience = { retryAfter: 600_000, slowest: 600_000 };
      const onSocket = (standing) => standing || console.log('lost');
      await using client = clientOf({ url: ${JSON.stringify(url)}, key: null, patience, onSocket });
      const document = 'subscription { vpnStatus { health } }';
      for await (const _ of client.follow(document, {}, { signal: ending.signal })) console.log('followed');`;
    return new Cli(['--input-type=module', '--eval', text], { command: [process.execPath] });
  }

  test('ends at once while it waits to connect again, and keeps no process alive', async () => {
    await using world = await simulated();
    await using line = await lineTo(world.tandem.url);
    await using program = follower(line.url);
    await program.says(/followed/);
    await line.close();
    await program.says(/lost/);
    program.type('end');
    const { code, err } = await Promise.race([program.ended(), timeUp(5_000)]);
    assert.equal(code, 0, err);
  });

  test('ends at once while it waits for an answer to its first word', async () => {
    const met = Promise.withResolvers<void>();
    const silent = createTcpServer(() => met.resolve());
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    await using program = follower(`http://127.0.0.1:${port}`);
    await met.promise;
    program.type('end');
    const { code, err } = await Promise.race([program.ended(), timeUp(5_000)]);
    assert.equal(code, 0, err);
    silent.close();
  });

  test('a question that is given up fails with the reason that was given', async () => {
    const silent = createServer(() => {});
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    await using client = clientOf({ url: `http://127.0.0.1:${port}`, key: null });
    const ending = new AbortController();
    const asked = client.ask(Status, {}, ending.signal);
    ending.abort(new Error('enough'));
    await assert.rejects(asked, /enough/);
    silent.close();
    silent.closeAllConnections();
  });

  test('a client that is disposed of ends what it follows', async () => {
    await using world = await simulated();
    await using line = await lineTo(world.tandem.url);
    const client = clientTo(line);
    const states = await lostLine(line, client);
    const next = states.next();
    await client[Symbol.asyncDispose]();
    assert((await next).done);
  });
});

async function timeUp(ms: number): Promise<never> {
  await sleep(ms, undefined, { ref: false });
  throw new Error(`it has not ended for ${ms} ms`);
}
