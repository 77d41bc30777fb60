import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { cli, cliAlone } from '../support/cli.ts';
import { request } from '../support/docker/request.ts';
import { until } from '../support/docker/until.ts';
import { type Daemon, daemon, simulated } from '../support/simulated.ts';

interface Finding {
  readonly about: string;
  readonly verdict: string;
  readonly found: string;
  readonly advice: string | null;
}

/** Nobody listens there. */
const nobody = 'http://127.0.0.1:1';

describe('doctor, beside an embedded daemon and without a service', () => {
  let world: Daemon;
  before(async () => {
    world = await daemon({ portsEach: 10, control: { auth: { kind: 'none' } } });
  });
  after(() => world[Symbol.asyncDispose]());

  const settings = () => ({
    DOCKER_HOST: world.dockerHost,
    GLUETUN_CONTAINER_NAME: 'gluetun',
    GLUETUN_CONTAINER_NAME_2: 'gluetun_2',
    DATA_DIR: join(world.folder, 'data'),
    TANDEM_URL: nobody,
  });

  async function examined(
    env: Record<string, string> = {},
  ): Promise<{ code: number | null; findings: Finding[] }> {
    const { code, out, err } = await cli(['doctor', '--json'], { ...settings(), ...env });
    assert.equal(err, '');
    const { ok, findings } = JSON.parse(out);
    assert.equal(ok, code === 0);
    return { code, findings };
  }

  /** The one finding about something, which has to be of this kind. */
  function finding(findings: readonly Finding[], about: string, verdict: string): Finding {
    const all = findings.filter((each) => each.about === about);
    assert.equal(all.length, 1, JSON.stringify(findings, null, 1));
    const [one] = all;
    assert(one && one.verdict === verdict, JSON.stringify(all));
    assert.equal(one.advice === null, verdict === 'OK');
    return one;
  }

  const engineImage = 'ghcr.io/krinkuto11/nano-ace:latest';
  const firstPort = () => Math.min(...portsOf('gluetun'));
  const portsOf = (name: string): number[] => {
    const { NetworkSettings } = world.docker.vpn(name).inspect() as { NetworkSettings: { Ports: object } };
    return Object.keys(NetworkSettings.Ports)
      .map((port) => Number(port.replace('/tcp', '')))
      .filter((port) => port !== 8_000);
  };

  test('where all is well says so, and that nobody answers is no failure', async () => {
    const { code, findings } = await examined();
    assert.equal(code, 0);
    for (const about of [
      'Settings',
      'Docker',
      'Engine image',
      'VPN gluetun',
      'VPN gluetun_2',
      'Key',
      'Journal',
    ])
      finding(findings, about, 'OK');
    assert.match(finding(findings, 'Ports of gluetun', 'OK').found, /^10 ports for engines/);
    assert.match(
      finding(findings, 'Control server of gluetun_2', 'OK').found,
      /203\.0\.113\.11, Netherlands; port 51001 is forwarded/,
    );
    assert.match(finding(findings, 'Service', 'WARNING').found, /nobody answers/);
  });

  test('says it in words, with what to do', async () => {
    const { code, out } = await cli(['doctor'], {
      ...settings(),
      GLUETUN_CONTAINER_NAME_2: 'gluetun_3',
    });
    assert.equal(code, 1);
    assert.match(out, /^OK {7}Docker: unix:.+ answers/m);
    assert.match(out, /^FAILURE {2}VPN gluetun_3: there is no such container\n {9}To do: create it/m);
    assert.match(out, /^1 failure, 1 warning\.$/m);
  });

  test('sees every mistake in the settings', async () => {
    const { code, findings } = await examined({ MIN_REPLICAS: 'few', GLUETUN_PORT_RANGE_1: 'a-b' });
    assert.equal(code, 1);
    const mistakes = findings.filter(({ about, verdict }) => about === 'Settings' && verdict === 'FAILURE');
    assert.deepEqual(mistakes.map(({ found }) => found.split(' ')[0]).sort(), [
      'GLUETUN_PORT_RANGE_1',
      'MIN_REPLICAS',
    ]);
  });

  test('takes nothing configured for the simulation that it is', async () => {
    const { code, out } = await cli(['doctor', '--json'], { TANDEM_URL: nobody });
    assert.equal(code, 0);
    const { findings } = JSON.parse(out);
    assert.match(finding(findings, 'Settings', 'WARNING').found, /simulation/);
  });

  test('sees a VPN that is stopped, paused, ill or without HEALTHCHECK', async () => {
    const [one, other] = [world.docker.vpn('gluetun'), world.docker.vpn('gluetun_2')];
    await one.stop();
    await other.pause();
    const first = await examined();
    assert.match(finding(first.findings, 'VPN gluetun', 'FAILURE').found, /exited/);
    assert.equal(finding(first.findings, 'VPN gluetun', 'FAILURE').advice, 'docker start gluetun');
    assert.equal(finding(first.findings, 'VPN gluetun_2', 'FAILURE').advice, 'docker unpause gluetun_2');
    assert.equal(first.code, 1);
    await one.start();
    await other.unpause();
    other.fail();
    await createVpn('bare', { Healthcheck: { Test: ['NONE'] } }, { '19900/tcp': '19900' });
    const second = await examined({ GLUETUN_CONTAINER_NAME: 'bare' });
    assert.match(finding(second.findings, 'VPN bare', 'WARNING').found, /no HEALTHCHECK/);
    assert.match(finding(second.findings, 'VPN gluetun_2', 'FAILURE').found, /unhealthy/);
    other.heal();
  });

  test('compares the published ports with the ranges', async () => {
    const first = firstPort();
    const ranges = (last: number) => ({
      GLUETUN_PORT_RANGE_1: `${first}-${last}`,
      GLUETUN_PORT_RANGE_2: `${first + 20}-${first + 24}`,
    });
    const inside = await examined(ranges(first + 4));
    assert.match(finding(inside.findings, 'Ports of gluetun', 'OK').found, /^5 ports/);
    assert.match(finding(inside.findings, 'Ports of gluetun_2', 'WARNING').found, /none of it is published/);
    assert.match(finding(inside.findings, 'Room', 'WARNING').found, /10 engines, fewer than MAX_REPLICAS=20/);
    const beyond = await examined({ GLUETUN_PORT_RANGE_1: `${first}-${first + 14}` });
    assert.equal(beyond.code, 1);
    assert.match(
      finding(beyond.findings, 'Ports of gluetun', 'FAILURE').found,
      new RegExp(`5 ports of it, ${first + 10}-${first + 14}, are not published`),
    );
  });

  test('sees ports that are published under another number, or not at all', async () => {
    await createVpn('moved', {}, { '19901/tcp': '19902' });
    await createVpn('closed', {}, {});
    const { code, findings } = await examined({
      GLUETUN_CONTAINER_NAME: 'moved',
      GLUETUN_CONTAINER_NAME_2: 'closed',
    });
    assert.equal(code, 1);
    assert.match(finding(findings, 'Ports of moved', 'FAILURE').found, /19901 is published as 19902/);
    assert.match(finding(findings, 'Ports of closed', 'FAILURE').found, /there is none for an engine/);
    assert.match(finding(findings, 'Control server of closed', 'WARNING').found, /control server/);
  });

  test('says of a control server that it refuses, is mute, or talks nonsense', async () => {
    const [one, other] = [world.docker.vpn('gluetun'), world.docker.vpn('gluetun_2')];
    one.setControl({ auth: { kind: 'deny' } });
    other.setControl({ http500: true });
    const { code, findings } = await examined();
    assert.equal(code, 0);
    assert.match(finding(findings, 'Control server of gluetun', 'WARNING').found, /401.+set GLUETUN_API_KEY/);
    assert.match(finding(findings, 'Control server of gluetun_2', 'WARNING').found, /answers 500/);
    one.setControl({ auth: { kind: 'apikey', key: 'a-control-key' } });
    other.setControl({ http500: false });
    const second = await examined({ GLUETUN_API_KEY: 'a-control-key' });
    finding(second.findings, 'Control server of gluetun', 'OK');
    assert.doesNotMatch(JSON.stringify(second.findings), /a-control-key/);
    one.setControl({ auth: { kind: 'none' } });
  });

  test('says whether the image is here, to be had, or neither', async () => {
    world.docker.images.put({ name: engineImage, kind: 'acestream', place: 'registry' });
    assert.match(finding((await examined()).findings, 'Engine image', 'OK').found, /first engine pulls it/);
    const { code, findings } = await examined({ ENGINE_IMAGE: 'nowhere/nothing:1' });
    assert.equal(code, 1);
    assert.match(
      finding(findings, 'Engine image', 'FAILURE').found,
      /nowhere\/nothing:1 is not here, and cannot be pulled/,
    );
  });

  test('sees a network that is not there', async () => {
    const { DOCKER_HOST, TANDEM_URL } = settings();
    const env = { DOCKER_HOST, TANDEM_URL, VPN_MODE: 'disabled', DOCKER_NETWORK: 'nowhere' };
    const { code, out } = await cli(['doctor', '--json'], env);
    assert.equal(code, 1);
    const { findings } = JSON.parse(out);
    assert.match(finding(findings, 'Network', 'FAILURE').found, /nowhere is not here/);
    // Without VPNs engines have ports of the host.
    assert(!findings.some(({ about }: Finding) => about === 'Room'), JSON.stringify(findings));
  });

  test('sees a folder that cannot be written, and a service that is open to everybody', async () => {
    const file = join(world.folder, 'file');
    await writeFile(file, '');
    const { code, findings } = await examined({ DATA_DIR: join(file, 'data'), HOST: '0.0.0.0' });
    assert.equal(code, 1);
    assert.match(finding(findings, 'Journal', 'FAILURE').found, /file is no folder/);
    assert.match(finding(findings, 'Key', 'WARNING').found, /0\.0\.0\.0 may be reached/);
  });

  test('without Docker says which address it tried, and looks no further there', async () => {
    const socket = join(world.folder, 'nobody.sock');
    const { code, findings } = await examined({ DOCKER_HOST: `unix://${socket}` });
    assert.equal(code, 1);
    assert.match(finding(findings, 'Docker', 'FAILURE').found, new RegExp(`${socket} does not answer`));
    assert(!findings.some(({ about }) => about.startsWith('VPN')));
  });

  test('a Docker that hangs does not hold it up for long', async () => {
    world.docker.faults.next({ path: /version/, fault: { kind: 'hang', when: 'before' } });
    const { findings } = await examined();
    assert.match(finding(findings, 'Docker', 'FAILURE').found, /did not answer within 4 s/);
  });

  /** A VPN that publishes these ports, by the daemon's own API. */
  async function createVpn(
    name: string,
    more: object,
    ports: Readonly<Record<string, string>>,
  ): Promise<void> {
    const body = {
      Image: 'qmcgaw/gluetun',
      ExposedPorts: Object.fromEntries(Object.keys(ports).map((port) => [port, {}])),
      HostConfig: {
        PortBindings: Object.fromEntries(
          Object.entries(ports).map(([port, HostPort]) => [port, [{ HostIp: '127.0.0.1', HostPort }]]),
        ),
      },
      ...more,
    };
    const { socketPath } = world.docker;
    const created = await request({ socketPath }, 'POST', `/containers/create?name=${name}`, { body });
    assert.equal(created.status, 201, created.text);
    const started = await request({ socketPath }, 'POST', `/containers/${name}/start`);
    assert.equal(started.status, 204, started.text);
  }
});

