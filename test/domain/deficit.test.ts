import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Policy } from '../../src/domain/policy.ts';
import type { Site, Snapshot } from '../../src/domain/snapshot.ts';
import { aMoment, doubted, failed, stabilizing, theHost, unknown } from '../support/build.ts';
import { enginesOf, nobody, site, startedOn, stepsOf, ten } from '../support/planned.ts';

/** How many engines are started, by VPN: {red: 5}. */
const starts = (snapshot: Snapshot, held = nobody): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const vpn of startedOn(stepsOf(snapshot, held)))
    counts[vpn ?? 'host'] = (counts[vpn ?? 'host'] ?? 0) + 1;
  return counts;
};

describe('the deficit', () => {
  type Case = [string, Site[], Partial<Policy>, Record<string, number>];
  const cases: Case[] = [
    ['nothing is missing: nothing', [site('red', { running: 5 }), site('blue', { running: 5 })], ten, {}],
    [
      'more than MIN_REPLICAS: nothing, and none is stopped',
      [site('red', { running: 9 }), site('blue', { running: 9 })],
      ten,
      {},
    ],
    ['empty: half and half', [site('red'), site('blue')], ten, { red: 5, blue: 5 }],
    [
      'empty, an odd one: it goes to the first in configured order',
      [site('zulu'), site('alpha')],
      { minReplicas: 3 },
      { zulu: 2, alpha: 1 },
    ],
    [
      'four over three: the first gets the odd one',
      [site('red'), site('green'), site('blue')],
      { minReplicas: 4 },
      { red: 2, green: 1, blue: 1 },
    ],
    [
      'those with fewer are filled up first',
      [site('red', { running: 4 }), site('blue', { running: 1 })],
      { minReplicas: 8 },
      { blue: 3 },
    ],
    [
      'filled up, then evenly',
      [site('red', { running: 3 }), site('blue', { running: 1 })],
      ten,
      { red: 2, blue: 4 },
    ],
    [
      'engines being made count like those that run',
      [site('red', { making: 5 }), site('blue', { running: 2, making: 3 })],
      ten,
      {},
    ],
    [
      'engines being stopped do not count',
      [site('red', { running: 5, stopping: 5 }), site('blue', { running: 4 })],
      ten,
      { blue: 1 },
    ],
    [
      'unhealthy engines count: they are not replaced here',
      [site('red', { unhealthy: 5 }), site('blue', { running: 5 })],
      ten,
      {},
    ],
    ['MIN_REPLICAS=0: nothing', [site('red'), site('blue')], { minReplicas: 0 }, {}],
    ['a single VPN gets all', [site('red', { running: 1 })], ten, { red: 9 }],
    ['VPN_MODE=disabled: all on the host', [theHost()], { minReplicas: 3 }, { host: 3 }],
    [
      'VPN_MODE=disabled: what runs counts',
      [theHost(enginesOf(null, { running: 1, making: 1 }))],
      { minReplicas: 3 },
      { host: 1 },
    ],
    ['VPN_MODE=disabled, no port: nothing', [theHost({ ports: null })], { minReplicas: 3 }, {}],
  ];
  for (const [name, sites, policy, expected] of cases)
    test(name, () => assert.deepEqual(starts(aMoment(sites, policy)), expected));
});

