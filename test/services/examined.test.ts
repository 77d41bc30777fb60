import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Circuit } from '../../src/domain/circuit.ts';
import type { Because, RunningEngine } from '../../src/domain/engine.ts';
import { type Finding, foundWell, type Health, neverAsked, notAskedYet } from '../../src/domain/health.ts';
import type { Fleet } from '../../src/services/fleet.ts';
import { aLook, anyPlace, aWorld, now, range, reserved, seconds, started } from '../support/build.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { aNotedWorld, type Noted, toldOf } from '../support/noting.ts';

const well: Finding = { kind: 'well', connected: null };
const ill: Finding = { kind: 'ill', problem: 'it gave no answer in time' };

/** Asks an engine so often, a second apart, and finds this each time. */
const probe = ({ evidence, clock }: Noted, { id }: { readonly id: string }, ...findings: Finding[]): void => {
  for (const finding of findings) {
    void clock.advance(seconds(1));
    evidence.examined(id, finding, clock.now());
  }
};

const stateOf = ({ fleet }: { readonly fleet: Fleet }, { id }: { readonly id: string }) =>
  fleet.roster.engine(id)?.state;
const healthOf = ({ fleet }: Noted, { id }: { readonly id: string }): Health['kind'] | undefined => {
  const engine = fleet.roster.engine(id);
  return engine?.state === 'RUNNING' ? engine.health.kind : undefined;
};

describe('an engine that is probed', () => {
  const unhealthy = 'UNHEALTHY: it gave no answer in time';
  const cases: [string, Health, Finding[], string[]][] = [
    ['is told of once when it is found well', neverAsked, [well, well, well], ['HEALTHY']],
    ['is not told of when it goes on being well', foundWell, [well, well], []],
    [
      'is not told of when it is found ill less often than it takes',
      foundWell,
      [ill, ill, well, ill, ill],
      [],
    ],
    ['is told of once when it turns UNHEALTHY, and why', foundWell, [ill, ill, ill, ill, ill], [unhealthy]],
    ['is told of when it is well again', foundWell, [ill, ill, ill, well, well], [unhealthy, 'HEALTHY']],
    [
      'is told of each time that it changes',
      foundWell,
      [ill, ill, ill, well, ill, ill, ill, well],
      [unhealthy, 'HEALTHY', unhealthy, 'HEALTHY'],
    ],
    ['is told of when it was never well', neverAsked, [ill, ill, ill], [unhealthy]],
  ];
  for (const [name, health, findings, expected] of cases)
    test(name, () => {
      const world = aNotedWorld();
      const engine = started(world.fleet, health);
      probe(world, engine, ...findings);
      assert.deepEqual(toldOf(world, engine), ['STARTED', ...expected]);
    });

  test('is seen as it is at once, also where nothing is told of it', () => {
    const world = aNotedWorld();
    const engine = started(world.fleet, neverAsked);
    probe(world, engine, ill);
    const [site] = world.fleet.snapshot().sites;
    assert.deepEqual(
      site?.running.map(({ id, health }) => [health, world.fleet.roster.probedAt(id)]),
      [[{ ...neverAsked, failures: 1 }, now + seconds(1)]],
    );
  });

  test('is ill when it says that it is not connected and another one of its VPN is', () => {
    const world = aNotedWorld({ vpns: ['red'], mode: 'SINGLE' });
    const [one, other] = [started(world.fleet), started(world.fleet)];
    probe(world, one, { kind: 'well', connected: true });
    probe(world, other, ...range(1, 3).map((): Finding => ({ kind: 'well', connected: false })));
    assert.deepEqual([healthOf(world, one), healthOf(world, other)], ['HEALTHY', 'UNHEALTHY']);
  });

  test('is well when it says that it is not connected and only one of another VPN is', () => {
    const world = aNotedWorld();
    const [onRed, onBlue] = [started(world.fleet), started(world.fleet)];
    probe(world, onRed, { kind: 'well', connected: true });
    probe(world, onBlue, ...range(1, 3).map((): Finding => ({ kind: 'well', connected: false })));
    assert.deepEqual([healthOf(world, onRed), healthOf(world, onBlue)], ['HEALTHY', 'HEALTHY']);
  });

  for (const [name, leave] of [
    [
      'is being stopped',
      ({ fleet }: Noted, engine: RunningEngine) => fleet.turnover.retire(engine, 'STOPPED', null),
    ],
    [
      'is gone',
      ({ fleet }: Noted, engine: RunningEngine) => {
        fleet.turnover.retire(engine, 'STOPPED', null);
        for (const leaving of fleet.leaving) fleet.gone(leaving);
      },
    ],
  ] as const) {
    test(`does not come back by an answer when it ${name}`, () => {
      const world = aNotedWorld();
      const engine = started(world.fleet);
      leave(world, engine);
      const [state, told] = [stateOf(world, engine), toldOf(world, engine)];
      probe(world, engine, well, ill);
      assert.deepEqual([stateOf(world, engine), toldOf(world, engine)], [state, told]);
    });
  }

  test('of which nobody knows, or which is still being made, is nothing', () => {
    const world = aNotedWorld();
    const { engine } = reserved(world.fleet);
    const last = world.events.lastId;
    probe(world, engine, well);
    probe(world, { id: 'nobody' }, well);
    assert.deepEqual([world.events.lastId, stateOf(world, engine)], [last, 'PROVISIONING']);
  });
});

