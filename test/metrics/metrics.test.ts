import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { Metrics, type MetricsDeps } from '../../src/metrics/metrics.ts';
import {
  anEngine,
  aProvisioningEngine,
  aSite,
  aSnapshot,
  aStoppingEngine,
  aVpn,
  failed,
  now,
  range,
  seconds,
  stabilizing,
  theHost,
  unknown,
  unwell,
} from '../support/build.ts';
import { Exposition } from '../support/exposition.ts';
import { Forgetful } from '../support/forgetful.ts';

const metricsOf = (snapshot: () => Snapshot, changes: Partial<MetricsDeps> = {}): Metrics =>
  new Metrics({ snapshot, journal: new Forgetful(), storageTrouble: () => null, ...changes });

const told = async (metrics: Metrics) => new Exposition(await metrics.scrape());
const toldOf = (snapshot: Snapshot) => told(metricsOf(() => snapshot));

describe('of a snapshot', () => {
  test('engines are counted by VPN, state and health, and those that are not there count 0', async () => {
    const red = aSite(aVpn('red'), {
      provisioning: [aProvisioningEngine(1, 'red'), aProvisioningEngine(2, 'red')],
      running: [anEngine(3, 'red'), anEngine(4, 'red', { health: unwell }), anEngine(5, 'red')],
      stopping: [aStoppingEngine(6, 'red')],
    });
    const metrics = await toldOf(aSnapshot([red, aSite(aVpn('blue'), { running: [anEngine(7, 'blue')] })]));
    const engines = metrics.families
      .get('tandem_engines')
      ?.samples.map(({ labels, value }) => [...Object.values(labels), value]);
    assert.deepEqual(engines, [
      ['red', 'PROVISIONING', 'UNKNOWN', 2],
      ['red', 'RUNNING', 'HEALTHY', 2],
      ['red', 'RUNNING', 'UNHEALTHY', 1],
      ['red', 'RUNNING', 'UNKNOWN', 0],
      ['red', 'STOPPING', 'UNKNOWN', 1],
      ['blue', 'PROVISIONING', 'UNKNOWN', 0],
      ['blue', 'RUNNING', 'HEALTHY', 1],
      ['blue', 'RUNNING', 'UNHEALTHY', 0],
      ['blue', 'RUNNING', 'UNKNOWN', 0],
      ['blue', 'STOPPING', 'UNKNOWN', 0],
    ]);
    assert.equal(metrics.value('tandem_engines_pending'), 2);
  });

  test('each VPN is in one state of four', async () => {
    const vpns = {
      red: aVpn('red'),
      blue: aVpn('blue', stabilizing()),
      green: aVpn('green', unknown),
      grey: aVpn('grey', failed),
    };
    const metrics = await toldOf(aSnapshot(Object.values(vpns).map((vpn) => aSite(vpn))));
    for (const [vpn, { state: present }] of Object.entries(vpns))
      for (const state of ['UNKNOWN', 'READY', 'STABILIZING', 'FAILED'])
        assert.equal(metrics.value('tandem_vpn_state', { vpn, state }), state === present.kind ? 1 : 0);
  });

  test('free ports are told where it is known which ports there are', async () => {
    const metrics = await toldOf(
      aSnapshot([
        aSite(aVpn('red'), { ports: { first: 19_000, last: 19_009, free: 3 } }),
        aSite(aVpn('blue', unknown), { ports: null }),
      ]),
    );
    assert.equal(metrics.value('tandem_ports_free', { vpn: 'red' }), 3);
    assert.equal(metrics.value('tandem_ports_free', { vpn: 'blue' }), undefined);
  });

  test('an emergency lasts, and a circuit that waits for its trial is HALF_OPEN', async () => {
    const metrics = await toldOf(
      aSnapshot([aSite(aVpn('red', failed)), aSite(aVpn('blue'))], {
        emergency: { kind: 'ACTIVE', episodeId: 'e', since: now - seconds(90), failed: ['red'] },
        circuit: { kind: 'OPEN', until: now },
      }),
    );
    assert.equal(metrics.value('tandem_emergency_active'), 1);
    assert.equal(metrics.value('tandem_emergency_episode_seconds'), 90);
    assert.deepEqual(
      ['CLOSED', 'OPEN', 'HALF_OPEN'].map((state) => metrics.value('tandem_circuit_state', { state })),
      [0, 0, 1],
    );
  });

  test('without a VPN there are engines without one, and no VPN has a state', async () => {
    const metrics = await toldOf(aSnapshot([theHost({ running: [anEngine(1, null)] })]));
    assert.equal(metrics.value('tandem_engines', { state: 'RUNNING', health: 'HEALTHY' }), 1);
    assert.equal(metrics.value('tandem_ports_free'), 20);
    assert.deepEqual(metrics.families.get('tandem_vpn_state')?.samples, []);
  });

  test('a name is told as it is, whatever is in it', async () => {
    const vpn = 'a "red"\\\n{one}';
    const metrics = await toldOf(aSnapshot([aSite(aVpn(vpn))]));
    assert.equal(metrics.value('tandem_vpn_state', { vpn, state: 'READY' }), 1);
  });
});

