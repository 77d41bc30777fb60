import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { until } from '../support/docker/until.ts';
import { type Simulated, simulated } from '../support/simulated.ts';
import { Engines, LiveVpnStatus, ProvisionEngines, Status } from './operations.ts';

const quick = { GLUETUN_HEALTH_CHECK_INTERVAL_S: '0.1' };

async function vpnsOf({ tandem }: Simulated) {
  const { vpnStatus } = await tandem.ask(Status);
  return vpnStatus.vpns;
}

async function vpn1(world: Simulated) {
  const [first] = await vpnsOf(world);
  assert(first);
  return first;
}

/** The first VPN, as soon as it is as `wanted`. */
const untilVpn1 = (
  world: Simulated,
  what: string,
  wanted: (vpn: Awaited<ReturnType<typeof vpn1>>) => boolean,
  patienceMs?: number,
) =>
  until(
    what,
    async () => {
      const vpn = await vpn1(world);
      return wanted(vpn) && vpn;
    },
    patienceMs,
  );

describe('what Gluetun tells', () => {
  test('appears soon after a VPN is READY, without waiting for a beat', async () => {
    await using world = await simulated({ env: { GLUETUN_HEALTH_CHECK_INTERVAL_S: '600' } });
    const vpns = await until('all is read', async () => {
      const found = await vpnsOf(world);
      return found.every(({ publicIp }) => publicIp !== null) && found;
    });
    assert.deepEqual(
      vpns.map(({ forwardedPort, publicIp, country, city, region, provider, controlProblem }) => ({
        forwardedPort,
        publicIp,
        country,
        city,
        region,
        provider,
        controlProblem,
      })),
      [0, 1].map((place) => ({
        forwardedPort: 51_000 + place,
        publicIp: `203.0.113.${10 + place}`,
        country: 'Netherlands',
        city: null,
        region: null,
        provider: 'simulated',
        controlProblem: null,
      })),
    );
  });

  test('changes on the beat, and subscribers are told', async () => {
    await using world = await simulated({ env: quick });
    await untilVpn1(world, 'the port is read', ({ forwardedPort }) => forwardedPort === 51_000);
    await using live = await world.tandem.follow(LiveVpnStatus);
    await live.next();
    world.docker
      .vpn('gluetun')
      .setControl({ ports: [42_000, 42_001], portShape: 'single', country: 'Norway' });
    for (;;) {
      const [vpn] = (await live.next()).vpnStatus.vpns;
      if (vpn?.forwardedPort === 42_000 && vpn.country === 'Norway') break;
    }
    world.docker.vpn('gluetun').setControl({ ports: [] });
    const { controlProblem } = await untilVpn1(
      world,
      'no port',
      ({ forwardedPort }) => forwardedPort === null,
    );
    assert.equal(controlProblem, null);
  });

  test('causes no event while it stays the same', async () => {
    await using world = await simulated({ env: quick });
    await untilVpn1(world, 'the port is read', ({ forwardedPort }) => forwardedPort === 51_000);
    world.docker.vpn('gluetun').setControl({ auth: { kind: 'deny' } });
    await untilVpn1(world, 'the problem is told', ({ controlProblem }) => controlProblem !== null);
    const looks = () => world.docker.audit.entries.length;
    const [before, { lastEventId }] = [looks(), await world.tandem.ask(Status)];
    await until('ten beats have passed', () => looks() > before + 20);
    assert.equal((await world.tandem.ask(Status)).lastEventId, lastEventId);
  });

  test('vanishes when the VPN fails, and comes again with its next tunnel', async () => {
    await using world = await simulated({ env: { ...quick, VPN_STABILIZATION_S: '600' } });
    await untilVpn1(world, 'the port is read', ({ forwardedPort }) => forwardedPort === 51_000);
    world.docker.vpn('gluetun').fail();
    const down = await untilVpn1(world, 'it failed', ({ state }) => state === 'FAILED');
    assert.deepEqual(
      [down.forwardedPort, down.publicIp, down.country, down.controlProblem],
      [null, null, null, null],
    );
    assert.equal(down.provider, 'simulated');
    world.docker.vpn('gluetun').heal();
    const back = await untilVpn1(world, 'it is read again', ({ publicIp }) => publicIp !== null);
    assert.deepEqual([back.state, back.forwardedPort], ['STABILIZING', 51_000]);
  });

  test('of a container that was restarted is that of its new tunnel', async () => {
    await using world = await simulated({ env: { VPN_STABILIZATION_S: '0' } });
    await untilVpn1(world, 'the port is read', ({ forwardedPort }) => forwardedPort === 51_000);
    world.docker.vpn('gluetun').setControl({ ports: [43_000] });
    await world.docker.vpn('gluetun').restart();
    await untilVpn1(world, 'the new port is read', ({ forwardedPort }) => forwardedPort === 43_000);
  });
});

