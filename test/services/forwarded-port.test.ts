import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ListedEngine } from '../../src/domain/engine.ts';
import { foundWell } from '../../src/domain/health.ts';
import { isRefusal } from '../../src/domain/refusal.ts';
import { isForwarded } from '../../src/domain/snapshot.ts';
import type { Fleet } from '../../src/services/fleet.ts';
import type { Reservation } from '../../src/services/reservation.ts';
import {
  aLook,
  anEngine,
  anyPlace,
  aWorld,
  type FleetWishes,
  firstRun,
  now,
  range,
  reserved,
  started,
  type World,
} from '../support/build.ts';
import { Noting } from '../support/noting.ts';

/** Its control server says that the VPN forwards this port; null for none. */
const forward = ({ evidence }: World, vpn: string, port: number | null, askedAt = now): void =>
  evidence.hear(vpn, {
    incarnation: firstRun,
    askedAt,
    tunnel: { kind: 'told', value: 'running' },
    publicAddress: { kind: 'told', value: null },
    forwardedPort: { kind: 'told', value: port },
    problem: null,
  });

const forwarding = (port = 51_000, wishes: FleetWishes = {}): World => {
  const world = aWorld({ vpns: ['red'], mode: 'SINGLE', ...wishes });
  forward(world, 'red', port);
  return world;
};

const spare = ({ fleet }: World, vpn = 'red'): number | null | undefined =>
  fleet.sites.get(vpn)?.spareForwardedPort;

const engines = ({ roster }: Fleet): readonly ListedEngine[] => roster.all;

/** The engines that are shown to have the port which their VPN forwards. */
const shown = ({ fleet }: World): string[] => {
  const snapshot = fleet.snapshot();
  return engines(fleet).flatMap((engine) => (isForwarded({ snapshot, engine }) ? [engine.id] : []));
};

const allUnique = (fleet: Fleet): void => {
  for (const { vpn } of fleet.snapshot().sites) {
    const there = engines(fleet).filter(({ tunnel }) => tunnel?.vpn === vpn?.name);
    const ports = there.flatMap(({ ports: { http, https, p2p, api } }) => [http, https, p2p, api]);
    assert.equal(new Set(ports).size, ports.length, `two ports are the same: ${ports}`);
  }
};

const goneAll = (fleet: Fleet): void => {
  for (const engine of fleet.leaving) fleet.gone(engine);
};

