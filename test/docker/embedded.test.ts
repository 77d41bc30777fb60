import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { Clock } from '../../src/async/clock.ts';
import type { CallFault } from '../../src/docker/embedded/index.ts';
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

const linkState = async (port: number) =>
  JSON.parse(
    (await request({ host: '127.0.0.1', port }, 'GET', '/server/api?method=get_network_connection_status'))
      .text,
  );

const create = (fixture: EmbeddedFixture, name: string, timeoutMs = 300) =>
  request(fixture.address, 'POST', `/containers/create?name=${name}`, { body: engineBody(http), timeoutMs });

describe('calls that fail', () => {
  const spoilt = (fixture: EmbeddedFixture, fault: CallFault, times = 1) =>
    fixture.embedded.faults.next({ method: 'POST', path: /^\/containers\/create$/, times, fault });
  const exists = ({ embedded }: EmbeddedFixture, name: string) =>
    embedded.containers().some((container) => container.name === name);

  it('answer before the effect, or after it', async () => {
    await using fixture = await embeddedDocker();
    for (const when of ['before', 'after'] as const) {
      const rule = spoilt(fixture, { kind: 'answer', when, status: 503, message: 'not today' });
      const { status, message } = await create(fixture, `answer-${when}`);
      assert.deepEqual([status, message, rule.hits], [503, 'not today', 1]);
      assert.equal(exists(fixture, `answer-${when}`), when === 'after');
    }
  });

  it('lose their connection before the effect, or after it', async () => {
    await using fixture = await embeddedDocker();
    for (const when of ['before', 'after'] as const) {
      spoilt(fixture, { kind: 'reset', when });
      await assert.rejects(create(fixture, `reset-${when}`), { code: 'ECONNRESET' });
      assert.equal(exists(fixture, `reset-${when}`), when === 'after');
    }
  });

  it('hang for ever before the effect, or after it', async () => {
    await using fixture = await embeddedDocker();
    for (const when of ['before', 'after'] as const) {
      spoilt(fixture, { kind: 'hang', when });
      await assert.rejects(create(fixture, `hang-${when}`), { name: 'AbortError' });
      assert.equal(exists(fixture, `hang-${when}`), when === 'after');
    }
  });

  it('arrive by half, with the connection left open or cut', async () => {
    await using fixture = await embeddedDocker();
    for (const hangUp of [true, false]) {
      spoilt(fixture, { kind: 'truncate', hangUp });
      await assert.rejects(create(fixture, `half-${hangUp}`));
      assert(exists(fixture, `half-${hangUp}`));
    }
  });

  it('answer 200 with nothing or nonsense', async () => {
    await using fixture = await embeddedDocker();
    for (const text of ['', '<html>']) {
      spoilt(fixture, { kind: 'body', text });
      const answer = await create(fixture, `body-${text.length}`);
      assert.deepEqual([answer.status, answer.text], [200, text]);
    }
  });

  it('take longer, by the clock that was handed in', async () => {
    const slept: number[] = [];
    const clock: Clock = {
      now: () => 1_700_000_000_000,
      sleep: async (ms) => {
        slept.push(ms);
      },
    };
    await using fixture = await embeddedDocker({ clock });
    spoilt(fixture, { kind: 'delay', ms: 7777 });
    assert.equal((await create(fixture, 'late')).status, 201);
    assert(slept.includes(7777));
  });

  it('are spoilt as often as the rule says, or until it is cleared', async () => {
    await using fixture = await embeddedDocker();
    spoilt(fixture, { kind: 'answer', when: 'before', status: 500, message: 'twice' }, 2);
    const statuses = [];
    for (const name of ['t1', 't2', 't3']) statuses.push((await create(fixture, name)).status);
    assert.deepEqual(statuses, [500, 500, 201]);
    spoilt(
      fixture,
      { kind: 'answer', when: 'before', status: 500, message: 'always' },
      Number.POSITIVE_INFINITY,
    );
    assert.equal((await create(fixture, 't4')).status, 500);
    fixture.embedded.faults.clear();
    assert.equal((await create(fixture, 't4')).status, 201);
  });
});