describe('the circuit hears of an engine that', () => {
  const closed = (failures: number): Circuit => ({ kind: 'CLOSED', failures });

  const cases: [string, Health, (world: Noted, engine: RunningEngine) => void, Circuit][] = [
    [
      'is found well for the first time: a success',
      neverAsked,
      (world, engine) => probe(world, engine, well),
      closed(0),
    ],
    [
      'is found well after some failures: a success',
      neverAsked,
      (world, engine) => probe(world, engine, ill, ill, well),
      closed(0),
    ],
    ['is made: nothing yet', neverAsked, () => {}, closed(3)],
    [
      'is found ill less often than it takes: nothing yet',
      neverAsked,
      (world, engine) => probe(world, engine, ill, ill),
      closed(3),
    ],
    [
      'turns UNHEALTHY before it was ever well: one failure',
      neverAsked,
      (world, engine) => probe(world, engine, ill, ill, ill),
      closed(4),
    ],
    [
      'stays UNHEALTHY, having never been well: one failure',
      neverAsked,
      (world, engine) => probe(world, engine, ill, ill, ill, ill, ill),
      closed(4),
    ],
    [
      'is stopped, being UNHEALTHY and never well: one failure',
      neverAsked,
      (world, engine) => {
        probe(world, engine, ill, ill, ill);
        for (const now of world.fleet.sites.all.flatMap(({ running }) => running))
          if (now.id === engine.id) world.fleet.turnover.retire(now, 'STOPPED', null);
      },
      closed(4),
    ],
    [
      'is stopped before anything is known of it: nothing',
      neverAsked,
      ({ fleet }, engine) => fleet.turnover.retire(engine, 'STOPPED', null),
      closed(3),
    ],
    [
      'ends by itself before anything is known of it: one failure',
      neverAsked,
      ({ fleet }, engine) => fleet.turnover.retire(engine, 'FAILED', 'its container is exited (1)'),
      closed(4),
    ],
    [
      'goes with its VPN before anything is known of it: nothing',
      neverAsked,
      ({ emergency }) => emergency.observe('red', aLook(now + 1, { status: 'exited' }), null),
      closed(3),
    ],
    [
      'turns UNHEALTHY after it was well: nothing',
      notAskedYet,
      (world, engine) => probe(world, engine, well, ill, ill, ill),
      closed(3),
    ],
    [
      'is found well, and came back with its tunnel: nothing',
      notAskedYet,
      (world, engine) => probe(world, engine, well),
      closed(3),
    ],
    [
      'turns UNHEALTHY, and came back with its tunnel: nothing',
      notAskedYet,
      (world, engine) => probe(world, engine, ill, ill, ill),
      closed(3),
    ],
  ];
  for (const [name, health, live, expected] of cases)
    test(name, () => {
      const world = aNotedWorld({ vpns: ['red', 'blue'] });
      const engine = { ...started(world.fleet), health };
      world.fleet.put(engine);
      for (const failure of range(1, 3)) world.fleet.breaker.ended(`engine ${failure}`, 'failure');
      live(world, engine);
      assert.deepEqual(world.fleet.breaker.circuit, expected);
    });

  test('was found well as soon as it ran: a success at once', () => {
    const { fleet } = aWorld();
    for (const failure of range(1, 3)) fleet.breaker.ended(`engine ${failure}`, 'failure');
    started(fleet, neverAsked);
    assert.deepEqual(fleet.breaker.circuit, closed(3));
    started(fleet, foundWell);
    assert.deepEqual(fleet.breaker.circuit, closed(0));
  });

  test('five that turn UNHEALTHY before they were ever well open it, though each of them was started', () => {
    const world = aNotedWorld();
    for (const number of range(1, 5)) {
      assert.deepEqual(world.fleet.breaker.circuit, closed(number - 1));
      probe(world, started(world.fleet, neverAsked), ill, ill, ill);
    }
    assert.deepEqual(world.fleet.breaker.circuit, { kind: 'OPEN', until: world.clock.now() + seconds(300) });
  });

  test('one that is found well among them keeps it closed', () => {
    const world = aNotedWorld();
    for (const findings of [
      [ill, ill, ill],
      [ill, ill, ill],
      [well],
      [ill, ill, ill],
      [ill, ill, ill],
      [ill, ill, ill],
    ])
      probe(world, started(world.fleet, neverAsked), ...findings);
    assert.deepEqual(world.fleet.breaker.circuit, closed(3));
  });
});

