import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { desired } from '../../src/domain/capacity.ts';
import type { Circuit } from '../../src/domain/circuit.ts';
import { nothingTold } from '../../src/domain/control.ts';
import type { Because, RunningEngine } from '../../src/domain/engine.ts';
import { foundWell, type Health, isUnhealthy, neverAsked, notAskedYet } from '../../src/domain/health.ts';
import { type Plan, plan, type Step } from '../../src/domain/plan.ts';
import { loadOf, type Site, type Snapshot } from '../../src/domain/snapshot.ts';
import { isReady, type VpnState } from '../../src/domain/vpn.ts';
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

type Replace = Extract<Step, { kind: 'REPLACE' }>;
type Vpns = ReadonlySet<string | null>;

const names = ['zulu', 'alpha', 'mike'];
const because: readonly Because[] = ['UNHEALTHY', 'FORWARDED_PORT', 'RECONNECTED'];

/** Milliseconds that something is ago: around the limits, and both sides of them. */
const ago = fc.oneof(fc.constantFrom(0, 1, 59_999, 60_000, 60_001, 299_999, 300_000), fc.nat(900_000));
const perhaps = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 2 });

const aHealth: fc.Arbitrary<Health> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(foundWell, notAskedYet, neverAsked) },
  { weight: 2, arbitrary: ago.map(unwellFor) },
);

const someEngines = fc.array(
  fc.record({
    health: aHealth,
    forwarded: fc.boolean(),
    age: ago,
    heirOf: fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, fc.constantFrom(...because)),
  }),
  { maxLength: 5 },
);

const nothing: (Because | null)[] = [];
const aPlace = fc.record({
  state: fc.oneof(
    { weight: 4, arbitrary: fc.constant(ready) },
    fc.constantFrom(doubted, unknown, stabilizing()),
    ago.map((ms): VpnState => ({ ...failed, kind: 'FAILED', since: now - ms, reason: '', hold: null })),
  ),
  heard: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.constant(false)),
  engines: someEngines,
  making: fc.oneof(
    { weight: 3, arbitrary: fc.constant(nothing) },
    fc.array(fc.constantFrom(null, ...because), { maxLength: 2 }),
  ),
  stopping: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(2)),
  free: fc.oneof({ weight: 4, arbitrary: fc.constant(100) }, fc.nat(3)),
  forwards: perhaps(ago),
  spare: fc.boolean(),
  portReplaced: perhaps(ago),
  recovered: perhaps(ago),
  restarted: perhaps(ago),
});
type Place = typeof aPlace extends fc.Arbitrary<infer T> ? T : never;

const openFor = (ms: number): Circuit => ({ kind: 'OPEN', until: now + ms });
const aCircuit: fc.Arbitrary<Circuit> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Circuit>({ kind: 'CLOSED', failures: 0 }) },
  fc.constant<Circuit>({ kind: 'HALF_OPEN', trial: 'engine-0' }),
  fc.integer({ min: -5_000, max: 0 }).map(openFor),
  fc.integer({ min: 1, max: 300_000 }).map(openFor),
);

const numbers = fc.record({
  minReplicas: fc.nat(12),
  maxReplicas: fc.nat(16),
  emergencyMinReplicas: fc.nat(4),
  emergencyCapacity: fc.constantFrom('share', 'freeze'),
  unhealthyGraceMs: fc.constantFrom(0, seconds(60)),
  replacementCooldownMs: fc.constantFrom(0, seconds(60), seconds(400)),
  portCooldownMs: fc.constantFrom(0, seconds(300)),
  vpnRestartAfterMs: fc.constantFrom(0, seconds(60)),
});

const timeOf = (ms: number | null): number | null => (ms === null ? null : now - ms);

