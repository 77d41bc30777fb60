import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type Docker from 'dockerode';
import type { TypedDocumentString } from '../api/gql/graphql.ts';
import { Engines, EventPage, ProvisionEngine, ProvisionEngines, Status } from '../api/operations.ts';
import { clientOf } from '../support/client.ts';
import { type ProductImage, productImage } from '../support/docker/image.ts';
import { until } from '../support/docker/until.ts';
import { here, type Real, real, skipReason } from '../support/real.ts';

const key = 'a-key-that-is-long-enough';
const patienceMs = 60_000;

/** Milliseconds: what docker stop grants without being asked. */
const graceMs = 10_000;

const skip = process.env.TANDEM_LONG
  ? skipReason
  : 'building the image takes minutes: TANDEM_LONG=1 builds it';

describe('the image on a real daemon', { skip, timeout: 600_000 }, () => {
  const mark = { 'tandem.image-test': randomBytes(6).toString('hex') };
  const label = Object.entries(mark).map(([name, value]) => `${name}=${value}`);
  const volume = `tandem-image-test-${randomBytes(5).toString('hex')}`;
  let image: ProductImage;
  let world: Real;
  let docker: Docker;
  let folder: string;
  let environment: Record<string, string>;

  before(async () => {
    if (!here.here) return;
    image = await productImage(here);
    world = await real({ published: 10 });
    docker = world.docker;
    folder = await mkdtemp(join(tmpdir(), 'tandem-image-'));
    await writeFile(join(folder, 'key'), `${key}\n`, { mode: 0o644 });
    environment = world.environment({ API_KEY_FILE: '/run/key' });
    await docker.createVolume({ Name: volume, Labels: mark });
  });
  after(async () => {
    for (const { Id } of await docker.listContainers({ all: true, filters: { label } }))
      await docker.getContainer(Id).remove({ force: true, v: true });
    await docker.getVolume(volume).remove();
    await world[Symbol.asyncDispose]();
    await image[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  /** As docs/deployment.md says: no root, no capability, a disk that is read-only but for the journal, and the socket's group. */
  async function run(env: Record<string, string>, args: string[] = []): Promise<Docker.Container> {
    const socket = new URL(environment.DOCKER_HOST ?? '').pathname;
    // A simulation's journal is another one.
    const journal = args.length === 0 ? [`${volume}:/data`] : [];
    const container = await docker.createContainer({
      Image: image.tag,
      Cmd: args,
      Labels: mark,
      Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      // The same check, more often.
      Healthcheck: { Interval: 1_000_000_000 },
      HostConfig: {
        Binds: [`${socket}:${socket}`, `${join(folder, 'key')}:/run/key:ro`, ...journal],
        GroupAdd: [String(statSync(socket).gid)],
        ReadonlyRootfs: true,
        Tmpfs: { '/tmp': '' },
        CapDrop: ['ALL'],
        SecurityOpt: ['no-new-privileges'],
        PortBindings: { '8000/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] },
      },
    });
    await container.start();
    return container;
  }

  async function clientTo(container: Docker.Container) {
    const { NetworkSettings } = await container.inspect();
    const client = clientOf(`http://127.0.0.1:${NetworkSettings.Ports['8000/tcp']?.[0]?.HostPort}`);
    return {
      ready: client.ready,
      async ask<R, V>(document: TypedDocumentString<R, V>, variables: V): Promise<R> {
        const { body } = await client.answer({ query: document.toString(), variables }, { 'x-api-key': key });
        assert.equal(body.errors, undefined, JSON.stringify(body.errors));
        return body.data as R;
      },
    };
  }

  const said = async (container: Docker.Container) =>
    String(await container.logs({ stdout: true, stderr: true }));

  async function untilHealthy(container: Docker.Container): Promise<void> {
    await until(
      'healthy',
      async () => (await container.inspect()).State.Health?.Status === 'healthy',
      patienceMs,
    ).catch(async (problem) => {
      const { State } = await container.inspect();
      throw new Error(`${problem.message}: ${JSON.stringify(State)} ${await said(container)}`);
    });
  }

  async function untilReady(container: Docker.Container) {
    const client = await clientTo(container);
    await until(
      'it is ready',
      async () => (await client.ready().catch(() => null))?.status === 200,
      patienceMs,
    );
    return client;
  }

  test('that is told nothing ends with 78, and says what it needs', async () => {
    const container = await run({});
    const ended = await until(
      'it ends',
      async () => {
        const { State } = await container.inspect();
        return State.Status === 'exited' && State;
      },
      patienceMs,
    );
    assert.equal(ended.ExitCode, 78);
    assert.match(await said(container), /VPN_MODE is not set; allowed: disabled, single or redundant/);
  });

  test('that is told to simulates, and nothing else does', async () => {
    const container = await run({ HOST: '0.0.0.0' }, ['--embedded']);
    await untilHealthy(container);
    assert.match(await said(container), /SIMULATED/);
    await container.remove({ force: true, v: true });
  });

  test('says what it is', async () => {
    const { Config } = await docker.getImage(image.tag).inspect();
    const { version, license } = JSON.parse(
      readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'),
    );
    assert.equal(Config.Labels['org.opencontainers.image.version'], version);
    assert.equal(Config.Labels['org.opencontainers.image.licenses'], license);
    assert.equal(Config.User, '1000:1000');
  });

  test('adds little to its base', () => {
    assert(image.size < 100e6, `${image.size} bytes`);
  });

  test('without root is healthy, starts ten engines 5/5, stops in time, and whichever comes after it has them still', async () => {
    let container = await run(environment);
    await untilHealthy(container);
    let client = await untilReady(container);
    const { State } = await container.inspect();
    assert.match(readFileSync(`/proc/${State.Pid}/status`, 'utf8'), /^Uid:\s+1000\s+1000\s/m);

    const { provisionEngines } = await client.ask(ProvisionEngines, { input: { count: 10 } });
    assert.equal(provisionEngines.engines.length, 10, JSON.stringify(provisionEngines.errors));
    const spread = async () => {
      const engines = await world.engines({ label: environment.CONTAINER_LABEL ?? '' });
      return world.vpns.map(
        ({ name }) => engines.filter(({ vpn, state }) => vpn === name && state === 'running').length,
      );
    };
    assert.deepEqual(await spread(), [5, 5]);
    const idsOf = async () => (await client.ask(Engines, {})).engines.map(({ id }) => id).sort();
    const ids = await idsOf();

    const begun = performance.now();
    await container.restart({ t: graceMs / 1_000 });
    const { FinishedAt } = (await container.inspect()).State;
    assert(performance.now() - begun < graceMs, `stopped at ${FinishedAt}`);
    client = await untilReady(container);
    assert.deepEqual(await idsOf(), ids);

    await container.stop({ t: graceMs / 1_000 });
    assert.equal((await container.inspect()).State.ExitCode, 0, await said(container));
    await container.remove();
    assert.deepEqual(await spread(), [5, 5]);

    container = await run(environment);
    client = await untilReady(container);
    assert.deepEqual(await idsOf(), ids);
    const { fleet } = await client.ask(Status, {});
    assert.deepEqual([fleet.running, fleet.pending, fleet.simulated], [10, 0, false]);
    const { events } = await client.ask(EventPage, { first: 500, types: ['ENGINE_ASSIGNED'] });
    assert.equal(events.nodes.length, 10, 'the journal is in the volume');

    const { provisionEngine } = await client.ask(ProvisionEngine, {});
    assert(provisionEngine.__typename === 'Engine', JSON.stringify(provisionEngine));
    assert.equal(
      provisionEngine.host,
      provisionEngine.vpn?.name,
      'players are expected in containers as well',
    );
    await container.stop({ t: graceMs / 1_000 });
  });
});