describe('what belongs on a VPN that takes no engine yet', () => {
  type Case = [string, Site[], Partial<Policy>, Record<string, number>];
  const cases: Case[] = [
    [
      '5/0 at recovery: it waits for the one that stabilizes',
      [site('red', { running: 5 }), site('blue', { state: stabilizing() })],
      ten,
      {},
    ],
    ['5/0 with both READY: it starts there', [site('red', { running: 5 }), site('blue')], ten, { blue: 5 }],
    [
      '5/0 with the other doubted: it waits',
      [site('red', { running: 5 }), site('blue', { state: doubted })],
      ten,
      {},
    ],
    [
      'boot, one READY and one UNKNOWN: half of it starts',
      [site('red'), site('blue', { state: unknown })],
      ten,
      { red: 5 },
    ],
    [
      'boot, one UNKNOWN and one READY: half of it starts',
      [site('red', { state: unknown }), site('blue')],
      ten,
      { blue: 5 },
    ],
    [
      'boot, one READY of three: a third of it starts',
      [site('red', { state: unknown }), site('green'), site('blue', { state: stabilizing() })],
      { minReplicas: 9 },
      { green: 3 },
    ],
    [
      'boot, the first stabilizes: the odd one goes to the READY one',
      [site('red', { state: stabilizing() }), site('blue')],
      { minReplicas: 5 },
      { blue: 3 },
    ],
    [
      'boot, the first UNKNOWN: the only one goes to the READY one',
      [site('red', { state: unknown }), site('blue')],
      { minReplicas: 1 },
      { blue: 1 },
    ],
    [
      'among two READY ones, the odd one goes to the earlier',
      [site('red', { state: unknown }), site('green'), site('blue')],
      { minReplicas: 4 },
      { green: 2, blue: 1 },
    ],
    [
      '5/0 and one of the five crashes: it is made good',
      [site('red', { running: 4 }), site('blue', { state: stabilizing() })],
      ten,
      { red: 1 },
    ],
    [
      '5/5, the second doubted, and one crashes on the first: it is made good',
      [site('red', { running: 4 }), site('blue', { state: doubted, running: 5 })],
      ten,
      { red: 1 },
    ],
    [
      'nobody is READY: nothing',
      [site('red', { state: unknown }), site('blue', { state: stabilizing() })],
      ten,
      {},
    ],
    ['the single VPN stabilizes: nothing', [site('red', { state: stabilizing() })], ten, {}],
    ['the single VPN is doubted: nothing', [site('red', { state: doubted })], ten, {}],
    [
      'a VPN that was never seen may have any port: its part waits for it',
      [site('red'), { ...site('blue', { state: unknown, vpn: { lastSeenAt: null } }), ports: null }],
      ten,
      { red: 5 },
    ],
  ];
  for (const [name, sites, policy, expected] of cases)
    test(name, () => assert.deepEqual(starts(aMoment(sites, policy)), expected));

  test('once it is FAILED its part is not waited for, but an emergency asks for less', () => {
    const sites = [site('red', { running: 4 }), site('blue', { state: failed })];
    assert.deepEqual(starts(aMoment(sites, ten)), { red: 1 });
  });
});

describe('MAX_REPLICAS', () => {
  type Case = [string, Site[], Partial<Policy>, Record<string, number>];
  const cases: Case[] = [
    [
      'bounds the deficit',
      [site('red'), site('blue')],
      { minReplicas: 10, maxReplicas: 3 },
      { red: 2, blue: 1 },
    ],
    [
      'counts what runs and what is being made',
      [site('red', { running: 2 }), site('blue', { making: 1 })],
      { minReplicas: 10, maxReplicas: 4 },
      { blue: 1 },
    ],
    [
      'does not count what is being stopped',
      [site('red', { running: 2, stopping: 7 }), site('blue', { running: 1 })],
      { minReplicas: 4, maxReplicas: 4 },
      { blue: 1 },
    ],
    [
      'is reached: nothing',
      [site('red', { running: 3 }), site('blue')],
      { minReplicas: 10, maxReplicas: 3 },
      {},
    ],
    [
      'is exceeded since it was lowered: nothing',
      [site('red', { running: 5 }), site('blue')],
      { minReplicas: 10, maxReplicas: 3 },
      {},
    ],
    [
      'counts the engines that a FAILED VPN kept, which MIN_REPLICAS does not',
      [site('red', { state: failed, running: 4 }), site('blue')],
      { minReplicas: 10, maxReplicas: 6 },
      { blue: 2 },
    ],
    [
      'leaves room beside the engines that a FAILED VPN kept for the whole share',
      [site('red', { state: failed, running: 5 }), site('blue')],
      { minReplicas: 10, maxReplicas: 20 },
      { blue: 5 },
    ],
    [
      'is taken up by the engines that a FAILED VPN kept: nothing',
      [site('red', { state: failed, running: 6 }), site('blue')],
      { minReplicas: 10, maxReplicas: 6 },
      {},
    ],
    [
      'bounds what waits as well: the READY one gets no more than its part of the room',
      [site('red'), site('blue', { state: stabilizing() })],
      { minReplicas: 10, maxReplicas: 4 },
      { red: 2 },
    ],
  ];
  for (const [name, sites, policy, expected] of cases)
    test(name, () => assert.deepEqual(starts(aMoment(sites, policy)), expected));
});

