import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { ProvisionEngine, ProvisionEngines, Status, StopEngine } from '../api/operations.ts';
import { until } from '../support/docker/until.ts';
import { Noting } from '../support/noting.ts';
import { remembering } from '../support/remembering.ts';
import {
  engineShape,
  eventShape,
  healthShape,
  mistakesShape,
  provisionedShape,
  redundantShape,
  refusedShape,
  rest,
  singleShape,
  statusShape,
} from '../support/rest.ts';
import { type Simulated, simulated } from '../support/simulated.ts';
import { startTandem, type Tandem } from '../support/tandem.ts';

const events = z.array(eventShape);
const engines = z.array(engineShape);

async function read<T>({ tandem }: Simulated, path: string, shape: z.ZodType<T>): Promise<T> {
  const { status, body } = await rest(tandem.url, 'GET', path);
  assert.equal(status, 200, JSON.stringify(body));
  return shape.parse(body);
}

async function provision({ tandem }: Simulated, body: unknown = {}) {
  const answer = await rest(tandem.url, 'POST', '/provision/acestream', { body });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return provisionedShape.parse(answer.body);
}

/** The places that a refused input names. */
async function mistakes({ tandem }: Simulated, method: string, path: string, body?: unknown) {
  const answer = await rest(tandem.url, method, path, body === undefined ? {} : { body });
  assert.equal(answer.status, 422, JSON.stringify(answer.body));
  return mistakesShape.parse(answer.body).detail.map(({ loc }) => loc.join('.'));
}

