import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { OwnContainer } from '../../src/domain/census.ts';
import { closedCircuit } from '../../src/domain/circuit.ts';
import { plan, type Step } from '../../src/domain/plan.ts';
import type { Policy } from '../../src/domain/policy.ts';
import { loadOf, type Snapshot } from '../../src/domain/snapshot.ts';
import type { VpnState } from '../../src/domain/vpn.ts';
import {
  aMoment,
  anEngine,
  aProvisioningEngine,
  aSite,
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
import { never, nextOf, nobody, site, startedOn, stepsOf, ten, type Wanted } from '../support/planned.ts';

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
