import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Child } from '../support/child.ts';
import type { Client } from '../support/client.ts';
import { request } from '../support/docker/request.ts';
import { until } from '../support/docker/until.ts';
import { type Remembering, remembering } from '../support/remembering.ts';
import type { EventPartsFragment } from './gql/graphql.ts';
import {
  AllEvents,
  Engines,
  EventPage,
  OneEngine,
  ProvisionEngine,
  ProvisionEngines,
  Status,
  StopEngine,
} from './operations.ts';

const serves = (tandem: Client) => until('it serves', async () => (await tandem.ready()).status === 200);

const vpnsOf = async (tandem: Client) => (await tandem.ask(Status)).vpnStatus.vpns;
const statesOf = async (tandem: Client) => (await vpnsOf(tandem)).map(({ state }) => state);

const untilStates = (tandem: Client, ...states: string[]) =>
  until(`the VPNs are ${states}`, async () => (await statesOf(tandem)).join() === states.join());

async function provisioned(
  tandem: Client,
  input: { idempotencyKey?: string; labels?: { key: string; value: string }[] } = {},
) {
  const { provisionEngine } = await tandem.ask(ProvisionEngine, { input });
  assert(provisionEngine.__typename === 'Engine', JSON.stringify(provisionEngine));
  return provisionEngine;
}

const history = async (tandem: Client): Promise<EventPartsFragment[]> =>
  (await tandem.ask(EventPage, { first: 500 })).events.nodes;

type Turn = Extract<EventPartsFragment, { __typename: 'EmergencyModeChanged' }>;
const turnsOf = async (tandem: Client): Promise<Turn[]> =>
  (await history(tandem)).filter((event) => event.__typename === 'EmergencyModeChanged');

/** The states that a VPN went through. */
const pathOf = async (tandem: Client, vpn: string) =>
  (await history(tandem))
    .filter((event) => event.__typename === 'VpnChanged')
    .filter((event) => event.vpn.name === vpn)
    .map((event) => event.vpn.state)
    .filter((state, index, states) => state !== states[index - 1]);

describe('an idempotency key outlives the process:', () => {
  test('it gives the engine that it gave before', async () => {
    await using world = await remembering();
    const engine = await provisioned(world.tandem, { idempotencyKey: 'a' });
    const tandem = await world.again();
    await serves(tandem);
    const same = await provisioned(tandem, { idempotencyKey: 'a' });
    assert.deepEqual(same, { ...engine, state: 'RUNNING' });
    assert.equal(world.engineContainers().length, 1);
  });

  test('and says REMOVED if that is gone by then, before the end or while nobody looked', async () => {
    await using world = await remembering();
    const stopped = await provisioned(world.tandem, { idempotencyKey: 'a' });
    await world.tandem.ask(StopEngine, { engine: { id: stopped.id } });
    const lost = await provisioned(world.tandem, { idempotencyKey: 'b' });
    const tandem = await world.again({ meanwhile: () => world.docker.container(lost.name).remove() });
    await serves(tandem);
    for (const [idempotencyKey, { id }] of [
      ['a', stopped],
      ['b', lost],
    ] as const) {
      const same = await until('it is gone', async () => {
        const engine = await provisioned(tandem, { idempotencyKey });
        return engine.state === 'REMOVED' && engine;
      });
      assert.equal(same.id, id);
    }
    assert.deepEqual(world.engineContainers(), []);
  });

  test('and is refused with other input', async () => {
    await using world = await remembering();
    const input = { idempotencyKey: 'a', labels: [{ key: 'for', value: 'tv' }] };
    await provisioned(world.tandem, input);
    const gone = await provisioned(world.tandem, { ...input, idempotencyKey: 'b' });
    await world.tandem.ask(StopEngine, { engine: { id: gone.id } });
    const tandem = await world.again();
    await serves(tandem);
    for (const idempotencyKey of ['a', 'b']) {
      const { provisionEngine } = await tandem.ask(ProvisionEngine, { input: { idempotencyKey } });
      assert(provisionEngine.__typename === 'InvalidInputError', JSON.stringify(provisionEngine));
      assert.equal(provisionEngine.field, 'idempotencyKey');
    }
  });

  test('of a batch too', async () => {
    await using world = await remembering();
    const input = { count: 3, idempotencyKey: 'a' };
    const ids = async (tandem: Client) =>
      (await tandem.ask(ProvisionEngines, { input })).provisionEngines.engines.map(({ id }) => id).sort();
    const before = await ids(world.tandem);
    assert.equal(before.length, 3);
    const tandem = await world.again();
    await serves(tandem);
    assert.deepEqual(await ids(tandem), before);
  });
});

