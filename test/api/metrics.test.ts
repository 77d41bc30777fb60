import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { until } from '../support/docker/until.ts';
import { type Exposition, type Labels, scrape } from '../support/exposition.ts';
import { FakeClock, settled, turning } from '../support/fake-clock.ts';
import { type Simulated, simulated } from '../support/simulated.ts';
import {
  EngineChanged,
  Engines,
  EventsQuery,
  LiveVpnStatus,
  ProvisionEngine,
  ProvisionEngines,
  Status,
  StopEngine,
} from './operations.ts';

const stateOf = (told: Exposition, name: string, labels: Labels = {}): string | undefined =>
  told.families
    .get(name)
    ?.samples.find(
      (sample) =>
        sample.value === 1 && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    )?.labels.state;

/** What the API says, in the names of the metrics. */
async function said({ tandem, vpns }: Simulated) {
  const { fleet, vpnStatus } = await tandem.ask(Status);
  const states = ['PROVISIONING', 'RUNNING', 'STOPPING'] as const;
  const engines = await Promise.all(
    vpns.map(async (vpn) => (await tandem.ask(Engines, { filter: { vpn, states: [...states] } })).engines),
  );
  const counts: Record<string, number> = {};
  for (const { vpn, state, health } of engines.flat())
    counts[`${vpn?.name} ${state} ${health}`] = (counts[`${vpn?.name} ${state} ${health}`] ?? 0) + 1;
  return {
    counts,
    pending: fleet.pending,
    replicas: [fleet.minReplicas, fleet.maxReplicas, fleet.desired],
    circuit: fleet.circuit,
    vpns: vpnStatus.vpns.map(({ name, state, portRange }) => [name, state, portRange?.free]),
    active: vpnStatus.emergencyMode.active,
  };
}

/** The same, of the metrics. */
async function shown({ tandem, vpns }: Simulated): ReturnType<typeof said> {
  const told = await scrape(tandem);
  const engines = told.families.get('tandem_engines')?.samples ?? [];
  const value = (name: string) => told.value(`tandem_${name}`) ?? Number.NaN;
  return {
    counts: Object.fromEntries(
      engines
        .filter((sample) => sample.value > 0)
        .map(({ labels: { vpn, state, health }, value }) => [`${vpn} ${state} ${health}`, value]),
    ),
    pending: value('engines_pending'),
    replicas: [value('replicas_min'), value('replicas_max'), value('replicas_desired')],
    circuit: stateOf(told, 'tandem_circuit_state') as 'CLOSED',
    vpns: vpns.map((vpn) => [
      vpn,
      stateOf(told, 'tandem_vpn_state', { vpn }) as 'READY',
      told.value('tandem_ports_free', { vpn }),
    ]),
    active: value('emergency_active') === 1,
  };
}

/** Waits for a moment in which nothing changes between two questions, and compares what was said in it. */
async function assertSame(world: Simulated): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const before = await said(world);
    const metrics = await shown(world);
    const after = await said(world);
    if (JSON.stringify(before) !== JSON.stringify(after)) continue;
    return assert.deepEqual(metrics, after);
  }
  throw new Error('something changed all the time');
}

const untilState = (world: Simulated, state: string) =>
  until(`gluetun_2 is ${state}`, async () => {
    const { vpnStatus } = await world.tandem.ask(Status);
    return vpnStatus.vpns[1]?.state === state;
  });

/** Which counters of outcomes went up, and by how much. */
async function outcomes({ tandem }: Simulated, since?: Exposition): Promise<Record<string, number>> {
  const { families } = await scrape(tandem);
  const counted: Record<string, number> = {};
  for (const { labels, value } of families.get('tandem_provisions_total')?.samples ?? []) {
    const more = value - (since?.value('tandem_provisions_total', labels) ?? 0);
    if (more !== 0) counted[[labels.outcome, labels.phase].filter(Boolean).join(' ')] = more;
  }
  return counted;
}