describe('POST /provision/acestream', () => {
  test('answers with the ports and the container of an engine that answers there', async () => {
    await using world = await simulated();
    const engine = await provision(world);
    assert.equal(engine.host_http_port, engine.container_http_port);
    assert.deepEqual(world.engineContainers(), [{ name: engine.container_name, state: 'running' }]);
    const url = `http://localhost:${engine.host_http_port}/webui/api/service?method=get_version`;
    assert.equal((await fetch(url)).status, 200);
  });

  test('keeps the labels, and takes what the original took besides without making use of it', async () => {
    await using world = await simulated();
    const { container_name } = await provision(world, {
      image: 'an/image',
      labels: { stream_id: 'ch-42', number: 7 },
      env: { EXTRA_ENV: 'X' },
      host_port: null,
    });
    const [engine] = await read(world, '/engines', engines);
    assert.deepEqual(engine?.labels, { stream_id: 'ch-42', number: '7' });
    assert.equal(engine?.container_name, container_name);
  });

  test('wants nothing, not even a body', async () => {
    await using world = await simulated();
    assert.equal((await rest(world.tandem.url, 'POST', '/provision/acestream')).status, 200);
  });

  test('says where input is wrong, and starts nothing', async () => {
    await using world = await simulated();
    const wrong: [unknown, string[]][] = [
      [[], ['body']],
      [null, ['body']],
      ['{}', ['body']],
      [{ labels: [] }, ['body.labels']],
      [{ labels: { a: {} }, env: { B: null } }, ['body.labels.a', 'body.env.B']],
      [{ labels: { 'tandem.instance': 'mine' } }, ['body.labels[0]']],
      [{ env: { ACESTREAM_ARGS: '--http-port 1' } }, ['body.env[0]']],
    ];
    for (const [body, places] of wrong)
      assert.deepEqual(await mistakes(world, 'POST', '/provision/acestream', body), places);
    assert.deepEqual(world.engineContainers(), []);
  });

  test('tells of no more mistakes than anybody reads, and not at length', async () => {
    await using world = await simulated({ whenReady: false });
    const env = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`${n}${'x'.repeat(1_000)}`, {}]));
    const answer = await rest(world.tandem.url, 'POST', '/provision/acestream', { body: { env } });
    assert.equal(mistakesShape.parse(answer.body).detail.length, 20);
    assert(JSON.stringify(answer.body).length < 5_000);
  });

  test('repeats nothing of a body that is no JSON, and refuses one that is too large', async () => {
    await using world = await simulated({ whenReady: false });
    const send = (body: string) =>
      fetch(`${world.tandem.url}/provision/acestream`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
    const broken = await send('{"env": {"TOKEN": "not-to-be-told"');
    assert.equal(broken.status, 422);
    assert.doesNotMatch(await broken.text(), /not-to-be-told/);
    const large = await send(JSON.stringify({ env: { A: 'x'.repeat(2_200_000) } }));
    assert.equal(large.status, 413);
  });

  test('while every VPN is down: 503, and that it makes sense to wait', async () => {
    await using world = await simulated();
    for (const name of world.vpns) world.docker.vpn(name).fail();
    await until('both have FAILED', async () => {
      const { vpnStatus } = await world.tandem.ask(Status);
      return vpnStatus.vpns.every(({ state }) => state === 'FAILED');
    });
    const { status, body } = await rest(world.tandem.url, 'POST', '/provision/acestream', { body: {} });
    assert.equal(status, 503);
    const { message, ...detail } = refusedShape.parse(body).detail;
    assert.deepEqual(detail, {
      error: 'provisioning_blocked',
      code: 'vpn_disconnected',
      recovery_eta_seconds: null,
      can_retry: true,
      should_wait: true,
    });
    assert.match(message, /gluetun is FAILED/);
  });

  test('while a VPN is stabilizing: how long, in whole seconds, and as Retry-After', async () => {
    await using world = await simulated({ vpns: ['gluetun'], env: { VPN_STABILIZATION_S: '60' } });
    const vpn = world.docker.vpn('gluetun');
    const untilIt = (state: string) =>
      until(`it is ${state}`, async () => {
        const { vpnStatus } = await world.tandem.ask(Status);
        return vpnStatus.vpns[0]?.state === state;
      });
    vpn.fail();
    await untilIt('FAILED');
    vpn.heal();
    await untilIt('STABILIZING');
    const answer = await rest(world.tandem.url, 'POST', '/provision/acestream', { body: {} });
    assert.equal(answer.status, 503);
    const { detail } = refusedShape.parse(answer.body);
    assert.equal(detail.code, 'vpn_disconnected');
    const eta = detail.recovery_eta_seconds ?? 0;
    assert(eta > 50 && eta <= 60, String(eta));
    assert.equal(answer.headers.get('retry-after'), String(eta));
  });

  test('when there are as many as may be: 503 and max_capacity', async () => {
    await using world = await simulated({ env: { MAX_REPLICAS: '1' } });
    await provision(world);
    const { status, body } = await rest(world.tandem.url, 'POST', '/provision/acestream', { body: {} });
    assert.equal(status, 503);
    assert.equal(refusedShape.parse(body).detail.code, 'max_capacity');
    const told = await read(world, '/orchestrator/status', statusShape);
    assert.deepEqual([told.status, told.provisioning.can_provision], ['healthy', false]);
    assert.equal(told.provisioning.blocked_reason_details?.code, 'max_capacity');
  });

  test('an image that cannot start: 500, then 503 and circuit_breaker, until the breaker is reset', async () => {
    await using world = await simulated({ env: { CIRCUIT_BREAKER_FAILURE_THRESHOLD: '1' } });
    const { url } = world.tandem;
    const fault = { kind: 'answer', when: 'before', status: 400, message: 'no' } as const;
    world.docker.faults.next({ method: 'POST', path: /^\/containers\/create/, fault });
    const ask = () => rest(url, 'POST', '/provision/acestream', { body: {} });
    const failed = await ask();
    assert.equal(failed.status, 500);
    assert.equal(refusedShape.parse(failed.body).detail.error, 'provisioning_failed');

    const blocked = await ask();
    assert.equal(blocked.status, 503);
    const { detail } = refusedShape.parse(blocked.body);
    assert.deepEqual([detail.code, detail.can_retry, detail.should_wait], ['circuit_breaker', false, true]);
    const { circuit_breakers } = await read(world, '/health/status', healthShape);
    assert.equal(circuit_breakers.general.state, 'open');
    assert.equal((await read(world, '/orchestrator/status', statusShape)).provisioning.can_provision, false);

    for (const query of ['', '?operation_type=general']) {
      const reset = await rest(url, 'POST', `/health/circuit-breaker/reset${query}`);
      assert.equal(reset.status, 200);
      assert.match((reset.body as { message: string }).message, /reset successfully/);
    }
    assert.equal((await ask()).status, 200);
  });
});

