import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { nothingTold } from '../../src/domain/control.ts';
import type { ProvisioningEngine, RunningEngine } from '../../src/domain/engine.ts';
import { isUnhealthy, neverAsked } from '../../src/domain/health.ts';
import { surplus } from '../../src/domain/scaling.ts';
import { loadOf, type Site } from '../../src/domain/snapshot.ts';
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
  range,
  ready,
  stabilizing,
  theHost,
  unknown,
  unwell,
} from '../support/build.ts';

type Scalable = ProvisioningEngine | RunningEngine;

/** The higher its number, the younger it is. */
const age = (number: number) => ({ createdAt: now + number });
const well = (number: number, vpn: string | null = 'red') => anEngine(number, vpn, age(number));
const ill = (number: number, vpn: string | null = 'red') =>
  anEngine(number, vpn, { ...age(number), health: unwell });
const making = (number: number, vpn: string | null = 'red') => aProvisioningEngine(number, vpn, age(number));
const forwarded = <E extends Scalable>(engine: E): E => ({
  ...engine,
  ports: { ...engine.ports, p2p: 51_000 },
});
const isForwarded = ({ ports }: Scalable): boolean => ports.p2p === 51_000;
const aTunnel = (name: string, state = ready): Vpn =>
  aVpn(name, state, {
    control: { ...nothingTold(now), heard: true, forwardedPort: { number: 51_000, since: now } },
  });

const site = (name: string, running: readonly RunningEngine[], state = ready): Site =>
  aSite(aTunnel(name, state), { running });
const blue = (...numbers: readonly number[]): Site =>
  site(
    'blue',
    numbers.map((number) => well(number, 'blue')),
  );
const red = (...numbers: readonly number[]): Site =>
  site(
    'red',
    numbers.map((number) => well(number)),
  );

const goes = (sites: readonly Site[], to: number): string[] =>
  surplus(aMoment(sites), to).map(({ id }) => id.replace('engine-', ''));

describe('of more engines than are wanted', () => {
  const cases: [string, Site[], number, string][] = [
    ['none goes where there are as many', [red(1, 2), blue(3)], 3, ''],
    ['none goes where there are fewer', [red(1, 2), blue(3)], 7, ''],
    ['none goes where there is none', [red(), blue()], 0, ''],
    ['all go where none is wanted', [red(1, 2), blue(3, 4)], 0, '4 2 3 1'],
    ['the youngest goes', [red(2, 3, 1)], 2, '3'],
    ['the youngest ones go, the youngest first', [red(2, 4, 1, 3)], 1, '4 3 2'],
    ['it goes where most are, though there are younger ones elsewhere', [red(1, 2, 3), blue(8, 9)], 4, '3'],
    ['it goes where most are, in whichever order', [red(8, 9), blue(1, 2, 3)], 4, '3'],
    ['it goes on the later one in configured order where two have as many', [red(8, 9), blue(1, 2)], 3, '2'],
    ['they go by turns where two have as many', [red(1, 2, 3), blue(4, 5, 6)], 2, '6 3 5 2'],
    [
      'they go where most are until two have as many, then by turns',
      [red(1, 2, 3, 4, 5), blue(6, 7)],
      2,
      '5 4 3 7 2',
    ],
    [
      'they go by turns on three',
      [red(1, 2), blue(3, 4), site('green', [well(5, 'green'), well(6, 'green')])],
      1,
      '6 4 2 5 3',
    ],
    ['an UNHEALTHY one goes first, though it is older', [site('red', [ill(1), well(2), well(3)])], 2, '1'],
    [
      'an UNHEALTHY one goes first, though more are elsewhere',
      [red(1, 2, 3, 4), site('blue', [ill(5, 'blue')])],
      4,
      '5',
    ],
    [
      'UNHEALTHY ones go first, the youngest where most are first',
      [site('red', [ill(1), ill(2), well(3)]), site('blue', [ill(4, 'blue'), well(5, 'blue')])],
      2,
      '2 4 1',
    ],
    [
      'the others go once no UNHEALTHY one is left, where most are by then',
      [site('red', [ill(1), ill(2), well(3)]), site('blue', [well(4, 'blue'), well(5, 'blue')])],
      2,
      '2 1 5',
    ],
    [
      'one that has the forwarded port stays, though it is the youngest',
      [site('red', [well(1), well(2), forwarded(well(3))])],
      1,
      '2 1',
    ],
    [
      'one that has the forwarded port stays, though it is UNHEALTHY',
      [site('red', [well(1), forwarded(ill(2))])],
      1,
      '1',
    ],
    [
      'those that have a forwarded port stay, though more are there than elsewhere',
      [site('red', [forwarded(well(1)), forwarded(well(2)), forwarded(well(3))]), blue(4)],
      3,
      '4',
    ],
    [
      'those that have a forwarded port go when no other is left, where most are, the youngest first',
      [
        site('red', [forwarded(well(1)), forwarded(well(2))]),
        site('blue', [forwarded(well(3, 'blue')), well(4, 'blue')]),
      ],
      1,
      '4 2 3',
    ],
    [
      'one that is being made goes like one that runs',
      [aSite(aTunnel('red'), { running: [well(1), well(3)], provisioning: [making(2), making(4)] })],
      1,
      '4 3 2',
    ],
    [
      'one that is being made with the forwarded port stays',
      [aSite(aTunnel('red'), { running: [well(1)], provisioning: [forwarded(making(2))] })],
      1,
      '1',
    ],
    [
      'one that nobody knows anything of is none that is UNHEALTHY',
      [site('red', [anEngine(1, 'red', { ...age(1), health: neverAsked }), well(2)])],
      1,
      '2',
    ],
    [
      'those that are being stopped neither count nor go',
      [aSite(aTunnel('red'), { running: [well(1), well(2)], stopping: [aStoppingEngine(3, 'red')] })],
      1,
      '2',
    ],
    [
      'those that a FAILED VPN has kept neither count nor go',
      [red(1, 2), site('blue', [ill(3, 'blue'), well(4, 'blue')], failed)],
      1,
      '2',
    ],
    ['none goes where all VPNs are FAILED', [site('red', [well(1), well(2)], failed)], 0, ''],
    [
      'those on a VPN that is not READY count and go like others',
      [
        red(1),
        site('blue', [well(2, 'blue'), well(3, 'blue')], stabilizing()),
        site('green', [well(4, 'green'), well(5, 'green')], unknown),
        site('grey', [well(6, 'grey'), well(7, 'grey')], doubted),
      ],
      4,
      '7 5 3',
    ],
    [
      'the host is a place like others',
      [theHost({ running: [well(1, null), well(2, null), ill(3, null)] })],
      1,
      '3 2',
    ],
  ];
  for (const [name, sites, to, expected] of cases)
    test(name, () => assert.equal(goes(sites, to).join(' '), expected));
});

