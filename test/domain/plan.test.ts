import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { OwnContainer } from '../../src/domain/census.ts';
import { closedCircuit } from '../../src/domain/circuit.ts';
import { neverAsked } from '../../src/domain/health.ts';
import { plan, type Step } from '../../src/domain/plan.ts';
import type { Policy } from '../../src/domain/policy.ts';
import { loadOf, type Site, type Snapshot } from '../../src/domain/snapshot.ts';
import type { Vpn, VpnState } from '../../src/domain/vpn.ts';
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
  range,
  ready,
  recreated,
  restarted,
  seconds,
  stabilizing,
  theHost,
  unknown,
  unwell,
  unwellFor,
} from '../support/build.ts';

const nobody: ReadonlySet<string | null> = new Set();

const stepsOf = (snapshot: Snapshot, held = nobody, avoided = nobody): readonly Step[] =>
  plan({ snapshot, held, avoided, orphans: [] }).steps;

const nextOf = (snapshot: Snapshot): number =>
  plan({ snapshot, held: nobody, avoided: nobody, orphans: [] }).next;

const never = Number.POSITIVE_INFINITY;

interface Wanted {
  readonly state?: VpnState;
  readonly running?: number;
  readonly unhealthy?: number;
  readonly making?: number;
  readonly stopping?: number;
  readonly free?: number;
  readonly vpn?: Partial<Vpn>;
}

const enginesOf = (
  name: string | null,
  { running = 0, unhealthy = 0, making = 0, stopping = 0 }: Wanted,
) => ({
  running: [
    ...range(1, running).map((number) => anEngine(number, name)),
    ...range(101, 100 + unhealthy).map((number) => anEngine(number, name, { health: unwell })),
  ],
  provisioning: range(201, 200 + making).map((number) => aProvisioningEngine(number, name)),
  stopping: range(301, 300 + stopping).map((number) => aStoppingEngine(number, name)),
});

const site = (name: string, wanted: Wanted = {}): Site =>
  aSite(aVpn(name, wanted.state ?? ready, wanted.vpn), {
    ...enginesOf(name, wanted),
    ports: { first: 19_000, last: 19_999, free: wanted.free ?? 100 },
  });

const startedOn = (steps: readonly Step[]): (string | null)[] =>
  steps.flatMap((step) => (step.kind === 'START' ? [step.vpn] : []));

/** How many engines are started, by VPN: {red: 5}. */
const starts = (snapshot: Snapshot, held = nobody): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const vpn of startedOn(stepsOf(snapshot, held)))
    counts[vpn ?? 'host'] = (counts[vpn ?? 'host'] ?? 0) + 1;
  return counts;
};

const ten = { minReplicas: 10 };

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
  ];
  for (const [name, sites, policy, expected] of cases)
    test(name, () => assert.deepEqual(starts(aMoment(sites, policy)), expected));
});

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