describe('GET /engines', () => {
  test('is a bare array of those that run, by port, each with its VPN', async () => {
    await using world = await simulated();
    assert.deepEqual(await read(world, '/engines', engines), []);
    await world.tandem.ask(ProvisionEngines, { input: { count: 4 } });
    const found = await read(world, '/engines', engines);
    assert.deepEqual(
      found.map(({ vpn_container }) => vpn_container),
      ['gluetun', 'gluetun', 'gluetun_2', 'gluetun_2'],
    );
    const ports = found.map(({ port }) => port);
    assert.deepEqual(
      ports,
      ports.toSorted((a, b) => a - b),
    );
  });

  test('hides those of a FAILED VPN', async () => {
    await using world = await simulated();
    await world.tandem.ask(ProvisionEngines, { input: { count: 4 } });
    world.docker.vpn('gluetun').fail();
    await until('its engines are hidden', async () => (await read(world, '/engines', engines)).length === 2);
    assert.deepEqual(
      (await read(world, '/engines', engines)).map(({ vpn_container }) => vpn_container),
      ['gluetun_2', 'gluetun_2'],
    );
  });

  test('shows which one has the forwarded port, and how each is once it was asked', async () => {
    await using world = await simulated({ env: { HEALTH_CHECK_INTERVAL_S: '0.1' } });
    const { tandem } = world;
    await until('the port is known', async () => {
      const { forwarded_port } = await read(world, '/vpn/status', redundantShape);
      return forwarded_port === 51_000;
    });
    await tandem.ask(ProvisionEngine);
    await until('it was asked', async () => {
      const [engine] = await read(world, '/engines', engines);
      return engine?.last_health_check !== null;
    });
    const [engine] = await read(world, '/engines', engines);
    assert.deepEqual(
      [engine?.forwarded, engine?.forwarded_port, engine?.health_status],
      [true, 51_000, 'healthy'],
    );
  });

  test('/engines/{id} finds one by its container, and 404 is what it says of others', async () => {
    await using world = await simulated();
    const { container_id, container_name } = await provision(world);
    const one = z.strictObject({ engine: engineShape, streams: z.tuple([]) });
    for (const called of [container_id, container_name])
      assert.equal((await read(world, `/engines/${called}`, one)).engine.container_id, container_id);
    for (const called of [container_id.slice(0, 12), 'nobody', '%2fx', 'a'.repeat(64)]) {
      const { status, body } = await rest(world.tandem.url, 'GET', `/engines/${called}`);
      assert.equal(status, 404, called);
      assert.deepEqual(body, { error: 'not found' });
    }
  });

  test('proxies that count the streams of an engine find none', async () => {
    await using world = await simulated({ whenReady: false });
    assert.deepEqual(await read(world, '/streams?container_id=x&status=started', z.tuple([])), []);
  });
});

describe('DELETE /containers/{id}', () => {
  test('stops an engine by id or by name, and twice is no error', async () => {
    await using world = await simulated();
    const [first, second] = [await provision(world), await provision(world)];
    for (const called of [first.container_id, first.container_id, second.container_name]) {
      const { status, body } = await rest(world.tandem.url, 'DELETE', `/containers/${called}`);
      assert.equal(status, 200, JSON.stringify(body));
      assert.deepEqual(body, { deleted: called });
    }
    assert.deepEqual(world.engineContainers(), []);
    assert.deepEqual(await read(world, '/engines', engines), []);
  });

  test('touches nothing but engines: a VPN, or a stranger, is 404', async () => {
    await using world = await simulated();
    const vpn = world.docker.vpn('gluetun');
    for (const called of ['gluetun', vpn.id, 'nobody', 'f'.repeat(64)]) {
      const { status, body } = await rest(world.tandem.url, 'DELETE', `/containers/${called}`);
      assert.equal(status, 404, called);
      assert.match((body as { detail: string }).detail, /No engine of this instance/);
    }
    assert.equal(vpn.state, 'running');
    assert.deepEqual(await mistakes(world, 'DELETE', '/containers/..%2fx'), ['path.id']);
  });
});

