import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Clock } from '../../src/async/clock.ts';
import type { CallFault } from '../../src/docker/embedded/index.ts';
import { answers } from '../support/docker/containers.ts';
import { type EmbeddedFixture, embeddedDocker, engineBody } from '../support/docker/embedded.ts';
import { EventLog } from '../support/docker/event-log.ts';
import { request } from '../support/docker/request.ts';
import { until } from '../support/docker/until.ts';

const http = 31_100;

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
