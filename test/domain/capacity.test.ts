import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { desired, pausedReason } from '../../src/domain/capacity.ts';
import type { Emergency } from '../../src/domain/emergency.ts';
import type { Policy } from '../../src/domain/policy.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import type { VpnState } from '../../src/domain/vpn.ts';
import {
  aMoment,
  aPolicy,
  aSite,
  aSnapshot,
  aVpn,
  doubted,
  failed,
  now,
  ready,
  stabilizing,
  theHost,
  unknown,
} from '../support/build.ts';

/** VPNs in these states, and the emergency that follows from them. */
const withStates = (
  states: readonly VpnState[],
  policy: Partial<Policy> = {},
  changes: Partial<Snapshot> = {},
): Snapshot =>
  aMoment(
    states.map((state, index) => aSite(aVpn(`vpn${index + 1}`, state))),
    policy,
    changes,
  );

describe('how many engines are kept alive', () => {
  const ten = { minReplicas: 10 };
  const frozen = { minReplicas: 10, emergencyCapacity: 'freeze' } as const;

  const cases: [string, VpnState[], Partial<Policy>, number][] = [
    ['all READY: MIN_REPLICAS', [ready, ready], ten, 10],
    ['one STABILIZING, no emergency: MIN_REPLICAS', [ready, stabilizing()], ten, 10],
    ['one UNKNOWN, no emergency: MIN_REPLICAS', [ready, unknown], ten, 10],
    ['a single VPN that is FAILED, no emergency: MIN_REPLICAS', [failed], ten, 10],
    ['no emergency: MIN_REPLICAS, whatever is frozen in one', [ready, ready], frozen, 10],
    [
      'no emergency: MIN_REPLICAS, though EMERGENCY_MIN_REPLICAS is more',
      [ready, ready],
      { emergencyMinReplicas: 9 },
      2,
    ],

    ['share: one of two is READY', [ready, failed], ten, 5],
    ['share: a doubted VPN carries its own yet', [doubted, failed], ten, 5],
    ['share: one of three is READY', [ready, failed, failed], ten, 3],
    ['share: two of three are READY', [ready, failed, ready], ten, 6],
    ['share: one that stabilizes carries nothing yet', [ready, stabilizing(), failed], ten, 3],
    ['share: one that is UNKNOWN carries nothing yet', [ready, unknown, failed], ten, 3],
    ['share: rounded down', [ready, failed], { minReplicas: 7 }, 3],
    ['share: none is READY, so the least', [failed, failed], ten, 1],
    ['share: none is READY and the least is 0', [failed, failed], { ...ten, emergencyMinReplicas: 0 }, 0],
    ['share: the least where the share is smaller', [ready, failed], { ...ten, emergencyMinReplicas: 7 }, 7],
    ['share: rounded down to nothing, so the least', [ready, failed, failed], { minReplicas: 2 }, 1],
    [
      'share: the least is never more than MIN_REPLICAS',
      [ready, failed],
      { ...ten, emergencyMinReplicas: 11 },
      10,
    ],
    ['share: nothing with MIN_REPLICAS=0', [ready, failed], { minReplicas: 0 }, 0],

    ['freeze: the least, however many are READY', [ready, ready, failed], frozen, 1],
    ['freeze: the least', [ready, failed], { ...frozen, emergencyMinReplicas: 4 }, 4],
    [
      'freeze: the least is never more than MIN_REPLICAS',
      [ready, failed],
      { ...frozen, emergencyMinReplicas: 11 },
      10,
    ],
    [
      'freeze: nothing at all when the least is 0',
      [ready, failed],
      { ...frozen, emergencyMinReplicas: 0 },
      0,
    ],
  ];
  for (const [name, states, policy, expected] of cases)
    test(name, () => assert.equal(desired(withStates(states, policy)), expected));

  test('without a VPN: MIN_REPLICAS', () => {
    assert.equal(desired(aSnapshot([theHost()], { policy: aPolicy(ten) })), 10);
  });

  test('an emergency keeps no more alive than MIN_REPLICAS, no less than the least, and more with more READY', () => {
    const state = fc.constantFrom(ready, failed, stabilizing(), unknown);
    fc.assert(
      fc.property(
        fc.array(state, { minLength: 1, maxLength: 5 }),
        fc.nat(20),
        fc.nat(20),
        fc.constantFrom('share', 'freeze'),
        (states, minReplicas, emergencyMinReplicas, emergencyCapacity) => {
          const policy = { minReplicas, emergencyMinReplicas, emergencyCapacity };
          const kept = desired(withStates([failed, ...states], policy));
          assert.ok(Number.isInteger(kept));
          assert.ok(kept <= minReplicas);
          assert.ok(kept >= Math.min(minReplicas, emergencyMinReplicas));
          assert.ok(desired(withStates([failed, ...states.with(0, ready)], policy)) >= kept);
        },
      ),
    );
  });
});

