import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Circuit } from '../../src/domain/circuit.ts';
import { nothingTold } from '../../src/domain/control.ts';
import type { Replaces, RunningEngine } from '../../src/domain/engine.ts';
import { type Health, neverAsked, notAskedYet } from '../../src/domain/health.ts';
import { plan } from '../../src/domain/plan.ts';
import type { Policy } from '../../src/domain/policy.ts';
import type { Site, Snapshot, VpnSite } from '../../src/domain/snapshot.ts';
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
  seconds,
  stabilizing,
  theHost,
  unknown,
  unwellFor,
} from '../support/build.ts';

const nobody: ReadonlySet<string | null> = new Set();
const calm = { minReplicas: 0 };
const never = Number.POSITIVE_INFINITY;

/** What is replaced and why, all else by its kind; and the milliseconds until time alone brings the next step. */
const planned = (snapshot: Snapshot, held = nobody): [steps: string[], nextIn: number] => {
  const { steps, next } = plan({ snapshot, held, avoided: nobody, orphans: [] });
  return [
    steps.map((step) => (step.kind === 'REPLACE' ? `${step.engine.id} ${step.because}` : step.kind)),
    next - now,
  ];
};

const wells = (vpn: string | null, count: number, first = 11, changes: Partial<RunningEngine> = {}) =>
  range(first, first + count - 1).map((number) => anEngine(number, vpn, changes));

const sick = (number: number, vpn: string | null, ms: number, changes: Partial<RunningEngine> = {}) =>
  anEngine(number, vpn, { health: unwellFor(ms), ...changes });

const running = (name: string, engines: readonly RunningEngine[], state: VpnState = ready): VpnSite =>
  aSite(aVpn(name, state), { running: engines });

const minute = seconds(60);
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

const cooldown = seconds(300);

/** A VPN that forwards a port which nobody has, for so long, in milliseconds. */
const forwarding = (
  changes: Partial<Omit<Site, 'vpn'>>,
  { told = 0, replaced = null as number | null, vpn = {} as Partial<Vpn>, name = 'red' } = {},
): VpnSite =>
  aSite(
    aVpn(name, vpn.state ?? ready, {
      control: {
        ...nothingTold(now),
        heard: true,
        forwardedPort: { number: 51_000, since: now - told },
      },
      portReplacedAt: replaced === null ? null : now - replaced,
      ...vpn,
    }),
    { spareForwardedPort: 51_000, ...changes },
  );

const madeAt = (number: number, createdAt: number, changes: Partial<RunningEngine> = {}) =>
  anEngine(number, 'red', { createdAt, ...changes });

