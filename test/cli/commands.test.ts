import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Engines, ProvisionEngine, ProvisionEngines } from '../api/operations.ts';
import { cli, cliAlone } from '../support/cli.ts';
import { until } from '../support/docker/until.ts';
import { daemon, type Simulated, simulated } from '../support/simulated.ts';
import { startTandem } from '../support/tandem.ts';

describe('the command line, on a service with room', () => {
  let world: Simulated;
  before(async () => {
    world = await simulated();
  });
  after(() => world[Symbol.asyncDispose]());
  const tandem = (...args: string[]) => cli(args, { TANDEM_URL: world.tandem.url });

  test('status shows the VPNs and ends with 0 when all is well', async () => {
    const { code, out, err } = await tandem('status');
    assert.equal(code, 0, err);
    assert.match(out, /All is well: 2 VPNs/);
    assert.match(out, /^gluetun_2 +READY +HEALTHY/m);
    assert.match(out, /Netherlands/);
    assert(!out.includes('\x1b'), out);
  });

  test('status --json is one document, as the API has it', async () => {
    const { code, out } = await tandem('status', '--json');
    assert.equal(code, 0);
    const { vpnStatus, fleet } = JSON.parse(out);
    assert.deepEqual(
      vpnStatus.vpns.map(({ name, state }: { name: string; state: string }) => [name, state]),
      [
        ['gluetun', 'READY'],
        ['gluetun_2', 'READY'],
      ],
    );
    assert.equal(fleet.maxReplicas, 100);
  });

  test('provision starts as many as asked for, with their labels, and prints them', async () => {
    const { code, out, err } = await tandem(
      'provision',
      '--count',
      '3',
      '--label',
      'owner=anna',
      '-e',
      'LANG=C',
    );
    assert.equal(code, 0, err);
    assert.equal(err, '');
    const { engines } = await world.tandem.ask(Engines);
    const ours = engines.filter(({ labels }) =>
      labels.some(({ key, value }) => key === 'owner' && value === 'anna'),
    );
    assert.equal(ours.length, 3);
    for (const { name, httpPort } of ours)
      assert.match(out, new RegExp(`${name} +http://localhost:${httpPort} `));
  });

  test('provision with the same idempotency key gives the same engine', async () => {
    const ask = () => tandem('provision', '--idempotency-key', 'friday', '--json');
    const [first, second] = [JSON.parse((await ask()).out), JSON.parse((await ask()).out)];
    assert.equal(first.engines.length, 1);
    assert.deepEqual(
      second.engines.map(({ id }: { id: string }) => id),
      first.engines.map(({ id }: { id: string }) => id),
    );
  });

  test('engines lists those of a VPN, of a state, of a health', async () => {
    await world.tandem.ask(ProvisionEngines, { input: { count: 2 } });
    const { engines: all } = await world.tandem.ask(Engines);
    const listed = async (...args: string[]): Promise<{ vpn: { name: string } }[]> =>
      JSON.parse((await tandem('engines', '--json', ...args)).out);
    assert.equal((await listed()).length, all.length);
    const behind = await listed('--vpn', 'gluetun_2', '--state', 'running', 'provisioning');
    assert.equal(behind.length, all.filter(({ vpn }) => vpn?.name === 'gluetun_2').length);
    assert(behind.every(({ vpn }) => vpn.name === 'gluetun_2'));
    assert.deepEqual(await listed('--health', 'UNHEALTHY'), []);
    const { code, err } = await tandem('engines', '--vpn', 'nowhere');
    assert.equal(code, 2);
    assert.match(err, /^tandem: No VPN is called "nowhere"[^\n]+\n$/);
  });

  test('stop takes names, ids and ids of containers, and says by its code whether all are gone', async () => {
    const { provisionEngines } = await world.tandem.ask(ProvisionEngines, { input: { count: 4 } });
    const [one, two, three, four] = provisionEngines.engines;
    assert(one && two?.containerId && three && four);
    const all = await tandem('stop', one.name, two.containerId, three.id);
    assert.equal(all.code, 0, all.err);
    assert.match(all.out, new RegExp(`${one.name} is REMOVED`));
    const some = await tandem('stop', four.name, 'acestream-999');
    assert.equal(some.code, 3);
    assert.match(some.err, /^tandem: acestream-999: No engine/);
    assert.equal((await tandem('stop', 'acestream-999')).code, 1);
    const left = (await world.tandem.ask(Engines)).engines.map(({ id }) => id);
    for (const { id } of [one, two, three, four]) assert(!left.includes(id));
  });

  test('scale sets the number that is kept, and refuses one that is out of range', async () => {
    const { code, out } = await tandem('scale', '1');
    assert.equal(code, 0);
    assert.match(out, /^Kept from now on: 1 engine;/);
    const refused = await tandem('scale', '1000');
    assert.equal(refused.code, 2);
    assert.match(refused.err, /MAX_REPLICAS, which is 100/);
  });

  test('events shows the newest, pages from an event on, and picks types', async () => {
    await world.tandem.ask(ProvisionEngine);
    const all = (await tandem('events', '--json', '--last', '500')).out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const [first] = all;
    const later = (await tandem('events', '--after', first.id)).out.trim().split('\n');
    assert.equal(later.length, all.length - 1);
    assert.match(later[0] ?? '', /^\d{4}-\d\d-\d\dT[\d:.]+Z {2}\S+ {2}\S/);
    const assigned = await tandem('events', '--json', '--type', 'engine_assigned', '--last', '2');
    assert.deepEqual(
      assigned.out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).type),
      ['ENGINE_ASSIGNED', 'ENGINE_ASSIGNED'],
    );
    const lost = await tandem('events', '--after', '000000000007-deadbeef');
    assert.equal(lost.code, 65);
    assert.match(lost.err, /^tandem: [^\n]+\n$/);
  });

  test('colours are for terminals, and for whoever asks for them', async () => {
    const env = { TANDEM_URL: world.tandem.url, FORCE_COLOR: '1' };
    assert((await cli(['status'], env)).out.includes('\x1b['));
    assert(!(await cli(['status', '--no-color'], env)).out.includes('\x1b'));
    assert(!(await cli(['status'], { ...env, NO_COLOR: '1' })).out.includes('\x1b'));
  });

  test('finds the service by the settings of a .env beside it, which the environment overrules', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tandem-env-'));
    const { port } = new URL(world.tandem.url);
    await writeFile(join(folder, '.env'), `HOST=127.0.0.1\nAPP_PORT=${port}\n`);
    assert.equal((await cliAlone(['status'], { cwd: folder })).code, 0);
    assert.equal((await cliAlone(['status'], { cwd: folder, env: { APP_PORT: '1' } })).code, 69);
    await rm(folder, { recursive: true });
  });

  test('a .env that cannot be read ends it with 2 and one line', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tandem-env-'));
    await mkdir(join(folder, '.env'));
    const { code, out, err } = await cliAlone(['status'], { cwd: folder });
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, /^tandem: \.env cannot be read \(EISDIR\)[^\n]+\n$/);
    await rm(folder, { recursive: true });
  });
});

