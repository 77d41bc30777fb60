import assert from 'node:assert/strict';
import { answers, createEngine, startEngine, startVpn, stateOf } from '../../support/docker/containers.ts';
import { until } from '../../support/docker/until.ts';
import type { Case } from './creation.ts';

export const namespaceCases: readonly Case[] = [
  [
    'after a restart of its VPN an engine looks alive and is not, until it is restarted itself',
    async (world) => {
      const vpn = await startVpn(world);
      const http = vpn.ports[0] ?? 0;
      const engine = await startEngine(world, vpn, http);
      const before = await stateOf(engine);
      await vpn.container.restart({ t: 5 });
      assert.deepEqual(await stateOf(engine), before);
      assert.equal(await answers(http), false);
      assert((await stateOf(vpn.container)).StartedAt > before.StartedAt);
      await engine.restart({ t: 1 });
      await until('it answers again', () => answers(http));
    },
  ],
  [
    'a VPN that is killed and started again does not give the namespace back either',
    async (world) => {
      const vpn = await startVpn(world);
      const http = vpn.ports[0] ?? 0;
      const engine = await startEngine(world, vpn, http);
      await vpn.container.kill();
      assert.equal(await answers(http), false);
      assert.equal((await stateOf(engine)).Status, 'running');
      await vpn.container.start();
      assert.equal(await answers(http), false);
      const other = await startEngine(world, vpn, vpn.ports[1] ?? 0);
      assert.equal((await stateOf(other)).Status, 'running');
      assert.equal(await answers(http), false);
    },
  ],
  [
    'the engine of a removed VPN goes on running in nothing',
    async (world) => {
      const vpn = await startVpn(world);
      const engine = await startEngine(world, vpn);
      await vpn.container.remove({ force: true });
      const { State, HostConfig } = await engine.inspect();
      assert.equal(State.Status, 'running');
      assert.equal(HostConfig.NetworkMode, `container:${vpn.container.id}`);
      assert.equal(await answers(vpn.ports[0] ?? 0), false);
    },
  ],
  [
    'a paused VPN keeps the namespace: engines answer, and others start',
    async (world) => {
      const vpn = await startVpn(world);
      await startEngine(world, vpn);
      await vpn.container.pause();
      assert.equal(await answers(vpn.ports[0] ?? 0), true);
      await startEngine(world, vpn, vpn.ports[1]);
      await vpn.container.unpause();
      assert.equal(await answers(vpn.ports[0] ?? 0), true);
    },
  ],
  [
    'a paused engine answers nobody until it is resumed',
    async (world) => {
      const vpn = await startVpn(world);
      const engine = await startEngine(world, vpn);
      await engine.pause();
      assert.equal(await answers(vpn.ports[0] ?? 0), false);
      await engine.unpause();
      await until('it answers again', () => answers(vpn.ports[0] ?? 0));
    },
  ],
  [
    'the second engine on a port of the namespace says so and exits with 1; the first does not notice',
    async (world) => {
      const vpn = await startVpn(world);
      const http = vpn.ports[0] ?? 0;
      await startEngine(world, vpn, http);
      const second = await createEngine(world, vpn.name, http);
      await second.start();
      await until('it has ended', async () => (await stateOf(second)).Status === 'exited');
      assert.equal((await stateOf(second)).ExitCode, 1);
      const { text } = await world.call('GET', `/containers/${second.id}/logs?stdout=1&stderr=1`);
      assert.match(text, /failed to bind port \d+: address already in use/);
      assert.equal(await answers(http), true);
    },
  ],
  [
    'engines of two VPNs use the same inner ports',
    async (world) => {
      for (const vpn of [await startVpn(world), await startVpn(world)]) {
        const engine = await createEngine(world, vpn.name, vpn.ports[0] ?? 0, {
          Cmd: ['/acestream/acestreamengine', `--http-port=${vpn.ports[0]}`],
        });
        await engine.start();
        await until('it answers', () => answers(vpn.ports[0] ?? 0));
      }
    },
  ],
];
