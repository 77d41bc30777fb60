import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type ListedEngine, type Ports, stopping } from '../../src/domain/engine.ts';
import { foundWell } from '../../src/domain/health.ts';
import { isGluetunPort } from '../../src/domain/ports.ts';
import { isRefusal } from '../../src/domain/refusal.ts';
import { loadOf, type Site } from '../../src/domain/snapshot.ts';
import { isReady, type Look } from '../../src/domain/vpn.ts';
import type { Fleet } from '../../src/services/fleet.ts';
import type { Reservation } from '../../src/services/reservation.ts';
import {
  aFleet,
  aLook,
  anEngine,
  anyPlace,
  aWorld,
  now,
  range,
  reserved,
  restarted,
  started,
} from '../support/build.ts';

const listedAt = ({ provisioning, running, stopping }: Site): ListedEngine[] => [
  ...provisioning,
  ...running,
  ...stopping,
];
const four = ({ http, https, p2p, api }: Ports): number[] => [http, https, p2p, api];
const loads = (fleet: Fleet): number[] => fleet.snapshot().sites.map(loadOf);
const free = (fleet: Fleet): (number | undefined)[] => fleet.snapshot().sites.map(({ ports }) => ports?.free);

/** What must be so after every step, whatever the steps were. */
function holds(fleet: Fleet): void {
  const { sites, policy } = fleet.snapshot();
  for (const site of sites) {
    const ports = listedAt(site).flatMap((engine) => four(engine.ports));
    assert.equal(new Set(ports).size, ports.length, `two ports are the same: ${ports}`);
    for (const port of ports) assert.ok(!isGluetunPort(port, 8_000), `${port} is Gluetun's own`);
    assert.ok((site.ports?.free ?? 0) >= 0);
  }
  const names = fleet.roster.all.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length, `two names are the same: ${names}`);
  assert.ok(
    loads(fleet).reduce((sum, load) => sum + load, 0) <= policy.maxReplicas,
    'MAX_REPLICAS is exceeded',
  );
  assert.deepEqual(
    new Set(sites.flatMap(listedAt)),
    new Set(fleet.roster.all),
    'the engines of the sites and of the fleet are not the same',
  );
}

/** Port ranges that a VPN's container may publish: plain, around Gluetun's own ports, and where inner ports are. */
const published = [
  range(19_000, 19_005),
  range(7_998, 8_002),
  range(19_003, 19_009),
  range(20_000, 20_006),
  range(9_997, 10_001),
];

const looks: Record<string, (at: number) => Look> = {
  healthy: (at) => aLook(at),
  restarted: (at) => aLook(at, { incarnation: restarted }),
  unhealthy: (at) => aLook(at, { health: 'unhealthy' }),
  paused: (at) => aLook(at, { status: 'paused' }),
  exited: (at) => aLook(at, { status: 'exited' }),
  missing: (at) => ({ kind: 'missing', at }),
  unanswered: (at) => ({ kind: 'unanswered', at }),
};

const step = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ do: 'reserve' } as const) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('made' as const), which: fc.nat(9) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('finish' as const), which: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('leave' as const), which: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('stop' as const), which: fc.nat(9) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('gone' as const), which: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('gone again' as const), which: fc.nat(30) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('look' as const),
      vpn: fc.constantFrom('red', 'green', 'blue'),
      look: fc.oneof(
        { weight: 3, arbitrary: fc.constant('healthy') },
        fc.constantFrom(...Object.keys(looks)),
      ),
      ports: fc.option(fc.constantFrom(...published), { freq: 2 }),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const among = <T>(list: readonly T[], which: number): T | undefined => list[which % list.length];

