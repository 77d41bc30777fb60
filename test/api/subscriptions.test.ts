import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { until } from '../support/docker/until.ts';
import { simulated } from '../support/simulated.ts';
import {
  EngineAssigned,
  EngineChanged,
  LiveVpnStatus,
  ProvisionEngine,
  ProvisionEngines,
  Status,
  StopEngine,
} from './operations.ts';

describe('engineAssigned', () => {
  test('comes when a VPN is chosen, before the engine runs, with loads that count it', async () => {
    await using world = await simulated({ embedded: { engineListensAfterMs: 300 } });
    await using assigned = await world.tandem.follow(EngineAssigned);
    const provisioning = world.tandem.ask(ProvisionEngine);
    const { engineAssigned } = await assigned.next();
    assert.equal(engineAssigned.type, 'ENGINE_ASSIGNED');
    assert.equal(engineAssigned.engine.state, 'PROVISIONING');
    assert.deepEqual([engineAssigned.vpn?.name, engineAssigned.vpn?.pendingEngineCount], ['gluetun', 1]);
    assert.deepEqual(engineAssigned.loads, [
      { vpn: 'gluetun', running: 0, pending: 1 },
      { vpn: 'gluetun_2', running: 0, pending: 0 },
    ]);
    await provisioning;
  });

  test('can be had for one VPN alone', async () => {
    await using world = await simulated();
    await using assigned = await world.tandem.follow(EngineAssigned, { vpn: 'gluetun_2' });
    await world.tandem.ask(ProvisionEngines, { input: { count: 4 } });
    for (let n = 0; n < 2; n++) assert.equal((await assigned.next()).engineAssigned.vpn?.name, 'gluetun_2');
  });
});

describe('engineChanged', () => {
  test("tells an engine's whole life in order", async () => {
    await using world = await simulated();
    await using changes = await world.tandem.follow(EngineChanged);
    const { provisionEngine: engine } = await world.tandem.ask(ProvisionEngine);
    assert(engine.__typename === 'Engine');
    await world.tandem.ask(StopEngine, { engine: { id: engine.id } });
    const seen: [string, string][] = [];
    for (let n = 0; n < 3; n++) {
      const { engineChanged } = await changes.next();
      seen.push([engineChanged.change, engineChanged.engine.state]);
    }
    assert.deepEqual(seen, [
      ['STARTED', 'RUNNING'],
      ['STOPPED', 'STOPPING'],
      ['REMOVED', 'REMOVED'],
    ]);
  });

  test('after an id replays what was missed and goes on live, without gap or repeat', async () => {
    await using world = await simulated();
    const { lastEventId } = await world.tandem.ask(Status);
    await world.tandem.ask(ProvisionEngines, { input: { count: 3 } });
    await using changes = await world.tandem.follow(EngineChanged, { after: lastEventId });
    await world.tandem.ask(ProvisionEngines, { input: { count: 3 } });
    const names: string[] = [];
    const ids: string[] = [];
    for (let n = 0; n < 6; n++) {
      const { engineChanged } = await changes.next();
      names.push(engineChanged.engine.name);
      ids.push(engineChanged.id);
    }
    assert.deepEqual(new Set(names), new Set([1, 2, 3, 4, 5, 6].map((n) => `acestream-${n}`)));
    assert.deepEqual(ids, ids.toSorted());
    await using again = await world.tandem.follow(EngineChanged, { after: ids[2] ?? '' });
    assert.equal((await again.next()).engineChanged.id, ids[3]);
  });

  test('after an id that is not known is CURSOR_EXPIRED and no silent gap', async () => {
    await using world = await simulated();
    for (const after of ['nonsense', '', 'aaaaaaaa-000000000001', '9'.repeat(100_000)]) {
      await using changes = await world.tandem.follow(EngineChanged, { after });
      await assert.rejects(changes.next(), /CURSOR_EXPIRED/, after.slice(0, 40));
    }
  });
});