describe('what is so', () => {
  test('is told as the API tells it, through provisions, an emergency and back', async () => {
    await using world = await simulated({ env: { MIN_REPLICAS: '4', VPN_STABILIZATION_S: '0.5' } });
    const { tandem } = world;
    await until('MIN_REPLICAS run', async () => (await tandem.ask(Status)).fleet.running === 4);
    await assertSame(world);
    const { provisionEngines } = await tandem.ask(ProvisionEngines, { input: { count: 3 } });
    await assertSame(world);
    const [first] = provisionEngines.engines;
    await tandem.ask(StopEngine, { engine: { id: first?.id ?? '' } });
    await assertSame(world);
    const calm = await scrape(tandem);
    assert.equal(calm.value('tandem_emergency_episode_seconds'), 0);
    assert.equal(calm.value('tandem_emergency_episodes_total'), 0);

    await world.docker.vpn('gluetun_2').kill();
    await untilState(world, 'FAILED');
    await assertSame(world);
    const entered = await scrape(tandem);
    const [early = 0, late = 0] = [entered, await scrape(tandem)].map((told) =>
      told.value('tandem_emergency_episode_seconds'),
    );
    assert(early > 0 && late > early && late < 20, `${early} s, then ${late} s`);
    assert.equal(entered.value('tandem_emergency_episodes_total'), 1);

    await world.docker.vpn('gluetun_2').start();
    await untilState(world, 'STABILIZING');
    await assertSame(world);
    await untilState(world, 'READY');
    await until('what is missing runs', async () => (await tandem.ask(Status)).fleet.running >= 4);
    await assertSame(world);
    const exited = await scrape(tandem);
    assert.equal(exited.value('tandem_emergency_episode_seconds'), 0);
    assert.equal(exited.value('tandem_emergency_episodes_total'), 1);

    const { nodes } = (await tandem.ask(EventsQuery, { first: 500 })).events;
    const started = nodes.filter(
      (event) => event.__typename === 'EngineChanged' && event.change === 'STARTED',
    );
    assert.deepEqual(await outcomes(world), { success: started.length });
    const durations = (part: string) =>
      exited.value(`tandem_provision_duration_seconds_${part}`, { outcome: 'success' }) ?? 0;
    assert.equal(durations('count'), started.length);
    assert(durations('sum') > 0 && durations('sum') < 60, `${durations('sum')} s`);
    // Those that nobody asked for.
    assert.equal(
      exited.value('tandem_reconcile_steps_total', { kind: 'START' }),
      started.length - provisionEngines.engines.length,
    );
  });

  test('is told of engines that are being made, too', async () => {
    await using world = await simulated({ embedded: { engineListensAfterMs: 1_000 } });
    const batch = world.tandem.ask(ProvisionEngines, { input: { count: 3 } });
    await until('three are being made', async () => (await world.tandem.ask(Status)).fleet.pending === 3);
    assert.equal((await scrape(world.tandem)).value('tandem_engines_pending'), 3);
    await assertSame(world);
    await batch;
    await assertSame(world);
  });

  test('is told of the journal', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'tandem-data-'));
    {
      await using world = await simulated({ dataDir });
      await world.tandem.ask(ProvisionEngines, { input: { count: 5 } });
      const told = await scrape(world.tandem);
      const files = readdirSync(dataDir).filter((name) => name.startsWith('tandem.db'));
      const bytes = files.reduce((sum, name) => sum + statSync(join(dataDir, name)).size, 0);
      assert(files.includes('tandem.db-wal'), `${files}`);
      assert.equal(told.value('tandem_journal_bytes'), bytes);
      const { events } = await world.tandem.ask(EventsQuery, { first: 500 });
      assert.equal(told.value('tandem_journal_events'), events.nodes.length);
      assert.equal(told.value('tandem_journal_writable'), 1);
    }
    await rm(dataDir, { recursive: true });
  });
});