/** A fleet and those who hold its promises. */
class Life {
  readonly #world = aWorld({
    vpns: ['red', 'green', 'blue'],
    policy: { maxReplicas: 12, stabilizationMs: 2 },
  });
  readonly fleet = this.#world.fleet;
  readonly #departed: ListedEngine[] = [];
  #open: Reservation[] = [];
  #at = now;

  take(step: Step): void {
    switch (step.do) {
      case 'reserve':
        this.#reserve();
        break;
      case 'made':
        this.#pick(step.which)?.made(`container ${step.which}`);
        break;
      case 'finish':
        this.#close(this.#pick(step.which), true);
        break;
      case 'leave':
        this.#close(this.#pick(step.which), false);
        break;
      case 'stop':
        this.#stop(step.which);
        break;
      case 'gone':
        this.#gone(among(this.fleet.leaving, step.which));
        break;
      case 'gone again':
        this.#gone(among(this.#departed, step.which));
        break;
      case 'look':
        this.#look(step.vpn, step.look, step.ports);
    }
  }

  /** Everybody leaves, every container goes, and every VPN is READY again. */
  end(): void {
    for (const reservation of [...this.#open]) this.#close(reservation, false);
    for (const engine of this.fleet.roster.all)
      if (engine.state === 'RUNNING') this.fleet.turnover.retire(engine, 'STOPPED', null);
    for (const engine of this.fleet.roster.all) this.#gone(engine);
    for (const vpn of ['red', 'green', 'blue']) {
      this.#at += 10;
      for (const _ of range(1, 3)) this.#look(vpn, 'healthy', range(19_000, 19_005), 10);
    }
  }

  #reserve(): void {
    const { sites } = this.fleet.snapshot();
    const candidates = sites.filter(({ vpn, ports }) => vpn && isReady(vpn) && (ports?.free ?? 0) > 0);
    const place = this.fleet.reserve(anyPlace);
    if (isRefusal(place)) return;
    this.#open.push(place);
    const chosen = candidates.find(({ vpn }) => vpn?.name === place.engine.tunnel?.vpn);
    assert.ok(chosen, 'an engine was placed on a VPN that is not READY');
    assert.equal(
      loadOf(chosen),
      Math.min(...candidates.map(loadOf)),
      'an engine was placed where there are more than elsewhere',
    );
  }

  #pick(which: number): Reservation | undefined {
    return among(this.#open, which);
  }

  #close(place: Reservation | undefined, finish: boolean): void {
    if (!place) return;
    this.#open = this.#open.filter((other) => other !== place);
    {
      using reservation = place;
      if (finish && !reservation.signal.aborted)
        reservation.fill(`container of ${reservation.engine.id}`, foundWell);
    }
    if (this.fleet.roster.engine(place.engine.id)?.state === 'REMOVED')
      this.#departed.push(stopping(place.engine, null));
  }

  #stop(which: number): void {
    const running = this.fleet.roster.all.flatMap((engine) => (engine.state === 'RUNNING' ? [engine] : []));
    const engine = among(running, which);
    if (engine) this.fleet.turnover.retire(engine, 'STOPPED', null);
  }

  #gone(engine: ListedEngine | undefined): void {
    if (!engine) return;
    this.#departed.push(engine);
    this.fleet.gone(engine);
  }

  #look(vpn: string, look: string, ports: readonly number[] | null, later = 1): void {
    this.#at += later;
    const said = looks[look]?.(this.#at);
    if (said) this.#world.emergency.observe(vpn, said, said.kind === 'seen' ? ports : null);
  }
}