function siteOf(place: Place, name: string | null, index: number): Site {
  const number = (nth: number): number => 100 * (index + 1) + nth;
  const heir = (reason: Because | null, nth: number) =>
    reason === null ? null : { id: `engine-${number(nth)}`, because: reason };
  const changes = {
    running: place.engines.map(({ health, forwarded, age, heirOf }, nth) =>
      anEngine(number(nth), name, {
        health,
        forwarded,
        createdAt: now - age,
        replaces: heir(heirOf, nth === 0 ? 1 : 0),
      }),
    ),
    provisioning: place.making.map((reason, nth) =>
      aProvisioningEngine(number(20 + nth), name, { replaces: heir(reason, nth) }),
    ),
    stopping: range(1, place.stopping).map((nth) => aStoppingEngine(number(40 + nth), name)),
    ports: { first: 19_000, last: 19_999, free: place.free },
  };
  if (name === null) return theHost(changes);
  const forwardedPort = place.forwards === null ? null : { number: 51_000, since: now - place.forwards };
  return aSite(
    aVpn(name, place.state, {
      control: { ...nothingTold(now), heard: place.heard, forwardedPort },
      portReplacedAt: timeOf(place.portReplaced),
      recoveredAt: timeOf(place.recovered),
      restartedAt: timeOf(place.restarted),
    }),
    { ...changes, spareForwardedPort: forwardedPort && place.spare ? forwardedPort.number : null },
  );
}

const aFleetOf = (places: fc.Arbitrary<Place[]>, circuit: fc.Arbitrary<Circuit> = aCircuit) =>
  fc
    .record({
      places,
      policy: numbers,
      circuit,
      scaledTo: perhaps(fc.nat(20)),
      replacedAt: perhaps(ago).map(timeOf),
      onHost: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
    })
    .map(({ places: all, policy, onHost, ...changes }) =>
      aMoment(
        all
          .map((place, index) => siteOf(place, onHost ? null : (names[index] ?? ''), index))
          .slice(0, onHost ? 1 : 9),
        policy,
        changes,
      ),
    );
const aFleet = aFleetOf(fc.array(aPlace, { minLength: 1, maxLength: 3 }));
const aHold: fc.Arbitrary<Vpns> = fc
  .oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.subarray([null, ...names]))
  .map((held) => new Set(held));

const replacesIn = (steps: readonly Step[]): Replace[] =>
  steps.flatMap((step) => (step.kind === 'REPLACE' ? [step] : []));
const total = ({ sites }: Snapshot): number => sites.reduce((sum, site) => sum + loadOf(site), 0);
const heirsIn = ({ sites }: Snapshot) =>
  sites
    .flatMap(({ running, provisioning }) => [...running, ...provisioning])
    .flatMap(({ replaces }) => replaces ?? []);

/** How often what is worth testing came up, so that a plan in which nothing happens does not pass. */
const tally: Record<Exclude<Step['kind'], 'CLEAR'> | Because | 'later' | 'trial' | 'ended', number> = {
  START: 0,
  REPLACE: 0,
  RESTART_VPN: 0,
  UNHEALTHY: 0,
  FORWARDED_PORT: 0,
  RECONNECTED: 0,
  later: 0,
  trial: 0,
  ended: 0,
};

function planned(snapshot: Snapshot, held: Vpns = new Set()): Plan {
  const found = plan({ snapshot, held, avoided: new Set(), orphans: [] });
  for (const step of found.steps) {
    if (step.kind !== 'CLEAR') tally[step.kind]++;
    if (step.kind === 'REPLACE') tally[step.because]++;
  }
  return found;
}

const check = (property: (snapshot: Snapshot, held: Vpns) => void): void =>
  fc.assert(fc.property(aFleet, aHold, property), { numRuns: 3_000 });