describe('an engine on trial that runs, and of which nothing else is known,', () => {
  const onTrial = (
    wishes: Parameters<typeof aNotedWorld>[0] = {},
  ): { world: Noted; engine: RunningEngine } => {
    const world = aNotedWorld({ policy: { circuitRecoveryMs: 10 }, ...wishes });
    for (const failure of range(1, 5)) world.fleet.breaker.ended(`engine ${failure}`, 'failure');
    void world.clock.advance(10);
    return { world, engine: started(world.fleet, neverAsked) };
  };
  const circuitOf = ({ fleet }: Noted): Circuit['kind'] => fleet.breaker.circuit.kind;

  test('is on trial still', () => {
    const { world, engine } = onTrial();
    assert.deepEqual(world.fleet.breaker.circuit, { kind: 'HALF_OPEN', trial: engine.id });
    probe(world, engine, ill, ill);
    assert.equal(circuitOf(world), 'HALF_OPEN');
  });

  const ends: [string, (world: Noted, engine: RunningEngine) => unknown, Circuit['kind']][] = [
    ['closes the circuit when it is found well', (world, engine) => probe(world, engine, well), 'CLOSED'],
    [
      'opens it again when it turns UNHEALTHY',
      (world, engine) => probe(world, engine, ill, ill, ill),
      'OPEN',
    ],
    [
      'opens it again when it ends by itself',
      ({ fleet }, engine) => fleet.turnover.retire(engine, 'FAILED', 'exited'),
      'OPEN',
    ],
    [
      'leaves the trial to the next one when it is stopped',
      ({ fleet }, engine) => fleet.turnover.retire(engine, 'STOPPED', null),
      'OPEN',
    ],
    [
      'leaves the trial to the next one when its VPN fails',
      ({ emergency, clock }) => emergency.observe('red', aLook(clock.now(), { status: 'exited' }), null),
      'OPEN',
    ],
  ];
  for (const [name, end, expected] of ends)
    test(name, () => {
      const { world, engine } = onTrial();
      end(world, engine);
      assert.equal(circuitOf(world), expected);
    });

  test('is on trial still when its VPN, the only one, has failed and recovered', () => {
    for (const [finding, expected] of [
      [well, 'CLOSED'],
      [ill, 'OPEN'],
    ] as const) {
      const { world, engine } = onTrial({ vpns: ['red'], mode: 'SINGLE' });
      world.emergency.observe('red', aLook(world.clock.now(), { health: 'unhealthy' }), null);
      world.emergency.observe('red', aLook(world.clock.now() + 1), null);
      assert.equal(circuitOf(world), 'HALF_OPEN');
      probe(world, engine, finding, finding, finding);
      assert.equal(circuitOf(world), expected);
    }
  });

  test('lets the next one through at once when it was stopped', () => {
    const { world, engine } = onTrial();
    world.fleet.turnover.retire(engine, 'STOPPED', null);
    assert.equal(stateOf(world, started(world.fleet)), 'RUNNING');
    assert.equal(circuitOf(world), 'CLOSED');
  });
});

