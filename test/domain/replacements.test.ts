import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Circuit } from '../../src/domain/circuit.ts';
import type { Replaces, RunningEngine } from '../../src/domain/engine.ts';
import { type Health, neverAsked, notAskedYet } from '../../src/domain/health.ts';
import type { Policy } from '../../src/domain/policy.ts';
import type { Site, Snapshot, VpnSite } from '../../src/domain/snapshot.ts';
import type { VpnState } from '../../src/domain/vpn.ts';
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
  seconds,
  stabilizing,
  theHost,
  unknown,
} from '../support/build.ts';
import { never } from '../support/planned.ts';
import { calm, minute, planned, running, sick } from '../support/replacing.ts';

const wells = (vpn: string | null, count: number, first = 11, changes: Partial<RunningEngine> = {}) =>
  range(first, first + count - 1).map((number) => anEngine(number, vpn, changes));

const aMillisecondToGo = minute - 1;
const due = ['engine-1 UNHEALTHY'];

describe('an engine that is UNHEALTHY', () => {
  const red = (ms: number): VpnSite[] => [running('red', [sick(1, 'red', ms)])];
  const endedFor = (ms: number): Partial<Snapshot> => ({ replacedAt: now - ms });

  type Case = [string, Site[], Partial<Policy>, Partial<Snapshot>, string[], number];
  const cases: Case[] = [
    ['has its grace from the moment it turned so', red(0), {}, {}, [], minute],
    ['stays to the last moment of its grace', red(aMillisecondToGo), {}, {}, [], 1],
    ['is replaced when its grace is over', red(minute), {}, {}, due, never],
    ['is replaced however long ago its grace was over', red(100 * minute), {}, {}, due, never],
    ['is replaced at once where there is no grace', red(0), { unhealthyGraceMs: 0 }, {}, due, never],
    [
      'stays to the last moment of the cooldown after the last replacement',
      red(10 * minute),
      {},
      endedFor(aMillisecondToGo),
      [],
      1,
    ],
    ['is replaced when the cooldown is over', red(10 * minute), {}, endedFor(minute), due, never],
    [
      'is replaced at once where there is no cooldown',
      red(minute),
      { replacementCooldownMs: 0 },
      endedFor(0),
      due,
      never,
    ],
    [
      'waits for its grace where the cooldown is over sooner',
      red(seconds(30)),
      {},
      endedFor(seconds(50)),
      [],
      seconds(30),
    ],
    [
      'waits for the cooldown where its grace is over sooner',
      red(seconds(50)),
      {},
      endedFor(seconds(30)),
      [],
      seconds(30),
    ],
    ['is replaced on the host, too', [theHost({ running: [sick(1, null, minute)] })], {}, {}, due, never],
    ['is replaced on a single VPN', [running('red', [sick(1, 'red', minute)])], {}, {}, due, never],
    [
      'is replaced while another VPN is not READY, where none has FAILED',
      [...red(minute), running('blue', [], stabilizing()), running('green', [], unknown)],
      {},
      {},
      due,
      never,
    ],
  ];
  for (const [name, sites, policy, changes, steps, nextIn] of cases)
    test(name, () =>
      assert.deepEqual(planned(aMoment(sites, { ...calm, ...policy }, changes)), [steps, nextIn]),
    );

  const others: [string, Health][] = [
    ['HEALTHY', { kind: 'HEALTHY', failures: 2 }],
    ['UNKNOWN', notAskedYet],
    ['UNKNOWN, just made', { ...neverAsked, failures: 2 } as Health],
  ];
  for (const [name, health] of others)
    test(`is replaced, and one that is ${name} never is`, () => {
      const engine = anEngine(1, 'red', { health, createdAt: now - 100 * minute });
      assert.deepEqual(planned(aMoment([running('red', [engine])], calm)), [[], never]);
    });
});