describe('the restart of a VPN', () => {
  const minute = seconds(60);
  const asked = { vpnRestartAfterMs: minute, minReplicas: 0 };
  const downFor = (ms: number): VpnState => ({
    kind: 'FAILED',
    since: now - ms,
    reason: 'its container is exited',
    hold: null,
  });
  const restartsOf = (snapshot: Snapshot): string[] =>
    stepsOf(snapshot, nobody).flatMap((step) =>
      step.kind === 'RESTART_VPN' ? [`${step.vpn} ${step.containerId}`] : [],
    );
  const red = (state: VpnState, vpn: Partial<Vpn> = {}): Site => aSite(aVpn('red', state, vpn));

  const cases: [string, Site[], Partial<Policy>, string[]][] = [
    ['is not asked for: never', [red(downFor(minute * 1_000))], { minReplicas: 0 }, []],
    ['comes when it has been FAILED for so long', [red(downFor(minute))], asked, ['red c1']],
    ['does not come a moment sooner', [red(downFor(minute - 1))], asked, []],
    [
      'comes for a paused container',
      [red(downFor(minute), { containerStatus: 'paused' })],
      asked,
      ['red c1'],
    ],
    [
      'comes for the container that was seen last',
      [red(downFor(minute), { incarnation: recreated })],
      asked,
      ['red c2'],
    ],
    [
      'comes when the last one was for an earlier failure',
      [red(downFor(minute), { restartedAt: now - 20 * minute })],
      asked,
      ['red c1'],
    ],
    [
      'comes once for one failure',
      [red(downFor(60 * minute), { restartedAt: now - 59 * minute })],
      asked,
      [],
    ],
    [
      'comes once for one failure, also in the moment of failing',
      [red(downFor(60 * minute), { restartedAt: now - 60 * minute })],
      asked,
      [],
    ],
    [
      'comes ten minutes after the last one, for a new failure',
      [red(downFor(minute), { restartedAt: now - 10 * minute })],
      asked,
      ['red c1'],
    ],
    [
      'does not come within ten minutes of the last one',
      [red(downFor(minute), { restartedAt: now - 10 * minute + 1 })],
      asked,
      [],
    ],
    [
      'waits for longer than ten minutes where that is asked for',
      [red(downFor(11 * minute), { restartedAt: now - 30 * minute })],
      { ...asked, vpnRestartAfterMs: 12 * minute },
      [],
    ],
    [
      'does not come for a container that does not exist',
      [red(downFor(minute), { containerStatus: null })],
      asked,
      [],
    ],
    [
      'does not come for a container that was never seen',
      [red(downFor(minute), { incarnation: null, containerStatus: null })],
      asked,
      [],
    ],
    ['does not come for a VPN that is READY', [red(ready)], asked, []],
    [
      'does not come for a VPN that is doubted',
      [red({ ...ready, doubtedSince: now - 9 * minute } as VpnState)],
      asked,
      [],
    ],
    [
      'does not come for a VPN that is UNKNOWN, for however long',
      [red({ ...unknown, since: now - 9 * minute } as VpnState)],
      asked,
      [],
    ],
    ['does not come for a VPN that stabilizes', [red(stabilizing())], asked, []],
    [
      'comes for each VPN by itself',
      [red(downFor(minute)), site('green'), aSite(aVpn('blue', downFor(minute), { incarnation: recreated }))],
      asked,
      ['red c1', 'blue c2'],
    ],
    [
      'comes for the one that is due and no other',
      [red(downFor(minute)), aSite(aVpn('blue', downFor(1)))],
      asked,
      ['red c1'],
    ],
    ['has nothing to restart without a VPN', [theHost()], asked, []],
  ];
  for (const [name, sites, policy, expected] of cases)
    test(name, () => assert.deepEqual(restartsOf(aMoment(sites, policy)), expected));

  const waits: [string, Site[], Partial<Policy>, number][] = [
    ['is not asked for: never', [red(downFor(minute))], { minReplicas: 0 }, never],
    ['has its time still to wait', [red(downFor(seconds(40)))], asked, seconds(20)],
    ['is due: it is no later step', [red(downFor(minute))], asked, never],
    [
      'was done for this failure: never again',
      [red(downFor(minute), { restartedAt: now - 7 })],
      asked,
      never,
    ],
    [
      'was done for an earlier failure: ten minutes after that',
      [red(downFor(minute), { restartedAt: now - 3 * minute })],
      asked,
      7 * minute,
    ],
    [
      'was done for an earlier failure nearly ten minutes ago: when this one has lasted for long enough',
      [red(downFor(seconds(10)), { restartedAt: now - 10 * minute + 1 })],
      asked,
      seconds(50),
    ],
    [
      'is due for one VPN and comes for another later',
      [red(downFor(minute)), aSite(aVpn('blue', downFor(seconds(1))))],
      asked,
      seconds(59),
    ],
    [
      'comes for two VPNs: the first of them',
      [red(downFor(seconds(5))), aSite(aVpn('blue', downFor(seconds(9))))],
      asked,
      seconds(51),
    ],
    ['has nothing to restart: never', [red(downFor(1), { containerStatus: null })], asked, never],
    ['would be for a VPN that is well: never', [red(ready)], asked, never],
  ];
  for (const [name, sites, policy, nextIn] of waits)
    test(`the moment of the next one, when it ${name}`, () =>
      assert.equal(nextOf(aMoment(sites, policy)), now + nextIn));

  test('comes once: not again when it was done, nor when the VPN has not recovered since', () => {
    const done = aMoment([red(downFor(minute), { restartedAt: now })], asked);
    for (const later of [0, minute, 10 * minute, 600 * minute])
      assert.deepEqual(restartsOf({ ...done, at: now + later }), []);
  });
});

