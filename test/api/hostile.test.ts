import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { CallFault } from '../../src/docker/embedded/index.ts';
import { request } from '../support/docker/request.ts';
import { until } from '../support/docker/until.ts';
import { type Simulated, simulated } from '../support/simulated.ts';
import { EventPage, Keeping, ProvisionEngine, Status } from './operations.ts';

/** Clears a screen, sets its title, forges a line of the log, colours, turns the reading direction, and is a script. */
const evil =
  'EVIL \u001b[2J\u001b]0;owned\u0007\r\n{"level":30,"msg":"forged"}\n\u009b31m\u202egnp.exe\u2028<script>alert(1)</script>\u0000\ud800';
const steering = /[\p{Cc}\u2028\u2029\u202a-\u202e\ud800]/u;

/** Fails where anything in it would steer a terminal. */
function assertPlain(value: unknown): void {
  if (typeof value === 'string') assert.doesNotMatch(value, steering);
  else if (typeof value === 'object' && value !== null) Object.values(value).forEach(assertPlain);
}

const quick = { GLUETUN_HEALTH_CHECK_INTERVAL_S: '0.1', LOG_LEVEL: 'trace', VPN_STABILIZATION_S: '0' };

/** All that it tells of itself, and has written in its log. */
async function assertAllPlain({ tandem }: Simulated): Promise<void> {
  assertPlain(await tandem.ask(Status));
  assertPlain(await tandem.ask(Keeping));
  assertPlain(await tandem.ask(EventPage, { last: 500 }));
  assertPlain(await tandem.ready());
  assert(tandem.logged.length > 0);
  for (const line of tandem.logged) {
    assert.doesNotMatch(line.trimEnd(), steering, 'one line, and no escape in it');
    const { stack: _stack, ...facts } = JSON.parse(line);
    assert.notEqual(facts.msg, 'forged');
    assertPlain({ ...facts, err: undefined });
  }
}

const create = { method: 'POST', path: /^\/containers\/create/ };
const start = { method: 'POST', path: /^\/containers\/[^/]+\/start/ };
const list = { method: 'GET', path: /^\/containers\/json/ };
const look = { method: 'GET', path: /^\/containers\/gluetun\/json/ };

describe('what Docker says is told in one plain line:', () => {
  const refusals: [what: string, call: typeof create, status: number, message: string][] = [
    ['a refusal to create', create, 400, evil],
    ['a failure to create', create, 500, evil],
    ['a name that is taken, in other words', create, 409, evil],
    ['a refusal to start', start, 400, evil],
    ['a failure to start', start, 500, evil],
    ['a megabyte of it', create, 400, `${evil}${'x'.repeat(1_000_000)}`],
  ];
  for (const [what, call, status, message] of refusals) {
    test(what, async () => {
      await using world = await simulated({ env: { LOG_LEVEL: 'trace' } });
      world.docker.faults.next({ ...call, fault: { kind: 'answer', when: 'before', status, message } });
      const { provisionEngine } = await world.tandem.ask(ProvisionEngine);
      assert(provisionEngine.__typename === 'EngineStartError', JSON.stringify(provisionEngine));
      assert.match(provisionEngine.message, /EVIL/);
      assert(provisionEngine.message.length < 700);
      assertPlain(provisionEngine);
      await assertAllPlain(world);
    });
  }

  test('why an image cannot be pulled', async () => {
    await using world = await simulated({ env: { LOG_LEVEL: 'trace', ENGINE_IMAGE: 'nobody/has-this:1' } });
    const fault: CallFault = {
      kind: 'body',
      text: `${JSON.stringify({ status: evil, id: evil, progress: evil })}\nno JSON\n${JSON.stringify({ error: evil })}\n`,
    };
    world.docker.faults.next({ method: 'POST', path: /^\/images\/create/, fault });
    const { provisionEngine } = await world.tandem.ask(ProvisionEngine);
    assert(provisionEngine.__typename === 'EngineStartError', JSON.stringify(provisionEngine));
    assert.equal(provisionEngine.phase, 'PULL');
    assertPlain(provisionEngine);
    await assertAllPlain(world);
  });

  test('of a VPN: its status, its health, its provider', async () => {
    await using world = await simulated({ env: quick });
    const socketPath = world.dockerHost.replace('unix://', '');
    const inspected = JSON.parse((await request({ socketPath }, 'GET', '/containers/gluetun/json')).text);
    inspected.Config.Env = [`VPN_SERVICE_PROVIDER=${evil}`];
    world.docker.faults.next({ ...look, times: 3, fault: { kind: 'body', text: JSON.stringify(inspected) } });
    await until('the provider is told', async () =>
      (await world.tandem.ask(Status)).vpnStatus.vpns.some(({ provider }) => provider?.startsWith('EVIL')),
    );
    await assertAllPlain(world);
    inspected.State.Status = evil;
    world.docker.faults.next({ ...look, times: 3, fault: { kind: 'body', text: JSON.stringify(inspected) } });
    await until('the failure is told', async () =>
      (await world.tandem.ask(EventPage, { last: 50, types: ['VPN_CHANGED'] })).events.nodes.some(
        ({ message }) => message.includes('EVIL'),
      ),
    );
    await assertAllPlain(world);
  });
});