describe('of several that are UNHEALTHY', () => {
  const both = (red: number, blue: number): VpnSite[] => [
    running('red', [sick(1, 'red', red)]),
    running('blue', [sick(2, 'blue', blue)]),
  ];
  const heir = (because: Replaces['because']) => ({ replaces: { id: 'engine-9', because } });
  const [ofRed, ofBlue] = [['engine-1 UNHEALTHY'], ['engine-2 UNHEALTHY']];

  type Case = [string, Site[], Partial<Snapshot>, string[], number];
  const cases: Case[] = [
    ['the one that is so for longest goes, wherever it is', both(61_000, 70_000), {}, ofBlue, never],
    [
      'the first in configured order goes where they are so for as long',
      both(minute, minute),
      {},
      ofRed,
      never,
    ],
    [
      'the one that is so for longest goes first when the cooldown is over, though the others have had their grace',
      both(70_000, 80_000),
      { replacedAt: now - minute },
      ofBlue,
      never,
    ],
    ['the one whose grace is over first goes first', both(10_000, 30_000), {}, [], seconds(30)],
    ['only one goes, however long the others are so', both(minute * 9, minute * 9), {}, ofRed, never],
    [
      'of one VPN, the one that is so for longest goes',
      [running('red', [sick(2, 'red', 70_000), sick(1, 'red', 80_000), sick(3, 'red', 75_000)])],
      {},
      ofRed,
      never,
    ],
    [
      'none goes while another one is being made for one of them, wherever',
      [
        ...both(minute, minute),
        aSite(aVpn('green'), { provisioning: [aProvisioningEngine(3, 'green', heir('UNHEALTHY'))] }),
      ],
      {},
      [],
      never,
    ],
    [
      'none goes while the one that was made for one of them has not been found well yet',
      [
        ...both(minute, minute),
        running('green', [anEngine(3, 'green', { health: neverAsked, ...heir('UNHEALTHY') })]),
      ],
      {},
      [],
      never,
    ],
    [
      'one goes while another engine is being made for no one',
      [...both(minute, 0), aSite(aVpn('green'), { provisioning: [aProvisioningEngine(3, 'green')] })],
      {},
      ofRed,
      never,
    ],
    [
      'one goes while another engine makes way for another reason',
      [...both(minute, 0), running('green', [anEngine(3, 'green', heir('FORWARDED_PORT'))])],
      {},
      ofRed,
      never,
    ],
    [
      'one goes while others are being stopped',
      [...both(minute, 0), aSite(aVpn('green'), { stopping: [aStoppingEngine(3, 'green')] })],
      {},
      ofRed,
      never,
    ],
  ];
  for (const [name, sites, changes, steps, nextIn] of cases)
    test(name, () => assert.deepEqual(planned(aMoment(sites, calm, changes)), [steps, nextIn]));
});

describe('an engine that is UNHEALTHY stays, and another one goes that is so for less,', () => {
  const cases: [string, VpnState][] = [
    ['while its VPN stabilizes', stabilizing()],
    ['while its VPN is UNKNOWN', unknown],
    ['while its VPN is doubted', doubted],
    ['while its VPN is UNKNOWN and doubted', { ...unknown, doubtedSince: now } as VpnState],
  ];
  for (const [name, state] of cases)
    test(name, () => {
      const there = running('red', [sick(1, 'red', 9 * minute)], state);
      assert.deepEqual(planned(aMoment([there], calm)), [[], never]);
      const two = aMoment([there, running('blue', [sick(2, 'blue', minute)])], calm);
      assert.deepEqual(planned(two), [['engine-2 UNHEALTHY'], never]);
    });

  test('while a start has just failed on its VPN', () => {
    const sites = [running('red', [sick(1, 'red', 9 * minute)]), running('blue', [sick(2, 'blue', minute)])];
    assert.deepEqual(planned(aMoment(sites, calm), new Set(['red'])), [['engine-2 UNHEALTHY'], never]);
    assert.deepEqual(planned(aMoment(sites, calm), new Set(['red', 'blue'])), [[], never]);
  });

  test('while its VPN is FAILED, though fewer are well than are kept alive', () => {
    const red = running('red', [sick(1, 'red', 9 * minute)], failed);
    assert.deepEqual(planned(aMoment([red], { minReplicas: 1 })), [[], never]);
    const sites = [red, running('blue', [sick(2, 'blue', minute)])];
    assert.deepEqual(planned(aMoment(sites, { minReplicas: 2 })), [['engine-2 UNHEALTHY'], never]);
  });

  test('on the host, while a start has just failed there', () => {
    const host = theHost({ running: [sick(1, null, minute)] });
    assert.deepEqual(planned(aMoment([host], calm), new Set([null])), [[], never]);
  });
});

