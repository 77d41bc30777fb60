import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CallFault } from '../../src/docker/embedded/index.ts';
import { until } from '../support/docker/until.ts';
import { type Simulated, simulated } from '../support/simulated.ts';
import { startTandem } from '../support/tandem.ts';
import {
  Engines,
  ProvisionEngine,
  ProvisionEngines,
  ResetCircuit,
  Status,
  StopEngine,
} from './operations.ts';

/** What must be so after any trouble: the engines listed are the containers that run, and nothing else is left. */
async function assertConsistent(world: Simulated): Promise<void> {
  await until('containers and engines are the same', async () => {
    const { engines } = await world.tandem.ask(Engines);
    const containers = world.engineContainers();
    return (
      engines.every(({ state }) => state === 'RUNNING') &&
      JSON.stringify(engines.map(({ name }) => name).sort()) ===
        JSON.stringify(containers.map(({ name }) => name).sort())
    );
  });
  const { fleet, vpnStatus } = await world.tandem.ask(Status);
  assert.equal(fleet.pending, 0);
  for (const { portRange, engineCount } of vpnStatus.vpns) {
    assert.equal(
      portRange && portRange.last - portRange.first + 1 - portRange.free,
      engineCount,
      'ports taken',
    );
  }
}

const create = { method: 'POST', path: /^\/containers\/create/ };
const start = { method: 'POST', path: /^\/containers\/[^/]+\/start/ };
const remove = { method: 'DELETE', path: /^\/containers\// };

describe('an unknown outcome is neither success nor failure:', () => {
  const survived: [string, typeof create | typeof remove, CallFault][] = [
    ['create is reset before its effect', create, { kind: 'reset', when: 'before' }],
    ['create is reset after its effect', create, { kind: 'reset', when: 'after' }],
    ['create answers 200 with an empty body', create, { kind: 'body', text: '' }],
    ['create answers 200 with nonsense', create, { kind: 'body', text: '<html>' }],
    ['create is cut half-way', create, { kind: 'truncate', hangUp: true }],
    [
      'create answers 500 after its effect',
      create,
      { kind: 'answer', when: 'after', status: 500, message: 'oh' },
    ],
    ['start is reset before its effect', start, { kind: 'reset', when: 'before' }],
    ['start is reset after its effect', start, { kind: 'reset', when: 'after' }],
    [
      'start answers 500 after its effect',
      start,
      { kind: 'answer', when: 'after', status: 500, message: 'oh' },
    ],
  ];
  for (const [what, call, fault] of survived) {
    test(`${what}, and there is one engine all the same`, async () => {
      await using world = await simulated();
      const hit = world.docker.faults.next({ ...call, fault });
      const { provisionEngine } = await world.tandem.ask(ProvisionEngine);
      assert.equal(hit.hits, 1);
      assert.equal(provisionEngine.__typename, 'Engine', JSON.stringify(provisionEngine));
      assert.equal(world.engineContainers().length, 1);
      await assertConsistent(world);
    });
  }

  const removals: [string, CallFault][] = [
    ['is reset before its effect', { kind: 'reset', when: 'before' }],
    ['is reset after its effect', { kind: 'reset', when: 'after' }],
    ['answers 500', { kind: 'answer', when: 'before', status: 500, message: 'device busy' }],
    [
      'answers that a removal is in progress',
      {
        kind: 'answer',
        when: 'before',
        status: 409,
        message: 'removal of container x is already in progress',
      },
    ],
  ];
  for (const [what, fault] of removals) {
    test(`a removal that ${what} is tried until the container is gone`, async () => {
      await using world = await simulated();
      const { provisionEngine: engine } = await world.tandem.ask(ProvisionEngine);
      assert(engine.__typename === 'Engine');
      world.docker.faults.next({ ...remove, fault, times: 2 });
      const { stopEngine } = await world.tandem.ask(StopEngine, { engine: { id: engine.id } });
      assert(stopEngine.__typename === 'Engine');
      assert.equal(stopEngine.state, 'REMOVED');
      await assertConsistent(world);
    });
  }
});

describe("Docker's refusals", () => {
  const refusals: [string, typeof create, CallFault, string][] = [
    [
      'create',
      create,
      { kind: 'answer', when: 'before', status: 400, message: 'invalid reference' },
      'CREATE',
    ],
    [
      'create with 500',
      create,
      { kind: 'answer', when: 'before', status: 500, message: 'no space left on device' },
      'CREATE',
    ],
    ['start', start, { kind: 'answer', when: 'before', status: 400, message: 'exec: no such file' }, 'START'],
    [
      'start with 500',
      start,
      { kind: 'answer', when: 'before', status: 500, message: 'OCI runtime create failed' },
      'START',
    ],
  ];
  for (const [what, call, fault, phase] of refusals) {
    test(`of ${what} end in EngineStartError with the phase and Docker's words, and leave nothing`, async () => {
      await using world = await simulated();
      world.docker.faults.next({ ...call, fault });
      const { provisionEngine } = await world.tandem.ask(ProvisionEngine);
      assert(provisionEngine.__typename === 'EngineStartError', JSON.stringify(provisionEngine));
      assert.equal(provisionEngine.phase, phase);
      assert(fault.kind === 'answer' && provisionEngine.message.includes(fault.message));
      await assertConsistent(world);
    });
  }

  test('five in a row open the circuit, which resetCircuit closes', async () => {
    await using world = await simulated();
    world.docker.faults.next({
      ...create,
      fault: { kind: 'answer', when: 'before', status: 400, message: 'no' },
      times: 5,
    });
    for (let n = 0; n < 5; n++)
      assert.equal((await world.tandem.ask(ProvisionEngine)).provisionEngine.__typename, 'EngineStartError');
    const { provisionEngine } = await world.tandem.ask(ProvisionEngine);
    assert(provisionEngine.__typename === 'CircuitOpenError');
    assert((provisionEngine.retryAfterSeconds ?? 0) > 290);
    assert.equal((await world.tandem.ask(ResetCircuit)).resetCircuit.circuit, 'CLOSED');
    assert.equal((await world.tandem.ask(ProvisionEngine)).provisionEngine.__typename, 'Engine');
  });

  test('a VPN that vanishes between create and start costs one more placement', async () => {
    await using world = await simulated({ env: { VPN_STABILIZATION_S: '60' } });
    world.docker.faults.next({
      ...start,
      fault: {
        kind: 'answer',
        when: 'before',
        status: 409,
        message: 'cannot join network of a non running container: x',
      },
    });
    const { provisionEngine } = await world.tandem.ask(ProvisionEngine);
    assert.equal(provisionEngine.__typename, 'Engine');
    await assertConsistent(world);
  });
});

describe('a name that somebody else has', () => {
  test('is passed over', async () => {
    await using world = await simulated();
    await using taken = await startTandem({ dockerHost: world.dockerHost, vpns: ['gluetun', 'gluetun_2'] });
    await until('it is ready', async () => (await taken.ready()).status === 200);
    await taken.ask(ProvisionEngines, { input: { count: 3 } });
    const { provisionEngines } = await world.tandem.ask(ProvisionEngines, { input: { count: 3 } });
    assert.equal(provisionEngines.engines.length, 3, JSON.stringify(provisionEngines));
    assert.equal(world.engineContainers().length, 6);
    assert.equal((await taken.ask(Engines)).engines.length, 3);
  });
});

describe('Docker itself', () => {
  test('that is not there is said with its address, and found when it comes', async () => {
    await using world = await simulated();
    await world.docker.goDown();
    await using tandem = await startTandem({ dockerHost: world.dockerHost, vpns: ['gluetun', 'gluetun_2'] });
    await until('it has tried', async () =>
      (await tandem.ready()).missing.some((line) => line.includes(world.dockerHost)),
    );
    assert.equal((await tandem.ready()).status, 503);
    const { provisionEngine } = await tandem.ask(ProvisionEngine);
    assert(provisionEngine.__typename === 'DockerUnavailableError', JSON.stringify(provisionEngine));
    assert(provisionEngine.message.includes(world.dockerHost));
    assert.equal(
      (await tandem.ask(StopEngine, { engine: { name: 'acestream-1' } })).stopEngine.__typename,
      'DockerUnavailableError',
    );
    await world.docker.comeBack();
    await until('it is ready', async () => (await tandem.ready()).status === 200);
    assert.equal((await tandem.ask(ProvisionEngine)).provisionEngine.__typename, 'Engine');
  });

  test('that goes away changes no VPN and removes nothing', async () => {
    await using world = await simulated({ env: { GLUETUN_HEALTH_CHECK_INTERVAL_S: '0.1' } });
    await world.tandem.ask(ProvisionEngines, { input: { count: 4 } });
    await world.docker.goDown();
    await until('a look failed', async () =>
      (await world.tandem.ask(Status)).vpnStatus.vpns.every(({ health }) => health === 'UNKNOWN'),
    );
    const { vpnStatus } = await world.tandem.ask(Status);
    assert.deepEqual(
      vpnStatus.vpns.map(({ state }) => state),
      ['READY', 'READY'],
    );
    assert.equal((await world.tandem.ask(Engines)).engines.length, 4);
    const { provisionEngine } = await world.tandem.ask(ProvisionEngine);
    assert.equal(provisionEngine.__typename, 'DockerUnavailableError');
    await world.docker.comeBack();
    await until('looks are answered', async () =>
      (await world.tandem.ask(Status)).vpnStatus.vpns.every(({ health }) => health === 'HEALTHY'),
    );
    await assertConsistent(world);
    assert.equal(world.engineContainers().length, 4);
  });

  test('whose stream of events breaks is looked at anew', async () => {
    await using world = await simulated();
    world.docker.events.cut();
    await until('it listens again', () => world.docker.events.readers > 0);
    await world.docker.vpn('gluetun').kill();
    await until(
      'the failure is seen',
      async () => (await world.tandem.ask(Status)).vpnStatus.vpns[0]?.state === 'FAILED',
    );
  });

  test('whose events are silent is looked at on the beat', async () => {
    await using world = await simulated({ env: { GLUETUN_HEALTH_CHECK_INTERVAL_S: '0.2' } });
    world.docker.events.silence();
    await world.docker.vpn('gluetun').kill();
    await until(
      'the failure is seen',
      async () => (await world.tandem.ask(Status)).vpnStatus.vpns[0]?.state === 'FAILED',
    );
  });

  test('that restarts a VPN unseen still has its engines cleared away', async () => {
    await using world = await simulated({
      env: { GLUETUN_HEALTH_CHECK_INTERVAL_S: '0.2', VPN_STABILIZATION_S: '60' },
    });
    await world.tandem.ask(ProvisionEngines, { input: { count: 4 } });
    world.docker.events.silence();
    await world.docker.vpn('gluetun').restart();
    await until('its engines are gone', () => world.engineContainers().length === 2);
    const { engines } = await world.tandem.ask(Engines);
    assert.deepEqual(
      engines.map(({ vpn }) => vpn?.name),
      ['gluetun_2', 'gluetun_2'],
    );
    const { vpnStatus } = await world.tandem.ask(Status);
    assert.equal(vpnStatus.vpns[0]?.state, 'STABILIZING');
  });
});

describe('starts', () => {
  test('are never more than MAX_CONCURRENT_STARTS at once', async () => {
    await using world = await simulated({ env: { MAX_CONCURRENT_STARTS: '3' }, embedded: { startMs: 20 } });
    await Promise.all(Array.from({ length: 30 }, () => world.tandem.ask(ProvisionEngine)));
    assert.equal(world.docker.audit.createsAndStarts.most, 3);
  });

  test('of engines that hang hold up no others', async () => {
    await using world = await simulated({ env: { MAX_CONCURRENT_STARTS: '1' } });
    world.docker.nextEngines({ faults: { hang: true } }, 2);
    const batch = world.tandem.ask(ProvisionEngines, { input: { count: 6 } });
    await until('four run while two hang', async () => {
      const { fleet } = await world.tandem.ask(Status);
      return fleet.running === 4 && fleet.pending === 2;
    });
    const { engines } = await world.tandem.ask(Engines, { filter: { states: ['PROVISIONING'] } });
    for (const { id } of engines) await world.tandem.ask(StopEngine, { engine: { id } });
    const { provisionEngines } = await batch;
    assert.deepEqual([provisionEngines.engines.length, provisionEngines.errors.length], [4, 2]);
    await assertConsistent(world);
  });

  test('of an engine that answers too late end in EngineStartError, and leave nothing', async () => {
    await using world = await simulated({
      env: { STARTUP_TIMEOUT_S: '0.3' },
      embedded: { engineListensAfterMs: 60_000 },
    });
    const { provisionEngine } = await world.tandem.ask(ProvisionEngine);
    assert(provisionEngine.__typename === 'EngineStartError');
    assert.equal(provisionEngine.phase, 'READINESS');
    assert.match(provisionEngine.message, /STARTUP_TIMEOUT_S/);
    assert.deepEqual(world.engineContainers(), []);
  });
});

test('queries cause no call to Docker', async () => {
  await using world = await simulated({ env: { GLUETUN_HEALTH_CHECK_INTERVAL_S: '600' } });
  await world.tandem.ask(ProvisionEngines, { input: { count: 4 } });
  const before = world.docker.audit.entries.length;
  for (let n = 0; n < 50; n++) await Promise.all([world.tandem.ask(Engines), world.tandem.ask(Status)]);
  // A listing that an event asked for may fall into this time; a hundred queries would be a hundred calls.
  assert(world.docker.audit.entries.length - before < 10);
});
