import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readKeysAgain } from '../src/config/keys.ts';
import { ConfigurationError } from '../src/config/mistakes.ts';
import { isUnconfigured, readSettings } from '../src/config.ts';

const two = { GLUETUN_CONTAINER_NAME: 'gluetun', GLUETUN_CONTAINER_NAME_2: 'gluetun_2' };

function mistakes(env: Record<string, string>): string[] {
  try {
    readSettings(env, null);
    return [];
  } catch (problem) {
    assert(problem instanceof ConfigurationError);
    return problem.mistakes.map(({ name }) => name);
  }
}

describe('the environment', () => {
  test('gives the documented defaults', () => {
    const settings = readSettings(two, null);
    assert.deepEqual(settings.http, {
      host: '127.0.0.1',
      port: 8_000,
      keys: { all: null, read: null },
      allowedHosts: [],
      introspection: true,
    });
    assert.equal(settings.mode, 'REDUNDANT');
    assert.deepEqual(settings.instance, { key: 'tandem.instance', value: 'default' });
    assert.equal(settings.docker?.text, 'unix:///var/run/docker.sock');
    assert.deepEqual(
      [settings.policy.minReplicas, settings.policy.maxReplicas, settings.policy.stabilizationMs],
      [2, 20, 120_000],
    );
    assert.deepEqual([settings.engine.maxConcurrentStarts, settings.engine.startupTimeoutMs], [4, 25_000]);
    assert.equal(settings.engine.image, 'ghcr.io/krinkuto11/nano-ace:latest');
    assert.deepEqual(
      [settings.dataDir, settings.eventsMax, settings.eventsMaxMs, settings.stopEnginesOnExit],
      ['./data', 10_000, 30 * 86_400_000, false],
    );
    const { emergencyMinReplicas, emergencyCapacity, vpnRestartAfterMs, replaceOnReconnect } =
      settings.policy;
    assert.deepEqual(
      [emergencyMinReplicas, emergencyCapacity, vpnRestartAfterMs, replaceOnReconnect],
      [1, 'share', 0, true],
    );
    const {
      healthFailureThreshold,
      unhealthyGraceMs,
      replacementCooldownMs,
      portCooldownMs,
      silentFailureMs,
    } = settings.policy;
    assert.deepEqual(
      [settings.healthIntervalMs, healthFailureThreshold, unhealthyGraceMs, replacementCooldownMs],
      [20_000, 3, 60_000, 60_000],
    );
    assert.deepEqual([portCooldownMs, silentFailureMs], [300_000, 30_000]);
  });

  test('names a folder for the journal of a simulation, or there is one that ends with it', () => {
    const simulated = new Map([['gluetun', '19000-19049']]);
    assert.equal(readSettings({}, simulated).dataDir, null);
    assert.equal(readSettings({ DATA_DIR: '/data' }, simulated).dataDir, '/data');
  });

  test('wrong in five places is told in five places at once, with what is allowed, and no secret', () => {
    const env = {
      ...two,
      APP_PORT: '70000',
      API_KEY: 'short x',
      GLUETUN_PORT_RANGE_1: '70000-5',
      VPN_MODE: 'bogus',
      ENGINE_MEMORY_LIMIT: '1m',
    };
    assert.throws(
      () => readSettings(env, null),
      (problem) => {
        assert(problem instanceof ConfigurationError);
        assert.deepEqual(problem.mistakes.map(({ name }) => name).sort(), [
          'API_KEY',
          'APP_PORT',
          'ENGINE_MEMORY_LIMIT',
          'GLUETUN_PORT_RANGE_1',
          'VPN_MODE',
        ]);
        assert.match(problem.message, /APP_PORT: is "70000"; allowed: a port, 0 to 65535/);
        assert.doesNotMatch(problem.message, /short x/);
        return true;
      },
    );
  });

  test('has no key told that was put where its file should be named, neither at the start nor when it is read anew', () => {
    const env = {
      ...two,
      API_KEY_FILE: 'a-key-and-not-a-file',
      API_KEY: 'long-enough',
      API_KEY_READ_FILE: 'nor-is-this-one',
    };
    for (const read of [() => readSettings(env, null), () => readKeysAgain(env)])
      assert.throws(read, (problem) => {
        assert(problem instanceof ConfigurationError);
        assert.match(problem.message, /API_KEY_FILE: .*not both/);
        assert.match(problem.message, /API_KEY_READ_FILE: .*a file that can be read \(ENOENT\)/);
        assert.doesNotMatch(problem.message, /a-key-and|nor-is/);
        return true;
      });
  });

  const cases: [what: string, env: Record<string, string>, expected: string[]][] = [
    ['nothing at all', {}, ['VPN_MODE']],
    ['a Docker and nothing else', { DOCKER_HOST: 'unix:///x.sock' }, ['VPN_MODE']],
    [
      'redundant with one VPN',
      { VPN_MODE: 'redundant', GLUETUN_CONTAINER_NAME: 'a' },
      ['GLUETUN_CONTAINER_NAME_2'],
    ],
    [
      'what an emergency cannot be',
      { ...two, EMERGENCY_CAPACITY: 'half', EMERGENCY_MIN_REPLICAS: '-1', STOP_ENGINES_ON_EXIT: 'maybe' },
      ['EMERGENCY_MIN_REPLICAS', 'EMERGENCY_CAPACITY', 'STOP_ENGINES_ON_EXIT'],
    ],
    [
      'events for no time at all',
      { ...two, EVENTS_MAX: '5', EVENTS_MAX_DAYS: '0' },
      ['EVENTS_MAX', 'EVENTS_MAX_DAYS'],
    ],
    ['single without a VPN', { VPN_MODE: 'single' }, ['GLUETUN_CONTAINER_NAME']],
    ['single with two VPNs', { ...two, VPN_MODE: 'single' }, ['VPN_MODE']],
    [
      'two VPNs of one name',
      { GLUETUN_CONTAINER_NAME: 'a', GLUETUN_CONTAINER_NAME_2: 'a' },
      ['GLUETUN_CONTAINER_NAME_2'],
    ],
    [
      'a gap between VPNs',
      { GLUETUN_CONTAINER_NAME: 'a', GLUETUN_CONTAINER_NAME_3: 'c' },
      ['GLUETUN_CONTAINER_NAME_3'],
    ],
    ['a name that is a path', { GLUETUN_CONTAINER_NAME: '/etc' }, ['GLUETUN_CONTAINER_NAME']],
    [
      'ranges that overlap',
      { ...two, GLUETUN_PORT_RANGE_1: '19000-19010', GLUETUN_PORT_RANGE_2: '19010-19020' },
      ['GLUETUN_PORT_RANGE_2'],
    ],
    ['more minimum than maximum', { ...two, MIN_REPLICAS: '9', MAX_REPLICAS: '3' }, ['MIN_REPLICAS']],
    ['a label without "="', { ...two, CONTAINER_LABEL: 'mine' }, ['CONTAINER_LABEL']],
    ['a Docker that is a bare path', { ...two, DOCKER_HOST: '/var/run/docker.sock' }, ['DOCKER_HOST']],
    ['a Docker by file descriptor', { ...two, DOCKER_HOST: 'fd://' }, ['DOCKER_HOST']],
    ['an unknown variant', { ...two, ENGINE_VARIANT: 'windows' }, ['ENGINE_VARIANT']],
    ['seconds that are none', { ...two, VPN_STABILIZATION_S: '2m' }, ['VPN_STABILIZATION_S']],
    [
      'no failure at all that makes an engine ill',
      { ...two, HEALTH_FAILURE_THRESHOLD: '0' },
      ['HEALTH_FAILURE_THRESHOLD'],
    ],
    ['probes without a pause', { ...two, HEALTH_CHECK_INTERVAL_S: '0' }, ['HEALTH_CHECK_INTERVAL_S']],
    ['a negative number', { ...two, MAX_REPLICAS: '-1' }, ['MAX_REPLICAS']],
    ['a key for reading and none for the rest', { ...two, API_KEY_READ: 'long-enough' }, ['API_KEY']],
    ['one key for both', { ...two, API_KEY: 'long-enough', API_KEY_READ: 'long-enough' }, ['API_KEY_READ']],
    ['a key that is too short', { ...two, API_KEY: 'short' }, ['API_KEY']],
    [
      'a key that is too short for reading',
      { ...two, API_KEY: 'long-enough', API_KEY_READ: 'x' },
      ['API_KEY_READ'],
    ],
    ['a key that no header can carry', { ...two, API_KEY: 'lóng-enough' }, ['API_KEY']],
    ['a key with a line break', { ...two, API_KEY: 'long-enough\nx' }, ['API_KEY']],
    ['a file of a key that is not there', { ...two, API_KEY_FILE: '/nowhere/key' }, ['API_KEY_FILE']],
    ['a folder instead of a key', { ...two, API_KEY_FILE: '/' }, ['API_KEY_FILE']],
    ['an empty file instead of a key', { ...two, API_KEY_FILE: '/dev/null' }, ['API_KEY_FILE']],
    [
      'a key and a file of it',
      { ...two, API_KEY: 'long-enough', API_KEY_FILE: '/dev/null' },
      ['API_KEY_FILE'],
    ],
    ['hosts with a port', { ...two, ALLOWED_HOSTS: 'a.example:80' }, ['ALLOWED_HOSTS']],
    ['every host', { ...two, ALLOWED_HOSTS: '*' }, ['ALLOWED_HOSTS']],
    ['an introspection of perhaps', { ...two, GRAPHQL_INTROSPECTION: 'maybe' }, ['GRAPHQL_INTROSPECTION']],
  ];
  for (const [what, env, expected] of cases) {
    test(`is refused: ${what}`, () => {
      const found = mistakes(env);
      for (const name of expected) assert(found.includes(name), `${name} among ${found}`);
    });
  }

  test('takes Docker by unix, tcp, http, https, ssh and npipe', () => {
    for (const DOCKER_HOST of [
      'unix:///a.sock',
      'tcp://h:2375',
      'tcp://h',
      'http://h:1',
      'https://h',
      'ssh://me@h',
      'npipe:////./pipe/docker_engine',
    ]) {
      assert.equal(readSettings({ ...two, DOCKER_HOST }, null).docker?.text, DOCKER_HOST);
    }
  });

  test('listens on all addresses only with a key, unless HOST says so', () => {
    assert.equal(readSettings({ ...two, API_KEY: 'long-enough' }, null).http.host, '0.0.0.0');
    assert.equal(readSettings({ ...two, HOST: '0.0.0.0' }, null).http.host, '0.0.0.0');
    assert.equal(readSettings(two, null).http.host, '127.0.0.1');
  });

  test('takes seconds with decimals and memory with units', () => {
    const settings = readSettings({ ...two, VPN_STABILIZATION_S: '1.5', ENGINE_MEMORY_LIMIT: '512m' }, null);
    assert.equal(settings.policy.stabilizationMs, 1_500);
    assert.equal(settings.engine.memoryLimit, 512 * 1_024 ** 2);
    assert.equal(readSettings({ ...two, ENGINE_MEMORY_LIMIT: '0' }, null).engine.memoryLimit, null);
  });

  test('says nothing of Docker exactly when the embedded engine may run', () => {
    assert.equal(isUnconfigured({ APP_PORT: '1' }), true);
    assert.equal(isUnconfigured({ VPN_MODE: '', DOCKER_HOST: '' }), true);
    for (const name of ['VPN_MODE', 'DOCKER_HOST', 'GLUETUN_CONTAINER_NAME', 'GLUETUN_CONTAINER_NAME_2']) {
      assert.equal(isUnconfigured({ [name]: 'x' }), false, name);
    }
  });
});