const heirOf = ({ fleet }: Noted, engine: RunningEngine, because: Because, health: Health): RunningEngine =>
  started(fleet, health, {
    ...anyPlace,
    on: engine.tunnel?.vpn ?? null,
    replaces: { id: engine.id, because },
  });

const replacedAt = ({ fleet }: Noted): number | null => fleet.snapshot().replacedAt;
const replaces = ({ fleet }: Noted, { id }: RunningEngine): unknown => {
  const engine = fleet.roster.listed(id);
  return engine?.state === 'RUNNING' ? engine.replaces : undefined;
};

describe('an engine that is replaced', () => {
  for (const because of ['UNHEALTHY', 'FORWARDED_PORT', 'RECONNECTED'] as const) {
    test(`because ${because} goes when the new one runs and is well`, () => {
      const world = aNotedWorld();
      const old = started(world.fleet);
      const heir = heirOf(world, old, because, foundWell);
      assert.deepEqual([stateOf(world, old), stateOf(world, heir)], ['STOPPING', 'RUNNING']);
      assert.deepEqual(toldOf(world, old), ['STARTED', `STOPPED: ${heir.name} has taken its place`]);
      assert.equal(replaces(world, heir), null);
    });

    test(`because ${because} stays until the new one is found well, and goes then`, () => {
      const world = aNotedWorld();
      const old = started(world.fleet);
      const heir = heirOf(world, old, because, neverAsked);
      probe(world, heir, ill, ill);
      assert.deepEqual([stateOf(world, old), stateOf(world, heir)], ['RUNNING', 'RUNNING']);
      assert.deepEqual(replaces(world, heir), { id: old.id, because });
      probe(world, heir, well, well);
      assert.deepEqual([stateOf(world, old), stateOf(world, heir)], ['STOPPING', 'RUNNING']);
      assert.deepEqual(toldOf(world, heir), ['STARTED', 'HEALTHY']);
      assert.equal(replaces(world, heir), null);
    });

    test(`because ${because} stays when the new one turns UNHEALTHY, which goes itself`, () => {
      const world = aNotedWorld();
      const old = started(world.fleet);
      const heir = heirOf(world, old, because, neverAsked);
      probe(world, heir, ill, ill, ill);
      assert.deepEqual([stateOf(world, old), stateOf(world, heir)], ['RUNNING', 'STOPPING']);
      assert.deepEqual(toldOf(world, heir), [
        'STARTED',
        'UNHEALTHY: it gave no answer in time',
        'FAILED: it gave no answer in time',
      ]);
      assert.deepEqual(world.fleet.breaker.circuit, { kind: 'CLOSED', failures: 1 });
    });

    test(`because ${because} and gone by itself meanwhile leaves the new one alone`, () => {
      const world = aNotedWorld();
      const old = started(world.fleet);
      const heir = heirOf(world, old, because, neverAsked);
      world.fleet.turnover.retire(old, 'FAILED', 'its container is gone');
      const told = toldOf(world, old);
      probe(world, heir, well);
      assert.deepEqual([stateOf(world, heir), toldOf(world, old)], ['RUNNING', told]);
      assert.equal(replaces(world, heir), null);
    });
  }

  /** An old one and its heir, which is on trial or would be the last failure before the circuit opens. */
  const inheriting = (failures: number, health: Health) => {
    const world = aNotedWorld({ policy: { circuitRecoveryMs: 0 } });
    const old = started(world.fleet);
    for (const failure of range(1, failures)) world.fleet.breaker.ended(`engine ${failure}`, 'failure');
    const before = world.journal.events.length;
    return { world, old, heir: heirOf(world, old, 'UNHEALTHY', health), before };
  };
  /** What the next process makes of it, wherever the last one ended from the start of the heir on. */
  const nexts = ({ journal }: Noted, heir: RunningEngine, before: number): Noted[] =>
    range(before + 1, journal.events.length)
      .map((taken) => aNotedWorld({ journal: journal.after(taken) }))
      .filter((next) => stateOf(next, heir) !== 'PROVISIONING');

  for (const [health, failures] of [
    [foundWell, 0],
    [neverAsked, 0],
    [neverAsked, 5],
  ] as const) {
    test(`goes, wherever a process ends and the next one goes on, when the new one was ${health.kind} after ${failures} failures`, () => {
      const { world, old, heir, before } = inheriting(failures, health);
      probe(world, heir, well);
      for (const next of nexts(world, heir, before)) {
        probe(next, heir, well);
        assert.deepEqual([stateOf(next, heir), stateOf(next, old)], ['RUNNING', 'STOPPING']);
      }
    });
  }

  for (const failures of [0, 4, 5]) {
    test(`stays, wherever a process ends and the next one goes on, when the new one turns UNHEALTHY after ${failures} failures`, () => {
      const { world, old, heir, before } = inheriting(failures, neverAsked);
      probe(world, heir, ill, ill, ill);
      for (const next of nexts(world, heir, before)) {
        probe(next, heir, ill, ill, ill);
        assert.deepEqual([stateOf(next, heir), stateOf(next, old)], ['STOPPING', 'RUNNING']);
      }
    });
  }

  test('has been replaced when the new one is found well: the next one has its cooldown from then on', () => {
    const world = aNotedWorld();
    const old = started(world.fleet);
    const heir = heirOf(world, old, 'UNHEALTHY', neverAsked);
    probe(world, heir, ill, ill);
    assert.equal(replacedAt(world), null);
    probe(world, heir, well, well);
    assert.equal(replacedAt(world), now + seconds(3));
  });

  for (const because of ['FORWARDED_PORT', 'RECONNECTED'] as const) {
    test(`because ${because} is none for which others that are UNHEALTHY wait`, () => {
      const world = aNotedWorld();
      heirOf(world, started(world.fleet), because, foundWell);
      assert.equal(replacedAt(world), null);
    });
  }

  test('and makes way before there is another one has been replaced then', () => {
    const world = aNotedWorld();
    const [one, other] = [started(world.fleet), started(world.fleet)];
    void world.clock.advance(seconds(7));
    world.fleet.turnover.makeWay(one, 'FORWARDED_PORT');
    assert.equal(replacedAt(world), null);
    world.fleet.turnover.makeWay(other, 'UNHEALTHY');
    assert.equal(replacedAt(world), now + seconds(7));
    assert.deepEqual(toldOf(world, other), ['STARTED', 'STOPPED: it makes way for another one']);
  });

  test('when, is known to the next process, and never of the future', () => {
    const world = aNotedWorld();
    heirOf(world, started(world.fleet), 'UNHEALTHY', foundWell);
    for (const [at, expected] of [
      [now + seconds(9), now],
      [now - seconds(9), now - seconds(9)],
    ] as const)
      assert.equal(
        aWorld({ journal: world.journal, clock: new FakeClock(at) }).fleet.snapshot().replacedAt,
        expected,
      );
  });
});

