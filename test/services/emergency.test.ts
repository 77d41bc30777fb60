import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RunningEngine } from '../../src/domain/engine.ts';
import type { Event } from '../../src/domain/events.ts';
import { notAskedYet } from '../../src/domain/health.ts';
import { listEngines } from '../../src/domain/snapshot.ts';
import type { EmergencyMode } from '../../src/services/emergency.ts';
import {
  aLook,
  aWorld,
  firstRun,
  now,
  range,
  recreated,
  reserved,
  restarted,
  seconds,
  started,
  type World,
} from '../support/build.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { aNotedWorld, type Noted } from '../support/noting.ts';

const fall = (emergency: EmergencyMode, vpn: string, at = now + 1) =>
  emergency.observe(vpn, aLook(at, { status: 'exited' }), null);

const isEvent = (event: Event): event is Event => event.id !== '';

/** What is told of from the call on. */
function listen(events: ReturnType<typeof aWorld>['events']) {
  const following = events.follow({ after: events.lastId, types: null, pick: isEvent });
  return async () => {
    const told: Event[] = [];
    const end = events.lastId;
    while (told.at(-1)?.id !== end) told.push((await following.next()).value as Event);
    return told;
  };
}

describe('a VPN that fails', () => {
  test('takes its running engines with it, and asks whoever makes one there to give it up', () => {
    const { fleet, emergency } = aWorld();
    const [red, blue] = [started(fleet), started(fleet)];
    const [onRed, onBlue] = [reserved(fleet), reserved(fleet)];
    fall(emergency, 'red');
    assert.equal(fleet.roster.engine(red.id)?.state, 'STOPPING');
    assert.equal(fleet.roster.engine(blue.id)?.state, 'RUNNING');
    assert.equal(onRed.abandoned?.kind, 'vpn-failed');
    assert.equal(onRed.signal.aborted, true);
    assert.equal(onBlue.abandoned, null);
  });

  test('does not have an engine removed that somebody is still making, before it is known what there is to remove', () => {
    const { fleet, emergency } = aWorld();
    const onRed = reserved(fleet);
    fall(emergency, 'red');
    assert.equal(fleet.roster.engine(onRed.engine.id)?.state, 'STOPPING');
    assert.deepEqual(fleet.leaving, []);
    onRed.made('a container');
    onRed[Symbol.dispose]();
    assert.deepEqual(
      fleet.leaving.map(({ containerId }) => containerId),
      ['a container'],
    );
  });

  test('paused as the last of all keeps its engines, until another is READY', () => {
    const { fleet, emergency } = aWorld({ policy: { stabilizationMs: 10 } });
    const [red, blue] = [started(fleet), started(fleet)];
    emergency.observe('red', aLook(now + 1, { status: 'paused' }), null);
    emergency.observe('blue', aLook(now + 2, { status: 'paused' }), null);
    assert.equal(fleet.roster.engine(red.id)?.state, 'STOPPING');
    assert.equal(fleet.roster.engine(blue.id)?.state, 'RUNNING');
    emergency.observe('red', aLook(now + 3), null);
    assert.equal(fleet.roster.engine(blue.id)?.state, 'RUNNING');
    emergency.observe('red', aLook(now + 13), null);
    assert.equal(fleet.roster.engine(blue.id)?.state, 'STOPPING');
  });

  test('is news, and the same look again is none', () => {
    const { emergency } = aWorld();
    assert.equal(fall(emergency, 'red'), true);
    assert.equal(fall(emergency, 'red', now + 2), false);
    assert.equal(fall(emergency, 'red', now - 5), false);
  });

  test('is told of first, then the emergency, then its engines, and all of it shows one moment', async () => {
    const { fleet, emergency, events } = aWorld();
    const engines = [started(fleet), started(fleet), started(fleet)];
    const told = listen(events);
    fall(emergency, 'red');
    const [vpn, entered, ...stopped] = await told();
    assert.equal(vpn?.type, 'VPN_CHANGED');
    assert.ok(entered?.type === 'EMERGENCY_MODE_CHANGED' && entered.change === 'ENTERED');
    assert.equal(stopped.length, 2);
    assert.deepEqual(
      entered.removedEngines.map(({ id, state }) => [id, state]),
      [engines[0], engines[2]].map((engine) => [engine?.id, 'STOPPING']),
    );
    for (const { snapshot } of [vpn, entered, ...stopped]) {
      assert.equal(snapshot.emergency.kind, 'ACTIVE');
      assert.deepEqual(
        listEngines(snapshot).map(({ engine }) => engine.id),
        [engines[1]?.id],
      );
    }
  });
});