describe('events outlive the process:', () => {
  test('an id from before leads on without gap or repeat, in pages and live', async () => {
    await using world = await remembering();
    await world.tandem.ask(ProvisionEngines, { input: { count: 3 } });
    const before = await history(world.tandem);
    const [first] = before;
    assert(first);
    const tandem = await world.again();
    await serves(tandem);
    await tandem.ask(ProvisionEngines, { input: { count: 3 } });

    const now = await history(tandem);
    assert.deepEqual(now.slice(0, before.length), before, 'what happened is told as it was told then');
    const ids = now.map(({ id }) => id);
    assert.deepEqual(ids, [...new Set(ids)].sort());
    for (const at of [0, 2, before.length - 1]) {
      const after = ids[at] ?? '';
      assert.deepEqual((await tandem.ask(EventPage, { first: 500, after })).events.nodes, now.slice(at + 1));
      await using events = await tandem.follow(AllEvents, { after });
      for (const event of now.slice(at + 1)) assert.deepEqual((await events.next()).events, event);
    }
  });

  test('lastEventId is still the same where nothing has happened', async () => {
    await using world = await remembering();
    const { id } = await provisioned(world.tandem);
    await world.tandem.stop();
    const tandem = await world.again({ env: { GLUETUN_HEALTH_CHECK_INTERVAL_S: '60' } });
    await serves(tandem);
    await using events = await tandem.follow(AllEvents, { types: ['ENGINE_CHANGED'] });
    await tandem.ask(StopEngine, { engine: { id } });
    const { events: event } = await events.next();
    assert(event.__typename === 'EngineChanged' && event.change === 'STOPPED');
    const changes = (await tandem.ask(EventPage, { types: ['ENGINE_CHANGED'] })).events.nodes;
    assert.deepEqual(
      changes.map((each) => each.__typename === 'EngineChanged' && each.change),
      ['STARTED', 'STOPPED', 'REMOVED'],
      'an engine that is remembered is not adopted anew',
    );
  });
});

test('an engine that was stopped before the restart is still REMOVED when it is stopped again, by either id', async () => {
  await using world = await remembering();
  const engine = await provisioned(world.tandem);
  const { id, containerId } = engine;
  await world.tandem.ask(StopEngine, { engine: { id } });
  const tandem = await world.again();
  await serves(tandem);
  assert(containerId);
  for (const ref of [{ id }, { containerId }]) {
    const { stopEngine } = await tandem.ask(StopEngine, { engine: ref });
    assert(stopEngine.__typename === 'Engine', JSON.stringify(stopEngine));
    assert.deepEqual([stopEngine.id, stopEngine.state], [id, 'REMOVED']);
  }
  assert.equal((await tandem.ask(OneEngine, { by: { id } })).engine, null);
});