describe('POST /scale/{n}', () => {
  test('keeps so many, within what the settings allow, and says how many that are', async () => {
    await using world = await simulated({ env: { MIN_REPLICAS: '1', MAX_REPLICAS: '4' } });
    for (const [asked, kept] of [
      ['3', 3],
      ['100', 4],
      ['0', 1],
      ['-5', 1],
    ]) {
      const { status, body } = await rest(world.tandem.url, 'POST', `/scale/${asked}`);
      assert.equal(status, 200, JSON.stringify(body));
      assert.deepEqual(body, { scaled_to: kept });
      await until(`${kept} run`, () => world.engineContainers().length === kept);
    }
  });

  test('takes whole numbers alone', async () => {
    await using world = await simulated();
    for (const asked of ['many', '1.5', '1e3', '99999999999', '0x3'])
      assert.deepEqual(await mistakes(world, 'POST', `/scale/${asked}`), ['path.demand']);
  });
});

describe('GET /vpn/status', () => {
  test('shows both VPNs, and the emergency as the original told of it', async () => {
    await using world = await simulated();
    const before = await until('the addresses are known', async () => {
      const status = await read(world, '/vpn/status', redundantShape);
      return status.vpn1.public_ip && status.vpn2.public_ip ? status : undefined;
    });
    assert.deepEqual(
      [before.status, before.health, before.connected, before.container],
      ['running', 'healthy', true, 'gluetun'],
    );
    assert.deepEqual([before.vpn1.country, before.vpn2.container], ['Netherlands', 'gluetun_2']);
    assert.equal(before.emergency_mode.active, false);

    world.docker.vpn('gluetun_2').fail();
    const during = await until('the emergency is on', async () => {
      const status = await read(world, '/vpn/status', redundantShape);
      return status.emergency_mode.active ? status : undefined;
    });
    assert.deepEqual(
      [during.emergency_mode.failed_vpn, during.emergency_mode.healthy_vpn],
      ['gluetun_2', 'gluetun'],
    );
    assert.deepEqual(
      [during.status, during.vpn2.health, during.vpn2.connected],
      ['running', 'unhealthy', false],
    );

    world.docker.vpn('gluetun').fail();
    const dark = await until('there is none left', async () => {
      const status = await read(world, '/vpn/status', redundantShape);
      return status.connected ? undefined : status;
    });
    assert.deepEqual([dark.status, dark.health], ['unhealthy', 'unhealthy']);
    assert.equal(dark.emergency_mode.healthy_vpn, null);
  });

  test('a VPN whose container is gone is not_found', async () => {
    await using world = await simulated();
    await world.docker.vpn('gluetun_2').remove();
    await until('it is missed', async () => {
      const { vpn2 } = await read(world, '/vpn/status', redundantShape);
      return vpn2.status === 'not_found' && vpn2.health === 'unhealthy';
    });
  });

  test('with a single VPN it is that one, and in mode disabled there is none', async () => {
    await using single = await simulated({ vpns: ['gluetun'] });
    const status = await read(single, '/vpn/status', singleShape);
    assert.deepEqual([status.container, status.connected], ['gluetun', true]);

    await using disabled = await simulated({ env: { VPN_MODE: 'disabled' } });
    const { body } = await rest(disabled.tandem.url, 'GET', '/vpn/status');
    assert.deepEqual(body, {
      mode: 'disabled',
      enabled: false,
      status: 'disabled',
      container_name: null,
      container: null,
      health: 'unknown',
      connected: false,
      forwarded_port: null,
      last_check: null,
      last_check_at: null,
      vpn1: null,
      vpn2: null,
      emergency_mode: { active: false, failed_vpn: null, healthy_vpn: null, duration_seconds: 0 },
    });
  });

  test('/vpn/publicip is the address of the first VPN that has one, or 503', async () => {
    await using world = await simulated();
    await until('it is known', async () => {
      const { status, body } = await rest(world.tandem.url, 'GET', '/vpn/publicip');
      return status === 200 && (body as { public_ip: string }).public_ip === '203.0.113.10';
    });
    await using silent = await simulated({ control: { http500: true } });
    const { status, body } = await rest(silent.tandem.url, 'GET', '/vpn/publicip');
    assert.equal(status, 503);
    assert.match((body as { detail: string }).detail, /controlProblem/);
  });
});

