import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { systemClock } from '../../src/async/clock.ts';
import { readSettings, type Settings } from '../../src/config.ts';
import { askControl } from '../../src/gluetun/control.ts';
import { type Composition, composition, folder, type Service } from './compose.ts';
import { settingNames } from './settings.ts';

const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
const whole = ['single.yaml', 'redundant.yaml'];
const names = settingNames();
const isSetting = (name: string) =>
  names.has(name.replace(/(GLUETUN_CONTAINER_NAME|GLUETUN_PORT_RANGE)_\d+$/, '$1_2'));

const namesOf = (service: Service | undefined) => Object.keys(service?.environment ?? {});
const isGluetun = ({ image }: Service) => image?.startsWith('qmcgaw/gluetun') ?? false;

/** Host and container ports of a service, from entries such as 127.0.0.1:19000-19019:19000-19019. */
function publishedBy({ ports = [] }: Service): { outside: string; inside: string }[] {
  return ports.map((entry) => {
    const [inside = '', outside = ''] = entry.split(':').reverse();
    return { outside, inside };
  });
}

const numbersIn = (range: string): number[] => {
  const [first = 0, last = first] = range.split('-').map(Number);
  return Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
};

describe('the compose files', () => {
  let place: string;
  before(async () => {
    place = await mkdtemp(join(tmpdir(), 'tandem-compose-'));
    await writeFile(join(place, 'api_key'), 'a-key-that-is-long-enough\n');
  });
  after(() => rm(place, { recursive: true }));

  /** What Tandem makes of its environment there. */
  const settingsIn = ({ services }: Composition): Settings => {
    const { environment } = services.tandem ?? {};
    const env = Object.fromEntries(
      Object.entries({ ...environment }).map(([name, value]) => [
        name,
        String(value).replace('/run/secrets', place),
      ]),
    );
    return readSettings(env, null);
  };

  test('are all looked at', () => {
    assert.deepEqual(files.toSorted(), [
      'caddy.yaml',
      'orchestrator.yaml',
      'redundant.yaml',
      'single.yaml',
      'tandem.yaml',
    ]);
  });

  for (const file of files) {
    test(`${file} sets nothing that is no setting`, () => {
      const { services } = composition(file);
      for (const service of ['tandem', 'orchestrator'])
        for (const name of namesOf(services[service])) assert(isSetting(name), name);
    });

    test(`${file} has no secret in the environment, and no image without a version`, () => {
      for (const [name, service] of Object.entries(composition(file).services)) {
        for (const variable of namesOf(service))
          assert(!/KEY|PASSWORD|SECRET|TOKEN/.test(variable) || variable.endsWith('_FILE'), variable);
        const { image = '' } = service;
        if (image === 'tandem') continue;
        assert.match(image, /^[\w/.-]+:[\w.-]+$/, `${name}: ${image}`);
        assert.doesNotMatch(image, /:latest$/, name);
      }
    });

    test(`${file} makes nobody privileged`, () => {
      for (const { privileged } of Object.values(composition(file).services)) assert(!privileged);
    });
  }

  for (const file of whole) {
    test(`${file} is a configuration that Tandem takes: with a key, behind the filter, on the VPNs that are there`, () => {
      const composed = composition(file);
      const settings = settingsIn(composed);
      const vpns = Object.values(composed.services).filter(isGluetun);
      assert.equal(settings.mode, vpns.length > 1 ? 'REDUNDANT' : 'SINGLE');
      assert.deepEqual(
        settings.vpns,
        vpns.map(({ container_name }) => container_name),
      );
      assert.equal(settings.http.host, '0.0.0.0');
      assert.notEqual(settings.http.keys.all, null);
      assert.equal(settings.docker?.text, 'tcp://docker-api:2375');
    });

    test(`${file} has only the filter touch Docker's socket, and lets nobody but Tandem reach the filter`, () => {
      const { services, networks } = composition(file);
      const withSocket = Object.entries(services).filter(([, { volumes = [] }]) =>
        volumes.some((volume) => volume.includes('docker.sock')),
      );
      assert.deepEqual(
        withSocket.map(([name]) => name),
        ['docker-api'],
      );
      const near = Object.entries(services).filter(([, { networks: own = [] }]) =>
        own.includes('docker-api'),
      );
      assert.deepEqual(near.map(([name]) => name).sort(), ['docker-api', 'tandem']);
      assert.deepEqual(services['docker-api']?.networks, ['docker-api']);
      assert.equal(services['docker-api']?.ports, undefined);
      assert.deepEqual(networks['docker-api'], { internal: true });
    });

    test(`${file} publishes the engines of each VPN under their own numbers, no port twice, and no control server`, () => {
      const composed = composition(file);
      const { ports, controlPort, policy } = settingsIn(composed);
      assert.equal(ports.size, 0, 'what is published is the range');
      const seen = new Set<number>();
      for (const service of Object.values(composed.services).filter(isGluetun)) {
        const published = publishedBy(service);
        assert.equal(published.length, 1);
        for (const { outside, inside } of published) {
          assert.equal(outside, inside);
          for (const port of numbersIn(inside)) {
            assert(port !== controlPort && !seen.has(port), String(port));
            seen.add(port);
          }
        }
      }
      assert(seen.size >= policy.maxReplicas, `${seen.size} ports`);
    });

    test(`${file} puts Tandem on the network of every VPN`, () => {
      const { services } = composition(file);
      for (const { networks = [] } of Object.values(services).filter(isGluetun))
        assert(networks.some((network) => services.tandem?.networks?.includes(network)));
    });

    test(`${file} declares every network, volume and secret that it uses, and uses each`, () => {
      const { services, networks, volumes, secrets } = composition(file);
      const all = Object.values(services);
      const sources = (service: Service) =>
        (service.secrets ?? []).map((secret) => (typeof secret === 'string' ? secret : secret.source));
      const named = (service: Service) =>
        (service.volumes ?? []).map((each) => each.split(':')[0] ?? '').filter((each) => /^\w+$/.test(each));
      for (const [used, declared] of [
        [all.flatMap(({ networks: own = [] }) => own), networks],
        [all.flatMap(named), volumes],
        [all.flatMap(sources), secrets],
      ] as const)
        assert.deepEqual(new Set(used), new Set(Object.keys(declared)));
    });

    test(`${file} says in docs/deployment.md what goes into secrets/`, () => {
      const guide = readFileSync(join(folder, '../../docs/deployment.md'), 'utf8');
      for (const { file: secret } of Object.values(composition(file).secrets))
        assert(guide.includes(secret), secret);
    });

    test(`${file} keeps the journal, and gives Tandem the time that it takes to stop`, () => {
      const { tandem } = composition(file).services;
      assert(tandem?.volumes?.includes('data:/data'));
      assert(Number.parseInt(tandem?.stop_grace_period ?? '', 10) > 10);
    });
  }

  test('have their secrets left out of git', () => {
    const ignored = readFileSync(join(folder, '../../.gitignore'), 'utf8').split('\n');
    assert(ignored.includes('secrets/'));
  });

  test("orchestrator.yaml takes what stands in the original's .env, and is reached as it was", () => {
    const { environment } = composition('orchestrator.yaml').services.orchestrator ?? {};
    const overridden = Object.fromEntries(Object.entries({ ...environment }).map(([k, v]) => [k, String(v)]));
    const { http, mode, vpns, ports, controlPort, instance, policy } = readSettings(
      { ...originals, ...overridden },
      null,
    );
    assert.deepEqual([http.host, http.port, http.keys.all], ['0.0.0.0', 8_000, null]);
    assert.deepEqual([mode, vpns, controlPort], ['REDUNDANT', ['gluetun', 'gluetun2'], 8_001]);
    assert.deepEqual(
      [...ports.values()].map((numbers) => [numbers.at(0), numbers.at(-1)]),
      [
        [19_000, 19_499],
        [19_500, 19_999],
      ],
    );
    assert.deepEqual(instance, { key: 'ondemand.app', value: 'myservice' });
    assert.deepEqual([policy.minReplicas, policy.maxReplicas, policy.vpnRestartAfterMs], [2, 6, 60_000]);
  });
});