test('an engine that Docker would not remove is removed by the next process, and is never offered again', async () => {
  await using world = await remembering();
  const { id } = await provisioned(world.tandem);
  const stubborn = world.docker.faults.next({
    method: 'DELETE',
    path: /^\/containers\//,
    times: Number.POSITIVE_INFINITY,
    fault: { kind: 'answer', when: 'before', status: 500, message: 'device busy' },
  });
  const stopping = world.tandem.ask(StopEngine, { engine: { id } }).catch(() => {});
  await until('Docker has refused', () => stubborn.hits > 0);
  const tandem = await world.again();
  await stopping;
  await serves(tandem);
  const tried = stubborn.hits;
  await until('it is tried again', () => stubborn.hits > tried);
  assert.deepEqual((await tandem.ask(Engines)).engines, []);
  assert.equal((await tandem.ask(Engines, { filter: { states: ['STOPPING'] } })).engines[0]?.id, id);
  world.docker.faults.clear();
  await until('it is gone', () => world.engineContainers().length === 0);
});

test('a container that comes back, or a copy of one, is no engine: neither of one that is gone nor of one that was', async () => {
  await using world = await remembering();
  const settingsOf = (name: string) => {
    const { Config, HostConfig } = world.docker.container(name).inspect() as {
      Config: object;
      HostConfig: object;
    };
    return { ...Config, Hostname: '', HostConfig };
  };
  const socketPath = world.docker.socketPath;
  const run = async (name: string, body: object) => {
    const created = await request({ socketPath }, 'POST', `/containers/create?name=${name}`, { body });
    assert.equal(created.status, 201, created.message);
    assert.equal((await request({ socketPath }, 'POST', `/containers/${name}/start`)).status, 204);
  };
  const gone = await provisioned(world.tandem);
  const replaced = await provisioned(world.tandem, { idempotencyKey: 'a' });
  const settings = settingsOf(gone.name);
  await world.tandem.ask(StopEngine, { engine: { id: gone.id } });
  const tandem = await world.again({
    meanwhile: async () => {
      await world.docker.container(replaced.name).recreate();
      await run('a-copy', settings);
    },
  });
  await serves(tandem);
  await until('both are cleared away', () => world.engineContainers().length === 0);
  assert.deepEqual((await tandem.ask(Engines)).engines, []);
  assert.equal((await provisioned(tandem, { idempotencyKey: 'a' })).state, 'REMOVED');
  const changes = (await history(tandem)).filter((event) => event.__typename === 'EngineChanged');
  assert.deepEqual(
    changes.filter(({ change }) => change === 'ADOPTED'),
    [],
  );
});

test('names and ports are still held by those who have them, where the ports are named too', async () => {
  await using world = await remembering();
  const { provisionEngines } = await world.tandem.ask(ProvisionEngines, { input: { count: 4 } });
  const ranges = (await vpnsOf(world.tandem)).map(
    ({ portRange }) => `${portRange?.first}-${portRange?.last}`,
  );
  const env = { GLUETUN_PORT_RANGE_1: ranges[0] ?? '', GLUETUN_PORT_RANGE_2: ranges[1] ?? '' };
  const tandem = await world.again({ env });
  await serves(tandem);
  const before = provisionEngines.engines.map(({ httpPort }) => httpPort);
  const assigned = await tandem.ask(Status);
  assert.deepEqual(
    assigned.vpnStatus.vpns.map(({ portRange }) => portRange?.free),
    [38, 38],
  );
  const engine = await provisioned(tandem);
  assert.equal(engine.name, 'acestream-5');
  assert(!before.includes(engine.httpPort));
});

test('what a control server told is remembered, and nobody is alarmed before it can be asked anew', async () => {
  await using world = await remembering();
  const told = async (tandem: Client) =>
    (await vpnsOf(tandem)).map(({ publicIp, forwardedPort, controlProblem }) => [
      publicIp,
      forwardedPort,
      controlProblem,
    ]);
  const untilTold = (tandem: Client) =>
    until('both have told', async () => (await told(tandem)).every(([ip, port]) => ip && port));
  await untilTold(world.tandem);
  const before = await told(world.tandem);
  const { lastEventId } = await world.tandem.ask(Status);
  const tandem = await world.again();
  await serves(tandem);
  assert.deepEqual(await told(tandem), before);
  assert.deepEqual(
    (await tandem.ask(EventPage, { after: lastEventId })).events.nodes
      .map(({ message }) => message)
      .filter((message) => /control server/.test(message)),
    [],
  );
});

