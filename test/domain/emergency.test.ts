import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Emergency, type Next, nextEmergency, noEmergency } from '../../src/domain/emergency.ts';
import type { EmergencyChange } from '../../src/domain/events.ts';
import type { VpnState } from '../../src/domain/vpn.ts';
import { aVpn, doubted, failed, now, ready, seconds, stabilizing, unknown } from '../support/build.ts';

const newId = () => 'new episode';
const vpns = (...states: VpnState[]) => states.map((state, index) => aVpn(`vpn${index + 1}`, state));
const failedFor = (ms: number): VpnState => ({ ...failed, since: now - ms }) as VpnState;

/** An episode that has gone on for a minute. */
const active = (...names: [string, ...string[]]): Emergency => ({
  kind: 'ACTIVE',
  episodeId: 'episode',
  since: now - seconds(60),
  failed: names,
});
const a = failedFor(seconds(60));

const nothing = (emergency: Emergency): Next => ({ emergency, turn: null });
const entered = (episodeMs: number, vpn: string, ...others: string[]): Next => ({
  emergency: { kind: 'ACTIVE', episodeId: 'new episode', since: now - episodeMs, failed: [vpn, ...others] },
  turn: { change: 'ENTERED', episodeId: 'new episode', episodeMs, vpn },
});
const updated = (vpn: string, ...names: [string, ...string[]]): Next => ({
  emergency: active(...names),
  turn: { change: 'UPDATED', episodeId: 'episode', episodeMs: seconds(60), vpn },
});
const exited = (vpn: string): Next => ({
  emergency: noEmergency,
  turn: { change: 'EXITED', episodeId: 'episode', episodeMs: seconds(60), vpn },
});

const cases: [string, Emergency, VpnState[], Next][] = [
  ['INACTIVE: nothing when both are READY', noEmergency, [ready, ready], nothing(noEmergency)],
  ['INACTIVE: nothing when one is UNKNOWN', noEmergency, [unknown, ready], nothing(noEmergency)],
  ['INACTIVE: nothing when one is STABILIZING', noEmergency, [stabilizing(), ready], nothing(noEmergency)],
  ['INACTIVE: nothing when one is doubted', noEmergency, [doubted, ready], nothing(noEmergency)],
  ['INACTIVE: nothing when the only VPN fails', noEmergency, [failed], nothing(noEmergency)],
  ['INACTIVE: nothing when there is no VPN', noEmergency, [], nothing(noEmergency)],

  ['ENTERED by the first', noEmergency, [failed, ready], entered(0, 'vpn1')],
  ['ENTERED by the second', noEmergency, [ready, failed], entered(0, 'vpn2')],
  ['ENTERED by the third of three', noEmergency, [ready, unknown, failed], entered(0, 'vpn3')],
  [
    'ENTERED by the first in configured order when two fail in one moment',
    noEmergency,
    [ready, failed, failed],
    entered(0, 'vpn2', 'vpn3'),
  ],
  [
    'ENTERED by the one that failed first, and since then, when boot finds both FAILED',
    noEmergency,
    [failedFor(10), failedFor(30)],
    entered(30, 'vpn2', 'vpn1'),
  ],
  ['ENTERED while the other stabilizes', noEmergency, [stabilizing(), failed], entered(0, 'vpn2')],

  ['ACTIVE: nothing while the same VPN is FAILED', active('vpn1'), [a, ready], nothing(active('vpn1'))],
  [
    'ACTIVE: nothing while the others come and go short of failing',
    active('vpn2'),
    [stabilizing(), a, unknown],
    nothing(active('vpn2')),
  ],
  [
    'ACTIVE: nothing while the same two are FAILED',
    active('vpn2', 'vpn1'),
    [failed, a],
    nothing(active('vpn2', 'vpn1')),
  ],

  ['UPDATED by the other, which fails too', active('vpn1'), [a, failed], updated('vpn2', 'vpn1', 'vpn2')],
  [
    'UPDATED by one configured earlier, which comes later in the order of failing',
    active('vpn2'),
    [failed, a],
    updated('vpn1', 'vpn2', 'vpn1'),
  ],
  [
    'UPDATED by the third of three',
    active('vpn3', 'vpn1'),
    [failedFor(30), failed, a],
    updated('vpn2', 'vpn3', 'vpn1', 'vpn2'),
  ],
  [
    'UPDATED by the first to fail, which recovers while the other does not',
    active('vpn1', 'vpn2'),
    [stabilizing(), failed],
    updated('vpn1', 'vpn2'),
  ],
  [
    'UPDATED by the last to fail, which recovers first',
    active('vpn1', 'vpn2'),
    [a, stabilizing()],
    updated('vpn2', 'vpn1'),
  ],
  [
    'UPDATED by the second of three to fail, which recovers first',
    active('vpn3', 'vpn1', 'vpn2'),
    [stabilizing(), failed, a],
    updated('vpn1', 'vpn3', 'vpn2'),
  ],
  [
    'UPDATED, the same episode, by the one that fails in the moment in which the other recovers',
    active('vpn1'),
    [stabilizing(), failed],
    updated('vpn2', 'vpn2'),
  ],
  [
    'UPDATED once when two more fail in one moment',
    active('vpn2'),
    [failed, a, failed],
    updated('vpn1', 'vpn2', 'vpn1', 'vpn3'),
  ],

  ['EXITED when the failed one is STABILIZING', active('vpn1'), [stabilizing(), ready], exited('vpn1')],
  ['EXITED when the failed one is READY', active('vpn2'), [ready, ready], exited('vpn2')],
  [
    'EXITED when the last of three is STABILIZING',
    active('vpn3'),
    [ready, ready, stabilizing()],
    exited('vpn3'),
  ],
  [
    'EXITED by the first to fail when both recover in one moment',
    active('vpn2', 'vpn1'),
    [stabilizing(), stabilizing()],
    exited('vpn2'),
  ],
  ['EXITED when only one VPN is configured any longer', active('vpn1'), [a], exited('vpn1')],
];