describe('the port that a VPN forwards', () => {
  test('goes to exactly one of twenty engines on each VPN, and no two share a port', () => {
    const world = aWorld();
    forward(world, 'red', 51_000);
    forward(world, 'blue', 51_001);
    const made = range(1, 20).map(() => reserved(world.fleet).engine);
    for (const [vpn, port] of [
      ['red', 51_000],
      ['blue', 51_001],
    ] as const) {
      const there = made.filter(({ tunnel }) => tunnel?.vpn === vpn);
      assert.deepEqual([there.length, spare(world, vpn)], [10, null]);
      assert.deepEqual(
        there.filter(({ forwarded }) => forwarded).map(({ ports }) => ports.p2p),
        [port],
      );
      assert.ok(there.every(({ ports, forwarded }) => forwarded === (ports.p2p === port)));
    }
    assert.equal(shown(world).length, 2);
    allUnique(world.fleet);
  });

  test('may be the same on two VPNs: each has an engine with it', () => {
    const world = aWorld();
    for (const vpn of ['red', 'blue']) forward(world, vpn, 51_000);
    const made = range(1, 4).map(() => reserved(world.fleet).engine);
    assert.deepEqual(
      made.map(({ tunnel, forwarded }) => [tunnel?.vpn, forwarded]),
      [
        ['red', true],
        ['blue', true],
        ['red', false],
        ['blue', false],
      ],
    );
  });

  test('is promised with the place, and comes back with it at once where no container can exist', () => {
    const world = forwarding();
    {
      using reservation = reserved(world.fleet);
      assert.deepEqual([reservation.engine.forwarded, spare(world)], [true, null]);
    }
    assert.equal(spare(world), 51_000);
    assert.equal(reserved(world.fleet).engine.ports.p2p, 51_000);
  });

  test('comes back when the container that may exist is gone', () => {
    const world = forwarding();
    {
      using reservation = reserved(world.fleet);
      reservation.mayBeMade();
    }
    assert.equal(spare(world), null);
    goneAll(world.fleet);
    assert.equal(spare(world), 51_000);
  });

  test('stays with an engine that is being removed until that is gone', () => {
    const world = forwarding();
    const former = started(world.fleet);
    world.fleet.turnover.retire(former, 'STOPPED', null);
    assert.equal(spare(world), null);
    assert.equal(started(world.fleet).forwarded, false);
    goneAll(world.fleet);
    assert.equal(spare(world), 51_000);
    const heir = started(world.fleet);
    assert.deepEqual([heir.forwarded, shown(world)], [true, [heir.id]]);
  });

  test('is told of later than an engine is made: that one has none, and the next one has it', () => {
    const world = aWorld({ vpns: ['red'], mode: 'SINGLE' });
    const early = started(world.fleet);
    forward(world, 'red', 51_000);
    const late = started(world.fleet);
    assert.deepEqual([early.forwarded, late.forwarded], [false, true]);
    assert.deepEqual(shown(world), [late.id]);
  });

  test('is another one: the next engine has that, and the former one is shown to have none', () => {
    const world = forwarding();
    const former = started(world.fleet);
    assert.deepEqual(shown(world), [former.id]);
    forward(world, 'red', 40_648);
    assert.deepEqual([spare(world), shown(world)], [40_648, []]);
    const heir = started(world.fleet);
    assert.deepEqual([heir.ports.p2p, spare(world), shown(world)], [40_648, null, [heir.id]]);
    allUnique(world.fleet);
  });

  test('is the former one again: the engine that has it still is shown to', () => {
    const world = forwarding();
    const former = started(world.fleet);
    forward(world, 'red', 40_648);
    forward(world, 'red', 51_000);
    assert.deepEqual([spare(world), shown(world)], [null, [former.id]]);
  });

  test('is none any longer: no engine gets it', () => {
    const world = forwarding();
    forward(world, 'red', null);
    assert.equal(spare(world), null);
    assert.equal(started(world.fleet).forwarded, false);
  });

  test('is not known any longer once its VPN has failed', () => {
    const world = forwarding();
    world.emergency.observe('red', aLook(now + 1, { health: 'unhealthy' }), null);
    assert.equal(spare(world), null);
  });

  test('is that of an engine which is adopted, and of no other', () => {
    const world = forwarding();
    const adopted = anEngine(1, 'red');
    world.fleet.adopt({ ...adopted, ports: { ...adopted.ports, p2p: 51_000 }, forwarded: true });
    assert.equal(spare(world), null);
    assert.equal(started(world.fleet).forwarded, false);
    assert.deepEqual(shown(world), [adopted.id]);
  });

  test('is known to the next process, and who has it', () => {
    const world = forwarding();
    const { id } = started(world.fleet);
    const next = aWorld({ vpns: ['red'], mode: 'SINGLE', journal: world.journal });
    assert.deepEqual([spare(next), shown(next)], [null, [id]]);
    assert.equal(started(next.fleet).forwarded, false);
    allUnique(next.fleet);
  });

  test('is spare again where the journal does not take the promise', () => {
    const journal = new Noting();
    const world = forwarding(51_000, { journal });
    journal.full = true;
    assert.ok(isRefusal(world.fleet.reserve(anyPlace)));
    assert.deepEqual([spare(world), shown(world)], [51_000, []]);
    journal.full = false;
    assert.equal(reserved(world.fleet).engine.forwarded, true);
  });

  for (const [name, port] of [
    ['its container publishes for HTTP', 19_003],
    ["is Gluetun's own", 8_000],
    ["is Gluetun's own, too", 9_999],
  ] as const) {
    test(`is of no use where it is one that ${name}`, () => {
      const world = forwarding(port);
      assert.equal(spare(world), null);
      assert.equal(started(world.fleet).forwarded, false);
      allUnique(world.fleet);
    });
  }

  test('is of no use while an engine has it for something else, and is spare when that one is gone', () => {
    for (const port of ['https', 'p2p', 'api'] as const) {
      const world = aWorld({ vpns: ['red'], mode: 'SINGLE' });
      const other = started(world.fleet);
      forward(world, 'red', other.ports[port]);
      assert.equal(spare(world), null);
      const { forwarded } = started(world.fleet);
      assert.equal(forwarded, false);
      world.fleet.turnover.retire(other, 'STOPPED', null);
      goneAll(world.fleet);
      assert.equal(spare(world), other.ports[port]);
      assert.equal(started(world.fleet).ports.p2p, other.ports[port]);
      allUnique(world.fleet);
    }
  });

  test('is of no use while an engine of another instance has it', () => {
    const world = forwarding();
    const stranger = anEngine(1, 'red');
    const neighbour = { ...stranger, ports: { ...stranger.ports, p2p: 51_000 } };
    world.fleet.sites.meetNeighbours([neighbour]);
    assert.equal(spare(world), null);
    assert.equal(started(world.fleet).forwarded, false);
    world.fleet.sites.meetNeighbours([]);
    assert.equal(spare(world), 51_000);
    world.fleet.sites.meetNeighbour('red', [51_000]);
    assert.equal(spare(world), null);
  });

  test('lies where other engines would have their inner ports: no two share one all the same', () => {
    for (const port of range(20_000, 20_040)) {
      const world = forwarding(port, { policy: { maxReplicas: 20 } });
      for (const _ of range(1, 20)) started(world.fleet);
      allUnique(world.fleet);
      assert.equal(engines(world.fleet).filter(({ forwarded }) => forwarded).length, 1);
    }
  });

  test('is still that of its engine when the container publishes other ports', () => {
    const world = forwarding();
    const engine = started(world.fleet);
    world.emergency.observe('red', aLook(now + 1), range(19_500, 19_509));
    assert.deepEqual([spare(world), shown(world)], [null, [engine.id]]);
    world.fleet.turnover.retire(engine, 'STOPPED', null);
    goneAll(world.fleet);
    assert.equal(spare(world), 51_000);
  });

  test('is none without a VPN', () => {
    const world = aWorld({ vpns: [], mode: 'DISABLED', ports: new Map([['', range(19_000, 19_009)]]) });
    assert.equal(started(world.fleet).forwarded, false);
  });
});