describe('a plan, whatever the fleet is like', () => {
  test('starts no more than MAX_REPLICAS leaves room for', () => {
    check((snapshot, held) => {
      const { steps } = planned(snapshot, held);
      const room = Math.max(0, snapshot.policy.maxReplicas - total(snapshot));
      assert.ok(steps.filter(({ kind }) => kind === 'START').length <= room);
    });
  });

  test('starts and replaces nothing on a VPN that is not READY, is doubted or held', () => {
    check((snapshot, held) => {
      for (const step of planned(snapshot, held).steps) {
        if (step.kind !== 'START' && step.kind !== 'REPLACE') continue;
        const name = step.kind === 'START' ? step.vpn : (step.engine.tunnel?.vpn ?? null);
        const site = snapshot.sites.find(({ vpn }) => (vpn?.name ?? null) === name);
        assert.ok(site && (site.vpn === null || isReady(site.vpn)) && !held.has(name));
      }
    });
  });

  test('replaces one UNHEALTHY engine at a time, and not before its grace is over', () => {
    check((snapshot, held) => {
      const unhealthy = replacesIn(planned(snapshot, held).steps).filter(
        (step) => step.because === 'UNHEALTHY',
      );
      const underWay = heirsIn(snapshot).filter((heir) => heir.because === 'UNHEALTHY');
      assert.ok(unhealthy.length <= (underWay.length > 0 ? 0 : 1));
      for (const { engine } of unhealthy)
        assert.ok(
          engine.health.kind === 'UNHEALTHY' && engine.health.since <= now - snapshot.policy.unhealthyGraceMs,
        );
    });
  });

  test('replaces no engine twice, and none that another one replaces already', () => {
    check((snapshot, held) => {
      const ids = replacesIn(planned(snapshot, held).steps).map(({ engine }) => engine.id);
      assert.equal(new Set(ids).size, ids.length);
      for (const { id } of heirsIn(snapshot)) assert.ok(!ids.includes(id));
    });
  });

  test('begins at most one engine while the circuit is not closed, and none while that waits', () => {
    check((snapshot, held) => {
      const { circuit } = snapshot;
      const begun = planned(snapshot, held).steps.filter(
        ({ kind }) => kind === 'START' || kind === 'REPLACE',
      );
      if (circuit.kind === 'CLOSED') return;
      const over = circuit.kind === 'OPEN' && circuit.until <= now;
      assert.ok(begun.length <= (over ? 1 : 0));
      tally.trial += begun.length;
    });
  });

  test('is the same at every moment until the next step, which comes at that moment and was not there before', () => {
    const hour = 3_600_000;
    fc.assert(
      fc.property(aFleet, aHold, fc.double({ min: 0, max: 1, noNaN: true }), (snapshot, held, part) => {
        const { steps, next } = planned(snapshot, held);
        assert.ok(next > now, 'the next step is in the past');
        const end = Math.min(next, now + 24 * hour);
        for (const at of [now + Math.floor((end - 1 - now) * part), end - 1])
          assert.deepEqual(planned({ ...snapshot, at }, held), { steps, next });
        if (next === Number.POSITIVE_INFINITY) return;
        tally.later++;
        const then = planned({ ...snapshot, at: next }, held).steps;
        assert.ok(then.length > steps.length, 'nothing is new at the moment of the next step');
        for (const step of steps) assert.ok(then.some((other) => isDeepStrictEqual(other, step)));
      }),
      { numRuns: 3_000 },
    );
  });
});

/** A fleet whose plan is carried out, engines being made, then run, then found well, with time moving on to the next step. */
class Life {
  snapshot: Snapshot;
  #engines = 1_000;

  constructor(snapshot: Snapshot) {
    this.snapshot = snapshot;
  }

  /** Begins what is to be done, and sees to it that nothing is begun twice. Whether anything was. */
  begin(): boolean {
    const { steps } = planned(this.snapshot);
    for (const step of steps) this.#begin(step);
    this.#checkNothingTwice();
    return steps.length > 0;
  }