describe('a forwarded port that no engine has', () => {
  const former = madeAt(2, now - 9, { forwarded: true });
  const older = madeAt(1, now - 99, { forwarded: true });
  const plain = madeAt(3, now - 5);
  const plainer = madeAt(4, now - 50);
  const heir = { replaces: { id: 'engine-2', because: 'FORWARDED_PORT' } } as const;
  const [former1, plain1] = [['engine-2 FORWARDED_PORT'], ['engine-3 FORWARDED_PORT']];

  type Case = [string, Site[], string[], number];
  const cases: Case[] = [
    [
      'has changed: the engine that had the one before makes way at once',
      [forwarding({ running: [plainer, former, plain] })],
      former1,
      never,
    ],
    [
      'has changed again and again: of those that had one, the youngest makes way',
      [forwarding({ running: [older, former, plain] })],
      former1,
      never,
    ],
    [
      'has changed soon after the last time: none makes way to the last moment of the cooldown',
      [forwarding({ running: [former] }, { replaced: cooldown - 1 })],
      [],
      1,
    ],
    [
      'has changed, and the cooldown is over: one makes way',
      [forwarding({ running: [former] }, { replaced: cooldown })],
      former1,
      never,
    ],
    [
      'has appeared where none had one before: none makes way to the last moment of the cooldown',
      [forwarding({ running: [plainer, plain] }, { told: cooldown - 1 })],
      [],
      1,
    ],
    [
      'has been there for the whole cooldown: the youngest makes way',
      [forwarding({ running: [plainer, plain] }, { told: cooldown })],
      plain1,
      never,
    ],
    [
      'has been there for the whole cooldown: one that is UNHEALTHY makes way, and no younger one',
      [forwarding({ running: [sick(3, 'red', 0, { createdAt: now - 77 }), plainer] }, { told: cooldown })],
      plain1,
      never,
    ],
    [
      'has been there for the whole cooldown, but one made way for another port since: that cooldown is waited for',
      [forwarding({ running: [plain] }, { told: cooldown, replaced: seconds(100) })],
      [],
      seconds(200),
    ],
    [
      'has not been there for the whole cooldown, though none made way for so long: it has to be',
      [forwarding({ running: [plain] }, { told: seconds(100), replaced: cooldown })],
      [],
      seconds(200),
    ],
    ['is of no use without an engine', [forwarding({}, { told: cooldown })], [], never],
    [
      'may be taken by an engine that is being made: none makes way',
      [forwarding({ running: [former], provisioning: [aProvisioningEngine(5, 'red')] })],
      [],
      never,
    ],
    [
      'waits for the engine that was made for an earlier one to be found well',
      [forwarding({ running: [former, madeAt(5, now, { health: neverAsked, ...heir })] })],
      [],
      never,
    ],
    [
      'does not wait for engines that are being made elsewhere, or are being stopped',
      [
        forwarding({ running: [former], stopping: [aStoppingEngine(5, 'red')] }),
        aSite(aVpn('blue'), {
          provisioning: [aProvisioningEngine(6, 'blue', { replaces: { ...heir.replaces, id: 'engine-7' } })],
        }),
      ],
      former1,
      never,
    ],
    [
      'on two VPNs: one makes way on each',
      [
        forwarding({ running: [former] }),
        forwarding({ running: [anEngine(7, 'blue', { forwarded: true })] }, { name: 'blue' }),
      ],
      [...former1, 'engine-7 FORWARDED_PORT'],
      never,
    ],
    [
      'on two VPNs: each has its own cooldown',
      [
        forwarding({ running: [former] }, { replaced: seconds(299) }),
        forwarding({ running: [anEngine(7, 'blue', { forwarded: true })] }, { name: 'blue' }),
      ],
      ['engine-7 FORWARDED_PORT'],
      seconds(1),
    ],
    [
      'is not free, for somebody else has it: none makes way',
      [forwarding({ running: [former], spareForwardedPort: null }, { told: cooldown })],
      [],
      never,
    ],
    [
      'is none: none makes way, though one had a port before',
      [
        forwarding(
          { running: [former], spareForwardedPort: null },
          { vpn: { control: { ...nothingTold(now), heard: true } } },
        ),
      ],
      [],
      never,
    ],
    [
      'waits while its VPN stabilizes',
      [forwarding({ running: [former] }, { vpn: { state: stabilizing() } })],
      [],
      never,
    ],
    [
      'waits while its VPN is doubted',
      [forwarding({ running: [former] }, { vpn: { state: doubted } })],
      [],
      never,
    ],
    [
      'waits while its VPN is UNKNOWN',
      [forwarding({ running: [former] }, { vpn: { state: unknown } })],
      [],
      never,
    ],
    [
      'waits while its VPN, the only one, is FAILED',
      [forwarding({ running: [former] }, { vpn: { state: failed } })],
      [],
      never,
    ],
    [
      'waits for the end of an emergency',
      [forwarding({ running: [former] }), running('blue', [], failed)],
      [],
      never,
    ],
    [
      'does not wait for another VPN to be stable',
      [forwarding({ running: [former] }), running('blue', [], stabilizing())],
      former1,
      never,
    ],
  ];
  for (const [name, sites, steps, nextIn] of cases)
    test(name, () => assert.deepEqual(planned(aMoment(sites, calm)), [steps, nextIn]));

  test('waits while a start has just failed there', () => {
    const snapshot = aMoment([forwarding({ running: [former] })], calm);
    assert.deepEqual(planned(snapshot, new Set(['red'])), [[], never]);
  });

  const circuits: [Circuit, string[], number][] = [
    [{ kind: 'OPEN', until: now + 7 }, [], 7],
    [{ kind: 'OPEN', until: now }, former1, never],
    [{ kind: 'HALF_OPEN', trial: 'engine-9' }, [], never],
  ];
  for (const [circuit, steps, nextIn] of circuits)
    test(`waits for a circuit that is ${circuit.kind}${steps.length > 0 ? ' no longer than it has to' : ''}`, () => {
      const snapshot = aMoment([forwarding({ running: [former] })], calm, { circuit });
      assert.deepEqual(planned(snapshot), [steps, nextIn]);
    });

  test('has a cooldown that is configured', () => {
    const sites = [forwarding({ running: [former] }, { replaced: seconds(4) })];
    assert.deepEqual(planned(aMoment(sites, { ...calm, portCooldownMs: seconds(5) })), [[], seconds(1)]);
    assert.deepEqual(planned(aMoment(sites, { ...calm, portCooldownMs: seconds(4) })), [former1, never]);
  });
});

