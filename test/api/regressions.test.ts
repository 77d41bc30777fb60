import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { until } from '../support/docker/until.ts';
import { simulated } from '../support/simulated.ts';
import { startTandem } from '../support/tandem.ts';
import {
  Engines,
  ProvisionEngine,
  ProvisionEngines,
  ResetCircuit,
  Status,
  StopEngine,
} from './operations.ts';

const vpns = ['gluetun', 'gluetun_2'];

describe('a journal', () => {
  test('of an instance that had another label makes nobody remove what is not its own', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'tandem-data-'));
    await using world = await simulated({ whenReady: false, vpns });
    const start = (label: string) =>
      startTandem({ dockerHost: world.dockerHost, vpns, dataDir, env: { CONTAINER_LABEL: `of=${label}` } });
    const first = await start('one');
    await until('it is ready', async () => (await first.ready()).status === 200);
    await first.ask(ProvisionEngines, { input: { count: 4 } });
    await first.stop();
    const containers = world.engineContainers();
    await using second = await start('two');
    await until('the other does not know them', async () => {
      const { engines } = await second.ask(Engines);
      return (await second.ready()).status === 200 && engines.length === 0;
    });
    const { provisionEngine } = await second.ask(ProvisionEngine);
    assert(provisionEngine.__typename === 'Engine');
    await second.ask(StopEngine, { engine: { id: provisionEngine.id } });
    assert.deepEqual(world.engineContainers(), containers);
    await rm(dataDir, { recursive: true });
  });
});

describe('an image whose engines answer and then end', () => {
  test('is not started over and over', async () => {
    await using world = await simulated({ whenReady: false });
    world.docker.nextEngines({ crashAfterMs: 60 }, 1_000);
    await using tandem = await startTandem({
      dockerHost: world.dockerHost,
      vpns,
      env: { MIN_REPLICAS: '2', AUTOSCALE_INTERVAL_S: '600' },
    });
    const made = () => world.docker.audit.calls('POST', /^\/containers\/create$/).length;
    await until('both VPNs were tried twice', async () => made() >= 4);
    await until('what died is gone', () => world.engineContainers().length === 0);
    // Asked for, an engine is started all the same: were the others started over and over, they would come first.
    const before = made();
    await tandem.ask(ProvisionEngine);
    assert(made() - before <= 2, `${made() - before} were started meanwhile`);
  });
});

describe('Docker that says nothing', () => {
  const hang = { kind: 'hang', when: 'before' } as const;

  test('of a start that nobody asked for does not keep the service from ending within ten seconds', async () => {
    await using world = await simulated({ whenReady: false });
    world.docker.faults.next({ method: 'POST', path: /^\/containers\/create/, times: 100, fault: hang });
    const env = { MIN_REPLICAS: '2' };
    const tandem = await startTandem({ dockerHost: world.dockerHost, vpns, env });
    await until('both are pending', async () => (await tandem.ask(Status)).fleet.pending === 2);
    const begun = performance.now();
    await tandem.stop();
    assert(performance.now() - begun < 10_000, `it took ${performance.now() - begun} ms`);
  });

  test('of eight removals does not keep a ninth engine from being removed', async () => {
    await using world = await simulated();
    const { provisionEngines } = await world.tandem.ask(ProvisionEngines, { input: { count: 9 } });
    const [last, ...others] = provisionEngines.engines;
    const hung = new RegExp(`^/containers/(${others.map(({ containerId }) => containerId).join('|')})$`);
    world.docker.faults.next({ method: 'DELETE', path: hung, times: 100, fault: hang });
    const stopped = others.map(({ id }) =>
      world.tandem.ask(StopEngine, { engine: { id } }).catch(() => null),
    );
    await until(
      'they are on their way out',
      async () => (await world.tandem.ask(Status)).fleet.running === 1,
    );
    const begun = performance.now();
    const { stopEngine } = await world.tandem.ask(StopEngine, { engine: { id: last?.id ?? '' } });
    assert(stopEngine.__typename === 'Engine' && stopEngine.state === 'REMOVED');
    assert(performance.now() - begun < 8_000, `it took ${performance.now() - begun} ms`);
    world.docker.faults.clear();
    await world.tandem.stop();
    await Promise.all(stopped);
  });
});