describe('an emergency', () => {
  const down = site('blue', { state: failed });
  const frozen = { minReplicas: 10, emergencyCapacity: 'freeze' } as const;

  type Case = [string, Site[], Partial<Policy>, Record<string, number>];
  const cases: Case[] = [
    ['5/5 that becomes 5/0 causes nothing', [site('red', { running: 5 }), down], ten, {}],
    [
      'a crash on the healthy VPN is made good up to the share',
      [site('red', { running: 3 }), down],
      ten,
      { red: 2 },
    ],
    [
      'an engine being made counts for the share',
      [site('red', { running: 3, making: 1 }), down],
      ten,
      { red: 1 },
    ],
    ['a healthy VPN with more than the share keeps it', [site('red', { running: 8 }), down], ten, {}],
    ['a crash above the share is not made good', [site('red', { running: 7 }), down], ten, {}],
    ['an empty healthy VPN gets the share and no more', [site('red'), down], ten, { red: 5 }],
    [
      'of three, the two READY ones share two thirds',
      [site('red', { running: 3 }), down, site('green', { running: 1 })],
      { minReplicas: 9 },
      { green: 2 },
    ],
    [
      'one that stabilizes is neither given anything nor counted',
      [site('red', { running: 2 }), down, site('green', { state: stabilizing(), running: 3 })],
      { minReplicas: 9 },
      { red: 1 },
    ],
    [
      'one that is UNKNOWN is neither given anything nor counted',
      [site('red', { running: 3 }), down, site('green', { state: unknown })],
      { minReplicas: 9 },
      {},
    ],
    [
      'a doubted one is given nothing, though its share is wanted',
      [site('red', { state: doubted }), down],
      ten,
      {},
    ],
    ['every VPN FAILED: nothing', [site('red', { state: failed }), down], ten, {}],
    ['one FAILED and one STABILIZING: nothing', [site('red', { state: stabilizing() }), down], ten, {}],
    [
      'the least where the share is smaller',
      [site('red', { running: 1 }), down],
      { minReplicas: 4, emergencyMinReplicas: 3 },
      { red: 2 },
    ],
    [
      'never more than MIN_REPLICAS for the least',
      [site('red'), down],
      { minReplicas: 2, emergencyMinReplicas: 5 },
      { red: 2 },
    ],
    ['freeze: a crash is not made good', [site('red', { running: 4 }), down], frozen, {}],
    ['freeze: the last engine is', [site('red'), down], frozen, { red: 1 }],
    [
      'freeze: up to the least',
      [site('red', { running: 1 }), down],
      { ...frozen, emergencyMinReplicas: 3 },
      { red: 2 },
    ],
  ];
  for (const [name, sites, policy, expected] of cases)
    test(name, () => assert.deepEqual(starts(aMoment(sites, policy)), expected));
});

describe('fewer than EMERGENCY_MIN_REPLICAS healthy engines anywhere', () => {
  const stabilizingEmpty = site('blue', { state: stabilizing() });
  type Case = [string, Site[], Partial<Policy>, Record<string, number>];
  const cases: Case[] = [
    [
      'a doubted VPN is passed over for one that takes it at once',
      [site('red', { state: doubted }), site('blue')],
      { minReplicas: 1 },
      { blue: 1 },
    ],
    [
      'the READY VPN serves at once, though the engine belongs on the one that stabilizes',
      [site('red', { unhealthy: 5 }), stabilizingEmpty],
      { minReplicas: 6 },
      { red: 1 },
    ],
    [
      'with one healthy it waits for the one that stabilizes',
      [site('red', { unhealthy: 4, running: 1 }), stabilizingEmpty],
      { minReplicas: 6 },
      {},
    ],
    [
      'one that is being made is on its way: it waits',
      [site('red', { unhealthy: 4, making: 1 }), stabilizingEmpty],
      { minReplicas: 6 },
      {},
    ],
    [
      'a healthy one on the VPN that stabilizes is enough',
      [site('red', { unhealthy: 5 }), site('blue', { state: stabilizing(), running: 1 })],
      { minReplicas: 7 },
      {},
    ],
    [
      'no more than are missing for the least; the rest waits',
      [site('red', { unhealthy: 5, running: 1 }), stabilizingEmpty],
      { minReplicas: 10, emergencyMinReplicas: 3 },
      { red: 2 },
    ],
    [
      'several READY ones share what is urgent, the fewest first',
      [site('red', { unhealthy: 5 }), site('green', { unhealthy: 4 }), stabilizingEmpty],
      { minReplicas: 12, emergencyMinReplicas: 3 },
      { red: 1, green: 2 },
    ],
    [
      'a READY one without a free port cannot help: it waits',
      [site('red', { unhealthy: 5, free: 0 }), stabilizingEmpty],
      { minReplicas: 6 },
      {},
    ],
    [
      'nothing beyond MIN_REPLICAS for it',
      [site('red', { unhealthy: 6 }), stabilizingEmpty],
      { minReplicas: 6 },
      {},
    ],
  ];
  for (const [name, sites, policy, expected] of cases)
    test(name, () => assert.deepEqual(starts(aMoment(sites, policy)), expected));
});