describe('what became of a request is counted by its reason:', () => {
  const create = { method: 'POST', path: /^\/containers\/create/ };
  const refused = { kind: 'answer', when: 'before', status: 400, message: 'no' } as const;
  const cases: [outcome: string, env: Record<string, string>, spoil: (world: Simulated) => unknown][] = [
    ['success', {}, () => {}],
    ['EngineStartError CREATE', {}, ({ docker }) => docker.faults.next({ ...create, fault: refused })],
    ['EngineStartError READINESS', {}, ({ docker }) => docker.nextEngines({ crashAtBoot: true })],
    ['CapacityReachedError', { MAX_REPLICAS: '1' }, ({ tandem }) => tandem.ask(ProvisionEngine)],
    ['DockerUnavailableError', {}, ({ docker }) => docker.goDown()],
    [
      'NoHealthyVpnError',
      {},
      async (world) => {
        for (const vpn of world.vpns) await world.docker.vpn(vpn).kill();
        await untilState(world, 'FAILED');
      },
    ],
  ];
  for (const [outcome, env, spoil] of cases) {
    test(outcome, async () => {
      await using world = await simulated({ env });
      await spoil(world);
      const since = await scrape(world.tandem);
      const { provisionEngine } = await world.tandem.ask(ProvisionEngine);
      const [kind = ''] = outcome.split(' ');
      assert.equal(provisionEngine.__typename, kind === 'success' ? 'Engine' : kind);
      assert.deepEqual(await outcomes(world, since), { [outcome]: 1 });
      const timed = (told: Exposition) =>
        told.value('tandem_provision_duration_seconds_count', { outcome: kind }) ?? 0;
      assert.equal(timed(await scrape(world.tandem)) - timed(since), 1);
    });
  }

  test('a request that is placed twice is one, and bad input is none', async () => {
    await using world = await simulated({ env: { VPN_STABILIZATION_S: '60' } });
    world.docker.faults.next({
      method: 'POST',
      path: /^\/containers\/[^/]+\/start/,
      fault: { ...refused, status: 409, message: 'cannot join network of a non running container: x' },
    });
    await world.tandem.ask(ProvisionEngine);
    await world.tandem.ask(ProvisionEngine, { input: { labels: [{ key: '', value: '' }] } });
    assert.deepEqual(await outcomes(world), { success: 1 });
  });

  test('five failures open the circuit, and that is told too', async () => {
    await using world = await simulated();
    world.docker.faults.next({ ...create, fault: refused, times: 5 });
    for (let n = 0; n < 6; n++) await world.tandem.ask(ProvisionEngine);
    assert.deepEqual(await outcomes(world), { 'EngineStartError CREATE': 5, CircuitOpenError: 1 });
    assert.equal(stateOf(await scrape(world.tandem), 'tandem_circuit_state'), 'OPEN');
    await assertSame(world);
  });
});

