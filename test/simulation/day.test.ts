import assert from 'node:assert/strict';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openJournal } from '../../src/journal/sqlite.ts';
import { EmergencyModeChanged, Engines, Status } from '../api/operations.ts';
import { keeping } from '../support/keeping.ts';
import { hour, leaping, minute, second } from '../support/leaping.ts';
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
import {
  crash,
  cutOff,
  denial,
  nonsense,
  ofSickEngine,
  portAppears,
  portChanges,
  portIsAway,
  roundMs,
  silence,
  unseen,
  withControl,
  withoutDockerAfterACrash,
} from './silent-faults.ts';
import { allAreContent, allIsWell } from './wellness.ts';

const most = '12';

/** What goes wrong, hour by hour. */
const loudDay: readonly Fault[] = [
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

/** The same, where Docker has little to say of it. */
const silentDay: readonly Fault[] = [
  ofSickEngine('gluetun', 'hangs', (engine) => engine.hang()),
  unseen('gluetun_2', crash),
  portChanges('gluetun', 42_000),
  ofSickEngine('gluetun_2', 'answers 500', (engine) => engine.http500()),
  withoutDockerAfterACrash('gluetun', 'gluetun_2'),
  withControl('gluetun', denial, nothingElse),
  unseen('gluetun', cutOff('203.0.113.99')),
  portIsAway('gluetun_2'),
  withControl('gluetun_2', nonsense, nothingElse),
  ofSickEngine('gluetun', 'is not connected though the others are', (engine) => engine.netdown()),
  portAppears('gluetun_2', 43_000),
  withControl(
    'gluetun',
    silence,
    ofEngine('gluetun', 'crashes', (engine) => engine.crash()),
  ),
  unseen('gluetun', cutOff('203.0.113.98'), 2),
  unseen('gluetun', crash),
];

const days = [
  { what: 'a fault every hour', faults: loudDay, lookMs: beatMs, reconcileMs: beatMs },
  {
    what: 'a fault every hour that Docker has little to say of',
    faults: silentDay,
    lookMs: roundMs,
    reconcileMs: 45 * second,
  },
];

for (const { what, faults, lookMs, reconcileMs } of days)
  test(`in a day with ${what}, each is mended in the time that is promised, and leaves nothing behind`, async (t) => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'tandem-day-'));
    await using world = await leaping({
      dataDir: folder.path,
      env: {
        MIN_REPLICAS: '10',
        MAX_REPLICAS: most,
        GLUETUN_HEALTH_CHECK_INTERVAL_S: String(lookMs / second),
        AUTOSCALE_INTERVAL_S: String(reconcileMs / second),
        HEALTH_CHECK_INTERVAL_S: String(lookMs / second),
      },
    });
    const { time, tandem, until } = world;
    await until('ten engines run', minute, () => allIsWell(world));
    await time.pass(lookMs);
    await using changes = await tandem.follow(EmergencyModeChanged);
    let { lastEventId } = await tandem.ask(Status);

    for (const [index, { what, strike, mendedMs, turns = [] }] of faults.entries()) {
      await t.test(`hour ${index + 1}: ${what}`, async () => {
        const begun = time.clock.now();
        await strike(world);
        await until('all is mended', mendedMs, () => allIsWell(world));
        await time.pass(begun + hour - time.clock.now());
        assert(await allIsWell(world), 'it did not last');
        assert(await allAreContent(world), JSON.stringify(await keeping(tandem)));

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