describe('a VPN on which a start has just failed', () => {
  const both = aMoment([site('red', { running: 1 }), site('blue', { running: 1 })], ten);

  test('gets none, and its part does not go elsewhere', () => {
    assert.deepEqual(starts(both, new Set(['red'])), { blue: 4 });
    assert.deepEqual(starts(both, new Set(['blue'])), { red: 4 });
    assert.deepEqual(starts(both, new Set(['red', 'blue'])), {});
  });

  test('gets its part when it is held no longer', () => {
    assert.deepEqual(starts(both), { red: 4, blue: 4 });
  });

  test('leaves an urgent engine to another that takes one', () => {
    const snapshot = aMoment([site('red'), site('blue')], { minReplicas: 1 });
    assert.deepEqual(starts(snapshot, new Set(['red'])), { blue: 1 });
  });

  test('is the host in VPN_MODE=disabled', () => {
    assert.deepEqual(starts(aMoment([theHost()]), new Set([null])), {});
  });

  test('holds back no other VPN by the host being held', () => {
    assert.deepEqual(starts(both, new Set([null])), { red: 4, blue: 4 });
  });
});

describe('ports', () => {
  test('of a VPN that is not up are not known, and so no reason to crowd its part onto another', () => {
    const missing = { ...site('blue', { state: unknown, vpn: { containerStatus: null } }), ports: null };
    assert.deepEqual(starts(aMoment([site('red'), missing], ten)), { red: 5 });
  });

  type Case = [string, Site[], Partial<Policy>, Record<string, number>];
  const cases: Case[] = [
    [
      'a VPN without a free port gets none, and the others get its part',
      [site('red', { free: 0 }), site('blue')],
      ten,
      { blue: 10 },
    ],
    [
      'a VPN gets no more than it has ports',
      [site('red', { free: 2 }), site('blue')],
      ten,
      { red: 2, blue: 8 },
    ],
    ['no port anywhere: nothing', [site('red', { free: 0 }), site('blue', { free: 0 })], ten, {}],
    [
      'a VPN that publishes none gets none',
      [{ ...site('red'), ports: null }, site('blue')],
      ten,
      { blue: 10 },
    ],
    [
      'one that stabilizes and has no port is not waited for',
      [site('red'), site('blue', { state: stabilizing(), free: 0 })],
      ten,
      { red: 10 },
    ],
    [
      'one that stabilizes and has few ports is waited for as far as these go',
      [site('red'), site('blue', { state: stabilizing(), free: 2 })],
      ten,
      { red: 8 },
    ],
    [
      'one that stabilizes is waited for as far as the ports of its condemned engines go, too',
      [site('red'), site('blue', { state: stabilizing(), free: 2, stopping: 2 })],
      ten,
      { red: 6 },
    ],
    [
      'one that is READY has what is free now, and not what soon will be',
      [site('red', { free: 2, stopping: 2 }), site('blue')],
      ten,
      { red: 2, blue: 8 },
    ],
  ];
  for (const [name, sites, policy, expected] of cases)
    test(name, () => assert.deepEqual(starts(aMoment(sites, policy)), expected));
});