describe('instances that share their VPNs', () => {
  test('and provision at the same moment get engines that run, on ports of their own', async () => {
    await using world = await simulated();
    await using other = await startTandem({ dockerHost: world.dockerHost, vpns });
    await until('the other is ready', async () => (await other.ready()).status === 200);
    const answers = await Promise.all(
      [world.tandem, other].map((tandem) => tandem.ask(ProvisionEngines, { input: { count: 6 } })),
    );
    assert.deepEqual(
      answers.map(({ provisionEngines }) => provisionEngines.errors),
      [[], []],
    );
    await until('only engines are left', () => world.engineContainers().length === 12);
    assert(world.engineContainers().every(({ state }) => state === 'running'));
  });

  test('are not fooled by a caller’s label that is another instance’s', async () => {
    await using world = await simulated({ env: { CONTAINER_LABEL: 'team.a=1' } });
    await using other = await startTandem({
      dockerHost: world.dockerHost,
      vpns,
      env: { CONTAINER_LABEL: 'team.b=1' },
    });
    await until('the other is ready', async () => (await other.ready()).status === 200);
    const input = { labels: [{ key: 'team.b', value: '1' }] };
    const { provisionEngine } = await world.tandem.ask(ProvisionEngine, { input });
    assert(provisionEngine.__typename === 'Engine', JSON.stringify(provisionEngine));
    await other.stop();
    await using again = await startTandem({
      dockerHost: world.dockerHost,
      vpns,
      env: { CONTAINER_LABEL: 'team.b=1' },
    });
    await until('it is ready', async () => (await again.ready()).status === 200);
    assert.deepEqual((await again.ask(Engines)).engines, []);
    assert.equal(world.engineContainers().length, 1);
  });
});

describe('a port that somebody else has', () => {
  test('costs one engine and not the service: the next ones get other ports', async () => {
    await using world = await simulated();
    const first = (await world.tandem.ask(Status)).vpnStatus.vpns[0]?.portRange?.first ?? 0;
    const stranger = createServer((socket) => socket.destroy()).listen(first, '127.0.0.1');
    const { provisionEngines } = await world.tandem.ask(ProvisionEngines, { input: { count: 6 } });
    assert.deepEqual([provisionEngines.engines.length, provisionEngines.errors.length], [5, 1]);
    for (let n = 0; n < 6; n++) {
      assert.equal((await world.tandem.ask(ProvisionEngine)).provisionEngine.__typename, 'Engine');
    }
    stranger.close();
  });
});

describe('unknown outcomes', () => {
  test('of which Docker says nothing twice leave one container for one reservation', async () => {
    await using world = await simulated();
    world.docker.faults.next({
      method: 'POST',
      path: /^\/containers\/create/,
      fault: { kind: 'reset', when: 'after' },
    });
    world.docker.faults.next({
      method: 'GET',
      path: /^\/containers\/acestream-1\/json/,
      fault: { kind: 'reset', when: 'before' },
      times: 2,
    });
    const { provisionEngine } = await world.tandem.ask(ProvisionEngine);
    assert(provisionEngine.__typename === 'Engine');
    assert.deepEqual(world.engineContainers(), [{ name: 'acestream-1', state: 'running' }]);
  });
});

describe('a burst', () => {
  test('of more changes than events are kept hurts nothing', async () => {
    await using world = await simulated({ portsEach: 80, env: { EVENTS_MAX: '100', MAX_REPLICAS: '150' } });
    const { provisionEngines } = await world.tandem.ask(ProvisionEngines, { input: { count: 150 } });
    assert.deepEqual([provisionEngines.engines.length, provisionEngines.errors.length], [150, 0]);
    const { provisionEngine } = await world.tandem.ask(ProvisionEngine);
    assert.equal(provisionEngine.__typename, 'CapacityReachedError');
  });

  test('that fails is stopped by the circuit, and not tried to its end', async () => {
    await using world = await simulated({ env: { MAX_CONCURRENT_STARTS: '1' } });
    const refusing = world.docker.faults.next({
      method: 'POST',
      path: /^\/containers\/create/,
      fault: { kind: 'answer', when: 'before', status: 400, message: 'no' },
      times: Number.POSITIVE_INFINITY,
    });
    const { provisionEngines } = await world.tandem.ask(ProvisionEngines, { input: { count: 40 } });
    const kinds = provisionEngines.errors.map(({ __typename }) => __typename);
    assert.equal(kinds.filter((kind) => kind === 'EngineStartError').length, 5);
    assert.equal(kinds.filter((kind) => kind === 'CircuitOpenError').length, 35);
    assert.equal(refusing.hits, 5);
    await world.tandem.ask(ResetCircuit);
  });
});