  /** An engine that changes goes to the end of its list, so that their order says nothing. */
  run(): void {
    this.#change(({ provisioning, running, ...site }) => ({
      ...site,
      provisioning: [],
      running: [
        ...running.toReversed(),
        ...provisioning.map(
          (engine): RunningEngine => ({
            ...anEngine(0, null),
            ...engine,
            state: 'RUNNING',
            health: neverAsked,
          }),
        ),
      ],
    }));
    this.#checkNothingTwice();
  }

  findWell(): void {
    const gone = new Set(heirsIn(this.snapshot).map(({ id }) => id));
    const replaced = heirsIn(this.snapshot).some((heir) => heir.because === 'UNHEALTHY');
    if (replaced) this.snapshot = { ...this.snapshot, replacedAt: this.snapshot.at };
    this.#change((site) => ({
      ...site,
      running: site.running
        .filter(({ id }) => !gone.has(id))
        .map((engine) => ({
          ...engine,
          replaces: null,
          health: isUnhealthy(engine) ? engine.health : foundWell,
        })),
    }));
  }

  /** Moves on to the moment that the plan gives. False when there is none. */
  wait(): boolean {
    const { next } = planned(this.snapshot);
    if (next === Number.POSITIVE_INFINITY) return false;
    this.snapshot = { ...this.snapshot, at: next };
    return true;
  }

  #begin(step: Step): void {
    if (step.kind !== 'START' && step.kind !== 'REPLACE') return;
    const name = step.kind === 'START' ? step.vpn : (step.engine.tunnel?.vpn ?? null);
    const { at } = this.snapshot;
    this.#change((site) => {
      if ((site.vpn?.name ?? null) !== name) return site;
      const engine = aProvisioningEngine(++this.#engines, name, {
        createdAt: at,
        forwarded: site.spareForwardedPort !== null,
        replaces: step.kind === 'START' ? null : { id: step.engine.id, because: step.because },
      });
      const forTheSakeOfIt = step.kind === 'REPLACE' && step.because === 'FORWARDED_PORT';
      return {
        ...site,
        vpn: site.vpn && forTheSakeOfIt ? { ...site.vpn, portReplacedAt: at } : site.vpn,
        provisioning: [...site.provisioning, engine],
        spareForwardedPort: null,
      };
    });
  }

  /** Until what was begun is found well, nothing is to be begun that is under way. */
  #checkNothingTwice(): void {
    const replaced = heirsIn(this.snapshot);
    const ids = replaced.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length, 'an engine is replaced twice');
    assert.ok(replaced.filter((heir) => heir.because === 'UNHEALTHY').length <= 1);
    for (const step of planned(this.snapshot).steps) {
      assert.notEqual(step.kind, 'START', 'what is being started is missing all the same');
      if (step.kind !== 'REPLACE') continue;
      const there = this.snapshot.sites.filter(({ running }) => running.includes(step.engine));
      const reasons = heirsIn({ ...this.snapshot, sites: there }).map((heir) => heir.because);
      assert.ok(!ids.includes(step.engine.id), 'an engine is to be replaced twice');
      assert.ok(!reasons.includes(step.because), 'two are to be replaced at once for one reason');
    }
  }

  #change(change: (site: Site) => Site): void {
    this.snapshot = { ...this.snapshot, sites: this.snapshot.sites.map(change) };
  }
}

describe('a fleet whose VPNs are all READY and whose new engines are all well', () => {
  const calm = (place: Place): Place => ({
    ...place,
    state: ready,
    heard: true,
    free: 100,
    making: [],
    stopping: 0,
    engines: place.engines.map((engine) => ({ ...engine, heirOf: null })),
  });

  for (const [vpns, least, most] of [
    ['one VPN', 1, 1],
    ['two or three', 2, 3],
  ] as const) {
    test(`ends well, with every forwarded port given, and not one engine more than were there or are wanted: ${vpns}`, () => {
      const places = fc.array(aPlace.map(calm), { minLength: least, maxLength: most });
      const closed = fc.constant<Circuit>({ kind: 'CLOSED', failures: 0 });
      fc.assert(
        fc.property(aFleetOf(places, closed), (start) => {
          const life = new Life(start);
          const expected = Math.max(total(start), desired(start));
          for (let turns = 0; turns < 60; turns++) {
            if (life.begin()) {
              life.run();
              life.findWell();
            } else if (!life.wait()) break;
          }
          const { sites } = life.snapshot;
          assert.deepEqual(planned(life.snapshot), { steps: [], next: Number.POSITIVE_INFINITY });
          assert.equal(total(life.snapshot), expected);
          for (const { vpn, running, spareForwardedPort } of sites) {
            assert.ok(!running.some(isUnhealthy), 'an engine is UNHEALTHY for good');
            assert.ok(vpn === null || spareForwardedPort === null || running.length === 0);
          }
          tally.ended++;
        }),
        { numRuns: 1_000 },
      );
    });
  }
});

test('all of that did happen', () => {
  for (const [what, count] of Object.entries(tally)) assert.ok(count >= 100, `${what}: ${count}`);
});
