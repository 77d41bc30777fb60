import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Circuit } from '../../src/domain/circuit.ts';
import { nothingTold } from '../../src/domain/control.ts';
import { plan, type Step } from '../../src/domain/plan.ts';
import type { Policy } from '../../src/domain/policy.ts';
import type { Site, Snapshot, VpnSite } from '../../src/domain/snapshot.ts';
import type { VpnState } from '../../src/domain/vpn.ts';
import {
  aMoment,
  anEngine,
  aSite,
  aVpn,
  failed,
  now,
  range,
  ready,
  seconds,
  stabilizing,
  theHost,
  unwellFor,
} from '../support/build.ts';
import { never, nobody, ten } from '../support/planned.ts';

const planned = (snapshot: Snapshot): { steps: readonly Step[]; nextIn: number } => {
  const { steps, next } = plan({ snapshot, held: nobody, avoided: nobody, orphans: [] });
  return { steps, nextIn: next - now };
};

/** On which VPNs engines are started, the first one first, and all other steps by their kind. */
const begun = (snapshot: Snapshot): (string | null)[] =>
  planned(snapshot).steps.map((step) => (step.kind === 'START' ? step.vpn : step.kind));

const counted = (names: readonly (string | null)[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name ?? 'host'] = (counts[name ?? 'host'] ?? 0) + 1;
  return counts;
};

const site = (name: string, running = 0, state: VpnState = ready): VpnSite =>
  aSite(aVpn(name, state), {
    running: range(1, running).map((number) => anEngine(number, name)),
    ports: { first: 19_000, last: 19_999, free: 100 },
  });

/** One whose control server has neither answered nor failed to since it came up. */
const unheard = (name: string, running = 0): VpnSite => {
  const there = site(name, running);
  return { ...there, vpn: { ...there.vpn, control: nothingTold(now) } };
};

describe('a VPN whose control server was not heard yet', () => {
  const cases: [string, Site[], Partial<Policy>, Record<string, number>][] = [
    ['gets none', [unheard('red')], ten, {}],
    ['gets none, and its part does not go elsewhere', [unheard('red'), site('blue')], ten, { blue: 5 }],
    ['gets what it lacks once it was heard', [site('red'), site('blue', 5)], ten, { red: 5 }],
    ['waits like all others', [unheard('red'), unheard('blue')], ten, {}],
    [
      'leaves an urgent engine to another that was heard',
      [unheard('red'), site('blue')],
      { minReplicas: 1 },
      { blue: 1 },
    ],
    ['gets not even an urgent one', [unheard('red')], { minReplicas: 1 }, {}],
    ['gets none in an emergency either', [unheard('red', 3), site('blue', 0, failed)], ten, {}],
  ];
  for (const [name, sites, policy, expected] of cases)
    test(name, () => {
      assert.deepEqual(counted(begun(aMoment(sites, policy))), expected);
      assert.equal(planned(aMoment(sites, policy)).nextIn, never);
    });

  test('is none on the host', () => {
    assert.deepEqual(counted(begun(aMoment([theHost()], { minReplicas: 3 }))), { host: 3 });
  });
});

describe('a circuit that is', () => {
  const both = [site('red'), site('blue')];
  const openFor = (ms: number): Circuit => ({ kind: 'OPEN', until: now + ms });
  const cases: [string, Site[], Circuit, string[], number][] = [
    ['CLOSED lets all through', both, { kind: 'CLOSED', failures: 4 }, ['red', 'blue', 'red'], never],
    ['OPEN lets none through until it is over', both, openFor(7), [], 7],
    ['OPEN and over lets one through', both, openFor(0), ['red'], never],
    ['OPEN and long over lets one through', both, openFor(-7), ['red'], never],
    [
      'OPEN and over lets one through where fewer are',
      [site('red', 1), site('blue')],
      openFor(0),
      ['blue'],
      never,
    ],
    [
      'OPEN and over lets one through that need not wait for its VPN',
      [site('red', 0, stabilizing()), site('blue')],
      openFor(0),
      ['blue'],
      never,
    ],
    ['HALF_OPEN lets none through', both, { kind: 'HALF_OPEN', trial: 'engine-9' }, [], never],
    ['OPEN has nothing to let through where none is missing', [site('red', 3)], openFor(7), [], never],
  ];
  for (const [name, sites, circuit, expected, nextIn] of cases)
    test(name, () => {
      const snapshot = aMoment(sites, { minReplicas: 3 }, { circuit });
      assert.deepEqual([begun(snapshot), planned(snapshot).nextIn], [expected, nextIn]);
    });
});

