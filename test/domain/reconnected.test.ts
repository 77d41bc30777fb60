import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { neverAsked } from '../../src/domain/health.ts';
import type { Policy } from '../../src/domain/policy.ts';
import type { Site, Snapshot } from '../../src/domain/snapshot.ts';
import type { Vpn } from '../../src/domain/vpn.ts';
import {
  aMoment,
  anEngine,
  aProvisioningEngine,
  aSite,
  aStoppingEngine,
  aVpn,
  doubted,
  failed,
  now,
  ready,
  recreated,
  restarted,
  seconds,
  stabilizing,
  theHost,
} from '../support/build.ts';
import { nobody, site, stepsOf, ten } from '../support/planned.ts';

describe('engines that outlived a failure of the single VPN', () => {
  const recoveredAt = now + seconds(300);
  const since = (createdAt: number, number = 1, changes: Parameters<typeof anEngine>[2] = {}) =>
    anEngine(number, 'red', { createdAt, ...changes });
  const stale = since(now);
  const single = (
    changes: Partial<Omit<Site, 'vpn'>>,
    vpn: Partial<Vpn> = {},
    policy: Partial<Policy> = {},
  ): Snapshot =>
    aMoment(
      [aSite(aVpn('red', vpn.state ?? ready, { recoveredAt, ...vpn }), changes)],
      { minReplicas: 0, ...policy },
      { at: recoveredAt },
    );
  const replaced = (snapshot: Snapshot, held = nobody): string[] =>
    stepsOf(snapshot, held).flatMap((step) => (step.kind === 'REPLACE' ? [step.engine.id] : []));

  test('are replaced one at a time, the first one first', () => {
    assert.deepEqual(replaced(single({ running: [since(now, 1), since(now, 2)] })), ['engine-1']);
    assert.deepEqual(replaced(single({ running: [since(recoveredAt, 1), since(now, 2)] })), ['engine-2']);
  });

  const kept: [string, Snapshot][] = [
    [
      'while another one is being made',
      single({ running: [stale], provisioning: [aProvisioningEngine(2, 'red')] }),
    ],
    [
      'while another one is being stopped',
      single({ running: [stale], stopping: [aStoppingEngine(2, 'red')] }),
    ],
    [
      'while the one that was made for another one was not found well yet',
      single({
        running: [
          stale,
          since(recoveredAt, 3, {
            health: neverAsked,
            replaces: { id: 'engine-2', because: 'RECONNECTED' },
          }),
        ],
      }),
    ],
    ['while the VPN stabilizes', single({ running: [stale] }, { state: stabilizing() })],
    ['while the VPN is doubted', single({ running: [stale] }, { state: doubted })],
    ['while the VPN is FAILED', single({ running: [stale] }, { state: failed })],
    ['when the VPN never failed', single({ running: [stale] }, { recoveredAt: null })],
    ['when they were made after the recovery', single({ running: [since(recoveredAt + 1)] })],
    ['when they were made in the moment of the recovery', single({ running: [since(recoveredAt)] })],
    [
      'when the VPN was restarted: these are condemned anyway',
      single({ running: [stale] }, { incarnation: restarted }),
    ],
    [
      'when the VPN was made anew: these are condemned anyway',
      single({ running: [stale] }, { incarnation: recreated }),
    ],
    [
      'with VPN_RESTART_ENGINES_ON_RECONNECT=false',
      single({ running: [stale] }, {}, { replaceOnReconnect: false }),
    ],
    [
      'with more than one VPN',
      aMoment([aSite(aVpn('red', ready, { recoveredAt }), { running: [stale] }), site('blue')], {
        minReplicas: 0,
      }),
    ],
    ['with no VPN', aMoment([theHost({ running: [anEngine(1, null)] })], { minReplicas: 0 })],
  ];
  for (const [name, snapshot] of kept)
    test(`stay ${name}`, () => assert.deepEqual(stepsOf(snapshot, nobody), []));

  test('stay while a start has just failed there', () => {
    assert.deepEqual(replaced(single({ running: [stale] }), new Set(['red'])), []);
  });

  test('are replaced also where MAX_REPLICAS leaves no room: how, is for whoever does it', () => {
    assert.deepEqual(replaced(single({ running: [stale] }, {}, { maxReplicas: 1 })), ['engine-1']);
  });

  test('nothing is started while the single VPN is FAILED, whatever is missing', () => {
    assert.deepEqual(stepsOf(single({ running: [stale] }, { state: failed }, ten), nobody), []);
  });
});