describe('engines that fail', () => {
  it('crash, hang, answer 500, lose the line, and recover', async () => {
    await using fixture = await embeddedDocker();
    await startEngine(fixture, 'engine');
    await until('it listens', () => answers(http));
    const engine = fixture.embedded.container('engine');
    engine.netdown();
    assert.deepEqual(await linkState(http), { result: { connected: false } });
    engine.http500();
    assert.equal((await version(http)).status, 500);
    engine.recover();
    assert.equal((await version(http)).status, 200);
    engine.hang();
    await assert.rejects(version(http), { name: 'AbortError' });
    await engine.restart();
    await until('a restart cures it', () => answers(http));
    await engine.crash(3);
    await assert.rejects(version(http), { code: 'ECONNREFUSED' });
    const { State } = await fixture.docker.getContainer('engine').inspect();
    assert.deepEqual([State.Status, State.ExitCode, State.OOMKilled], ['exited', 3, false]);
  });

  it('are killed for memory: oom, then die with 137', async () => {
    await using fixture = await embeddedDocker();
    await startEngine(fixture, 'engine');
    await using log = await EventLog.open(fixture.docker, { container: ['engine'] });
    await fixture.embedded.container('engine').oom();
    assert.deepEqual(await log.upTo('die'), ['oom', 'die']);
    const { State } = await fixture.docker.getContainer('engine').inspect();
    assert.deepEqual([State.ExitCode, State.OOMKilled], [137, true]);
  });

  it('are told beforehand: the next two crash at boot, the one after lives', async () => {
    await using fixture = await embeddedDocker();
    fixture.embedded.nextEngines({ crashAtBoot: true }, 2);
    for (const [n, name] of ['one', 'two', 'three'].entries()) await startEngine(fixture, name, http + n);
    await until('the third answers', () => answers(http + 2));
    assert.deepEqual(
      ['one', 'two', 'three'].map((name) => fixture.embedded.container(name).state),
      ['exited', 'exited', 'running'],
    );
  });

  it('that ignore TERM are killed when the patience of the stop ends', async () => {
    await using fixture = await embeddedDocker();
    await startEngine(fixture, 'engine');
    fixture.embedded.container('engine').ignoreTerm();
    await using log = await EventLog.open(fixture.docker, { container: ['engine'] });
    await request(fixture.address, 'POST', '/containers/engine/stop?t=0');
    assert.deepEqual(await log.upTo('stop'), ['kill', 'kill', 'die', 'stop']);
  });
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

describe('the event stream', () => {
  it('can be cut, silenced, and lose events', async () => {
    await using fixture = await embeddedDocker();
    const { embedded, docker } = fixture;
    const vpn = embedded.vpn('gluetun');
    await using first = await EventLog.open(docker, {});
    embedded.events.drop(1);
    vpn.fail();
    vpn.heal();
    assert.deepEqual(await first.upTo('health_status: healthy'), ['health_status: healthy']);
    embedded.events.silence();
    vpn.fail();
    embedded.events.speak();
    vpn.heal();
    await until('the second healthy', () => first.actions.length === 2);
    assert.equal(embedded.events.readers, 1);
    embedded.events.cut();
    assert.equal(embedded.events.readers, 0);
    vpn.fail();
    await using second = await EventLog.open(docker, {});
    vpn.heal();
    await second.upTo('health_status: healthy');
    assert.equal(first.actions.length, 2);
  });

  it('is gone with the daemon, whose containers run on', async () => {
    await using fixture = await embeddedDocker();
    const { embedded, docker } = fixture;
    await startEngine(fixture, 'engine');
    await embedded.goDown();
    await assert.rejects(docker.ping(), { code: 'ENOENT' });
    await until('the engine answers', () => answers(http));
    await embedded.comeBack();
    assert.equal((await docker.listContainers()).length, 2);
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