describe('an episode', () => {
  test('is one ENTERED and one EXITED with one id, and an UPDATED for each change of the FAILED set in between', async () => {
    const { emergency, events } = aWorld({ vpns: ['red', 'green', 'blue'] });
    const told = listen(events);
    fall(emergency, 'red', now + seconds(1));
    fall(emergency, 'blue', now + seconds(2));
    emergency.observe('red', aLook(now + seconds(3)), null);
    emergency.observe('blue', aLook(now + seconds(4)), null);
    const turns = (await told()).flatMap((event) => (event.type === 'EMERGENCY_MODE_CHANGED' ? [event] : []));
    assert.deepEqual(
      turns.map(({ change, vpn }) => [change, vpn]),
      [
        ['ENTERED', 'red'],
        ['UPDATED', 'blue'],
        ['UPDATED', 'red'],
        ['EXITED', 'blue'],
      ],
    );
    assert.equal(new Set(turns.map(({ episodeId }) => episodeId)).size, 1);
  });

  test('of a VPN that fails again while STABILIZING is a new one', async () => {
    const { emergency, events } = aWorld();
    const told = listen(events);
    fall(emergency, 'red', now + 1);
    emergency.observe('red', aLook(now + 2), null);
    fall(emergency, 'red', now + 3);
    const ids = (await told()).flatMap((event) =>
      event.type === 'EMERGENCY_MODE_CHANGED' ? [event.episodeId] : [],
    );
    assert.equal(ids.length, 3);
    assert.equal(new Set(ids).size, 2);
  });

  test('does not begin before every VPN was looked at and the engines that run are known', () => {
    const { fleet, emergency } = aWorld();
    const engine = started(fleet);
    fleet.enter('RECOVERING');
    fall(emergency, 'red');
    assert.equal(fleet.snapshot().emergency.kind, 'INACTIVE');
    assert.equal(fleet.roster.engine(engine.id)?.state, 'RUNNING');
    assert.deepEqual(listEngines(fleet.snapshot()), [], 'an engine of a FAILED VPN is offered');
    fleet.enter('SERVING');
    emergency.settle();
    assert.equal(fleet.snapshot().emergency.kind, 'ACTIVE');
    assert.equal(fleet.roster.engine(engine.id)?.state, 'STOPPING');
  });
});

describe('an engine that was kept through a failure', () => {
  test('comes back with its tunnel, and nobody knows how it is', () => {
    const { fleet, emergency } = aWorld({ vpns: ['red'], mode: 'SINGLE' });
    const engine = started(fleet);
    emergency.observe('red', aLook(now + 1, { health: 'unhealthy' }), null);
    assert.deepEqual(listEngines(fleet.snapshot()), []);
    emergency.observe('red', aLook(now + 2), null);
    const [back] = listEngines(fleet.snapshot());
    assert.ok(back?.engine.state === 'RUNNING');
    assert.deepEqual([back.engine.id, back.engine.health], [engine.id, notAskedYet]);
  });

  for (const [how, incarnation] of Object.entries({ restarted, recreated })) {
    test(`does not come back when its VPN was ${how}: its network is gone`, () => {
      const { fleet, emergency } = aWorld({ vpns: ['red'], mode: 'SINGLE' });
      const engine = started(fleet);
      emergency.observe('red', aLook(now + 1, { incarnation }), null);
      assert.equal(fleet.roster.engine(engine.id)?.state, 'STOPPING');
      emergency.observe('red', aLook(now + 2, { incarnation }), null);
      assert.deepEqual(listEngines(fleet.snapshot()), []);
    });
  }
});