describe("a container of ours that is no engine's", () => {
  const orphan = (containerId: string): OwnContainer => ({
    containerId,
    running: false,
    status: 'exited (1)',
    engineId: null,
    engine: null,
  });
  const orphans = [orphan('a'), orphan('b')];
  const clears = orphans.map((each) => ({ kind: 'CLEAR', orphan: each }));
  const open = { circuit: { kind: 'OPEN', until: now + 7 } } as const;

  for (const [name, snapshot, held] of [
    ['while all is well', aMoment([site('red')], { minReplicas: 0 }), nobody],
    ['in an emergency', aMoment([site('red', { running: 1 }), site('blue', { state: failed })]), nobody],
    ['while no VPN is up', aMoment([site('red', { state: unknown })]), nobody],
    ['while the circuit is open', aMoment([site('red', { running: 2 })], {}, open), nobody],
    ['where a start has just failed', aMoment([site('red')]), new Set(['red'])],
    ['on the host', aMoment([theHost()], { minReplicas: 0 }), nobody],
  ] as const) {
    test(`is removed ${name}`, () => {
      const { steps, next } = plan({ snapshot, held, avoided: nobody, orphans });
      assert.deepEqual([steps, next], [clears, never]);
    });
  }
});

test('the next step is the first of all that time alone brings', () => {
  const ill = anEngine(1, 'red', { health: unwellFor(seconds(50)) });
  const changes = { circuit: { kind: 'OPEN', until: now + seconds(8) } } as const;
  const down = site('blue', { state: { ...failed, since: now - seconds(53) } as VpnState });
  const well = range(2, 4).map((number) => anEngine(number, 'red'));
  const policy = { ...ten, vpnRestartAfterMs: seconds(60) };
  const moment = aMoment([aSite(aVpn('red'), { running: [ill, ...well] }), down], policy, changes);
  assert.equal(nextOf(moment), now + seconds(7));
  assert.equal(nextOf({ ...moment, at: now + seconds(7) }), now + seconds(8));
  const closed = { ...moment, circuit: closedCircuit };
  assert.equal(nextOf({ ...closed, at: now + seconds(8) }), now + seconds(10));
  assert.equal(nextOf({ ...closed, at: now + seconds(10) }), never);
});