describe('a scrape', () => {
  test('tells of no VPN that is no longer there', async () => {
    let snapshot = aSnapshot([aSite(aVpn('red')), aSite(aVpn('blue'))]);
    const metrics = metricsOf(() => snapshot);
    const before = await metrics.scrape();
    snapshot = aSnapshot([aSite(aVpn('blue'))]);
    const after = await metrics.scrape();
    assert.match(before, /"red"/);
    assert.doesNotMatch(after, /"red"/);
    assert.match(after, /"blue"/);
  });

  test('tells what the journal says of itself, and does not take for nothing what cannot be read', async () => {
    const journal = new Forgetful();
    let trouble: string | null = null;
    const metrics = metricsOf(() => aSnapshot([]), { journal, storageTrouble: () => trouble });
    const bytes = async () => (await told(metrics)).value('tandem_journal_bytes');
    const writable = async () => (await told(metrics)).value('tandem_journal_writable');
    assert.deepEqual([await bytes(), await writable()], [0, 1]);
    journal.size = () => ({ events: 7, bytes: null });
    trouble = 'the disk is full';
    assert.deepEqual([await bytes(), await writable()], [Number.NaN, 0]);
    assert.equal((await told(metrics)).value('tandem_journal_events'), 7);
  });

  test('of a thousand engines takes less than 50 ms', async () => {
    const sites = ['red', 'blue'].map((vpn, index) =>
      aSite(aVpn(vpn), {
        running: range(500 * index, 500 * index + 499).map((number) => anEngine(number, vpn)),
      }),
    );
    const snapshot = aSnapshot(sites);
    const metrics = metricsOf(() => snapshot);
    const times: number[] = [];
    for (let scrape = 0; scrape < 5; scrape++) {
      const begun = performance.now();
      assert.equal(
        (await told(metrics)).value('tandem_engines', {
          vpn: 'red',
          state: 'RUNNING',
          health: 'HEALTHY',
        }),
        500,
      );
      times.push(performance.now() - begun);
    }
    // The quickest: a machine that has other things to do says nothing about a scrape.
    assert(Math.min(...times) < 50, `${times}`);
  });
});

describe('what has happened', () => {
  const nothing = () => aSnapshot([]);

  test('counts from 0, so that the first of its kind is seen as a change', async () => {
    const metrics = await told(metricsOf(nothing));
    assert.equal(metrics.value('tandem_provisions_total', { outcome: 'OverloadedError' }), 0);
    assert.equal(metrics.value('tandem_provisions_total', { outcome: 'EngineStartError', phase: 'PULL' }), 0);
    assert.equal(metrics.value('tandem_provisions_total', { outcome: 'EngineStartError' }), undefined);
    assert.equal(metrics.value('tandem_reconcile_steps_total', { kind: 'RESTART_VPN' }), 0);
    assert.equal(metrics.value('tandem_emergency_episodes_total'), 0);
    assert.equal(metrics.value('tandem_provision_duration_seconds_count', { outcome: 'success' }), 0);
  });

  test('two services in one process count apart', async () => {
    const [one, other] = [metricsOf(nothing), metricsOf(nothing)];
    one.stepped('START');
    const steps = async (metrics: Metrics) =>
      (await told(metrics)).value('tandem_reconcile_steps_total', { kind: 'START' });
    assert.deepEqual([await steps(one), await steps(other)], [1, 0]);
  });

  test('a subscription that is said to have ended twice has ended once', async () => {
    const metrics = metricsOf(nothing);
    const [end] = [metrics.subscribed(), metrics.subscribed()];
    end?.();
    end?.();
    assert.equal((await told(metrics)).value('tandem_graphql_subscribers'), 1);
  });
});