describe("an engine of a VPN that is FAILED by Docker's word", () => {
  const kept = (): { world: Noted; engine: RunningEngine } => {
    const world = aNotedWorld({ vpns: ['red'], mode: 'SINGLE' });
    const engine = started(world.fleet);
    probe(world, engine, { kind: 'well', connected: true });
    world.emergency.observe('red', aLook(world.clock.now(), { health: 'unhealthy' }), null);
    return { world, engine };
  };
  const findings: [string, Finding][] = [
    ['well', well],
    ['well and connected', { kind: 'well', connected: true }],
    ['well and not connected', { kind: 'well', connected: false }],
    ['ill', ill],
  ];
  for (const [name, finding] of findings)
    test(`is what it was when it is found ${name}`, () => {
      const { world, engine } = kept();
      const before = world.fleet.snapshot();
      probe(world, engine, finding, finding, finding);
      assert.deepEqual({ ...world.fleet.snapshot(), at: before.at }, before);
    });

  test('counts again when it was asked after its VPN recovered, and not when it was asked before', () => {
    const { world, engine } = kept();
    const recovery = world.clock.now() + 10;
    world.emergency.observe('red', aLook(recovery), null);
    for (const _ of range(1, 3)) world.evidence.examined(engine.id, ill, recovery - 1);
    const back = world.fleet.roster.engine(engine.id);
    assert.ok(back?.state === 'RUNNING');
    assert.deepEqual([back.health, back.connected], [notAskedYet, null]);
    world.evidence.examined(engine.id, well, recovery);
    assert.equal(healthOf(world, engine), 'HEALTHY');
  });
});
