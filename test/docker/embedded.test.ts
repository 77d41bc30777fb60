import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { Clock } from '../../src/async/clock.ts';
import { answers } from '../support/docker/containers.ts';
import { type EmbeddedFixture, embeddedDocker, engineBody } from '../support/docker/embedded.ts';
import { EventLog } from '../support/docker/event-log.ts';
import { request } from '../support/docker/request.ts';
import { until } from '../support/docker/until.ts';

const http = 31_000;

async function startEngine({ address }: EmbeddedFixture, name: string, port = http): Promise<void> {
  await request(address, 'POST', `/containers/create?name=${name}`, { body: engineBody(port) });
  assert.equal((await request(address, 'POST', `/containers/${name}/start`)).status, 204);
}

const version = (port: number, timeoutMs = 300) =>
  request({ host: '127.0.0.1', port }, 'GET', '/webui/api/service?method=get_version', { timeoutMs });

const create = (fixture: EmbeddedFixture, name: string, timeoutMs = 300) =>
  request(fixture.address, 'POST', `/containers/create?name=${name}`, { body: engineBody(http), timeoutMs });

it('a restart that waited behind a removal starts nothing', async () => {
  await using fixture = await embeddedDocker({ stopMs: 30 });
  await startEngine(fixture, 'engine');
  await until('it listens', () => answers(http));
  const [removed, restarted] = await Promise.all([
    request(fixture.address, 'DELETE', '/containers/engine?force=true'),
    request(fixture.address, 'POST', '/containers/engine/restart?t=0'),
  ]);
  const problem = 'container is marked for removal and cannot be started';
  assert.deepEqual([removed.status, restarted.message], [204, `Cannot restart container engine: ${problem}`]);
  assert.equal(await answers(http), false);
});

describe('VPNs in the hands of an operator', () => {
  it('fail at once, heal at once, and tell it once', async () => {
    await using fixture = await embeddedDocker();
    const vpn = fixture.embedded.vpn('gluetun');
    await using log = await EventLog.open(fixture.docker, { event: ['health_status'] });
    vpn.fail();
    vpn.fail();
    vpn.heal();
    assert.deepEqual(await log.upTo('health_status: healthy'), [
      'health_status: unhealthy',
      'health_status: healthy',
    ]);
  });

  it('get a new id and lose their engines when they are made anew', async () => {
    await using fixture = await embeddedDocker();
    await startEngine(fixture, 'engine');
    await until('it listens', () => answers(http));
    const vpn = fixture.embedded.vpn('gluetun');
    const { id } = vpn;
    await vpn.recreate();
    assert.notEqual(vpn.id, id);
    assert.equal(await answers(http), false);
    assert.equal((await request(fixture.address, 'POST', '/containers/engine/restart?t=0')).status, 500);
  });

  it('answer on the control port as they are told', async () => {
    await using fixture = await embeddedDocker();
    const vpn = fixture.embedded.vpn('gluetun');
    const { NetworkSettings } = await fixture.docker.getContainer('gluetun').inspect();
    const port = Number(NetworkSettings.Ports['8000/tcp']?.[0]?.HostPort);
    const ask = (headers = {}) =>
      request({ host: '127.0.0.1', port }, 'GET', '/v1/portforward', { headers, timeoutMs: 300 });
    vpn.setControl({ ports: [40_648, 40_649] });
    assert.equal((await ask()).text, '{"port":40648,"ports":[40648,40649]}\n');
    vpn.setControl({ portShape: 'single' });
    assert.equal((await ask()).text, '{"ports":[40648,40649]}\n');
    vpn.setControl({ status: 'crashed', portShape: 'both' });
    assert.equal((await ask()).text, '{"port":0,"ports":[]}\n');
    vpn.setControl({ auth: { kind: 'apikey', key: 'K' } });
    assert.equal((await ask()).status, 401);
    assert.equal((await ask({ 'x-api-key': 'K' })).status, 200);
    vpn.setControl({ auth: { kind: 'basic', user: 'u', password: 'p' } });
    assert.equal((await ask()).headers['www-authenticate'], 'Basic realm="restricted", charset="UTF-8"');
    assert.equal((await ask({ authorization: `Basic ${btoa('u:p')}` })).status, 200);
    vpn.setControl({ auth: { kind: 'deny' } });
    assert.equal((await ask()).status, 401);
    vpn.setControl({ http500: true });
    assert.equal((await ask()).status, 500);
    vpn.setControl({ hang: true });
    await assert.rejects(ask(), { name: 'AbortError' });
  });
});