describe('GET /orchestrator/status and /health/status', () => {
  test('count engines, and say that one would be started', async () => {
    await using world = await simulated({ env: { HEALTH_CHECK_INTERVAL_S: '0.1' } });
    assert.equal((await read(world, '/orchestrator/status', statusShape)).status, 'unavailable');
    await world.tandem.ask(ProvisionEngines, { input: { count: 3 } });
    await until('they are known to be well', async () => {
      const { healthy_engines } = await read(world, '/health/status', healthShape);
      return healthy_engines === 3;
    });
    const {
      status,
      engines: counts,
      capacity,
      provisioning,
      vpn,
    } = await read(world, '/orchestrator/status', statusShape);
    assert.equal(status, 'healthy');
    assert.deepEqual(counts, { total: 3, running: 3, healthy: 3, unhealthy: 0 });
    assert.deepEqual(capacity, { total: 3, used: 0, available: 3, max_replicas: 100, min_replicas: 0 });
    assert.deepEqual([vpn.connected, vpn.container], [true, 'gluetun']);
    assert.deepEqual(provisioning, {
      can_provision: true,
      circuit_breaker_state: 'closed',
      last_failure: null,
      blocked_reason: null,
      blocked_reason_details: null,
    });
  });

  test('while the journal cannot be written no engine would be started, and it says what a request is told', async () => {
    const journal = new Noting();
    await using world = await simulated({ around: (outside) => ({ ...outside, journal }) });
    await provision(world);
    journal.full = true;
    const refused = await rest(world.tandem.url, 'POST', '/provision/acestream', { body: {} });
    const { status, provisioning } = await read(world, '/orchestrator/status', statusShape);
    assert.deepEqual([status, provisioning.can_provision], ['degraded', false]);
    assert.equal(refused.status, 503);
    assert.deepEqual({ detail: provisioning.blocked_reason_details }, refused.body);
    journal.full = false;
    await until('it can be written again', async () => {
      const told = await read(world, '/orchestrator/status', statusShape);
      return told.provisioning.can_provision;
    });
  });

  test('while every VPN is down it is degraded, or unavailable, and no engine would be started', async () => {
    await using world = await simulated();
    for (const name of world.vpns) world.docker.vpn(name).fail();
    await until('it is told', async () => {
      const { provisioning } = await read(world, '/orchestrator/status', statusShape);
      return provisioning.blocked_reason_details?.code === 'vpn_disconnected';
    });
  });
});