describe('how many engines are kept alive once somebody has scaled', () => {
  const within = { minReplicas: 4, maxReplicas: 12 };
  const frozen = { ...within, emergencyCapacity: 'freeze' } as const;

  const cases: [string, VpnState[], Partial<Policy>, number | null, number][] = [
    ['to nothing yet: MIN_REPLICAS', [ready, ready], within, null, 4],
    ['between the two: so many', [ready, ready], within, 9, 9],
    ['to MIN_REPLICAS: so many', [ready, ready], within, 4, 4],
    ['to MAX_REPLICAS: so many', [ready, ready], within, 12, 12],
    ['to less than MIN_REPLICAS is now: MIN_REPLICAS', [ready, ready], within, 2, 4],
    ['to more than MAX_REPLICAS is now: MAX_REPLICAS', [ready, ready], within, 15, 12],
    [
      'with a MIN_REPLICAS that is more than MAX_REPLICAS: MAX_REPLICAS',
      [ready, ready],
      { minReplicas: 9, maxReplicas: 3 },
      6,
      3,
    ],
    ['in an emergency: the share of it', [ready, failed], within, 10, 5],
    ['in an emergency: the share of what the settings allow', [ready, failed], within, 15, 6],
    ['in an emergency: the share of MIN_REPLICAS where it is less', [ready, failed], within, 2, 2],
    [
      'in an emergency: the least where the share is smaller',
      [ready, failed],
      { ...within, emergencyMinReplicas: 7 },
      10,
      7,
    ],
    [
      'in an emergency: the least is never more than it',
      [ready, failed],
      { ...within, emergencyMinReplicas: 11 },
      10,
      10,
    ],
    ['in an emergency, frozen: the least', [ready, failed], frozen, 10, 1],
    ['with a single VPN that is FAILED: so many', [failed], within, 9, 9],
  ];
  for (const [name, states, policy, scaledTo, expected] of cases)
    test(name, () => assert.equal(desired(withStates(states, policy, { scaledTo })), expected));
});

describe('why nothing is started or replaced', () => {
  const onlyOne: Emergency = { kind: 'ACTIVE', episodeId: 'episode', since: now, failed: ['vpn1'] };

  for (const [name, snapshot] of [
    ['all are READY', withStates([ready, ready])],
    ['one stabilizes', withStates([ready, stabilizing()])],
    ['one is UNKNOWN', withStates([unknown, ready])],
    ['one is doubted', withStates([doubted, ready])],
    ['the single one stabilizes', withStates([stabilizing()])],
    ['there is no VPN', aSnapshot([theHost()])],
  ] as const) {
    test(`nothing is in the way when ${name}`, () => assert.equal(pausedReason(snapshot), null));
  }

  test('in an emergency, the FAILED VPNs, in configured order', () => {
    assert.equal(
      pausedReason(withStates([failed, ready])),
      'Emergency mode: vpn1 FAILED. What the READY VPNs carry has to do until recovery.',
    );
    assert.match(
      String(pausedReason({ ...withStates([failed, ready, failed]), emergency: onlyOne })),
      /^Emergency mode: vpn1, vpn3 FAILED\./,
    );
  });

  test('with a single VPN, that there is nowhere to go', () => {
    assert.equal(
      pausedReason(withStates([failed])),
      'vpn1 FAILED: there is nowhere to start an engine until it recovers.',
    );
  });
});