describe('an engine that should make way for two reasons', () => {
  const recoveredAt = now - seconds(1);
  const old = { createdAt: now - minute, forwarded: true };
  const reasons: [string, RunningEngine, Partial<Vpn>, string][] = [
    ['is UNHEALTHY and had another port', sick(1, 'red', minute, old), {}, 'engine-1 FORWARDED_PORT'],
    [
      'outlived a failure of the single VPN and had another port',
      anEngine(1, 'red', old),
      { recoveredAt },
      'engine-1 FORWARDED_PORT',
    ],
    [
      'outlived a failure of the single VPN and is UNHEALTHY',
      sick(1, 'red', minute, { createdAt: now - minute }),
      { recoveredAt, control: { ...nothingTold(now), heard: true } },
      'engine-1 RECONNECTED',
    ],
    [
      'outlived a failure of the single VPN, had another port and is UNHEALTHY',
      sick(1, 'red', minute, old),
      { recoveredAt },
      'engine-1 FORWARDED_PORT',
    ],
  ];
  for (const [name, engine, vpn, step] of reasons)
    test(`makes way once: ${name}`, () =>
      assert.deepEqual(planned(aMoment([forwarding({ running: [engine] }, { vpn })], calm)), [
        [step],
        never,
      ]));

  test('makes way once: one reason is there now, and the other would be later', () => {
    const engine = sick(1, 'red', 0, { ...old, createdAt: now - minute });
    const snapshot = aMoment([forwarding({ running: [engine] })], calm);
    assert.deepEqual(planned(snapshot), [['engine-1 FORWARDED_PORT'], never]);
  });

  const heirs: [string, Replaces['because'], RunningEngine, Partial<Vpn>][] = [
    ['is UNHEALTHY', 'FORWARDED_PORT', sick(1, 'red', minute), {}],
    ['had another port', 'UNHEALTHY', anEngine(1, 'red', { forwarded: true }), {}],
    ['outlived a failure', 'UNHEALTHY', anEngine(1, 'red', { createdAt: now - minute }), { recoveredAt }],
    ['is UNHEALTHY', 'RECONNECTED', sick(1, 'red', minute), {}],
  ];
  for (const [name, because, engine, vpn] of heirs)
    test(`makes way once: it ${name}, and the one that replaces it because ${because} was not found well yet`, () => {
      const heir = madeAt(2, now, { health: neverAsked, replaces: { id: engine.id, because } });
      const site = forwarding({ running: [engine, heir] }, { vpn });
      const [steps] = planned(aMoment([site], calm));
      assert.ok(!steps.some((step) => step.startsWith('engine-1 ')), String(steps));
    });
});