describe('GET /events', () => {
  async function eventful() {
    const world = await simulated();
    await world.tandem.ask(ProvisionEngines, { input: { count: 3 } });
    const { provisionEngine } = await world.tandem.ask(ProvisionEngine);
    assert(provisionEngine.__typename === 'Engine');
    await world.tandem.ask(StopEngine, { engine: { id: provisionEngine.id } });
    return { ...world, containerId: provisionEngine.containerId };
  }

  test('are told newest first, in the words of the original', async () => {
    await using world = await eventful();
    const told = await read(world, '/events', events);
    const ids = told.map(({ id }) => id);
    assert.deepEqual(
      ids,
      ids.toSorted((a, b) => b - a),
    );
    const kinds = new Set(told.map(({ event_type, category }) => `${event_type} ${category}`));
    for (const kind of ['engine created', 'engine deleted', 'engine assigned', 'vpn connected'])
      assert(kinds.has(kind), `${kind} of ${[...kinds].join(', ')}`);
  });

  test('pages add up to all of it, without gap or repeat', async () => {
    await using world = await eventful();
    const all = await read(world, '/events?limit=1000', events);
    assert(all.length > 12);
    const pages = [];
    for (let offset = 0; offset < all.length; offset += 5)
      pages.push(...(await read(world, `/events?limit=5&offset=${offset}`, events)));
    assert.deepEqual(pages, all);
    assert.deepEqual(await read(world, `/events?offset=${all.length}`, events), []);
  });

  test('can be had by type, by category, by container and from a moment on', async () => {
    await using world = await eventful();
    const all = await read(world, '/events', events);
    const only = async (query: string, is: (event: (typeof all)[number]) => boolean) => {
      const found = await read(world, `/events?${query}`, events);
      assert.deepEqual(found, all.filter(is), query);
      return found.length;
    };
    for (const type of ['engine', 'vpn'])
      assert((await only(`event_type=${type}`, ({ event_type }) => event_type === type)) > 0);
    for (const type of ['health', 'system', 'stream', 'nothing', 'constructor'])
      await only(`event_type=${type}`, ({ event_type }) => event_type === type);
    assert.equal(await only('category=created', ({ category }) => category === 'created'), 4);
    const { containerId } = world;
    assert((await only(`container_id=${containerId}`, (each) => each.container_id === containerId)) >= 2);
    const middle = all[Math.floor(all.length / 2)]?.timestamp ?? '';
    await only(`since=${middle}`, ({ timestamp }) => timestamp >= middle);
    assert.equal(await only('stream_id=x', () => false), 0);
  });

  test('tell of what was before a restart too', async () => {
    await using world = await remembering();
    const told = async ({ url }: Tandem) => events.parse((await rest(url, 'GET', '/events')).body);
    await world.tandem.ask(ProvisionEngine);
    const before = await told(world.tandem);
    const after = await told(await world.again());
    assert.deepEqual(after.slice(-before.length), before);
  });

  test('parameters that make no sense are refused, each by its name', async () => {
    await using world = await simulated({ whenReady: false });
    const wrong: [string, string[]][] = [
      ['limit=0', ['query.limit']],
      ['limit=1001', ['query.limit']],
      ['limit=many&offset=-1', ['query.limit', 'query.offset']],
      ['since=yesterday', ['query.since']],
    ];
    for (const [query, places] of wrong)
      assert.deepEqual(await mistakes(world, 'GET', `/events?${query}`), places);
  });
});

describe('paths', () => {
  test('/gc has nothing to do', async () => {
    await using world = await simulated({ whenReady: false });
    assert.deepEqual((await rest(world.tandem.url, 'POST', '/gc')).body, { status: 'ok' });
  });

  test('another method is 405, and says which there is', async () => {
    await using world = await simulated({ whenReady: false });
    for (const [method, path, allow] of [
      ['GET', '/provision/acestream', 'POST'],
      ['DELETE', '/engines', 'GET'],
      ['GET', '/containers/x', 'DELETE'],
      ['GET', '/scale/3', 'POST'],
      ['PUT', '/events', 'GET'],
    ] as const) {
      const { status, body, headers } = await rest(world.tandem.url, method, path);
      assert.deepEqual([status, headers.get('allow')], [405, allow], path);
      assert.deepEqual(body, { detail: 'Method Not Allowed' });
    }
  });

  test('what Tandem has no meaning for is 404', async () => {
    await using world = await simulated({ whenReady: false });
    for (const path of [
      '/events/stream_started',
      '/provision',
      '/custom-variant/reprovision',
      '/scale/',
      '/scale/1/2',
    ])
      assert.equal((await rest(world.tandem.url, 'POST', path)).status, 404, path);
  });

  test('without its Docker: 503, and nothing that is not so', async () => {
    await using tandem = await startTandem({ dockerHost: 'unix:///nobody/listens.sock', vpns: ['gluetun'] });
    const scaled = await rest(tandem.url, 'POST', '/scale/3');
    assert.equal(scaled.status, 503);
    assert.match((scaled.body as { detail: string }).detail, /has just started/);
    const provisioned = await rest(tandem.url, 'POST', '/provision/acestream', { body: {} });
    assert.equal(provisioned.status, 503);
    assert.equal(refusedShape.parse(provisioned.body).detail.code, 'general_error');
    assert.deepEqual((await rest(tandem.url, 'GET', '/engines')).body, []);
    const { vpn1 } = singleShape.parse((await rest(tandem.url, 'GET', '/vpn/status')).body);
    assert.deepEqual([vpn1.status, vpn1.health, vpn1.last_check], ['error', 'unknown', null]);
    const { status, provisioning } = statusShape.parse(
      (await rest(tandem.url, 'GET', '/orchestrator/status')).body,
    );
    assert.deepEqual([status, provisioning.can_provision], ['unavailable', false]);
  });
});
