import { Buffer } from 'node:buffer';
import type { ServerResponse } from 'node:http';
import type { Daemon } from './daemon.ts';
import { DockerError } from './errors.ts';
import { parseFilters } from './filters.ts';
import type { Image } from './images.ts';
import type { Micros } from './moment.ts';
import { apiVersion, type Call, json, type Reply, type Route } from './route.ts';

/** Everything that is not about containers: the daemon itself, its events, images and networks. */
export function systemRoutes(daemon: Daemon): Route[] {
  const { world, images } = daemon;
  const ping = (): Reply => ({ kind: 'bytes', type: 'text/plain; charset=utf-8', bytes: Buffer.from('OK') });
  return [
    { method: 'GET', path: /^\/_ping$/, handle: ping },
    { method: 'HEAD', path: /^\/_ping$/, handle: ping },
    { method: 'GET', path: /^\/version$/, handle: () => json(version) },
    { method: 'GET', path: /^\/info$/, handle: () => json(info(daemon)) },
    { method: 'GET', path: /^\/events$/, handle: (call) => events(daemon, call) },
    { method: 'GET', path: /^\/images\/json$/, handle: () => json(images.list().map(imageRow)) },
    {
      method: 'GET',
      path: /^\/images\/(.+)\/json$/,
      handle: ({ captured }) => {
        const image = images.find(captured);
        if (image !== undefined) return json(imageDetails(image));
        const name = captured.includes(':') ? captured : `${captured}:latest`;
        throw new DockerError(404, `no such image: ${captured}: No such image: ${name}`);
      },
    },
    {
      method: 'GET',
      path: /^\/distribution\/(.+)\/json$/,
      handle: ({ captured }) => json({ Descriptor: { digest: images.digest(captured) }, Platforms: [] }),
    },
    {
      method: 'POST',
      path: /^\/images\/create$/,
      handle: ({ query }) => {
        const progress = images.pull(query.get('fromImage') ?? '', query.get('tag') ?? '');
        return {
          kind: 'stream',
          type: 'application/json',
          write: (response) => writeLines(progress, response),
        };
      },
    },
    { method: 'GET', path: /^\/networks$/, handle: () => json(world.network.networks.map(networkJson)) },
    {
      method: 'GET',
      path: /^\/networks\/([^/]+)$/,
      handle: ({ captured }) => {
        const network = world.network.find(captured);
        if (network === undefined) throw new DockerError(404, `network ${captured} not found`);
        return json(networkJson(network));
      },
    },
  ];
}

function events({ world }: Daemon, { query }: Call): Reply {
  const filters = parseFilters(query.get('filters'));
  const since = moment(query.get('since'));
  const until = moment(query.get('until'));
  return {
    kind: 'stream',
    type: 'application/json',
    write: async (response, gone) => {
      const reader = {
        filters,
        line: (text: string) => response.write(text),
        hangUp: () => response.destroy(),
      };
      const detach = world.events.attach(reader, since, until);
      if (until === undefined)
        await new Promise<void>((resolve) => gone.addEventListener('abort', () => resolve(), { once: true }));
      else await world.clock.sleep(until / 1000 - world.clock.now(), gone);
      detach();
    },
  };
}

/** Unix seconds, with a fraction if need be. */
function moment(text: string | null): Micros | undefined {
  if (text === null || text === '' || text === '0') return undefined;
  const seconds = Number(text);
  if (Number.isNaN(seconds))
    throw new DockerError(400, `failed to parse value as time or duration: "${text}"`);
  return Math.floor(seconds * 1_000_000);
}

async function writeLines(lines: AsyncIterable<object>, response: ServerResponse): Promise<void> {
  for await (const line of lines) response.write(`${JSON.stringify(line)}\r\n`);
}

const version = {
  Platform: { Name: 'Tandem embedded engine' },
  Version: 'embedded',
  ApiVersion: apiVersion,
  MinAPIVersion: '1.12',
  Os: 'linux',
  Arch: 'amd64',
  Components: [],
};

function info({ world, images }: Daemon): object {
  const states = world.containers.all().map((container) => container.state.kind);
  const count = (kind: string) => states.filter((each) => each === kind).length;
  return {
    ID: 'embedded',
    Name: 'embedded',
    Containers: states.length,
    ContainersRunning: count('running'),
    ContainersPaused: count('paused'),
    ContainersStopped: count('exited') + count('created'),
    Images: images.list().length,
    Driver: 'embedded',
    ServerVersion: 'embedded',
    OperatingSystem: 'Tandem embedded engine',
    OSType: 'linux',
    Architecture: 'x86_64',
    NEventsListener: world.events.readers,
  };
}

function imageRow(image: Image): object {
  return { Id: image.id, RepoTags: [image.name], RepoDigests: [], Labels: null, Size: 0, Created: 0 };
}

function imageDetails(image: Image): object {
  return {
    ...imageRow(image),
    Os: 'linux',
    Architecture: 'amd64',
    Config: { Cmd: image.command, Entrypoint: image.entrypoint, Env: image.env },
  };
}

function networkJson({ id, name, driver }: { id: string; name: string; driver: string }): object {
  return { Id: id, Name: name, Driver: driver, Scope: 'local', Containers: {}, Options: {}, Labels: {} };
}