describe('doctor, beside a service that runs', () => {
  test('asks it with the key, and sees that not all is well', async () => {
    const key = 'a-key-of-this-test';
    await using world = await simulated({ env: { API_KEY: key }, whenReady: false });
    const ask = async (env: Record<string, string>) => {
      const { code, out } = await cli(['doctor', '--json'], { TANDEM_URL: world.tandem.url, ...env });
      const service: Finding | undefined = JSON.parse(out).findings.at(-1);
      return { code, service };
    };
    const well = await until('all is well', async () => {
      const found = await ask({ TANDEM_API_KEY: key });
      return found.service?.verdict === 'OK' && found;
    });
    assert.equal(well.code, 0);
    assert.match(well.service?.found ?? '', /answers: 2 VPNs, 0 engines/);
    const wrong = await ask({ TANDEM_API_KEY: 'another-key' });
    assert.deepEqual([wrong.code, wrong.service?.verdict], [1, 'FAILURE']);
    assert.match(wrong.service?.advice ?? '', /TANDEM_API_KEY/);
    world.docker.vpn('gluetun').fail();
    await until(
      'it is told of',
      async () => (await ask({ TANDEM_API_KEY: key })).service?.verdict === 'WARNING',
    );
  });

  test('reads the settings of a .env beside it', async () => {
    await using world = await daemon();
    const folder = await mkdtemp(join(tmpdir(), 'tandem-env-'));
    await writeFile(
      join(folder, '.env'),
      `DOCKER_HOST=${world.dockerHost}\nGLUETUN_CONTAINER_NAME=gluetun\n`,
    );
    const { code, out } = await cliAlone(['doctor'], { cwd: folder, env: { TANDEM_URL: nobody } });
    assert.equal(code, 0, out);
    assert.match(out, /Settings: mode SINGLE: gluetun/);
    await rm(folder, { recursive: true });
  });
});
