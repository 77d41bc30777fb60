import assert from 'node:assert/strict';
import {
  createContainer,
  createEngine,
  startEngine,
  startVpn,
  vpnSettings,
} from '../../support/docker/containers.ts';
import { randomName, type World } from '../../support/docker/world.ts';
import type { Case } from './creation.ts';

async function names(world: World, filters: object, all = true): Promise<string[]> {
  const wanted = encodeURIComponent(JSON.stringify(filters));
  const { text } = await world.call('GET', `/containers/json?all=${all}&filters=${wanted}`);
  return JSON.parse(text).map(({ Names }: { Names: string[] }) => Names[0]?.slice(1));
}

export const lookingCases: readonly Case[] = [
  [
    'ping tells the API version, to GET and to HEAD, with and without a version in the path',
    async (world) => {
      for (const [method, path, body] of [
        ['GET', '/_ping', 'OK'],
        ['HEAD', '/_ping', ''],
        ['GET', '/v1.30/_ping', 'OK'],
      ] as const) {
        const { status, headers, text } = await world.call(method, path);
        assert.deepEqual([status, text], [200, body]);
        assert.match(String(headers['api-version']), /^1\.\d+$/);
      }
      const { ApiVersion } = JSON.parse((await world.call('GET', '/version')).text);
      assert.equal((await world.call('GET', '/_ping')).headers['api-version'], ApiVersion);
    },
  ],
  [
    'an unknown path is not found, and a version from the future is refused',
    async (world) => {
      const lost = await world.call('GET', '/v1.30/nothing');
      assert.deepEqual([lost.status, lost.message], [404, 'page not found']);
      const future = await world.call('GET', '/v1.99/version');
      assert.equal(future.status, 400);
      assert.match(
        future.message,
        /^client version 1\.99 is too new\. Maximum supported API version is 1\.\d+$/,
      );
    },
  ],
  [
    'labels are joined by "and", names are patterns, ids are beginnings',
    async (world) => {
      const label = Object.entries(world.labels).map(([key, value]) => `${key}=${value}`);
      const name = randomName('listed');
      const settings = vpnSettings(world, []);
      const { id } = await createContainer(world, name, {
        ...settings,
        Labels: { ...world.labels, extra: 'yes' },
      });
      const other = randomName('listed');
      await createContainer(world, other, settings);
      assert.deepEqual((await names(world, { label })).sort(), [name, other].sort());
      assert.deepEqual(await names(world, { label: [...label, 'extra'] }), [name]);
      assert.deepEqual(await names(world, { label: [...label, 'extra=no'] }), []);
      assert.deepEqual(
        await names(world, {
          label: Object.fromEntries([...label, 'extra=yes'].map((each) => [each, true])),
        }),
        [name],
      );
      assert.deepEqual(await names(world, { name: [name.slice(4)] }), [name]);
      assert.deepEqual(await names(world, { name: [`^/${name}$`] }), [name]);
      assert.deepEqual(await names(world, { name: [`^${name}$`] }), [name]);
      assert.deepEqual(await names(world, { name: [`^${name.slice(4)}`] }), []);
      assert.deepEqual(await names(world, { id: [id.slice(0, 20)] }), [name]);
      assert.deepEqual(await names(world, { id: [id.slice(3, 20)] }), []);
    },
  ],
  [
    'only running containers are listed, unless all or a status is asked for',
    async (world) => {
      const label = Object.entries(world.labels).map(([key, value]) => `${key}=${value}`);
      const { name, container } = await startVpn(world);
      const idle = randomName('idle');
      await createContainer(world, idle, vpnSettings(world, []));
      assert.deepEqual(await names(world, { label }, false), [name]);
      assert.deepEqual(await names(world, { label }), [idle, name]);
      assert.deepEqual(await names(world, { label, status: ['created'] }, false), [idle]);
      await container.pause();
      assert.deepEqual(await names(world, { label, status: ['paused', 'exited'] }), [name]);
      assert.deepEqual(await names(world, { label, status: ['running'] }), []);
      assert.deepEqual(await names(world, { label }, false), [name]);
    },
  ],
  [
    'a filter that does not exist is refused',
    async (world) => {
      const ask = (filters: object) =>
        world.call('GET', `/containers/json?filters=${encodeURIComponent(JSON.stringify(filters))}`);
      assert.deepEqual(
        [(await ask({ nonsense: ['1'] })).status, (await ask({ nonsense: ['1'] })).message],
        [400, "Invalid filter 'nonsense'"],
      );
      assert.equal((await ask({ status: ['odd'] })).message, "Invalid filter 'status=odd'");
    },
  ],
  [
    'a row of the list says what an inspect would',
    async (world) => {
      const vpn = await startVpn(world);
      const engine = await startEngine(world, vpn);
      const label = Object.entries(world.labels).map(([key, value]) => `${key}=${value}`);
      const rows = await world.docker.listContainers({ filters: { label } });
      const [engineRow, vpnRow] = rows;
      assert.partialDeepStrictEqual(engineRow, {
        Id: engine.id,
        Image: world.engineImage,
        Labels: world.labels,
        State: 'running',
        Ports: [],
        HostConfig: { NetworkMode: `container:${vpn.container.id}` },
      });
      assert.match(engineRow?.Status ?? '', /^Up /);
      const ports = vpnRow?.Ports.filter(({ PrivatePort }) => PrivatePort === vpn.ports[0]);
      assert.deepEqual(ports, [
        { IP: '127.0.0.1', PrivatePort: vpn.ports[0], PublicPort: vpn.ports[0], Type: 'tcp' },
      ]);
    },
  ],
  [
    'published ports are shown while the VPN runs, and nothing when it does not',
    async (world) => {
      const vpn = await startVpn(world);
      const { NetworkSettings } = await vpn.container.inspect();
      for (const port of vpn.ports)
        assert.deepEqual(NetworkSettings.Ports[`${port}/tcp`], [
          { HostIp: '127.0.0.1', HostPort: String(port) },
        ]);
      assert(Number(NetworkSettings.Ports['8000/tcp']?.[0]?.HostPort) > 0);
      assert.notEqual(NetworkSettings.Networks.bridge?.IPAddress, '');
      const engine = await startEngine(world, vpn);
      const inside = (await engine.inspect()).NetworkSettings;
      assert.deepEqual([inside.Ports, inside.Networks], [{}, {}]);
      await vpn.container.kill();
      assert.deepEqual((await vpn.container.inspect()).NetworkSettings.Ports, {});
    },
  ],
  [
    'a container is found by its id, its name, and the beginning of its id',
    async (world) => {
      const engine = await createEngine(world, 'tandem-nowhere', 6878);
      const { Name } = await engine.inspect();
      for (const ref of [engine.id, engine.id.slice(0, 12), Name.slice(1)])
        assert.equal((await world.docker.getContainer(ref).inspect()).Id, engine.id);
    },
  ],
  [
    'images and networks that do not exist are not found',
    async (world) => {
      const image = await world.call('GET', '/images/tandem-nowhere/json');
      assert.deepEqual(
        [image.status, image.message],
        [404, 'no such image: tandem-nowhere: No such image: tandem-nowhere:latest'],
      );
      const { Id } = await world.docker.getImage(world.engineImage).inspect();
      assert.match(Id, /^sha256:[0-9a-f]{64}$/);
      const network = await world.call('GET', '/networks/tandem-nowhere');
      assert.deepEqual([network.status, network.message], [404, 'network tandem-nowhere not found']);
      assert.equal((await world.docker.getNetwork('bridge').inspect()).Driver, 'bridge');
    },
  ],
  [
    'logs need a stream and come in frames',
    async (world) => {
      const { container } = await startVpn(world);
      const none = await world.call('GET', `/containers/${container.id}/logs`);
      assert.deepEqual(
        [none.status, none.message],
        [400, 'Bad parameters: you must choose at least one stream'],
      );
    },
  ],
];