describe('a fleet, whatever happens to it', () => {
  test('shares no port and no name, keeps MAX_REPLICAS, chooses fairly, and gets every promise back exactly once', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 120, size: 'max' }), (steps) => {
        const life = new Life();
        for (const step of steps) {
          life.take(step);
          holds(life.fleet);
        }
        life.end();
        assert.equal(life.fleet.roster.all.length, 0);
        assert.deepEqual(free(life.fleet), [6, 6, 6]);
        assert.equal(reserved(life.fleet).engine.name, 'acestream-1');
      }),
      { numRuns: 400 },
    );
  });

  test('from a balanced start any number of reservations differ by at most one, at every moment', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 5 }), fc.nat(40), fc.nat(3), (vpns, count, balancedAt) => {
        const fleet = aFleet({
          vpns: range(1, vpns).map((number) => `vpn${number}`),
          policy: { maxReplicas: 1_000 },
        });
        for (let engines = balancedAt * vpns; engines > 0; engines--) started(fleet);
        assert.equal(new Set(loads(fleet)).size, 1);
        for (let reservations = 0; reservations < count; reservations++) {
          const place = fleet.reserve(anyPlace);
          if (isRefusal(place)) return assert.equal(place.kind, 'NoFreePortError');
          assert.ok(Math.max(...loads(fleet)) - Math.min(...loads(fleet)) <= 1, `loads ${loads(fleet)}`);
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('a promise', () => {
  test('that is given up before a container can exist comes back at once', () => {
    const fleet = aFleet();
    {
      using _ = reserved(fleet);
      assert.deepEqual(free(fleet), [19, 20]);
    }
    assert.deepEqual(free(fleet), [20, 20]);
    assert.equal(reserved(fleet).engine.name, 'acestream-1');
  });

  test('that is given up when a container may exist comes back when that is gone', () => {
    const fleet = aFleet();
    {
      using reservation = reserved(fleet);
      reservation.mayBeMade();
    }
    assert.deepEqual(free(fleet), [19, 20]);
    assert.deepEqual(
      fleet.roster.all.map(({ state, name }) => [state, name]),
      [['STOPPING', 'acestream-1']],
    );
    for (const engine of fleet.roster.all) fleet.gone(engine);
    assert.deepEqual(free(fleet), [20, 20]);
  });

  test('comes back when its scope is left by a throw', () => {
    const fleet = aFleet();
    assert.throws(() => {
      using _ = reserved(fleet);
      throw new Error('a defect');
    }, /a defect/);
    assert.deepEqual(free(fleet), [20, 20]);
  });

  test('that came back already is not given back once more when its removal is told again', () => {
    const fleet = aFleet();
    const first = started(fleet);
    fleet.turnover.retire(first, 'STOPPED', null);
    const [leaving] = fleet.leaving;
    assert.ok(leaving);
    fleet.gone(leaving);
    const heir = started(fleet);
    assert.deepEqual([heir.name, heir.ports], [first.name, first.ports]);
    const last = fleet.snapshot().lastEventId;
    fleet.gone(leaving);
    assert.equal(fleet.snapshot().lastEventId, last, 'the removal was announced twice');
    started(fleet);
    assert.notEqual(started(fleet).name, heir.name);
    holds(fleet);
  });

  test('survives that its VPN publishes other ports, also back and forth', () => {
    const { fleet, emergency } = aWorld({ vpns: ['red'], policy: { stabilizationMs: 0 } });
    const engine = started(fleet);
    emergency.observe('red', aLook(now + 1), range(19_500, 19_509));
    assert.deepEqual(fleet.snapshot().sites[0]?.ports, { first: 19_500, last: 19_509, free: 10 });
    emergency.observe('red', aLook(now + 2), range(19_000, 19_019));
    assert.deepEqual(free(fleet), [19]);
    assert.notEqual(started(fleet).ports.http, engine.ports.http);
  });

  test('of a name that a stranger holds is exchanged for one that nobody holds', () => {
    const fleet = aFleet();
    const reservation = reserved(fleet);
    reservation.rename(['acestream-1', 'acestream-2', 'acestream-4', 'somebody-else', 'acestream-03']);
    assert.equal(reservation.engine.name, 'acestream-3');
    assert.deepEqual(
      fleet.roster.all.map(({ name }) => name),
      ['acestream-3'],
    );
    assert.equal(reserved(fleet).engine.name, 'acestream-5');
  });

  test('of a name goes past a stranger far ahead in no time', () => {
    const fleet = aFleet();
    const begun = performance.now();
    reserved(fleet).rename(['acestream-99999']);
    assert.ok(performance.now() - begun < 250, `it took ${performance.now() - begun} ms`);
  });

  test('that an adopted engine holds is promised to nobody else', () => {
    const fleet = aFleet();
    const adopted = anEngine(2, 'red');
    fleet.adopt(adopted);
    holds(fleet);
    for (const _ of range(1, 15)) started(fleet);
    holds(fleet);
    assert.equal(fleet.roster.all.filter(({ name }) => name === adopted.name).length, 1);
  });
});

describe('an engine is found', () => {
  const fleet = aFleet();
  const engine = started(fleet);
  const other = started(fleet);
  fleet.turnover.retire(other, 'STOPPED', null);
  for (const engine of fleet.leaving) fleet.gone(engine);
  const heir = started(fleet);

  test('by its whole id, name and container id', () => {
    assert.equal(fleet.roster.find({ id: engine.id })?.id, engine.id);
    assert.equal(fleet.roster.find({ name: engine.name })?.id, engine.id);
    assert.equal(fleet.roster.find({ containerId: engine.containerId })?.id, engine.id);
  });

  test('and not by a part of them', () => {
    assert.equal(fleet.roster.find({ id: engine.id.slice(0, -1) }), undefined);
    assert.equal(fleet.roster.find({ name: 'acestream' }), undefined);
    assert.equal(fleet.roster.find({ containerId: engine.containerId.slice(0, 12) }), undefined);
    assert.equal(fleet.roster.find({}), undefined);
  });

  test("once it is removed: by its id and container id, while its name is its heir's", () => {
    assert.equal(fleet.roster.find({ id: other.id })?.state, 'REMOVED');
    assert.equal(fleet.roster.find({ containerId: other.containerId })?.state, 'REMOVED');
    assert.equal(heir.name, other.name);
    assert.equal(fleet.roster.find({ name: other.name })?.id, heir.id);
  });
});

describe('the phase', () => {
  for (const phase of ['RECOVERING', 'SHUTTING_DOWN'] as const) {
    test(`${phase}: no engine is placed`, () => {
      const fleet = aFleet();
      fleet.enter(phase);
      const said = fleet.reserve(anyPlace);
      assert.ok(isRefusal(said) && said.kind === 'ServiceUnavailableError' && said.reason === phase);
    });
  }
});

describe('the circuit', () => {
  test('five failures close the door, and later one engine at a time is tried', () => {
    const fleet = aFleet({ policy: { circuitRecoveryMs: 0 } });
    for (const _ of range(1, 5)) {
      using reservation = reserved(fleet);
      fleet.breaker.ended(reservation.engine.id, 'failure');
    }
    const trial = reserved(fleet);
    const second = fleet.reserve(anyPlace);
    assert.ok(isRefusal(second) && second.kind === 'CircuitOpenError');
    fleet.breaker.ended(trial.engine.id, 'success');
    assert.ok(!isRefusal(fleet.reserve(anyPlace)));
  });

  test('a reset lets the next engine through', () => {
    const fleet = aFleet();
    for (const _ of range(1, 5)) {
      using reservation = reserved(fleet);
      fleet.breaker.ended(reservation.engine.id, 'failure');
    }
    assert.ok(isRefusal(fleet.reserve(anyPlace)));
    fleet.breaker.reset();
    assert.equal(fleet.snapshot().circuit.kind, 'CLOSED');
    assert.ok(!isRefusal(fleet.reserve(anyPlace)));
  });
});

test('without a VPN, engines join the host and hold its ports', () => {
  const fleet = aFleet({ vpns: [], mode: 'DISABLED', ports: new Map([['', range(19_000, 19_001)]]) });
  assert.equal(started(fleet).tunnel, null);
  started(fleet);
  const third = fleet.reserve(anyPlace);
  assert.ok(isRefusal(third) && third.kind === 'CapacityReachedError');
});

test('ports that the operator named are kept, whatever the container publishes', () => {
  const fleet = aFleet({ vpns: ['red'], ports: new Map([['red', range(30_000, 30_002)]]) });
  assert.deepEqual(fleet.snapshot().sites[0]?.ports, { first: 30_000, last: 30_002, free: 3 });
});