describe('a control server that', () => {
  test('wants a key is told of as such, and the VPN is READY and takes engines all the same', async () => {
    await using world = await simulated({ env: quick });
    await untilVpn1(world, 'the port is read', ({ forwardedPort }) => forwardedPort === 51_000);
    for (const name of ['gluetun', 'gluetun_2'])
      world.docker.vpn(name).setControl({ auth: { kind: 'deny' } });
    const vpn = await untilVpn1(
      world,
      'the problem is told',
      ({ controlProblem }) => controlProblem !== null,
    );
    assert.match(
      vpn.controlProblem ?? '',
      /at http:\/\/127\.0\.0\.1:\d+ answers 401 to GET \/v1\/vpn\/status and GET \/v1\/publicip\/ip/,
    );
    assert.match(vpn.controlProblem ?? '', /GET \/v1\/portforward.*set GLUETUN_API_KEY/);
    assert.deepEqual([vpn.state, vpn.health, vpn.acceptsEngines], ['READY', 'HEALTHY', true]);
    assert.deepEqual([vpn.forwardedPort, vpn.publicIp], [51_000, '203.0.113.10'], 'what was known is kept');
    const { provisionEngines } = await world.tandem.ask(ProvisionEngines, { input: { count: 4 } });
    assert.equal(provisionEngines.engines.length, 4);
    world.docker.vpn('gluetun').setControl({ auth: { kind: 'none' } });
    await untilVpn1(world, 'the problem is over', ({ controlProblem }) => controlProblem === null);
  });

  test('wants a key is read with it, and says so where it is another', async () => {
    await using world = await simulated({
      env: { ...quick, GLUETUN_API_KEY: 'the-secret-key' },
    });
    world.docker
      .vpn('gluetun')
      .setControl({ auth: { kind: 'apikey', key: 'the-secret-key' }, ports: [44_000] });
    await untilVpn1(world, 'the port is read', ({ forwardedPort }) => forwardedPort === 44_000);
    world.docker.vpn('gluetun').setControl({ auth: { kind: 'apikey', key: 'another' } });
    const vpn = await untilVpn1(
      world,
      'the problem is told',
      ({ controlProblem }) => controlProblem !== null,
    );
    assert.match(vpn.controlProblem ?? '', /the key of GLUETUN_API_KEY/);
    assert.doesNotMatch([vpn.controlProblem, ...world.tandem.logged].join('\n'), /the-secret-key/);
  });

  test('wants a user is read with one', async () => {
    await using world = await simulated({
      env: { ...quick, GLUETUN_API_USER: 'me', GLUETUN_API_PASSWORD: 'se cret' },
    });
    const auth = { kind: 'basic', user: 'me', password: 'se cret' } as const;
    world.docker.vpn('gluetun').setControl({ auth, ports: [45_000] });
    await untilVpn1(world, 'the port is read', ({ forwardedPort }) => forwardedPort === 45_000);
  });

  test('answers 500 changes nothing but what is said of it', async () => {
    await using world = await simulated({ env: quick });
    await untilVpn1(world, 'the port is read', ({ forwardedPort }) => forwardedPort === 51_000);
    world.docker.vpn('gluetun').setControl({ http500: true });
    const vpn = await untilVpn1(
      world,
      'the problem is told',
      ({ controlProblem }) => controlProblem !== null,
    );
    assert.match(vpn.controlProblem ?? '', /answers 500 to GET \/v1\/portforward/);
    assert.deepEqual([vpn.state, vpn.health, vpn.forwardedPort], ['READY', 'HEALTHY', 51_000]);
  });

  test('hangs delays no look, no provision and no stop, and is told of when its time is over', async () => {
    await using world = await simulated({ env: quick });
    world.docker.events.silence();
    for (const name of ['gluetun', 'gluetun_2']) world.docker.vpn(name).setControl({ hang: true });
    const { provisionEngines } = await world.tandem.ask(ProvisionEngines, { input: { count: 6 } });
    assert.equal(provisionEngines.engines.length, 6);
    const before = world.docker.audit.entries.length;
    await until('ten looks at each', () => world.docker.audit.entries.length > before + 20, 1_900);
    await untilVpn1(world, 'the hang is told', ({ controlProblem }) =>
      /no answer in time/.test(controlProblem ?? ''),
    );
    await world.docker.vpn('gluetun').kill();
    await untilVpn1(world, 'the failure is seen', ({ state }) => state === 'FAILED', 1_000);
    assert.equal((await world.tandem.ask(Engines)).engines.length, 3);
    const stopped = world.tandem.stop().then(() => true);
    const late = new Promise<false>((resolve) => {
      AbortSignal.timeout(1_500).addEventListener('abort', () => resolve(false));
    });
    assert.equal(await Promise.race([stopped, late]), true, 'it stopped in time');
  });
});