describe('scaled', () => {
  const within = { minReplicas: 4, maxReplicas: 12 };
  const down = site('blue', 0, failed);
  const cases: [string, Site[], number | null, Record<string, number>][] = [
    ['to nothing: up to MIN_REPLICAS', [site('red'), site('blue')], null, { red: 2, blue: 2 }],
    ['to more: up to that', [site('red', 2), site('blue', 2)], 9, { red: 3, blue: 2 }],
    [
      'to more than MAX_REPLICAS: up to MAX_REPLICAS',
      [site('red', 2), site('blue', 2)],
      15,
      { red: 4, blue: 4 },
    ],
    ['to less than MIN_REPLICAS: up to MIN_REPLICAS', [site('red', 1), site('blue')], 2, { red: 1, blue: 2 }],
    ['to as many as there are: none', [site('red', 5), site('blue', 4)], 9, {}],
    ['to fewer than there are: none', [site('red', 6), site('blue', 5)], 9, {}],
    ['in an emergency: up to its share', [site('red', 2), down], 10, { red: 3 }],
    ['in an emergency: none beyond its share', [site('red', 5), down], 10, {}],
    [
      'in an emergency to more than MAX_REPLICAS: up to the share of that',
      [site('red', 2), down],
      20,
      { red: 4 },
    ],
    [
      'in an emergency to less than MIN_REPLICAS: up to the share of that',
      [site('red', 1), down],
      1,
      { red: 1 },
    ],
  ];
  for (const [name, sites, scaledTo, expected] of cases)
    test(name, () => assert.deepEqual(counted(begun(aMoment(sites, within, { scaledTo }))), expected));

  test('where a failed VPN has kept engines: these count for MAX_REPLICAS, and not for what is wanted', () => {
    const sites = [site('red', 1), site('blue', 9, failed)];
    assert.deepEqual(counted(begun(aMoment(sites, within, { scaledTo: 12 }))), { red: 2 });
  });
});

test('a start that is missing and an engine that is UNHEALTHY do not wait for each other', () => {
  const ill = [anEngine(9, 'red', { health: unwellFor(seconds(60)) })];
  const red = { ...site('red'), running: ill };
  assert.deepEqual(begun(aMoment([red, site('blue')], { minReplicas: 3 })), ['blue', 'red', 'REPLACE']);
});

describe('a circuit that is OPEN and over lets one through, whatever it is for:', () => {
  const over = { circuit: { kind: 'OPEN', until: now } } as const;
  const ill = (vpn: string): VpnSite => ({
    ...site(vpn),
    running: [anEngine(9, vpn, { health: unwellFor(seconds(60)) })],
  });
  const portless = (vpn: string, engine: number): VpnSite => {
    const there = site(vpn);
    const control = { ...there.vpn.control, forwardedPort: { number: 51_000, since: now } };
    return {
      ...there,
      vpn: { ...there.vpn, control },
      running: [anEngine(engine, vpn, { forwarded: true })],
      spareForwardedPort: 51_000,
    };
  };
  const cases: [string, Site[], number, string[]][] = [
    ['a start goes before a replacement', [ill('red'), site('blue')], 2, ['blue']],
    ['one replacement', [portless('red', 1), portless('blue', 2)], 0, ['REPLACE']],
    ['one replacement, though there are two reasons', [ill('red'), portless('blue', 2)], 0, ['REPLACE']],
  ];
  for (const [name, sites, minReplicas, expected] of cases)
    test(name, () => assert.deepEqual(begun(aMoment(sites, { minReplicas }, over)), expected));

  test('the one that is due first', () => {
    const soon = portless('red', 1);
    const sites = [
      { ...site('blue'), running: [anEngine(9, 'blue', { health: unwellFor(seconds(40)) })] },
      { ...soon, vpn: { ...soon.vpn, portReplacedAt: now - seconds(290) } },
    ];
    const snapshot = aMoment(sites, { minReplicas: 0 }, over);
    assert.deepEqual([begun(snapshot), planned(snapshot).nextIn], [[], seconds(10)]);
    const [step, ...others] = planned({ ...snapshot, at: now + seconds(10) }).steps;
    assert.ok(step?.kind === 'REPLACE' && step.because === 'FORWARDED_PORT' && others.length === 0);
  });

  test('one at the moment when it is over, and no next one', () => {
    const snapshot = aMoment([ill('red'), site('blue')], {}, { circuit: { kind: 'OPEN', until: now + 7 } });
    assert.deepEqual([begun(snapshot), planned(snapshot).nextIn], [[], 7]);
    assert.deepEqual(begun({ ...snapshot, at: now + 7 }), ['blue']);
  });
});