describe('a VPN and its emergency outlive the process:', () => {
  const slow = { VPN_STABILIZATION_S: '60', MIN_REPLICAS: '0' };

  /** Both have engines, and the first has failed. */
  async function inEmergency(world: Remembering): Promise<void> {
    await world.tandem.ask(ProvisionEngines, { input: { count: 4 } });
    world.docker.vpn('gluetun').fail();
    await until('its engines are gone', () => world.engineContainers().length === 2);
  }

  test('a stabilization goes on, and ends when it would have ended', async () => {
    await using world = await remembering({ env: slow });
    await inEmergency(world);
    world.docker.vpn('gluetun').heal();
    await untilStates(world.tandem, 'STABILIZING', 'READY');
    const [before] = await vpnsOf(world.tandem);
    const tandem = await world.again();
    await serves(tandem);
    const [vpn] = await vpnsOf(tandem);
    assert.deepEqual([vpn?.state, vpn?.stabilizingUntil], ['STABILIZING', before?.stabilizingUntil]);
    const { at } = (await history(tandem)).findLast((event) => event.__typename === 'VpnChanged') ?? {};
    assert(
      (vpn?.stabilizationRemainingSeconds ?? 99) <= (before?.stabilizationRemainingSeconds ?? 0),
      String(at),
    );
    assert.equal((await provisioned(tandem)).vpn?.name, 'gluetun_2');
  });

  test('one that was over before the process began is READY at once', async () => {
    await using world = await remembering({ env: { ...slow, VPN_STABILIZATION_S: '0.3' } });
    await inEmergency(world);
    world.docker.vpn('gluetun').heal();
    await untilStates(world.tandem, 'STABILIZING', 'READY');
    const due = Date.parse((await vpnsOf(world.tandem))[0]?.stabilizingUntil ?? '');
    const tandem = await world.again({
      meanwhile: async () => void (await until('it would be over', () => Date.now() >= due)),
    });
    await serves(tandem);
    assert.deepEqual(await statesOf(tandem), ['READY', 'READY']);
  });

  test('an episode goes on under its own id, since when it began, and is EXITED once', async () => {
    await using world = await remembering({ env: slow });
    await inEmergency(world);
    const before = await world.tandem.ask(Status);
    const tandem = await world.again();
    await serves(tandem);
    const { vpnStatus } = await tandem.ask(Status);
    const emergency = ({ active, episodeId, enteredAt, failedVpns }: typeof vpnStatus.emergencyMode) => ({
      active,
      episodeId,
      enteredAt,
      failedVpns,
    });
    assert(vpnStatus.emergencyMode.active);
    assert.deepEqual(emergency(vpnStatus.emergencyMode), emergency(before.vpnStatus.emergencyMode));
    assert.equal(vpnStatus.vpns[0]?.failedSince, before.vpnStatus.vpns[0]?.failedSince);
    assert.equal(vpnStatus.vpns[0]?.state, 'FAILED');

    world.docker.vpn('gluetun').heal();
    await untilStates(tandem, 'STABILIZING', 'READY');
    const turns = await turnsOf(tandem);
    assert.deepEqual(
      turns.map(({ turn }) => turn),
      ['ENTERED', 'EXITED'],
    );
    assert.equal(new Set(turns.map(({ episodeId }) => episodeId)).size, 1);
  });

  test('one that ended while there was no process is EXITED by the next', async () => {
    await using world = await remembering({ env: slow });
    await inEmergency(world);
    const tandem = await world.again({ meanwhile: () => world.docker.vpn('gluetun').heal() });
    await serves(tandem);
    assert.deepEqual(await statesOf(tandem), ['STABILIZING', 'READY']);
    assert.deepEqual(
      (await turnsOf(tandem)).map(({ turn }) => turn),
      ['ENTERED', 'EXITED'],
    );
  });

  test('engines that were kept in an outage stay hidden, and come back with their tunnel', async () => {
    await using world = await remembering({ env: { ...slow, VPN_STABILIZATION_S: '0' } });
    await world.tandem.ask(ProvisionEngines, { input: { count: 4 } });
    for (const vpn of world.vpns) world.docker.vpn(vpn).fail();
    await untilStates(world.tandem, 'FAILED', 'FAILED');
    const left = world.engineContainers().length;
    assert(left >= 2, 'those of the last to fail were kept');
    const tandem = await world.again();
    await serves(tandem);
    assert.deepEqual(await statesOf(tandem), ['FAILED', 'FAILED']);
    assert.deepEqual((await tandem.ask(Engines)).engines, []);
    for (const vpn of world.vpns.toReversed()) world.docker.vpn(vpn).heal();
    await untilStates(tandem, 'READY', 'READY');
    await until('those that are there are offered', async () => {
      const { engines } = await tandem.ask(Engines);
      return engines.length > 0 && engines.length === world.engineContainers().length;
    });
  });

  for (const how of ['restart', 'recreate'] as const) {
    test(`a VPN that was ${how === 'restart' ? 'restarted' : 'recreated'} under its engines has failed, and they are condemned`, async () => {
      await using world = await remembering({ env: slow });
      const { provisionEngines } = await world.tandem.ask(ProvisionEngines, { input: { count: 4 } });
      const dead = provisionEngines.engines.filter(({ vpn }) => vpn?.name === 'gluetun').map(({ id }) => id);
      assert.equal(dead.length, 2);
      const tandem = await world.again({ meanwhile: () => world.docker.vpn('gluetun')[how]() });
      await serves(tandem);
      await untilStates(tandem, 'STABILIZING', 'READY');
      await until('its engines are gone', () => world.engineContainers().length === 2);
      assert.deepEqual((await pathOf(tandem, 'gluetun')).slice(-3), ['READY', 'FAILED', 'STABILIZING']);
      const [entered, exited] = await turnsOf(tandem);
      assert.deepEqual([entered?.turn, exited?.turn], ['ENTERED', 'EXITED']);
      assert.deepEqual(entered?.removedEngines.map(({ id }) => id).sort(), dead.sort());
      const { engines } = await tandem.ask(Engines);
      assert(engines.every(({ vpn }) => vpn?.name === 'gluetun_2'));
      for (const id of dead) {
        const { stopEngine } = await tandem.ask(StopEngine, { engine: { id } });
        assert(stopEngine.__typename === 'Engine');
        assert.equal(stopEngine.state, 'REMOVED');
      }
    });
  }

  test('a host that was restarted has VPNs that are READY at once, and no emergency', async () => {
    await using world = await remembering({ env: { ...slow, MIN_REPLICAS: '4' } });
    await until('four engines run', async () => (await world.tandem.ask(Status)).fleet.running === 4);
    const before = (await world.tandem.ask(Engines)).engines.map(({ id }) => id);
    const tandem = await world.again({
      meanwhile: async () => {
        for (const { name } of world.engineContainers()) await world.docker.container(name).stop();
        for (const vpn of world.vpns) await world.docker.vpn(vpn).restart();
      },
    });
    await serves(tandem);
    assert.deepEqual(await statesOf(tandem), ['READY', 'READY']);
    assert.deepEqual(await turnsOf(tandem), []);
    await until('four others run', async () => {
      const { engines } = await tandem.ask(Engines);
      return (
        engines.filter(({ state }) => state === 'RUNNING').length === 4 &&
        engines.every(({ id }) => !before.includes(id)) &&
        world.engineContainers().length === 4
      );
    });
  });

  test('a restart that nobody saw is told of, however late Docker answers for the other VPN', async () => {
    await using world = await remembering({ env: slow });
    await world.tandem.ask(ProvisionEngines, { input: { count: 4 } });
    const [slowOne = '', restarted = ''] = world.vpns;
    const tandem = await world.again({
      meanwhile: async () => {
        await world.docker.vpn(restarted).restart();
        world.docker.faults.next({
          path: new RegExp(`^/containers/${slowOne}/json$`),
          times: 10,
          fault: { kind: 'delay', ms: 500 },
        });
      },
    });
    await serves(tandem);
    await until('the episode is over', async () => (await turnsOf(tandem)).length === 2);
  });

  test('a host whose VPNs come up late has no emergency either', async () => {
    await using world = await remembering({ env: slow });
    await world.tandem.ask(ProvisionEngines, { input: { count: 2 } });
    const tandem = await world.again({
      meanwhile: async () => {
        for (const { name } of world.engineContainers()) await world.docker.container(name).stop();
        for (const vpn of world.vpns) await world.docker.vpn(vpn).remove();
      },
    });
    await serves(tandem);
    assert.deepEqual(await statesOf(tandem), ['UNKNOWN', 'UNKNOWN']);
    assert.deepEqual(await turnsOf(tandem), []);
    await until('nothing is left of the engines', () => world.engineContainers().length === 0);
  });

  test('a VPN that is configured no longer takes its engines and its episode with it', async () => {
    await using world = await remembering({ env: slow, vpns: ['gluetun', 'gluetun_2', 'gluetun_3'] });
    await world.tandem.ask(ProvisionEngines, { input: { count: 2 } });
    const keyed = await provisioned(world.tandem, { idempotencyKey: 'a' });
    assert.equal(keyed.vpn?.name, 'gluetun_3');
    world.docker.vpn('gluetun_2').fail();
    await until('its engine is gone', () => world.engineContainers().length === 2);
    const tandem = await world.again({ vpns: ['gluetun'], env: { VPN_MODE: 'single' } });
    await serves(tandem);
    await until('the engines without a VPN are gone', () => world.engineContainers().length === 1);
    assert.deepEqual(
      (await tandem.ask(Engines)).engines.map(({ vpn }) => vpn?.name),
      ['gluetun'],
    );
    const { vpnStatus } = await tandem.ask(Status);
    assert.equal(vpnStatus.emergencyMode.active, false);
    const turns = await turnsOf(tandem);
    assert.deepEqual(
      turns.map(({ turn }) => turn),
      ['ENTERED', 'EXITED'],
    );
    const same = await until('it is known to be gone', async () => {
      const engine = await provisioned(tandem, { idempotencyKey: 'a' });
      return engine.state === 'REMOVED' && engine;
    });
    assert.equal(same.id, keyed.id);
    const end = (await history(tandem))
      .filter((event) => event.__typename === 'EngineChanged')
      .filter(({ engine }) => engine.id === keyed.id);
    assert.deepEqual(
      end.map(({ change }) => change),
      ['STARTED', 'STOPPED', 'REMOVED'],
    );
    assert.equal(end[1]?.reason, 'its VPN gluetun_3 is configured no longer');
  });

  test('one of several that is configured no longer does so too, and the others go on', async () => {
    await using world = await remembering({ env: slow, vpns: ['gluetun', 'gluetun_2', 'gluetun_3'] });
    await world.tandem.ask(ProvisionEngines, { input: { count: 6 } });
    world.docker.vpn('gluetun_2').fail();
    await until('its engines are gone', () => world.engineContainers().length === 4);
    const tandem = await world.again({ vpns: ['gluetun', 'gluetun_3'] });
    await serves(tandem);
    assert.deepEqual(await statesOf(tandem), ['READY', 'READY']);
    assert.equal((await tandem.ask(Engines)).engines.length, 4);
    await using events = await tandem.follow(AllEvents, {
      after: (await history(tandem))[0]?.id ?? '',
      types: ['EMERGENCY_MODE_CHANGED'],
    });
    const seen = [(await events.next()).events, (await events.next()).events];
    assert.deepEqual(
      seen.map((event) => event.__typename === 'EmergencyModeChanged' && event.turn),
      ['ENTERED', 'EXITED'],
    );
    assert.equal((await tandem.ask(Status)).vpnStatus.emergencyMode.active, false);
  });
});

