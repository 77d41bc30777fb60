import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RunningEngine } from '../../src/domain/engine.ts';
import { neverAsked } from '../../src/domain/health.ts';
import { aLook, anyPlace, range, started } from '../support/build.ts';
import { aNotedWorld, type Noted } from '../support/noting.ts';

/** An engine that runs, of which nobody knows whether it is well, and on which a circuit that is half open waits. */
function onTrial(): { world: Noted; engine: RunningEngine } {
  const world = aNotedWorld({ policy: { circuitRecoveryMs: 10 } });
  for (const failure of range(1, 5)) world.fleet.breaker.ended(`engine ${failure}`, 'failure');
  void world.clock.advance(10);
  return { world, engine: started(world.fleet, neverAsked) };
}

/** Types of events and changes of engines, the first thing first. */
const toldSince = ({ journal }: Noted, before: number): string[] =>
  journal.events.slice(before).map((event) => (event.type === 'ENGINE_CHANGED' ? event.change : event.type));

describe('what the circuit makes of an engine on trial is told after what became of the engine, when it', () => {
  const ends: [string, (world: Noted, engine: RunningEngine) => unknown, string[]][] = [
    ['is stopped', ({ fleet }, engine) => fleet.turnover.retire(engine, 'STOPPED', null), ['STOPPED']],
    ['ends by itself', ({ fleet }, engine) => fleet.turnover.retire(engine, 'FAILED', 'exited'), ['FAILED']],
    ['makes way', ({ fleet }, engine) => fleet.turnover.makeWay(engine, 'FORWARDED_PORT'), ['STOPPED']],
    ['is one too many', ({ fleet }) => fleet.turnover.scale(0), ['SCALING', 'STOPPED']],
    [
      'goes with its VPN',
      ({ emergency, clock }) => emergency.observe('red', aLook(clock.now(), { status: 'exited' }), null),
      ['VPN_CHANGED', 'EMERGENCY_MODE_CHANGED', 'STOPPED'],
    ],
    [
      'turns UNHEALTHY',
      ({ evidence, clock }, { id }) => {
        for (const _ of range(1, 3)) evidence.examined(id, { kind: 'ill', problem: 'it hangs' }, clock.now());
      },
      ['UNHEALTHY'],
    ],
  ];
  for (const [name, end, expected] of ends)
    test(name, () => {
      const { world, engine } = onTrial();
      const before = world.journal.events.length;
      end(world, engine);
      assert.deepEqual(toldSince(world, before), [...expected, 'CIRCUIT_CHANGED']);
    });

  test('is replaced', () => {
    const world = aNotedWorld();
    const old = started(world.fleet);
    const heir = started(world.fleet, neverAsked, {
      ...anyPlace,
      replaces: { id: old.id, because: 'UNHEALTHY' },
    });
    for (const failure of range(1, 5)) world.fleet.breaker.ended(`engine ${failure}`, 'failure');
    world.fleet.breaker.begin(old.id);
    world.fleet.put({ ...old, health: neverAsked });
    const before = world.journal.events.length;
    world.evidence.examined(heir.id, { kind: 'well', connected: null }, world.clock.now());
    assert.deepEqual(toldSince(world, before), ['HEALTHY', 'STOPPED', 'CIRCUIT_CHANGED']);
  });
});

test('no event shows a VPN that failed beside an engine of it that runs, though that engine was on trial', () => {
  const { world } = onTrial();
  world.emergency.observe('red', aLook(world.clock.now(), { status: 'exited' }), null);
  for (const { snapshot, message } of world.journal.events)
    for (const { vpn, running } of snapshot.sites)
      if (vpn?.state.kind === 'FAILED') assert.deepEqual(running, [], message);
});