describe('forwarded ports that come and go with engines, in any order', () => {
  const step = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('forward' as const),
        vpn: fc.constantFrom('red', 'blue'),
        port: fc.option(
          fc.oneof(fc.constantFrom(51_000, 8_000, 19_002), fc.integer({ min: 20_000, max: 20_012 })),
        ),
      }),
    },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('reserve' as const) }) },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('end' as const), which: fc.nat(9), how: fc.nat(2) }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('stop' as const), which: fc.nat(9) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('gone' as const), which: fc.nat(9) }) },
  );

  test('are each with at most one engine, and spare exactly while nobody has them and somebody could', () => {
    let given = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 80, size: 'max' }), (steps) => {
        const world = aWorld({ policy: { maxReplicas: 16 } });
        const { fleet } = world;
        let open: Reservation[] = [];
        for (const one of steps) {
          if (one.do === 'forward') forward(world, one.vpn, one.port);
          if (one.do === 'reserve') {
            const free = Object.fromEntries(['red', 'blue'].map((vpn) => [vpn, spare(world, vpn)]));
            const place = fleet.reserve(anyPlace);
            if (isRefusal(place)) continue;
            open.push(place);
            const port = free[place.engine.tunnel?.vpn ?? ''] ?? null;
            assert.equal(place.engine.forwarded, port !== null, 'the spare port was not given');
            if (port === null) continue;
            given++;
            assert.equal(place.engine.ports.p2p, port);
          }
          if (one.do === 'end') {
            const place = open[one.which % Math.max(1, open.length)];
            if (!place) continue;
            open = open.filter((other) => other !== place);
            using reservation = place;
            if (one.how > 0) reservation.made(`container of ${reservation.engine.id}`);
            if (one.how > 1 && !reservation.signal.aborted)
              reservation.fill(`container of ${reservation.engine.id}`, foundWell);
          }
          if (one.do === 'stop') {
            const running = fleet.roster.all.flatMap((each) => (each.state === 'RUNNING' ? [each] : []));
            const engine = running[one.which % Math.max(1, running.length)];
            if (engine) fleet.turnover.retire(engine, 'STOPPED', null);
          }
          const leaving = one.do === 'gone' && fleet.leaving[one.which % Math.max(1, fleet.leaving.length)];
          if (leaving) fleet.gone(leaving);

          allUnique(fleet);
          for (const { vpn, ports: http, spareForwardedPort } of fleet.snapshot().sites) {
            const port = vpn?.control.forwardedPort?.number ?? null;
            const holders = fleet.roster.all
              .filter(({ tunnel }) => tunnel?.vpn === vpn?.name)
              .filter(({ ports }) => Object.values(ports).includes(port ?? 0));
            assert.ok(http);
            const published = port !== null && port >= http.first && port <= http.last;
            const usable = port !== 8_000 && !published;
            assert.equal(spareForwardedPort, usable && holders.length === 0 ? port : null);
          }
        }
      }),
      { numRuns: 300 },
    );
    assert.ok(given >= 300, `${given}`);
  });
});