describe('the circuit', () => {
  const openFor = (ms: number): Circuit => ({ kind: 'OPEN', until: now + ms });
  const halfOpen: Circuit = { kind: 'HALF_OPEN', trial: 'engine-9' };
  const cases: [string, number, Circuit, string[], number][] = [
    ['CLOSED, whatever failed: it is replaced', minute, { kind: 'CLOSED', failures: 4 }, due, never],
    ['OPEN: it is replaced when that is over', minute, openFor(100_000), [], 100_000],
    ['OPEN for less than the grace: it has its grace', seconds(40), openFor(10_000), [], seconds(20)],
    ['OPEN for longer than the grace: it waits', seconds(40), openFor(30_000), [], seconds(30)],
    ['OPEN and over: it is the trial', minute, openFor(0), due, never],
    ['OPEN and long over: it is the trial', minute, openFor(-5_000), due, never],
    ['HALF_OPEN: it waits for what comes of the trial', minute, halfOpen, [], never],
    ['HALF_OPEN: it waits, also where its grace is not over', 0, halfOpen, [], never],
  ];
  for (const [name, ms, circuit, steps, nextIn] of cases)
    test(name, () => {
      const sites = [running('red', [sick(1, 'red', ms)])];
      assert.deepEqual(planned(aMoment(sites, calm, { circuit })), [steps, nextIn]);
    });
});

describe('an engine that is UNHEALTHY in an emergency', () => {
  const ten = { minReplicas: 10 };
  const frozen = { minReplicas: 10, emergencyCapacity: 'freeze' } as const;
  const ill = sick(1, 'red', minute);
  const red = (well: number, ms = minute): VpnSite =>
    running('red', [sick(1, 'red', ms), ...wells('red', well)]);
  const down = running('blue', [], failed);

  type Case = [string, Site[], Partial<Policy>, string[], number];
  const cases: Case[] = [
    ['stays where the share is well without it', [red(5), down], ten, [], never],
    ['stays where more than the share are well', [red(7), down], ten, [], never],
    ['is replaced where one is missing for the share', [red(4), down], ten, due, never],
    ['has its grace there', [red(4, seconds(45)), down], ten, [], seconds(15)],
    [
      'stays where one that nobody knows anything of completes the share',
      [running('red', [ill, ...wells('red', 4), anEngine(9, 'red', { health: neverAsked })]), down],
      ten,
      [],
      never,
    ],
    [
      'is replaced, whatever a FAILED VPN has kept',
      [red(4), running('blue', wells('blue', 5, 51), failed)],
      ten,
      due,
      never,
    ],
    [
      'is replaced, whatever runs on a VPN that only stabilizes',
      [red(2), down, running('green', wells('green', 5, 51), stabilizing())],
      { minReplicas: 9 },
      due,
      never,
    ],
    [
      'stays where another READY VPN has what is missing for the share',
      [red(2), down, running('green', wells('green', 4, 51))],
      { minReplicas: 9 },
      [],
      never,
    ],
    [
      'is the one that is so for longest, of those on READY VPNs',
      [
        running('red', [sick(2, 'red', 80_000), ...wells('red', 3)]),
        down,
        running('green', [ill, sick(3, 'green', 90_000), ...wells('green', 2, 51)]),
      ],
      { minReplicas: 9 },
      ['engine-3 UNHEALTHY'],
      never,
    ],
    [
      'stays where fewer are kept alive than the share of MIN_REPLICAS would be: freeze',
      [red(1), down],
      frozen,
      [],
      never,
    ],
    [
      'is replaced where not even the least is well: freeze',
      [running('red', [ill, ...range(2, 5).map((number) => sick(number, 'red', 1_000))]), down],
      frozen,
      due,
      never,
    ],
    [
      'is replaced where one is missing for the least: freeze',
      [red(2), down],
      { ...frozen, emergencyMinReplicas: 3 },
      due,
      never,
    ],
    ['stays where nothing is kept alive', [red(0), down], calm, [], never],
  ];
  for (const [name, sites, policy, steps, nextIn] of cases)
    test(name, () => assert.deepEqual(planned(aMoment(sites, policy)), [steps, nextIn]));

  test('is replaced where one is missing for the share of what somebody scaled to', () => {
    const sites = [red(5), down];
    assert.deepEqual(planned(aMoment(sites, ten, { scaledTo: 14 })), [['START', ...due], never]);
    assert.deepEqual(planned(aMoment(sites, ten, { scaledTo: 12 })), [due, never]);
    assert.deepEqual(planned(aMoment(sites, ten, { scaledTo: 11 })), [[], never]);
  });
});