describe('images', () => {
  const name = 'registry.example/engine:1';
  async function pull({ docker }: EmbeddedFixture, image: string) {
    const lines: { status?: string; error?: string }[] = [];
    const stream = await docker.pull(image);
    const problem = await new Promise<Error | null>((resolve) => {
      docker.modem.followProgress(stream, resolve, (line) => lines.push(line));
    });
    return { lines, problem };
  }

  it('are missing until they are pulled, with progress', async () => {
    await using fixture = await embeddedDocker();
    const { embedded, docker } = fixture;
    embedded.images.put({ name, kind: 'acestream', place: 'registry', pull: { layers: 2, takesMs: 20 } });
    await assert.rejects(docker.getImage(name).inspect(), { statusCode: 404 });
    const { lines, problem } = await pull(fixture, name);
    assert.equal(problem, null);
    const statuses = lines.map(({ status }) => status);
    assert.equal(statuses.filter((status) => status === 'Downloading').length, 4);
    assert.equal(statuses.at(-1), `Status: Downloaded newer image for ${name}`);
    assert.deepEqual((await docker.getImage(name).inspect()).RepoTags, [name]);
    assert.equal((await pull(fixture, name)).lines.at(-1)?.status, `Status: Image is up to date for ${name}`);
  });

  it('that nobody has are refused, and a pull that breaks says so on its last line', async () => {
    await using fixture = await embeddedDocker();
    await assert.rejects(fixture.docker.pull('nobody/has:it'), {
      statusCode: 404,
      message: /pull access denied for nobody\/has, repository does not exist or may require 'docker login'/,
    });
    fixture.embedded.images.put({
      name,
      kind: 'acestream',
      place: 'registry',
      pull: { error: 'unexpected EOF' },
    });
    // dockerode takes such an end for success: the line has to be read.
    const { lines, problem } = await pull(fixture, name);
    assert.deepEqual([problem, lines.at(-1)?.error], [null, 'unexpected EOF']);
    await assert.rejects(fixture.docker.getImage(name).inspect(), { statusCode: 404 });
  });

  it('that were removed cannot be run', async () => {
    await using fixture = await embeddedDocker();
    fixture.embedded.images.remove('ghcr.io/krinkuto11/nano-ace:latest');
    assert.equal(
      (await create(fixture, 'engine')).message,
      'No such image: ghcr.io/krinkuto11/nano-ace:latest',
    );
  });
});

it('the audit lists every call, and the most starts that were in flight at once', async () => {
  await using fixture = await embeddedDocker({ startMs: 20 });
  const { audit } = fixture.embedded;
  const names = ['one', 'two', 'three'];
  for (const [n, name] of names.entries())
    await request(fixture.address, 'POST', `/v1.41/containers/create?name=${name}`, {
      body: engineBody(http + n),
    });
  await Promise.all(names.map((name) => request(fixture.address, 'POST', `/containers/${name}/start`)));
  await until('the last call is noted', () => audit.entries.length === 6);
  assert.deepEqual(
    audit.calls('POST', /create$/).map(({ path, query, status }) => [path, query, status]),
    names.map((name) => ['/containers/create', `name=${name}`, 201]),
  );
  assert.deepEqual(
    [audit.starts, audit.createsAndStarts],
    [
      { now: 0, most: 3 },
      { now: 0, most: 3 },
    ],
  );
});

it('a held clock still gives every start a moment of its own', async () => {
  const clock: Clock = { now: () => 1_700_000_000_000, sleep: () => new Promise(() => undefined) };
  await using fixture = await embeddedDocker({ clock });
  const startedAt = async () => (await fixture.docker.getContainer('gluetun').inspect()).State.StartedAt;
  const before = await startedAt();
  await fixture.embedded.vpn('gluetun').restart();
  assert((await startedAt()) > before);
});

it('five hundred engines start within seconds, and all answer', { timeout: 30_000 }, async () => {
  const vpns = [{ name: 'gluetun', firstPort: 12_000, lastPort: 12_499, healthyAfterMs: 0 }];
  await using fixture = await embeddedDocker({ vpns });
  const began = performance.now();
  const ports = Array.from({ length: 500 }, (_, n) => 12_000 + n);
  await Promise.all(ports.map((port) => startEngine(fixture, `engine-${port}`, port)));
  assert.equal((await fixture.docker.listContainers()).length, 501);
  await until('all answer', async () => (await Promise.all(ports.map(answers))).every(Boolean));
  assert(performance.now() - began < 10_000, `${performance.now() - began} ms`);
});

it('disposing it leaves no port, no socket and no file', async () => {
  await using fixture = await embeddedDocker();
  await startEngine(fixture, 'engine');
  await until('it listens', () => answers(http));
  await using log = await EventLog.open(fixture.docker, {});
  assert.deepEqual(log.actions, []);
  await fixture[Symbol.asyncDispose]();
  assert(!existsSync(fixture.address.socketPath));
  await assert.rejects(version(http), { code: 'ECONNREFUSED' });
  await assert.rejects(fixture.docker.ping(), { code: 'ENOENT' });
  assert(!process.getActiveResourcesInfo().includes('TCPServerWrap'));
});

it('disposing it in the middle of a start leaves nothing behind either', async () => {
  await using fixture = await embeddedDocker({ startMs: 60_000 });
  await request(fixture.address, 'POST', '/containers/create?name=engine', { body: engineBody(http) });
  const starting = request(fixture.address, 'POST', '/containers/engine/start').catch(() => undefined);
  await until('the start is under way', () => fixture.embedded.audit.starts.now === 1);
  await fixture[Symbol.asyncDispose]();
  await starting;
  assert.equal(await answers(http), false);
  assert(!process.getActiveResourcesInfo().includes('TCPServerWrap'));
});
