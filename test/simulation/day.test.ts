import assert from 'node:assert/strict';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openJournal } from '../../src/journal/sqlite.ts';
import { EmergencyModeChanged, Engines, Status } from '../api/operations.ts';
import { hour, type LeapingWorld, leaping, minute, second } from '../support/leaping.ts';
import { history, only } from '../support/story.ts';
import {
  beatMs,
  betweenStreams,
  death,
  type Fault,
  nothingElse,
  ofBoth,
  ofEngine,
  ofMoment,
  ofVpn,
  pause,
  sickness,
  unheard,
  withMuteDocker,
  withoutDocker,
} from './faults.ts';

const [most, beat] = ['12', String(beatMs / second)];

/** What goes wrong, hour by hour. */
const day: readonly Fault[] = [
  ofEngine('gluetun', 'crashes', (engine) => engine.crash()),
  ofVpn('gluetun_2', sickness),
  ofEngine('gluetun_2', 'is removed by hand', (engine) => engine.remove()),
  ofMoment('gluetun', 'is restarted', (vpn) => vpn.restart()),
  withoutDocker(nothingElse),
  ofBoth(sickness, 5),
  unheard.engine(ofEngine('gluetun_2', 'crashes', (engine) => engine.crash())),
  ofVpn('gluetun', death),
  unheard.vpn('gluetun_2', sickness),
  ofEngine('gluetun', 'runs out of memory', (engine) => engine.oom()),
  ofMoment('gluetun_2', 'is made anew', (vpn) => vpn.recreate()),
  withoutDocker(ofEngine('gluetun', 'crashes', (engine) => engine.crash())),
  ofBoth(death, 10),
  withMuteDocker(nothingElse),
  ofVpn('gluetun', pause),
  ofEngine('gluetun_2', 'is stopped by hand', (engine) => engine.stop()),
  withoutDocker(ofMoment('gluetun_2', 'is restarted', (vpn) => vpn.restart())),
  unheard.engine(ofEngine('gluetun', 'is removed by hand', (engine) => engine.remove())),
  betweenStreams(ofMoment('gluetun_2', 'is restarted', (vpn) => vpn.restart())),
  unheard.vpn('gluetun', death),
  ofBoth(pause, 5),
  withMuteDocker(ofEngine('gluetun', 'crashes', (engine) => engine.crash())),
  ofVpn('gluetun_2', death),
  ofMoment('gluetun', 'is made anew', (vpn) => vpn.recreate()),
];

/** Five engines on each VPN, in the API and in Docker, and nothing else anywhere; undefined while it is not so. */
async function allIsWell({ tandem, vpns, engineContainers }: LeapingWorld) {
  const containers = engineContainers();
  if (containers.length !== 10 || containers.some(({ state }) => state !== 'running')) return undefined;
  const { engines } = await tandem.ask(Engines, {
    filter: { states: ['PROVISIONING', 'RUNNING', 'STOPPING'] },
  });
  const { vpnStatus } = await tandem.ask(Status);
  const seen = [
    engines.map(({ name, state }) => `${name} ${state}`).sort(),
    vpnStatus.vpns.map(({ state, engineCount }) => `${state} ${engineCount}`),
  ];
  const wanted = [containers.map(({ name }) => `${name} RUNNING`).sort(), vpns.map(() => 'READY 5')];
  return JSON.stringify(seen) === JSON.stringify(wanted) ? engines : undefined;
}

test('in a day with a fault every hour, each is mended in the time that is promised, and leaves nothing behind', async (t) => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'tandem-day-'));
  await using world = await leaping({
    dataDir: folder.path,
    env: {
      MIN_REPLICAS: '10',
      MAX_REPLICAS: most,
      GLUETUN_HEALTH_CHECK_INTERVAL_S: beat,
      AUTOSCALE_INTERVAL_S: beat,
      HEALTH_CHECK_INTERVAL_S: beat,
    },
  });
  const { time, tandem, until } = world;
  await until('ten engines run', minute, () => allIsWell(world));
  await using changes = await tandem.follow(EmergencyModeChanged);
  let { lastEventId } = await tandem.ask(Status);

  for (const [index, { what, strike, mendedMs, turns = [] }] of day.entries()) {
    await t.test(`hour ${index + 1}: ${what}`, async () => {
      const begun = time.clock.now();
      await strike(world);
      await until('all is mended', mendedMs, () => allIsWell(world));
      await time.pass(begun + hour - time.clock.now());
      assert(await allIsWell(world), 'it did not last');

      const events = await history(tandem, lastEventId);
      const told = only('EmergencyModeChanged', events);
      assert.deepEqual(
        told.map(({ turn }) => turn),
        turns,
      );
      assert(new Set(told.map(({ episodeId }) => episodeId)).size <= 1, 'it was told as several episodes');
      for (const { id } of told) assert.equal((await changes.next()).emergencyModeChanged.id, id);
      for (const { message, chosen, loads } of only('EngineAssigned', events)) {
        assert.equal(chosen?.state, 'READY', message);
        const total = loads.reduce((sum, { running, pending }) => sum + running + pending, 0);
        assert(total <= Number(most), `${total} engines: ${message}`);
      }
      ({ lastEventId } = await tandem.ask(Status));
    });
  }

  const { engines } = await tandem.ask(Engines);
  await time.during(tandem.stop());
  const { clock } = time;
  const options = { eventsMax: 10_000, eventsMaxMs: 30 * 24 * hour, newRun: () => '00000000' };
  const { journal } = openJournal({ ...options, folder: folder.path, clock });
  const sites = journal.newest?.snapshot.sites ?? [];
  journal.close();
  const written = sites.flatMap(({ provisioning, running, stopping }) => [
    ...provisioning,
    ...running,
    ...stopping,
  ]);
  const names = (things: readonly { readonly name: string }[]) => things.map(({ name }) => name).sort();
  assert.deepEqual(names(written), names(engines));
  assert.deepEqual(names(world.engineContainers()), names(engines));
});
