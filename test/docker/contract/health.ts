import assert from 'node:assert/strict';
import {
  createContainer,
  startEngine,
  startVpn,
  stateOf,
  untilHealth,
  vpnSettings,
} from '../../support/docker/containers.ts';
import { EventLog } from '../../support/docker/event-log.ts';
import { randomName } from '../../support/docker/world.ts';
import type { Case } from './creation.ts';

const isHealth = (action: string) => action.startsWith('health_status');

export const healthCases: readonly Case[] = [
  [
    'a VPN is starting, then healthy; an engine with NONE has no health at all',
    async (world) => {
      const vpn = await startVpn(world);
      assert.equal((await stateOf(vpn.container)).Health?.Status, 'starting');
      await untilHealth(vpn.container, 'healthy');
      const engine = await startEngine(world, vpn);
      assert.equal((await stateOf(engine)).Health, undefined);
    },
  ],
  [
    'health is told by an event on each change, and only then',
    async (world) => {
      const { container } = await startVpn(world);
      await untilHealth(container, 'healthy');
      await using log = await EventLog.open(world.docker, {
        container: [container.id],
        event: ['health_status'],
      });
      await world.tunnel(container).fail();
      await untilHealth(container, 'unhealthy');
      await world.tunnel(container).heal();
      await untilHealth(container, 'healthy');
      await world.tunnel(container).fail();
      await untilHealth(container, 'unhealthy');
      await log.upTo('health_status: unhealthy');
      assert.deepEqual(log.actions, [
        'health_status: unhealthy',
        'health_status: healthy',
        'health_status: unhealthy',
      ]);
    },
  ],
  [
    'a paused or stopped VPN shows unhealthy without an event, and says healthy again when it is',
    async (world) => {
      const { container } = await startVpn(world);
      await untilHealth(container, 'healthy');
      await using log = await EventLog.open(world.docker, { container: [container.id] });
      await container.pause();
      assert.equal((await stateOf(container)).Health?.Status, 'unhealthy');
      await container.unpause();
      await untilHealth(container, 'healthy');
      await container.stop({ t: 5 });
      assert.equal((await stateOf(container)).Health?.Status, 'unhealthy');
      await log.upTo('stop');
      assert.deepEqual(log.actions.filter(isHealth), ['health_status: healthy']);
    },
  ],
  [
    'a restart begins with starting, and tells healthy once more',
    async (world) => {
      const { container } = await startVpn(world);
      await untilHealth(container, 'healthy');
      await using log = await EventLog.open(world.docker, { container: [container.id] });
      await container.restart({ t: 5 });
      assert.equal((await stateOf(container)).Health?.Status, 'starting');
      await untilHealth(container, 'healthy');
      await log.upTo('health_status: healthy');
      assert.deepEqual(log.actions.filter(isHealth), ['health_status: healthy']);
    },
  ],
  [
    'before its first start a container has no health',
    async (world) => {
      const vpn = await createContainer(world, randomName('vpn'), vpnSettings(world, []));
      assert.equal((await stateOf(vpn)).Health, undefined);
    },
  ],
];