/** What the .env.example of acestream-orchestrator 1.7 sets, of the names that mean something here, with both VPNs named. */
const originals = {
  API_KEY: '',
  MIN_REPLICAS: '2',
  MAX_REPLICAS: '6',
  STARTUP_TIMEOUT_S: '25',
  AUTOSCALE_INTERVAL_S: '30',
  ENGINE_VARIANT: 'AceServe-amd64',
  VPN_MODE: 'redundant',
  GLUETUN_CONTAINER_NAME: 'gluetun',
  GLUETUN_CONTAINER_NAME_2: 'gluetun2',
  GLUETUN_API_PORT: '8001',
  GLUETUN_HEALTH_CHECK_INTERVAL_S: '5',
  VPN_RESTART_ENGINES_ON_RECONNECT: 'true',
  VPN_UNHEALTHY_RESTART_TIMEOUT_S: '60',
  GLUETUN_PORT_RANGE_1: '19000-19499',
  GLUETUN_PORT_RANGE_2: '19500-19999',
  HEALTH_CHECK_INTERVAL_S: '20',
  HEALTH_FAILURE_THRESHOLD: '3',
  HEALTH_UNHEALTHY_GRACE_PERIOD_S: '60',
  HEALTH_REPLACEMENT_COOLDOWN_S: '60',
  CIRCUIT_BREAKER_FAILURE_THRESHOLD: '5',
  CIRCUIT_BREAKER_RECOVERY_TIMEOUT_S: '300',
  APP_PORT: '8000',
  CONTAINER_LABEL: 'ondemand.app=myservice',
};

test('the role for Gluetun covers what Tandem asks of a control server, and no more', async () => {
  const asked = new Set<string>();
  const server = createServer(({ method, url }, response) => {
    asked.add(`${method} ${url}`);
    response.writeHead(401).end('Unauthorized\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await askControl({
    target: { host: '127.0.0.1', port },
    access: { kind: 'none' },
    timeoutMs: 5_000,
    clock: systemClock,
    signal: new AbortController().signal,
  });
  server.close();
  const role = readFileSync(join(folder, 'gluetun-auth.toml'), 'utf8');
  const routes = [...role.matchAll(/^ +"([^"]+)",$/gm)].map(([, route]) => route);
  assert.deepEqual(routes.toSorted(), [...asked].sort());
});