describe('what speaks against a VPN', () => {
  const cutOff = (): World & { readonly clock: FakeClock; readonly engines: readonly RunningEngine[] } => {
    const clock = new FakeClock(now);
    const world = aWorld({ vpns: ['red', 'green', 'blue'], clock });
    const engines = [started(world.fleet), started(world.fleet)] as const;
    world.evidence.examined(engines[0].id, { kind: 'well', connected: true }, now);
    world.evidence.examined(engines[1].id, { kind: 'well', connected: true }, now);
    world.evidence.examined(engines[0].id, { kind: 'well', connected: false }, now);
    void clock.advance(seconds(30));
    return { ...world, clock, engines };
  };
  const stateOf = ({ fleet, emergency, clock }: ReturnType<typeof cutOff>) => {
    emergency.observe('red', aLook(clock.now()), null);
    return fleet.vpn('red').state.kind;
  };

  test('is believed after a while: its engines are not connected, and one of another VPN is', () => {
    assert.equal(stateOf(cutOff()), 'FAILED');
  });

  for (const [name, end] of [
    ['the other VPN has failed', ({ emergency, clock }) => fall(emergency, 'green', clock.now())],
    [
      'the other engine is gone',
      ({ fleet, engines }) => engines[1] && fleet.turnover.retire(engines[1], 'STOPPED', null),
    ],
    [
      'its own engine is gone',
      ({ fleet, engines }) => engines[0] && fleet.turnover.retire(engines[0], 'STOPPED', null),
    ],
  ] as const satisfies readonly [string, (world: ReturnType<typeof cutOff>) => unknown][]) {
    test(`is not believed once ${name}, though nobody was asked since`, () => {
      const world = cutOff();
      end(world);
      assert.equal(stateOf(world), 'READY');
      assert.equal(world.fleet.vpn('red').evidence, null);
    });
  }
});

describe('a VPN that failed by the word of its engines', () => {
  const connected = { kind: 'well', connected: true } as const;
  const cutOff = { kind: 'well', connected: false } as const;

  /** Both had failed when the process began, and both recover with their engines: of red's own, none is connected. */
  const kept = () => {
    const clock = new FakeClock(now);
    const world = aWorld({ clock });
    const { fleet, emergency, evidence } = world;
    const [onRed, onBlue] = [started(fleet), started(fleet)];
    const look = (vpn: string, changes: Parameters<typeof aLook>[1] = {}) =>
      emergency.observe(vpn, aLook(clock.now(), changes), null);
    evidence.examined(onRed.id, connected, now);
    fleet.enter('RECOVERING');
    for (const vpn of ['red', 'blue']) look(vpn, { health: 'unhealthy' });
    fleet.enter('SERVING');
    emergency.settle();
    for (const vpn of ['red', 'blue']) look(vpn);
    evidence.examined(onBlue.id, connected, now);
    evidence.examined(onRed.id, cutOff, now);
    void clock.advance(seconds(30));
    look('red');
    assert.deepEqual(
      ['red', 'blue'].map((vpn) => fleet.vpn(vpn).state.kind),
      ['FAILED', 'STABILIZING'],
    );
    return { ...world, clock, look, onRed };
  };
  const engineOf = ({ fleet, onRed }: ReturnType<typeof kept>) => fleet.roster.engine(onRed.id);

  test('keeps its engines where no other is READY, and stays FAILED though Docker calls it healthy', () => {
    const world = kept();
    world.look('red');
    assert.equal(world.fleet.vpn('red').state.kind, 'FAILED');
    assert.equal(engineOf(world)?.state, 'RUNNING');
  });

  test('recovers with the next look once one of its engines is connected, of which nothing else is taken in', () => {
    const world = kept();
    const before = engineOf(world);
    world.evidence.examined(world.onRed.id, connected, world.clock.now());
    assert.equal(world.fleet.vpn('red').state.kind, 'FAILED');
    assert.equal(engineOf(world), before);
    world.look('red');
    assert.equal(world.fleet.vpn('red').state.kind, 'STABILIZING');
    const engine = engineOf(world);
    assert.ok(engine?.state === 'RUNNING');
    assert.deepEqual([engine.health, engine.connected], [notAskedYet, null]);
  });

  for (const [name, finding] of [
    ['is not connected', cutOff],
    ['says nothing of it', { kind: 'well', connected: null }],
    ['gives no answer', { kind: 'ill', problem: 'it gave no answer in time' }],
  ] as const) {
    test(`stays FAILED when an engine of it ${name}`, () => {
      const world = kept();
      const before = world.fleet.snapshot();
      for (const _ of [1, 2, 3]) world.evidence.examined(world.onRed.id, finding, world.clock.now());
      assert.deepEqual(world.fleet.snapshot(), before);
      world.look('red');
      assert.equal(world.fleet.vpn('red').state.kind, 'FAILED');
    });
  }

  test('stays FAILED when an engine of another VPN is connected', () => {
    const world = kept();
    const [onBlue] = world.fleet.sites.get('blue')?.running ?? [];
    assert.ok(onBlue);
    world.evidence.examined(onBlue.id, connected, world.clock.now());
    world.look('red');
    assert.equal(world.fleet.vpn('red').state.kind, 'FAILED');
  });
});

