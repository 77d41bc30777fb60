import assert from 'node:assert/strict';
import type Docker from 'dockerode';
import {
  createContainer,
  createEngine,
  startEngine,
  startVpn,
  stateOf,
  vpnSettings,
} from '../../support/docker/containers.ts';
import { until } from '../../support/docker/until.ts';
import { randomName, type World } from '../../support/docker/world.ts';
import type { Case } from './creation.ts';

/** What POSTing a verb to a container answers, as `status message`. */
async function post(world: World, { id }: Docker.Container, verb: string): Promise<string> {
  const { status, message } = await world.call('POST', `/containers/${id}/${verb}`);
  return `${status} ${message}`.trim();
}

async function drop(world: World, { id }: Docker.Container, query = ''): Promise<string> {
  const { status, message } = await world.call('DELETE', `/containers/${id}${query}`);
  return `${status} ${message}`.trim();
}

export const lifecycleCases: readonly Case[] = [
  [
    'start, start again, stop, stop again',
    async (world) => {
      const vpn = await createContainer(world, randomName('vpn'), vpnSettings(world, []));
      assert.equal(await post(world, vpn, 'start'), '204');
      assert.equal(await post(world, vpn, 'start'), '304');
      assert.equal(await post(world, vpn, 'stop?t=5'), '204');
      assert.equal(await post(world, vpn, 'stop?t=5'), '304');
      const { Status, ExitCode, Pid } = await stateOf(vpn);
      assert.deepEqual({ Status, ExitCode, Pid }, { Status: 'exited', ExitCode: 0, Pid: 0 });
    },
  ],
  [
    'what does not exist is a 404 for every verb',
    async (world) => {
      const message = 'No such container: tandem-nowhere';
      for (const verb of ['start', 'stop', 'restart', 'pause', 'unpause', 'wait']) {
        const answer = await world.call('POST', `/containers/tandem-nowhere/${verb}`);
        assert.deepEqual([answer.status, answer.message], [404, message], verb);
      }
      const killed = await world.call('POST', '/containers/tandem-nowhere/kill');
      assert.deepEqual(
        [killed.status, killed.message],
        [404, `Cannot kill container: tandem-nowhere: ${message}`],
      );
      for (const [method, path] of [
        ['DELETE', ''],
        ['GET', '/json'],
        ['GET', '/logs?stdout=1'],
      ])
        assert.equal((await world.call(method ?? '', `/containers/tandem-nowhere${path}`)).message, message);
    },
  ],
  [
    'an engine whose VPN never existed is created, does not start, and says why',
    async (world) => {
      const engine = await createEngine(world, 'tandem-nowhere', 6878);
      assert.equal(await post(world, engine, 'start'), '404 No such container: tandem-nowhere');
      const { Status, ExitCode, Error: error } = await stateOf(engine);
      assert.deepEqual([Status, ExitCode, error], ['created', 128, 'No such container: tandem-nowhere']);
    },
  ],
  [
    'an engine does not start while its VPN is down, and does once it is up',
    async (world) => {
      const vpn = await startVpn(world);
      await vpn.container.stop({ t: 5 });
      const engine = await createEngine(world, vpn.name, 6878);
      const refusal = `cannot join network of a non running container: ${vpn.container.id}`;
      assert.equal(await post(world, engine, 'start'), `409 ${refusal}`);
      assert.equal((await stateOf(engine)).Status, 'created');
      await vpn.container.start();
      assert.equal(await post(world, engine, 'start'), '204');
    },
  ],
  [
    'a restart that fails leaves the engine exited with the reason',
    async (world) => {
      const vpn = await startVpn(world);
      const engine = await startEngine(world, vpn);
      await vpn.container.kill();
      const refusal = `cannot join network of a non running container: ${vpn.container.id}`;
      assert.equal(
        await post(world, engine, 'restart?t=1'),
        `500 Cannot restart container ${engine.id}: ${refusal}`,
      );
      const { Status, ExitCode, Error: error } = await stateOf(engine);
      assert.deepEqual([Status, ExitCode, error], ['exited', 128, refusal]);
    },
  ],
  [
    'an engine of a VPN that was removed looks for the old id for ever',
    async (world) => {
      const vpn = await startVpn(world);
      const engine = await createEngine(world, vpn.name, 6878);
      await vpn.container.remove({ force: true });
      await createContainer(world, vpn.name, vpnSettings(world, [])).then((anew) => anew.start());
      assert.equal(await post(world, engine, 'start'), `404 No such container: ${vpn.container.id}`);
    },
  ],
  [
    'pause and unpause, and what a paused container refuses',
    async (world) => {
      const { container } = await startVpn(world);
      assert.equal(await post(world, container, 'unpause'), `500 Container ${container.id} is not paused`);
      assert.equal(await post(world, container, 'pause'), '204');
      assert.equal(await post(world, container, 'pause'), `409 Container ${container.id} is already paused`);
      assert.equal(
        await post(world, container, 'start'),
        '409 cannot start a paused container, try unpause instead',
      );
      assert.equal(
        await drop(world, container),
        `409 You cannot remove a paused container ${container.id}. Unpause and then stop the container before attempting removal or force remove`,
      );
      const { Status, Running, Paused } = await stateOf(container);
      assert.deepEqual([Status, Running, Paused], ['paused', true, true]);
      assert.equal(await post(world, container, 'unpause'), '204');
      await container.kill();
      assert.equal(await post(world, container, 'pause'), `409 Container ${container.id} is not running`);
    },
  ],
  [
    'a kill ends it with 137, once',
    async (world) => {
      const { container } = await startVpn(world);
      assert.equal(await post(world, container, 'kill?signal=NONSENSE'), '400 Invalid signal: NONSENSE');
      assert.equal(await post(world, container, 'kill'), '204');
      assert.equal(
        await post(world, container, 'kill'),
        `409 Cannot kill container: ${container.id}: Container ${container.id} is not running`,
      );
      const { Status, ExitCode, FinishedAt } = await stateOf(container);
      assert.deepEqual([Status, ExitCode], ['exited', 137]);
      assert(FinishedAt > '2000');
    },
  ],
  [
    'TERM lets a process end by itself',
    async (world) => {
      const { container } = await startVpn(world);
      // A process that has not come to its trap yet would not hear the signal.
      await until(
        'it has said something',
        async () => (await world.call('GET', `/containers/${container.id}/logs?stdout=1`)).text !== '',
      );
      assert.equal(await post(world, container, 'kill?signal=TERM'), '204');
      await until('it has ended', async () => (await stateOf(container)).Status === 'exited');
      assert.equal((await stateOf(container)).ExitCode, 0);
    },
  ],
  [
    'a running container is removed only by force, and then it is gone',
    async (world) => {
      const { container } = await startVpn(world);
      assert.equal(
        await drop(world, container),
        `409 You cannot remove a running container ${container.id}. Stop the container before attempting removal or force remove`,
      );
      assert.equal(await drop(world, container, '?force=true&v=true'), '204');
      assert.equal(await drop(world, container, '?force=true'), `404 No such container: ${container.id}`);
    },
  ],
  [
    'of many removals at once, one removes and the others are told that it is in progress',
    async (world) => {
      const { container } = await startVpn(world);
      const answers = await Promise.all(
        Array.from({ length: 5 }, () => drop(world, container, '?force=true')),
      );
      const busy = `409 removal of container ${container.id} is already in progress`;
      assert.equal(answers.filter((answer) => answer === '204').length, 1);
      assert(answers.includes(busy), answers.join());
      for (const answer of answers)
        assert(['204', busy, `404 No such container: ${container.id}`].includes(answer), answer);
    },
  ],
  [
    'a port that another container publishes refuses the start',
    async (world) => {
      const vpn = await startVpn(world);
      const name = randomName('rival');
      const rival = await createContainer(world, name, vpnSettings(world, vpn.ports.slice(0, 1)));
      const answer = await post(world, rival, 'start');
      assert.match(
        answer,
        new RegExp(
          `^500 driver failed programming external connectivity on endpoint ${name} \\([0-9a-f]{64}\\): Bind for 127.0.0.1:${vpn.ports[0]} failed: port is already allocated$`,
        ),
      );
      const { Status, ExitCode, Error: error } = await stateOf(rival);
      assert.deepEqual([Status, ExitCode, `500 ${error}`], ['created', 128, answer]);
      await vpn.container.kill();
      assert.equal(await post(world, rival, 'start'), '204');
    },
  ],
  [
    'wait answers with the exit code',
    async (world) => {
      const { container } = await startVpn(world);
      const waiting = world.call('POST', `/containers/${container.id}/wait`);
      await container.kill();
      assert.equal(JSON.parse((await waiting).text).StatusCode, 137);
    },
  ],
  [
    'a rename frees the old name; no name, or the same one, is refused',
    async (world) => {
      const { container, name } = await startVpn(world);
      assert.equal(
        await post(world, container, `rename?name=${name}`),
        '400 Renaming a container with the same name as its current name',
      );
      assert.equal(await post(world, container, 'rename'), '400 Neither old nor new names may be empty');
      const renamed = randomName('renamed');
      assert.equal(await post(world, container, `rename?name=${renamed}`), '204');
      assert.equal((await world.call('GET', `/containers/${name}/json`)).status, 404);
      assert.equal((await world.docker.getContainer(renamed).inspect()).Id, container.id);
    },
  ],
];