describe('subscribers', () => {
  const untilThere = (world: Simulated, count: number) =>
    until(
      `${count} subscribers`,
      async () => (await scrape(world.tandem)).value('tandem_graphql_subscribers') === count,
    );

  test('over WebSocket are counted until they complete, or their socket is closed', async () => {
    await using world = await simulated();
    await untilThere(world, 0);
    const one = await world.tandem.follow(LiveVpnStatus);
    const other = await world.tandem.follow(EngineChanged);
    await one.next();
    await untilThere(world, 2);
    await world.tandem.ask(ProvisionEngine);
    await other.next();
    await untilThere(world, 2);
    await one[Symbol.asyncDispose]();
    await untilThere(world, 1);
    await other[Symbol.asyncDispose]();
    await untilThere(world, 0);
  });

  test('of one socket are counted each by itself, and questions not at all', async () => {
    await using world = await simulated();
    const client = createClient({
      url: `${world.tandem.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
    });
    const [one, other] = [1, 2].map(() => client.iterate({ query: 'subscription { vpnStatus { mode } }' }));
    await one?.next();
    await other?.next();
    await client.iterate({ query: '{ fleet { running } }' }).next();
    await untilThere(world, 2);
    await one?.return?.();
    await untilThere(world, 1);
    await client.dispose();
    await untilThere(world, 0);
  });

  test('whose socket is cut are counted no longer', async () => {
    await using world = await simulated();
    const sockets: WebSocket[] = [];
    class Kept extends WebSocket {
      constructor(url: string, protocols: string) {
        super(url, protocols);
        sockets.push(this);
      }
    }
    const client = createClient({
      url: `${world.tandem.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: Kept,
      retryAttempts: 0,
    });
    const live = client.iterate({ query: 'subscription { vpnStatus { mode } }' });
    await live.next();
    await untilThere(world, 1);
    for (const socket of sockets) socket.terminate();
    await assert.rejects(live.next());
    await untilThere(world, 0);
  });

  test('over server-sent events are counted until they vanish', async () => {
    await using world = await simulated();
    const leaving = new AbortController();
    const response = await fetch(`${world.tandem.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: 'subscription { engineChanged { id } }' }),
      signal: leaving.signal,
    });
    assert.equal(response.status, 200);
    await untilThere(world, 1);
    leaving.abort();
    await untilThere(world, 0);
  });

  test('that are refused are not counted', async () => {
    await using world = await simulated();
    await using refused = await world.tandem.follow(EngineChanged, { after: 'nonsense' });
    await assert.rejects(refused.next(), /CURSOR_EXPIRED/);
    await untilThere(world, 0);
  });
});

describe('/metrics', () => {
  test('needs no key, as the probes do not, and answers who reads alone', async () => {
    await using world = await simulated({
      env: { API_KEY: 'correct-horse-battery', HOST: '127.0.0.1' },
      whenReady: false,
    });
    const ask = (method: string) => fetch(`${world.tandem.url}/metrics`, { method });
    const got = await ask('GET');
    assert.equal(got.status, 200);
    assert.equal(got.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    assert.match(await got.text(), /^tandem_engines\{/m);
    const head = await ask('HEAD');
    assert.equal(head.status, 200);
    assert(Number(head.headers.get('content-length')) > 1_000);
    assert.equal(await head.text(), '');
    const posted = await ask('POST');
    assert.equal(posted.status, 405);
    assert.equal(posted.headers.get('allow'), 'GET, HEAD');
  });

  test('is answered before anything is known of Docker', async () => {
    await using world = await simulated({ whenReady: false });
    await scrape(world.tandem);
    await world.docker.goDown();
    const told = await scrape(world.tandem);
    assert.equal(told.value('tandem_replicas_max'), 100);
    await world.docker.comeBack();
  });

  test('names what it tells in the one way: a prefix, a total for what is counted, a sentence for each', async () => {
    await using world = await simulated();
    const { families } = await scrape(world.tandem);
    const own = [...families].filter(([name]) => name.startsWith('tandem_'));
    assert(own.length >= 18, `${own.length} metrics`);
    for (const [name, { type, help }] of own) {
      assert.equal(name.endsWith('_total'), type === 'counter', name);
      assert.match(help, /\.$/, name);
    }
    for (const name of [
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
      'nodejs_eventloop_lag_p99_seconds',
    ])
      assert(families.has(name), name);
  });

  test('asks Docker nothing', async () => {
    const clock = new FakeClock();
    const time = turning(clock);
    await using world = await simulated({ clock });
    await world.tandem.ask(ProvisionEngines, { input: { count: 4 } });
    // Without time there is no beat, and what was begun comes to its end.
    time[Symbol.dispose]();
    const calls = () => world.docker.audit.entries.length;
    await until('nothing is asked any longer', async () => {
      const before = calls();
      for (let n = 0; n < 20; n++) await settled();
      return calls() === before;
    });
    const before = calls();
    for (let n = 0; n < 20; n++) await scrape(world.tandem);
    assert.equal(calls(), before);
    using _time = turning(clock);
    await world.tandem.stop();
  });
});