describe('whatever the fleet is like', () => {
  const anOne = fc.record({
    made: fc.boolean(),
    ill: fc.boolean(),
    forwarded: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.constant(true)),
    age: fc.nat(5),
  });
  const aPlace = fc.record({
    state: fc.constantFrom(ready, ready, ready, stabilizing(), failed),
    engines: fc.array(anOne, { maxLength: 8 }),
  });
  const aFleet = fc.array(aPlace, { minLength: 1, maxLength: 4 }).map((places): Site[] =>
    places.map(({ state, engines }, index) => {
      const name = `vpn${index}`;
      const made = engines.map((engine, nth) => {
        const changes = { createdAt: now + engine.age };
        const placed = engine.forwarded ? forwarded<Scalable> : <E>(each: E): E => each;
        const number = 100 * index + nth;
        return placed(
          engine.made
            ? aProvisioningEngine(number, name, changes)
            : anEngine(number, name, engine.ill ? { ...changes, health: unwell } : changes),
        );
      });
      return aSite(aTunnel(name, state), {
        running: made.flatMap((engine) => (engine.state === 'RUNNING' ? [engine] : [])),
        provisioning: made.flatMap((engine) => (engine.state === 'PROVISIONING' ? [engine] : [])),
        stopping: range(1, index).map((nth) => aStoppingEngine(100 * index + 50 + nth, name)),
      });
    }),
  );
  const enginesAt = ({ running, provisioning }: Site): Scalable[] => [...running, ...provisioning];
  const isIll = (engine: Scalable): boolean => engine.state === 'RUNNING' && isUnhealthy(engine);
  const sorts: Record<string, (engine: Scalable) => boolean> = {
    'UNHEALTHY ones': (engine) => !isForwarded(engine) && isIll(engine),
    'other ones': (engine) => !isForwarded(engine) && !isIll(engine),
    'ones with a forwarded port': isForwarded,
  };

  const check = (property: (sites: readonly Site[], gone: readonly Scalable[], to: number) => void): void =>
    fc.assert(
      fc.property(aFleet, fc.nat(20), (sites, to) => property(sites, surplus(aMoment(sites), to), to)),
      { numRuns: 2_000 },
    );
  const up = (sites: readonly Site[]): Site[] => sites.filter(({ vpn }) => vpn?.state.kind !== 'FAILED');

  test('exactly as many go as are too many, each once, and none of a FAILED VPN', () => {
    check((sites, gone, to) => {
      const load = up(sites).reduce((sum, each) => sum + loadOf(each), 0);
      assert.equal(gone.length, Math.max(0, load - to));
      assert.equal(new Set(gone).size, gone.length);
      const there = up(sites).flatMap(enginesAt);
      for (const engine of gone) assert.ok(there.includes(engine));
    });
  });

  test('all UNHEALTHY ones go before any other, and all others before any with a forwarded port', () => {
    check((sites, gone) => {
      const ranks = Object.values(sorts);
      const rankOf = (engine: Scalable): number => ranks.findIndex((is) => is(engine));
      const stays = up(sites)
        .flatMap(enginesAt)
        .filter((engine) => !gone.includes(engine));
      const last = Math.max(...gone.map(rankOf));
      assert.ok(stays.every((engine) => gone.length === 0 || rankOf(engine) >= last));
      assert.deepEqual(gone.map(rankOf), gone.map(rankOf).toSorted());
    });
  });

  for (const [sort, is] of Object.entries(sorts)) {
    test(`of ${sort}, none goes where two fewer are left than where one could have gone, and the youngest of each VPN goes first`, () => {
      check((sites, gone) => {
        const rows = up(sites).map((each) => ({
          left: enginesAt(each).filter((engine) => !gone.includes(engine)),
          gone: enginesAt(each).filter((engine) => gone.includes(engine) && is(engine)),
        }));
        for (const row of rows) {
          const youngest = Math.max(...row.left.filter(is).map(({ createdAt }) => createdAt));
          for (const { createdAt } of row.gone) assert.ok(createdAt >= youngest);
          if (row.gone.length === 0) continue;
          for (const other of rows)
            if (other.left.some(is)) assert.ok(other.left.length <= row.left.length + 1);
        }
      });
    });
  }

  test('the same engines go, and one more, where one fewer is wanted', () => {
    check((sites, gone, to) => {
      if (to === 0) return;
      assert.deepEqual(surplus(aMoment(sites), to - 1).slice(0, gone.length), gone);
    });
  });
});