describe('the emergency that follows', () => {
  for (const [name, emergency, states, expected] of cases) {
    test(name, () => assert.deepEqual(nextEmergency(emergency, vpns(...states), now, newId), expected));
  }

  test('an emergency that goes on, ends or never was asks for no new id', () => {
    const never = () => assert.fail('a new id was asked for');
    nextEmergency(active('vpn1'), vpns(failed, failed), now, never);
    nextEmergency(active('vpn1'), vpns(ready, ready), now, never);
    nextEmergency(noEmergency, vpns(ready, ready), now, never);
  });

  test('what is decided once is not decided again', () => {
    for (const [, emergency, states] of cases) {
      const next = nextEmergency(emergency, vpns(...states), now, newId);
      assert.deepEqual(
        nextEmergency(next.emergency, vpns(...states), now + 1, newId),
        nothing(next.emergency),
      );
    }
  });

  test('an episode lasts no less than nothing when the clock was set back', () => {
    for (const states of [
      [ready, ready],
      [a, failed],
    ]) {
      const { turn } = nextEmergency(active('vpn1'), vpns(...states), now - seconds(3_600), newId);
      assert.equal(turn?.episodeMs, 0);
    }
  });
});

describe('a course of failures', () => {
  /** Each line: seconds gone by, the states then, and what is told, if anything. */
  type Line = [number, VpnState[], `${EmergencyChange} ${string}` | null];
  const failedSince = (at: number): VpnState => ({ ...failed, since: now + seconds(at) }) as VpnState;

  const courses: Record<string, Line[]> = {
    'a VPN that fails again while STABILIZING, with none other FAILED, begins a new episode': [
      [0, [failedSince(0), ready], 'ENTERED 1 by vpn1 after 0'],
      [10, [stabilizing(), ready], 'EXITED 1 by vpn1 after 10'],
      [20, [failedSince(20), ready], 'ENTERED 2 by vpn1 after 0'],
      [25, [stabilizing(), ready], 'EXITED 2 by vpn1 after 5'],
      [200, [ready, ready], null],
    ],
    'a VPN that fails again while STABILIZING, with the other FAILED, goes on with the episode': [
      [0, [failedSince(0), ready], 'ENTERED 1 by vpn1 after 0'],
      [5, [failedSince(0), failedSince(5)], 'UPDATED 1 by vpn2 after 5'],
      [10, [stabilizing(), failedSince(5)], 'UPDATED 1 by vpn1 after 10'],
      [20, [failedSince(20), failedSince(5)], 'UPDATED 1 by vpn1 after 20'],
      [30, [failedSince(20), stabilizing()], 'UPDATED 1 by vpn2 after 30'],
      [40, [stabilizing(), stabilizing()], 'EXITED 1 by vpn1 after 40'],
    ],
    'the other that fails while the first is STABILIZING begins a new episode': [
      [0, [failedSince(0), ready], 'ENTERED 1 by vpn1 after 0'],
      [10, [stabilizing(), ready], 'EXITED 1 by vpn1 after 10'],
      [20, [stabilizing(), failedSince(20)], 'ENTERED 2 by vpn2 after 0'],
      [30, [stabilizing(), stabilizing()], 'EXITED 2 by vpn2 after 10'],
    ],
    'three that fall and rise one after another are one episode': [
      [0, [ready, failedSince(0), ready], 'ENTERED 1 by vpn2 after 0'],
      [1, [failedSince(1), failedSince(0), ready], 'UPDATED 1 by vpn1 after 1'],
      [2, [failedSince(1), failedSince(0), failedSince(2)], 'UPDATED 1 by vpn3 after 2'],
      [3, [failedSince(1), stabilizing(), failedSince(2)], 'UPDATED 1 by vpn2 after 3'],
      [4, [stabilizing(), stabilizing(), failedSince(2)], 'UPDATED 1 by vpn1 after 4'],
      [5, [stabilizing(), stabilizing(), stabilizing()], 'EXITED 1 by vpn3 after 5'],
    ],
    'three of which there is always one FAILED are one episode': [
      [0, [failedSince(0), ready, ready], 'ENTERED 1 by vpn1 after 0'],
      [100, [failedSince(0), failedSince(100), ready], 'UPDATED 1 by vpn2 after 100'],
      [110, [stabilizing(), failedSince(100), ready], 'UPDATED 1 by vpn1 after 110'],
      [200, [stabilizing(), failedSince(100), failedSince(200)], 'UPDATED 1 by vpn3 after 200'],
      [210, [stabilizing(), stabilizing(), failedSince(200)], 'UPDATED 1 by vpn2 after 210'],
      [300, [ready, ready, stabilizing()], 'EXITED 1 by vpn3 after 300'],
    ],
  };
  for (const [name, lines] of Object.entries(courses)) {
    test(name, () => {
      let emergency: Emergency = noEmergency;
      let ids = 0;
      const told = lines.map(([at, states]) => {
        const next = nextEmergency(emergency, vpns(...states), now + seconds(at), () => `${++ids}`);
        emergency = next.emergency;
        const { change, episodeId, vpn, episodeMs } = next.turn ?? {};
        return next.turn && `${change} ${episodeId} by ${vpn} after ${(episodeMs ?? 0) / 1_000}`;
      });
      assert.deepEqual(
        told,
        lines.map(([, , turn]) => turn),
      );
    });
  }
});