describe('what a control server says', () => {
  const says = (tunnel: 'running' | 'stopped', askedAt: number) => ({
    incarnation: firstRun,
    askedAt,
    tunnel: { kind: 'told', value: tunnel } as const,
    publicAddress: { kind: 'told', value: null } as const,
    forwardedPort: { kind: 'told', value: null } as const,
    problem: null,
  });
  const messagesAfter = ({ journal }: Noted, count: number): string[] =>
    journal.events.slice(count).map(({ message }) => message);

  test('makes its VPN fail after a while, is held to it, and lets it recover: each told of once', () => {
    const world = aNotedWorld();
    const { emergency, evidence, clock, journal } = world;
    const look = () => emergency.observe('red', aLook(clock.now()), null);
    const { length } = journal.events;
    evidence.hear('red', says('stopped', clock.now()));
    for (const _ of range(1, 6)) {
      look();
      void clock.advance(seconds(5));
      evidence.hear('red', says('stopped', clock.now()));
    }
    for (const _ of range(1, 3)) look();
    evidence.hear('red', says('running', clock.now()));
    for (const _ of range(1, 3)) look();
    const told = messagesAfter(world, length).map((message) => message.split(':')[0]);
    assert.deepEqual(told, [
      "red is healthy in Docker's eyes, but its control server says that the VPN is stopped",
      'red has the public address unknown; forwarded port',
      'red is FAILED (was READY)',
      'EMERGENCY MODE ENTERED',
      'the control server of red speaks for it again',
      'red is STABILIZING (was FAILED)',
      'EMERGENCY MODE EXITED',
    ]);
  });

  test('is not held against its VPN once it says otherwise', () => {
    const world = aNotedWorld();
    const { emergency, evidence, clock, journal, fleet } = world;
    evidence.hear('red', says('stopped', clock.now()));
    void clock.advance(seconds(29));
    const { length } = journal.events;
    evidence.hear('red', says('running', clock.now()));
    assert.equal(messagesAfter(world, length)[0], 'nothing speaks against red any longer');
    void clock.advance(seconds(1));
    emergency.observe('red', aLook(clock.now()), null);
    assert.equal(fleet.vpn('red').state.kind, 'READY');
  });

  test('is no news the second time', () => {
    const { evidence, clock, events } = aNotedWorld();
    evidence.hear('red', says('running', clock.now()));
    const last = events.lastId;
    void clock.advance(1);
    evidence.hear('red', says('running', clock.now()));
    assert.equal(events.lastId, last);
  });
});

for (const [name, ...addresses] of [
  ['that has another address', '203.0.113.2'],
  ['that has the same, after there was none', null, '203.0.113.1'],
] as const)
  test(`what engines said of a tunnel does not speak against the next one, ${name}`, () => {
    const clock = new FakeClock(now);
    const world = aWorld({ clock, policy: { silentFailureMs: seconds(30) } });
    const { fleet, emergency, evidence } = world;
    const [red, blue] = [started(fleet), started(fleet)];
    const shows = (ip: string | null) => {
      const told = <T>(value: T) => ({ kind: 'told', value }) as const;
      const address = told(ip === null ? null : { ip, country: null, region: null, city: null });
      const report = { incarnation: firstRun, askedAt: clock.now(), problem: null };
      evidence.hear('red', {
        ...{ ...report, tunnel: told('running' as const), publicAddress: address },
        forwardedPort: told(null),
      });
    };
    shows('203.0.113.1');
    for (const { id } of [red, blue]) evidence.examined(id, { kind: 'well', connected: true }, clock.now());
    evidence.examined(red.id, { kind: 'well', connected: false }, clock.now());
    assert.notEqual(fleet.vpn('red').evidence, null);
    void clock.advance(seconds(20));
    for (const address of addresses) shows(address);
    assert.equal(fleet.vpn('red').evidence, null);
    void clock.advance(seconds(20));
    emergency.observe('red', aLook(clock.now()), null);
    assert.equal(fleet.vpn('red').state.kind, 'READY');
  });
