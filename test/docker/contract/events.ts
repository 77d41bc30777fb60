import assert from 'node:assert/strict';
import {
  createContainer,
  createEngine,
  startEngine,
  startVpn,
  stateOf,
  untilHealth,
  vpnSettings,
} from '../../support/docker/containers.ts';
import { EventLog } from '../../support/docker/event-log.ts';
import { until } from '../../support/docker/until.ts';
import { randomName, type World } from '../../support/docker/world.ts';
import type { Case } from './creation.ts';

const label = (world: World) => Object.entries(world.labels).map(([key, value]) => `${key}=${value}`);

export const eventCases: readonly Case[] = [
  [
    'the life of a VPN in events',
    async (world) => {
      await using log = await EventLog.open(world.docker, { label: label(world) });
      const vpn = await createContainer(world, randomName('vpn'), vpnSettings(world, []));
      await vpn.start();
      assert.deepEqual((await log.upTo('start')).slice(0, 2), ['create', 'start']);
      await untilHealth(vpn, 'healthy');
      await log.upTo('health_status: healthy');
      log.clear();
      await vpn.restart({ t: 5 });
      await untilHealth(vpn, 'healthy');
      assert.deepEqual(await log.upTo('health_status: healthy'), [
        'kill',
        'die',
        'stop',
        'start',
        'restart',
        'health_status: healthy',
      ]);
      log.clear();
      await vpn.pause();
      await vpn.unpause();
      await untilHealth(vpn, 'healthy');
      assert.deepEqual(await log.upTo('health_status: healthy'), [
        'pause',
        'unpause',
        'health_status: healthy',
      ]);
      log.clear();
      await vpn.stop({ t: 5 });
      await vpn.start();
      await vpn.kill();
      assert.deepEqual(await log.upTo('die'), ['kill', 'die', 'stop', 'start', 'kill', 'die']);
      log.clear();
      await vpn.start();
      await vpn.remove({ force: true });
      assert.deepEqual(await log.upTo('destroy'), ['start', 'kill', 'die', 'destroy']);
    },
  ],
  [
    'events carry labels, image and name; die its exit code, kill its signal, rename the old name',
    async (world) => {
      const { container, name } = await startVpn(world);
      await using log = await EventLog.open(world.docker, { container: [container.id] });
      await world.call('POST', `/containers/${container.id}/rename?name=${name}-2`);
      await container.kill();
      await log.upTo('die');
      const always = { ...world.labels, image: world.vpnImage, name: `${name}-2` };
      assert.deepEqual(
        log.seen.map(({ action, id, attributes }) => ({ action, id, attributes })),
        [
          { action: 'rename', id: container.id, attributes: { ...always, oldName: `/${name}` } },
          { action: 'kill', id: container.id, attributes: { ...always, signal: '9' } },
          { action: 'die', id: container.id, attributes: { ...always, exitCode: '137' } },
        ],
      );
    },
  ],
  [
    'the network tells of the VPN and never of an engine in its namespace',
    async (world) => {
      await using log = await EventLog.open(world.docker, { type: ['network'] });
      const vpn = await startVpn(world);
      const engine = await startEngine(world, vpn);
      await engine.kill();
      await vpn.container.kill();
      const mine = () => log.seen.filter(({ attributes }) => attributes.container === vpn.container.id);
      // Other cases use the same network: only what is about these two counts.
      await until('the VPN has left', () => mine().length === 2);
      assert.deepEqual(
        mine().map(({ action }) => action),
        ['connect', 'disconnect'],
      );
      assert.equal(mine()[0]?.attributes.name, 'bridge');
      assert(!log.seen.some(({ attributes }) => attributes.container === engine.id));
    },
  ],
  [
    'a VPN that dies or restarts makes no event for its engines',
    async (world) => {
      const vpn = await startVpn(world);
      const engine = await startEngine(world, vpn);
      await using log = await EventLog.open(world.docker, { label: label(world) });
      await vpn.container.restart({ t: 5 });
      await vpn.container.kill();
      await log.upTo('die');
      assert(log.seen.every(({ id }) => id === vpn.container.id));
      assert.equal((await stateOf(engine)).Status, 'running');
    },
  ],
  [
    'filters: a beginning of an id or name, exact events, and a label that excludes networks',
    async (world) => {
      const name = randomName('filtered');
      await using byId = await EventLog.open(world.docker, { label: label(world), event: ['start', 'die'] });
      await using byName = await EventLog.open(world.docker, {
        container: [name.slice(0, -2)],
        type: ['container'],
      });
      await using byPrefix = await EventLog.open(world.docker, { container: [name], event: ['star'] });
      await using byOther = await EventLog.open(world.docker, { label: [...label(world), 'nobody'] });
      const vpn = await createContainer(world, name, vpnSettings(world, []));
      await vpn.start();
      await vpn.kill();
      assert.deepEqual(await byId.upTo('die'), ['start', 'die']);
      assert.deepEqual(await byName.upTo('die'), ['create', 'start', 'kill', 'die']);
      assert.deepEqual(byPrefix.actions, []);
      assert.deepEqual(byOther.actions, []);
    },
  ],
  [
    'since replays what is remembered, until ends the stream',
    async (world) => {
      const engine = await createEngine(world, 'tandem-nowhere', 6878);
      const filters = encodeURIComponent(JSON.stringify({ container: [engine.id] }));
      const now = Math.floor(Date.now() / 1000);
      const { status, text } = await world.call(
        'GET',
        `/events?since=${now - 60}&until=${now + 1}&filters=${filters}`,
      );
      assert.equal(status, 200);
      const [first, ...rest] = text.trim().split('\n');
      assert.deepEqual(rest, []);
      const { Type, Action, Actor, scope, time, timeNano, status: legacy, id } = JSON.parse(first ?? '');
      assert.deepEqual(
        [Type, Action, Actor.ID, scope, legacy, id],
        ['container', 'create', engine.id, 'local', 'create', engine.id],
      );
      assert(Math.abs(time - now) < 30);
      assert(Math.abs(timeNano / 1e9 - time) <= 1);
    },
  ],
];