describe('a journal that is of no use', () => {
  const damages: [string, (path: string) => void][] = [
    ['garbage', (path) => writeFileSync(path, 'once upon a time '.repeat(1_000))],
    ['cut in half', (path) => truncateSync(path, Math.floor(statSync(path).size / 2 / 4_096) * 4_096)],
    ['cut in the middle of a page', (path) => truncateSync(path, statSync(path).size - 1_000)],
    ['empty but for its first page', (path) => truncateSync(path, 4_096)],
  ];
  for (const [what, damage] of damages) {
    test(`because it is ${what} is set aside, and the engines are found by their labels`, async () => {
      await using world = await remembering();
      const labels = [{ key: 'for', value: 'tv' }];
      const keyed = await provisioned(world.tandem, { idempotencyKey: 'a', labels });
      await provisioned(world.tandem);
      const before = (await world.tandem.ask(Engines)).engines;
      await world.tandem.stop();
      const path = join(world.dataDir, 'tandem.db');
      damage(path);
      const damaged = readFileSync(path);

      await using child = new Child(world.folder, {
        DOCKER_HOST: world.dockerHost,
        DATA_DIR: world.dataDir,
        CONTAINER_LABEL: world.label,
        GLUETUN_CONTAINER_NAME: 'gluetun',
        GLUETUN_CONTAINER_NAME_2: 'gluetun_2',
        MIN_REPLICAS: '0',
      });
      await child.start();
      await serves(child.client);
      const aside = readdirSync(world.dataDir).find((name) =>
        /^tandem\.db\.damaged-[^-]+-[^-]+-[^-]+$/.test(name),
      );
      assert(aside, readdirSync(world.dataDir).join());
      assert.deepEqual(readFileSync(join(world.dataDir, aside)), damaged, 'it is kept as it was');
      assert.match(child.said, /journal was damaged and is set aside/);
      assert(child.said.includes(aside), 'it says where');

      const engines = await until('they are found well', async () => {
        const found = (await child.client.ask(Engines)).engines;
        return found.every(({ health }) => health === 'HEALTHY') && found;
      });
      assert.deepEqual(engines, before);
      const same = await provisioned(child.client, { idempotencyKey: 'a', labels });
      assert.deepEqual(
        [same.id, same.containerId, same.name, same.httpPort, same.createdAt],
        [keyed.id, keyed.containerId, keyed.name, keyed.httpPort, keyed.createdAt],
      );
      assert.equal(world.engineContainers().length, 2);
      const { nodes } = (await child.client.ask(EventPage, { types: ['ENGINE_CHANGED'] })).events;
      assert.deepEqual(
        nodes.map((event) => event.__typename === 'EngineChanged' && event.change),
        ['ADOPTED', 'ADOPTED', 'HEALTHY', 'HEALTHY'],
      );
    });
  }

  test('leaves no id of its own behind: those from before it are CURSOR_EXPIRED', async () => {
    await using world = await remembering();
    await provisioned(world.tandem);
    const { lastEventId } = await world.tandem.ask(Status);
    const meanwhile = () => writeFileSync(join(world.dataDir, 'tandem.db'), 'once upon a time');
    const tandem = await world.again({ meanwhile });
    await serves(tandem);
    await using events = await tandem.follow(AllEvents, { after: lastEventId });
    await assert.rejects(events.next(), /CURSOR_EXPIRED/);
    await assert.rejects(tandem.ask(EventPage, { after: lastEventId }), /CURSOR_EXPIRED/);
  });
});