describe('the command line, where not all is well', () => {
  test('in an emergency status ends with 1, and says since when and who carries on', async () => {
    await using world = await simulated({ env: { VPN_STABILIZATION_S: '1000' } });
    const env = { TANDEM_URL: world.tandem.url };
    world.docker.vpn('gluetun').fail();
    await until('the emergency is told of', async () => (await cli(['status'], env)).code === 1);
    const { out } = await cli(['status'], env);
    assert.match(out, /EMERGENCY for \d+ s: gluetun FAILED\. gluetun_2 carries on\./);
    assert.match(out, /gluetun: FAILED since .+: .*unhealthy/);
    world.docker.vpn('gluetun').heal();
    await until('it is stabilizing', async () => (await cli(['status'], env)).code === 0);
    assert.match((await cli(['status'], env)).out, /STABILIZING, 16 min \d+ s to go/);
  });

  test('while starts fail status ends with 1, and provision says why', async () => {
    await using world = await simulated({ env: { CIRCUIT_BREAKER_FAILURE_THRESHOLD: '1' } });
    world.docker.nextEngines({ crashAtBoot: true });
    const env = { TANDEM_URL: world.tandem.url };
    const failed = await cli(['provision'], env);
    assert.equal(failed.code, 1);
    assert.match(failed.err, /^tandem: 1 of 1 engine did not start\. EngineStartError: /);
    const { code, out } = await cli(['status'], env);
    assert.equal(code, 1);
    assert.match(out, /the circuit is OPEN/);
    assert.match((await cli(['provision'], env)).err, /CircuitOpenError.+Try again in 4 min \d+ s|5 min/);
  });

  test('provision ends with 3 when some did not start, with 1 when none did, with 2 when it was asked wrongly', async () => {
    await using world = await simulated({ env: { MAX_REPLICAS: '2' } });
    const env = { TANDEM_URL: world.tandem.url };
    const some = await cli(['provision', '--count', '3'], env);
    assert.equal(some.code, 3);
    assert.match(some.err, /^tandem: 1 of 3 engines did not start\. CapacityReachedError: /);
    assert.match(some.out, /acestream-2/);
    const none = await cli(['provision', '--json'], env);
    assert.equal(none.code, 1);
    assert.equal(JSON.parse(none.out).errors[0].__typename, 'CapacityReachedError');
    assert.equal((await cli(['provision', '--count', '0'], env)).code, 2);
  });

  test('the key comes from the environment or a file, and is in no output', async () => {
    const key = 'a-key-of-this-test';
    const keys = { API_KEY: key, API_KEY_READ: 'one-to-read-with' };
    await using world = await simulated({ env: keys, whenReady: false });
    const { url } = world.tandem;
    const query = '{ vpnStatus { vpns { state } } }';
    await until('every VPN is READY', async () => {
      const { body } = await world.tandem.answer({ query }, { 'x-api-key': key });
      return !JSON.stringify(body).includes('UNKNOWN');
    });
    const wrong = await cli(['status', '--key', 'another-key'], { TANDEM_URL: url });
    assert.equal(wrong.code, 77);
    assert.match(wrong.err, /^tandem: the service wants its API_KEY[^\n]+TANDEM_API_KEY[^\n]+\n$/);
    assert.doesNotMatch(wrong.err, /another-key/);
    const folder = await mkdtemp(join(tmpdir(), 'tandem-key-'));
    await writeFile(join(folder, 'key'), `${key}\n`);
    for (const env of [{ TANDEM_API_KEY: key }, { API_KEY: key }, { API_KEY_FILE: join(folder, 'key') }])
      assert.equal((await cli(['status', '--url', url], env as Record<string, string>)).code, 0);
    await rm(folder, { recursive: true });
    const reader = { TANDEM_URL: url, TANDEM_API_KEY: 'one-to-read-with' };
    assert.equal((await cli(['engines'], reader)).code, 0);
    assert.equal((await cli(['scale', '1'], reader)).code, 77);
    assert.equal((await cli(['provision'], reader)).code, 77);
  });

  test('while the service has only begun, 75 says that it may work in a moment', async () => {
    await using world = await daemon();
    await world.docker.goDown();
    await using tandem = await startTandem(world);
    const { code, err } = await cli(['scale', '1'], { TANDEM_URL: tandem.url });
    assert.equal(code, 75, err);
    assert.match(err, /^tandem: Tandem has just started [^\n]+ Try again in a second\.\n$/);
  });

  test('where nobody answers it ends with 69 and says what to do', async () => {
    const { code, out, err } = await cli(['status'], { TANDEM_URL: 'http://127.0.0.1:1' });
    assert.equal(code, 69);
    assert.equal(out, '');
    assert.equal(
      err,
      'tandem: nobody answers at http://127.0.0.1:1. Start the service (npm start), or say where it is with --url or TANDEM_URL.\n',
    );
  });

  test('a mistake in the command ends with 2 and one line on what to do', async () => {
    const mistakes = [
      [['stauts'], /unknown command 'stauts'/],
      [['status', '--jsn'], /unknown option '--jsn'/],
      [['provision', '--count', 'many'], /whole number/],
      [['provision', '--label', 'anna'], /a name, "=" and a value/],
      [['engines', '--state', 'ASLEEP'], /Allowed choices are PROVISIONING/],
      [['stop'], /missing required argument/],
      [['status', '--url', 'localhost:8000'], /http:\/\/localhost:8000/],
    ] as const;
    const outcomes = mistakes.map(async ([args, said]) => {
      const { code, out, err } = await cli(args);
      assert.equal(code, 2, err);
      assert.equal(out, '');
      assert.match(err, /^tandem: /);
      assert.match(err, said);
    });
    await Promise.all(outcomes);
  });
});

describe('the command line about itself', () => {
  test('every command explains itself with examples', async () => {
    const { code, out } = await cli(['--help']);
    assert.equal(code, 0);
    assert.match(out, /Exit codes:/);
    const commands = [...out.matchAll(/^ {2}(\w+) /gm)].map(([, name]) => name ?? '');
    const all = [
      'status',
      'engines',
      'provision',
      'stop',
      'scale',
      'watch',
      'events',
      'doctor',
      'completion',
    ];
    const explained = all.map(async (command) => {
      assert(commands.includes(command), command);
      const help = await cli([command, '--help']);
      assert.equal(help.code, 0);
      assert.match(help.out, /Examples:\n {2}\S/);
      assert.match(help.out, /--json/);
    });
    await Promise.all(explained);
  });

  test('it says its version', async () => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));
    assert.deepEqual(await cli(['--version']), { code: 0, out: `${version}\n`, err: '' });
  });
});