describe('waiting', () => {
  test('an engine that waits for its turn is stopped at once', async () => {
    await using world = await simulated({ env: { MAX_CONCURRENT_STARTS: '1' } });
    world.docker.faults.next({
      method: 'POST',
      path: /^\/containers\/create/,
      fault: { kind: 'hang', when: 'before' },
    });
    const batch = world.tandem.ask(ProvisionEngines, { input: { count: 2 } }).catch(() => undefined);
    await until('both are pending', async () => (await world.tandem.ask(Status)).fleet.pending === 2);
    const queued = (await world.tandem.ask(Engines)).engines.find(({ name }) => name === 'acestream-2');
    const { stopEngine } = await world.tandem.ask(StopEngine, { engine: { id: queued?.id ?? '' } });
    assert(stopEngine.__typename === 'Engine');
    assert.equal(stopEngine.state, 'REMOVED');
    world.docker.faults.clear();
    await world.tandem.stop();
    await batch;
  });

  test('a start of which Docker says nothing gives its turn on', async () => {
    await using world = await simulated({ env: { MAX_CONCURRENT_STARTS: '1' } });
    world.docker.faults.next({
      method: 'POST',
      path: /^\/containers\/create/,
      fault: { kind: 'hang', when: 'before' },
    });
    const hung = world.tandem.ask(ProvisionEngine);
    await until('it is pending', async () => (await world.tandem.ask(Status)).fleet.pending === 1);
    assert.equal((await world.tandem.ask(ProvisionEngine)).provisionEngine.__typename, 'Engine');
    assert.equal((await world.tandem.ask(Status)).fleet.pending, 1);
    assert.equal((await hung).provisionEngine.__typename, 'Engine');
  });

  test('a removal of an orphan that hangs does not hold up the service', async () => {
    await using world = await simulated();
    const { label } = world.tandem;
    await world.tandem.ask(ProvisionEngines, { input: { count: 2 } });
    await world.tandem.stop();
    await world.docker.container('acestream-1').stop();
    world.docker.faults.next({ method: 'DELETE', path: /./, fault: { kind: 'hang', when: 'before' } });
    await using again = await startTandem({
      dockerHost: world.dockerHost,
      vpns,
      env: { CONTAINER_LABEL: label },
    });
    await until('it is ready', async () => (await again.ready()).status === 200, 4_000);
    assert.equal((await again.ask(ProvisionEngine)).provisionEngine.__typename, 'Engine');
  });

  test('a start-up time-out of a second and a half is enough for an engine that is quick', async () => {
    await using world = await simulated({ env: { STARTUP_TIMEOUT_S: '1.5' } });
    assert.equal((await world.tandem.ask(ProvisionEngine)).provisionEngine.__typename, 'Engine');
  });

  test('an engine that answers in the last second of its time is in time', async () => {
    await using world = await simulated({
      env: { STARTUP_TIMEOUT_S: '4' },
      embedded: { engineListensAfterMs: 2_500 },
    });
    assert.equal((await world.tandem.ask(ProvisionEngine)).provisionEngine.__typename, 'Engine');
  });
});

test('stopping takes at most ten seconds, whatever Docker does not answer', { timeout: 30_000 }, async () => {
  await using world = await simulated();
  await world.tandem.ask(ProvisionEngines, { input: { count: 20 } });
  world.docker.faults.next({
    path: /./,
    fault: { kind: 'hang', when: 'before' },
    times: Number.POSITIVE_INFINITY,
  });
  const { engines } = await world.tandem.ask(Engines);
  const asked = engines.map(({ id }) =>
    world.tandem.ask(StopEngine, { engine: { id } }).catch(() => undefined),
  );
  const making = world.tandem.ask(ProvisionEngine).catch(() => undefined);
  await until('it is being made', async () => (await world.tandem.ask(Status)).fleet.pending === 1);
  const begun = performance.now();
  await world.tandem.stop();
  assert(performance.now() - begun < 11_000, `${performance.now() - begun} ms`);
  world.docker.faults.clear();
  await Promise.all([...asked, making]);
});