describe('vpnStatus', () => {
  test('says at once what is so, then every change, and nothing while nothing changes', async () => {
    await using world = await simulated({ env: { GLUETUN_HEALTH_CHECK_INTERVAL_S: '0.1' } });
    await using live = await world.tandem.follow(LiveVpnStatus);
    const { vpnStatus: first } = await live.next();
    assert.deepEqual(
      first.vpns.map(({ state }) => state),
      ['READY', 'READY'],
    );
    const next = live.next();
    // Several beats pass; each sees the VPNs anew, and none is a change.
    const looks = () => world.docker.audit.calls('GET', /^\/containers\/gluetun\/json$/).length;
    const before = looks();
    await until('the VPN was looked at five more times', () => looks() > before + 5);
    await world.docker.vpn('gluetun_2').pause();
    const { vpnStatus: second } = await next;
    assert.deepEqual(
      second.vpns.map(({ state }) => state),
      ['READY', 'FAILED'],
    );
    assert.equal(second.emergencyMode.active, true);
    assert.equal(second.emergencyMode.failedVpn?.name, 'gluetun_2');
    assert(second.lastEventId > first.lastEventId);
  });

  test('leads into the stream of events without a seam', async () => {
    await using world = await simulated();
    await using live = await world.tandem.follow(LiveVpnStatus);
    const { vpnStatus } = await live.next();
    await world.tandem.ask(ProvisionEngine);
    await using assigned = await world.tandem.follow(EngineAssigned, { after: vpnStatus.lastEventId });
    assert.equal((await assigned.next()).engineAssigned.engine.name, 'acestream-1');
  });
});

describe('transports', () => {
  test('a subscription over server-sent events is the same as over WebSocket', async () => {
    await using world = await simulated();
    const stop = new AbortController();
    const response = await fetch(`${world.tandem.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: 'subscription { vpnStatus { vpns { name state } } }' }),
      signal: stop.signal,
    });
    assert.match(response.headers.get('content-type') ?? '', /text\/event-stream/);
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      if (/event: next\ndata: .*"gluetun_2"/.test(text)) break;
    }
    assert.match(text, /"state":"READY"/);
    stop.abort();
  });

  test('a syntax error over WebSocket ends one operation and not the socket', async () => {
    await using world = await simulated();
    const client = createClient({
      url: `${world.tandem.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
    });
    const ask = async (query: string) => {
      for await (const result of client.iterate({ query })) return result;
      return undefined;
    };
    const live = client.iterate({ query: 'subscription { vpnStatus { mode } }' });
    assert.equal((await live.next()).done, false);
    await assert.rejects(
      async () => ask('{'),
      (problem) => /Syntax Error/.test(JSON.stringify(problem)),
    );
    await assert.rejects(
      async () => ask('{ nothing }'),
      (problem) => /nothing/.test(JSON.stringify(problem)),
    );
    assert.deepEqual((await ask('{ fleet { running } }'))?.data, { fleet: { running: 0 } });
    const next = live.next();
    await world.tandem.ask(ProvisionEngine);
    assert.equal((await next).done, false);
    await client.dispose();
  });

  test('stopping closes sockets with 1001, and completes no subscription: clients come back for it', async () => {
    const world = await simulated();
    const closed = Promise.withResolvers<number>();
    const client = createClient({
      url: `${world.tandem.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      lazy: false,
      retryAttempts: 0,
      onNonLazyError: () => undefined,
      on: { closed: (event) => closed.resolve((event as { code: number }).code) },
    });
    const live = client.iterate({ query: 'subscription { engineAssigned { id } }' });
    const first = live.next().catch(() => undefined);
    await client.iterate({ query: '{ __typename }' }).next();
    await world[Symbol.asyncDispose]();
    assert.equal(await closed.promise, 1001);
    await first;
    await client.dispose();
  });

  test('a client that leaves in the middle does not cancel its engine', async () => {
    await using world = await simulated({ embedded: { engineListensAfterMs: 200 } });
    const leaving = new AbortController();
    const gone = fetch(`${world.tandem.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: 'mutation { provisionEngine { __typename } }' }),
      signal: leaving.signal,
    }).catch(() => undefined);
    await until('it is being made', async () => (await world.tandem.ask(Status)).fleet.pending === 1);
    leaving.abort();
    await gone;
    await until('it runs', async () => (await world.tandem.ask(Status)).fleet.running === 1);
  });
});