describe("an answer of Docker's that makes no sense is no answer, and changes nothing:", () => {
  const nonsense: [what: string, text: string][] = [
    ['nothing', ''],
    ['a page', '<html><script>alert(1)</script></html>'],
    ['null', 'null'],
    ['a number', '7'],
    ['a list of null', '[null]'],
    ['an object', '{}'],
    ['a list of objects without ids', '[{"Id":null,"Names":7,"Labels":[],"State":{}}]'],
    [
      'labels that are no text',
      '[{"Id":"a","Names":[],"Image":"x","Created":1,"Labels":{"tandem.engine":{}},"State":"running","Status":"Up"}]',
    ],
    [
      'an object that poses as a prototype',
      '{"__proto__":{"Id":"a"},"constructor":{"prototype":{"Id":"b"}}}',
    ],
    ['lists in lists', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['half a character', '["\\ud800"]'],
  ];
  let world: Simulated;
  before(async () => {
    world = await simulated({ env: { ...quick, AUTOSCALE_INTERVAL_S: '0.1' } });
    await world.tandem.ask(ProvisionEngine);
  });
  after(() => world[Symbol.asyncDispose]());

  for (const [what, text] of nonsense) {
    for (const [call, rule] of [
      ['a look at a VPN', look],
      ['a listing', list],
    ] as const) {
      test(`${what}, to ${call}`, async () => {
        const hit = world.docker.faults.next({ ...rule, fault: { kind: 'body', text } });
        await until('it was asked', () => hit.hits === 1);
        const { engines, vpnStatus } = await world.tandem.ask(Keeping);
        assert.equal(engines.length, 1);
        assert.deepEqual(
          vpnStatus.vpns.map(({ state }) => state),
          ['READY', 'READY'],
        );
        assert.equal(world.engineContainers().length, 1);
      });
    }
  }

  test('events that are none', async () => {
    const fault: CallFault = {
      kind: 'body',
      text: `no JSON\n{"Type":7}\n${JSON.stringify({ Type: 'container', Action: evil, timeNano: 'x', Actor: null })}\n${'x'.repeat(5_000_000)}`,
    };
    const hit = world.docker.faults.next({ method: 'GET', path: /^\/events/, fault });
    world.docker.events.cut();
    await until('it has listened to them', () => hit.hits === 1);
    await until('it listens again', () => world.docker.events.readers > 0);
    assert.equal((await world.tandem.ask(Keeping)).engines.length, 1);
    await assertAllPlain(world);
  });
});

describe('what Gluetun says', () => {
  test('is told in one plain line', async () => {
    await using world = await simulated({ env: quick, control: { country: evil } });
    await until('it is told', async () =>
      (await world.tandem.ask(Status)).vpnStatus.vpns.every(({ country }) => country?.startsWith('EVIL')),
    );
    await assertAllPlain(world);
  });

  for (const [what, control] of [
    ['an address that is a script', { ip: '<script>alert(1)</script>' }],
    ['an address that is evil', { ip: evil }],
    ['a port beyond all ports', { ports: [70_000] }],
    ['a port below all ports', { ports: [-1] }],
    ['nonsense to everything', { nonsense: true }],
    ['500 to everything', { http500: true }],
  ] as const) {
    test(`is not believed where it is ${what}, and says so`, async () => {
      await using world = await simulated({ env: quick, control });
      const vpn = await until('the problem is told', async () => {
        const [first] = (await world.tandem.ask(Status)).vpnStatus.vpns;
        return first?.controlProblem != null && first;
      });
      assert.match(vpn.controlProblem ?? '', /nonsense|answers 500/);
      assert.equal(vpn.state, 'READY');
      await assertAllPlain(world);
    });
  }
});

test('what a caller puts on an engine comes back as it was, and never as a page', async () => {
  await using world = await simulated();
  const labels = [
    { key: '<img src=x onerror=alert(1)>', value: '"><script>alert(1)</script>' },
    { key: 'constructor', value: '{{7*7}}' },
    { key: '$(reboot)', value: "'; DROP TABLE events; --" },
  ];
  const { provisionEngine } = await world.tandem.ask(ProvisionEngine, { input: { labels } });
  assert(provisionEngine.__typename === 'Engine', JSON.stringify(provisionEngine));
  assert.deepEqual(provisionEngine.labels, labels);
  const response = await fetch(
    `${world.tandem.url}/graphql?query=%7Bengines%7Blabels%7Bkey%20value%7D%7D%7D`,
  );
  assert.match(response.headers.get('content-type') ?? '', /json/);
  assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(response.headers.get('x-frame-options'), 'DENY');
});
