import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Child } from '../support/child.ts';
import type { Client } from '../support/client.ts';
import { until } from '../support/docker/until.ts';
import { scrape } from '../support/exposition.ts';
import { type Daemon, daemon, untilReady } from '../support/simulated.ts';
import { FragileDisk, noFragileDisk, noSmallDisk, SmallDisk } from '../support/small-disk.ts';
import {
  AllEvents,
  Engines,
  EventPage,
  ProvisionEngine,
  ProvisionEngines,
  Status,
  StopEngine,
} from './operations.ts';

/** A service in a process of its own whose journal is on a small disk, with four engines. */
interface Stored<Disk> extends AsyncDisposable {
  readonly disk: Disk;
  readonly simulation: Daemon;
  readonly child: Child;
}

async function stored<Disk extends Disposable & { readonly folder: string }>(
  make: () => Disk,
): Promise<Stored<Disk>> {
  const stack = new AsyncDisposableStack();
  const disk = stack.use(make());
  const simulation = stack.use(await daemon({ portsEach: 100 }));
  const child = stack.use(
    new Child(simulation.folder, {
      DOCKER_HOST: simulation.dockerHost,
      DATA_DIR: disk.folder,
      CONTAINER_LABEL: `tandem.test=${crypto.randomUUID()}`,
      GLUETUN_CONTAINER_NAME: 'gluetun',
      GLUETUN_CONTAINER_NAME_2: 'gluetun_2',
      GLUETUN_HEALTH_CHECK_INTERVAL_S: '0.2',
      VPN_STABILIZATION_S: '0.2',
      AUTOSCALE_INTERVAL_S: '0.2',
      MIN_REPLICAS: '0',
      MAX_REPLICAS: '200',
    }),
  );
  await child.start();
  await untilReady(child.client);
  await child.client.ask(ProvisionEngines, { input: { count: 4 } });
  return { disk, simulation, child, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const provision = async (client: Client) => (await client.ask(ProvisionEngine)).provisionEngine;

/** There is always some room left in the file itself: engines are asked for until there is none. */
async function untilRefused(client: Client) {
  for (let engines = 0; engines < 150; engines++) {
    const answer = await provision(client);
    if (answer.__typename === 'ServiceUnavailableError') return answer;
    assert.equal(answer.__typename, 'Engine');
  }
  throw new Error('150 engines were promised on a full disk');
}

const namesOf = async (client: Client) => (await client.ask(Engines)).engines.map(({ name }) => name).sort();
const containersOf = ({ simulation }: Stored<Disposable>) =>
  simulation
    .engineContainers()
    .filter(({ state }) => state === 'running')
    .map(({ name }) => name)
    .sort();

const writable = async ({ url }: Child) =>
  (await scrape({ url: url ?? '' })).value('tandem_journal_writable');

const history = async (client: Client) => {
  const { events } = await client.ask(EventPage, { last: 500 });
  return events.nodes;
};

describe('a disk that is full', { skip: noSmallDisk }, () => {
  test('lets no engine be promised, says what to do, and everything else goes on', async () => {
    await using world = await stored(() => new SmallDisk());
    const { disk, simulation, child } = world;
    const { client } = child;
    await using live = await client.follow(AllEvents, { types: ['EMERGENCY_MODE_CHANGED'] });
    disk.fill();

    const refused = await untilRefused(client);
    assert.equal(refused.reason, 'STORAGE');
    assert.match(refused.message, /disk is full\. Free some space/);
    assert.equal(refused.retryable, true);
    const { status, missing } = await client.ready();
    assert.equal(status, 503);
    assert.match(missing.join(), /disk is full\. Free some space/);
    assert.equal(await writable(child), 0);
    const { fleet } = await client.ask(Status);
    assert.equal(fleet.pending, 0);
    const listed = await namesOf(client);
    assert(listed.length >= 4, 'the engines that run are listed');
    assert.deepEqual(listed, containersOf(world), 'nothing half-made is left behind');
    const last = (await history(client)).at(-1);

    simulation.docker.vpn('gluetun').fail();
    const { events: entered } = await live.next();
    assert(entered.__typename === 'EmergencyModeChanged');
    assert.equal(entered.turn, 'ENTERED');
    assert(entered.removedEngines.length >= 2);
    const left = (await client.ask(Engines)).engines;
    assert(left.length >= 2 && left.every(({ vpn }) => vpn?.name === 'gluetun_2'), 'its engines are hidden');
    await until(
      'its engines are gone',
      () =>
        containersOf(world).join() ===
        left
          .map(({ name }) => name)
          .sort()
          .join(),
    );
    const [some] = left;
    assert(some);
    const { stopEngine } = await client.ask(StopEngine, { engine: { id: some.id } });
    assert(stopEngine.__typename === 'Engine' && stopEngine.state === 'REMOVED', 'an engine can be stopped');

    disk.free();
    assert.equal((await provision(client)).__typename, 'Engine', 'whoever asks next is served');
    await until('it has noticed by itself', async () => (await client.ready()).status === 200);
    assert.equal(await writable(child), 1);
    assert.equal((await provision(client)).__typename, 'Engine');
    const told = await history(client);
    const ids = told.map(({ id }) => id);
    assert.deepEqual(ids, [...new Set(ids)].sort());
    const meanwhile = told.slice(told.findIndex(({ id }) => id === last?.id) + 1);
    assert.deepEqual(
      meanwhile
        .map((event) => ('change' in event ? event.change : 'turn' in event ? event.turn : event.type))
        .filter((word) => word !== 'VPN_CHANGED')
        .slice(0, 3),
      ['ENTERED', 'STOPPED', 'STOPPED'],
      'what happened meanwhile is told in its order',
    );
    simulation.docker.vpn('gluetun').heal();
    const { events: exited } = await live.next();
    assert(exited.__typename === 'EmergencyModeChanged' && exited.turn === 'EXITED');

    const before = await history(client);
    await child.kill();
    await child.start();
    await until('it serves again', async () => (await child.client.ready()).status === 200);
    const after = await history(child.client);
    assert.deepEqual(after.slice(0, before.length), before, 'and still after a kill');
    assert.deepEqual(await namesOf(child.client), containersOf(world));
  });

  test('and a kill: the next process knows of no engine that is not, and forgets none that runs', async () => {
    await using world = await stored(() => new SmallDisk());
    const { disk, simulation, child } = world;
    disk.fill();
    await untilRefused(child.client);
    const { engines } = await child.client.ask(Engines);
    simulation.docker.vpn('gluetun').fail();
    const left = engines
      .filter(({ vpn }) => vpn?.name === 'gluetun_2')
      .map(({ name }) => name)
      .sort();
    await until(
      'the engines of the VPN that failed are gone',
      () => containersOf(world).join() === left.join(),
    );
    await child.kill();
    disk.free();
    await child.start();
    await until('it serves again', async () => (await child.client.ready()).status === 200);
    await until(
      'engines and containers are the same',
      async () => (await namesOf(child.client)).join() === left.join(),
    );
    assert.deepEqual(containersOf(world), left);
    const { vpnStatus } = await child.client.ask(Status);
    assert.equal(vpnStatus.emergencyMode.active, true);
    const turns = (await history(child.client)).filter(
      (event) => event.__typename === 'EmergencyModeChanged',
    );
    assert.deepEqual(
      turns.map(({ turn }) => turn),
      ['ENTERED'],
    );
    const fresh = await provision(child.client);
    assert.equal(fresh.__typename, 'Engine');
  });
});

describe('a disk that turns read-only because of an error', { skip: noFragileDisk }, () => {
  test('lets no engine be promised, and all else goes on; the next process finds the truth again', async () => {
    await using world = await stored(() => new FragileDisk());
    const { disk, simulation, child } = world;
    const { lastEventId } = await child.client.ask(Status);
    const { engines } = await child.client.ask(Engines);
    await using live = await child.client.follow(AllEvents, { types: ['EMERGENCY_MODE_CHANGED'] });
    disk.fail();
    const refused = await untilRefused(child.client);
    assert.equal(refused.reason, 'STORAGE');
    assert.match(refused.message, /read-only|disk reports an error/);
    const { status, missing } = await child.client.ready();
    assert.equal(status, 503);
    assert.match(missing.join(), /read-only|disk reports an error/);
    assert.deepEqual(await namesOf(child.client), containersOf(world));
    simulation.docker.vpn('gluetun').fail();
    const { events: entered } = await live.next();
    assert(entered.__typename === 'EmergencyModeChanged' && entered.turn === 'ENTERED');
    const left = engines.filter(({ vpn }) => vpn?.name === 'gluetun_2');
    const isLeft = () =>
      containersOf(world).join() ===
      left
        .map(({ name }) => name)
        .sort()
        .join();
    await until('the engines of the VPN that failed are gone', isLeft);

    await child.kill();
    disk.repair();
    await child.start();
    await until('it serves again', async () => (await child.client.ready()).status === 200);
    await until(
      'its engines are those that run',
      async () => (await namesOf(child.client)).join() === containersOf(world).join(),
    );
    assert(isLeft());
    await using since = await child.client.follow(AllEvents, {
      after: lastEventId,
      types: ['EMERGENCY_MODE_CHANGED'],
    });
    const { events: again } = await since.next();
    assert(again.__typename === 'EmergencyModeChanged' && again.turn === 'ENTERED');
    assert.equal((await provision(child.client)).__typename, 'Engine');
  });
});