describe('whatever the fleet is like', () => {
  const states = [ready, ready, ready, doubted, unknown, stabilizing(), failed];
  const aWanted = fc.record({
    state: fc.constantFrom(...states),
    running: fc.nat(6),
    unhealthy: fc.nat(3),
    making: fc.nat(3),
    stopping: fc.nat(2),
    free: fc.oneof({ weight: 3, arbitrary: fc.constant(100) }, { weight: 1, arbitrary: fc.nat(4) }),
  });
  const aPlace = fc.array(aWanted, { minLength: 1, maxLength: 4 });
  const numbers = fc.record({
    minReplicas: fc.nat(25),
    maxReplicas: fc.nat(30),
    emergencyMinReplicas: fc.nat(8),
    emergencyCapacity: fc.constantFrom('share', 'freeze'),
  });
  const names = ['zulu', 'alpha', 'mike', 'bravo'];
  const built = (wanted: readonly Wanted[], policy: Partial<Policy>): Snapshot =>
    aMoment(
      wanted.map((one, index) => site(names[index] ?? `vpn${index}`, one)),
      policy,
    );
  const aFleet = fc.tuple(aPlace, numbers).map(([wanted, policy]) => built(wanted, policy));
  const aHold = fc.subarray(names).map((held): ReadonlySet<string | null> => new Set(held));
  const total = ({ sites }: Snapshot): number => sites.reduce((sum, each) => sum + loadOf(each), 0);

  /** The fleet with every START begun. */
  const begun = (snapshot: Snapshot, steps: readonly Step[]): Snapshot => ({
    ...snapshot,
    sites: snapshot.sites.map((each) => {
      const count = startedOn(steps).filter((vpn) => vpn === (each.vpn?.name ?? null)).length;
      const made = range(501, 500 + count).map((number) =>
        aProvisioningEngine(number, each.vpn?.name ?? null),
      );
      return {
        ...each,
        provisioning: [...each.provisioning, ...made],
        ports: each.ports && { ...each.ports, free: each.ports.free - count },
      };
    }),
  });

  const check = (property: (snapshot: Snapshot, held: ReadonlySet<string | null>) => void): void =>
    fc.assert(fc.property(aFleet, aHold, property), { numRuns: 2_000 });

  test('no more is started than MAX_REPLICAS leaves room for', () => {
    check((snapshot, held) => {
      const room = Math.max(0, snapshot.policy.maxReplicas - total(snapshot));
      assert.ok(startedOn(stepsOf(snapshot, held)).length <= room);
    });
  });

  test('no more is started than is missing for MIN_REPLICAS', () => {
    check((snapshot, held) => {
      const serving = snapshot.sites.filter(({ vpn }) => vpn?.state.kind === 'READY');
      const missing = snapshot.policy.minReplicas - serving.reduce((sum, each) => sum + loadOf(each), 0);
      assert.ok(startedOn(stepsOf(snapshot, held)).length <= Math.max(0, missing));
    });
  });

  test('nothing is started on a VPN that is not READY, is doubted, held, or has no free port left', () => {
    check((snapshot, held) => {
      const on = startedOn(stepsOf(snapshot, held));
      for (const { vpn, ports } of snapshot.sites) {
        const count = on.filter((name) => name === vpn?.name).length;
        const takes = vpn?.state.kind === 'READY' && vpn.state.doubtedSince === null && !held.has(vpn.name);
        assert.ok(count <= (takes ? (ports?.free ?? 0) : 0));
      }
    });
  });

  test('planning again once all has begun starts nothing more', () => {
    check((snapshot, held) => {
      const steps = stepsOf(snapshot, held);
      assert.deepEqual(startedOn(stepsOf(begun(snapshot, steps), held)), []);
    });
  });

  test('an engine is never started where another VPN that takes engines has two fewer', () => {
    check((snapshot, held) => {
      const steps = stepsOf(snapshot, held);
      const after = begun(snapshot, steps).sites;
      const takers = after.filter(
        ({ vpn, ports }) =>
          vpn?.state.kind === 'READY' &&
          vpn.state.doubtedSince === null &&
          !held.has(vpn.name) &&
          (ports?.free ?? 0) > 0,
      );
      const least = Math.min(...takers.map(loadOf));
      for (const each of after)
        if (startedOn(steps).includes(each.vpn?.name ?? null)) assert.ok(loadOf(each) <= least + 1);
    });
  });

  test('loads at most one apart, all READY: at most one apart again', () => {
    fc.assert(
      fc.property(
        fc.nat(6),
        fc.array(fc.nat(1), { minLength: 1, maxLength: 4 }),
        numbers,
        (level, extra, policy) => {
          const snapshot = built(
            extra.map((more) => ({ running: level + more })),
            policy,
          );
          const loads = begun(snapshot, stepsOf(snapshot, nobody)).sites.map(loadOf);
          assert.ok(Math.max(...loads) - Math.min(...loads) <= 1, loads.join('/'));
          const wanted = Math.min(policy.minReplicas, policy.maxReplicas);
          assert.equal(
            total({ ...snapshot, sites: begun(snapshot, stepsOf(snapshot, nobody)).sites }),
            Math.max(total(snapshot), wanted),
          );
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('one VPN after another becoming READY ends as if all had been so from the start', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 4 }),
        fc.nat(24),
        fc.constantFrom(unknown, stabilizing()),
        fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }),
        (count, minReplicas, waiting, order) => {
          const policy = { minReplicas, maxReplicas: 30 };
          let snapshot = built(
            range(1, count).map(() => ({ state: waiting })),
            policy,
          );
          const turn = names
            .slice(0, count)
            .toSorted((a, b) => (order[names.indexOf(a)] ?? 0) - (order[names.indexOf(b)] ?? 0));
          for (const name of turn) {
            const sites = snapshot.sites.map((each) =>
              each.vpn?.name === name ? { ...each, vpn: { ...each.vpn, state: ready } } : each,
            );
            snapshot = begun({ ...snapshot, sites }, stepsOf({ ...snapshot, sites }, nobody));
          }
          const loads = snapshot.sites.map(loadOf);
          assert.equal(total(snapshot), minReplicas);
          assert.ok(Math.max(...loads) - Math.min(...loads) <= 1, loads.join('/'));
        },
      ),
      { numRuns: 500 },
    );
  });
});
