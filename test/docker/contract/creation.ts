import assert from 'node:assert/strict';
import {
  createContainer,
  createEngine,
  engineSettings,
  startVpn,
  stateOf,
  vpnSettings,
} from '../../support/docker/containers.ts';
import { randomName, type World } from '../../support/docker/world.ts';

/** One sentence that both daemons keep. */
export type Case = readonly [name: string, run: (world: World) => Promise<void>];

async function refused(world: World, settings: object, name = randomName('refused')) {
  const { status, message } = await world.call('POST', `/containers/create?name=${name}`, settings);
  return { status, message };
}

export const creationCases: readonly Case[] = [
  [
    'a missing image is refused by its full name',
    async (world) => {
      for (const [asked, named] of [
        ['tandem-nowhere:1', 'tandem-nowhere:1'],
        ['tandem-nowhere', 'tandem-nowhere:latest'],
      ])
        assert.deepEqual(await refused(world, { Image: asked }), {
          status: 404,
          message: `No such image: ${named}`,
        });
    },
  ],
  [
    'no settings, no image, or a bad name is a bad request',
    async (world) => {
      assert.deepEqual(await refused(world, {}), {
        status: 400,
        message: 'Config cannot be empty in order to create a container',
      });
      assert.deepEqual(await refused(world, { Image: '' }), { status: 400, message: 'No command specified' });
      assert.deepEqual(await refused(world, { Image: world.engineImage }, '-bad'), {
        status: 400,
        message: 'Invalid container name (-bad), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed',
      });
    },
  ],
  [
    'a container that joins a namespace may not publish, expose or have a host name',
    async (world) => {
      const join = { NetworkMode: 'container:whatever' };
      const conflict = (what: string) => ({ status: 400, message: `conflicting options: ${what}` });
      const Image = world.engineImage;
      const PortBindings = { '80/tcp': [{ HostPort: '80' }] };
      assert.deepEqual(
        await refused(world, { Image, HostConfig: { ...join, PortBindings } }),
        conflict('port publishing and the container type network mode'),
      );
      assert.deepEqual(
        await refused(world, { Image, ExposedPorts: { '80/tcp': {} }, HostConfig: join }),
        conflict('port exposing and the container type network mode'),
      );
      assert.deepEqual(
        await refused(world, { Image, Hostname: 'h', HostConfig: join }),
        conflict('hostname and the network mode'),
      );
    },
  ],
  [
    'a taken name is a conflict that tells who has it',
    async (world) => {
      const name = randomName('taken');
      const { id } = await createContainer(world, name, vpnSettings(world, []));
      assert.deepEqual(await refused(world, vpnSettings(world, []), name), {
        status: 409,
        message: `Conflict. The container name "/${name}" is already in use by container "${id}". You have to remove (or rename) that container to be able to reuse that name.`,
      });
    },
  ],
  [
    'of many that ask for one name at once, one gets it',
    async (world) => {
      const name = randomName('race');
      const answers = await Promise.all(
        Array.from({ length: 5 }, () =>
          world.call('POST', `/containers/create?name=${name}`, vpnSettings(world, [])),
        ),
      );
      assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409, 409, 409, 409]);
    },
  ],
  [
    'the name of the VPN becomes its id when it exists, and stays a name when it does not',
    async (world) => {
      const vpn = await startVpn(world);
      const joined = await createEngine(world, vpn.name, 6878);
      assert.equal((await joined.inspect()).HostConfig.NetworkMode, `container:${vpn.container.id}`);
      const lone = await createEngine(world, 'tandem-nowhere', 6878);
      assert.equal((await lone.inspect()).HostConfig.NetworkMode, 'container:tandem-nowhere');
    },
  ],
  [
    'a new container is created, never ran, and shows what was asked for',
    async (world) => {
      const engine = await createEngine(world, 'tandem-nowhere', 6878, { Env: ['STANDIN_X=1'] });
      const info = await engine.inspect();
      const {
        Status,
        Running,
        Paused,
        Restarting,
        Dead,
        OOMKilled,
        ExitCode,
        Error: failure,
        StartedAt,
      } = info.State;
      assert.deepEqual(
        { Status, Running, Paused, Restarting, Dead, OOMKilled, ExitCode, failure, StartedAt },
        {
          Status: 'created',
          Running: false,
          Paused: false,
          Restarting: false,
          Dead: false,
          OOMKilled: false,
          ExitCode: 0,
          failure: '',
          StartedAt: '0001-01-01T00:00:00Z',
        },
      );
      assert.equal(info.State.Health, undefined);
      assert.equal(info.Config.Image, world.engineImage);
      assert.deepEqual(info.Config.Labels, world.labels);
      assert.equal(info.Config.Cmd[1], '--client-console');
      assert(info.Config.Env.includes('STANDIN_X=1'));
      assert.deepEqual(info.NetworkSettings.Networks, {});
    },
  ],
  [
    'limits and policies come back as they were given',
    async (world) => {
      const HostConfig = {
        NetworkMode: 'container:tandem-nowhere',
        Memory: 64 * 1024 * 1024,
        CapDrop: ['ALL'],
        SecurityOpt: ['no-new-privileges'],
        PidsLimit: 200,
        RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
      };
      const settings = engineSettings(world, 'tandem-nowhere', 6878, { HostConfig });
      const engine = await createContainer(world, randomName('engine'), settings);
      assert.partialDeepStrictEqual((await engine.inspect()).HostConfig, HostConfig);
      assert.equal((await stateOf(engine)).Status, 'created');
    },
  ],
];
