import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Policy } from '../../src/domain/policy.ts';
import type { Site, Snapshot } from '../../src/domain/snapshot.ts';
import type { Vpn, VpnState } from '../../src/domain/vpn.ts';
import {
  aMoment,
  aSite,
  aVpn,
  now,
  ready,
  recreated,
  seconds,
  stabilizing,
  theHost,
  unknown,
} from '../support/build.ts';
import { never, nextOf, nobody, site, stepsOf } from '../support/planned.ts';

describe('the restart of a VPN', () => {
  const minute = seconds(60);
  const asked = { vpnRestartAfterMs: minute, minReplicas: 0 };
  const downFor = (ms: number): VpnState => ({
    kind: 'FAILED',
    since: now - ms,
    reason: 'its container is exited',
    hold: null,
  });
  const restartsOf = (snapshot: Snapshot): string[] =>
    stepsOf(snapshot, nobody).flatMap((step) =>
      step.kind === 'RESTART_VPN' ? [`${step.vpn} ${step.containerId}`] : [],
    );
  const red = (state: VpnState, vpn: Partial<Vpn> = {}): Site => aSite(aVpn('red', state, vpn));

  const cases: [string, Site[], Partial<Policy>, string[]][] = [
    ['is not asked for: never', [red(downFor(minute * 1_000))], { minReplicas: 0 }, []],
    ['comes when it has been FAILED for so long', [red(downFor(minute))], asked, ['red c1']],
    ['does not come a moment sooner', [red(downFor(minute - 1))], asked, []],
    [
      'comes for a paused container',
      [red(downFor(minute), { containerStatus: 'paused' })],
      asked,
      ['red c1'],
    ],
    [
      'comes for the container that was seen last',
      [red(downFor(minute), { incarnation: recreated })],
      asked,
      ['red c2'],
    ],
    [
      'comes when the last one was for an earlier failure',
      [red(downFor(minute), { restartedAt: now - 20 * minute })],
      asked,
      ['red c1'],
    ],
    [
      'comes once for one failure',
      [red(downFor(60 * minute), { restartedAt: now - 59 * minute })],
      asked,
      [],
    ],
    [
      'comes once for one failure, also in the moment of failing',
      [red(downFor(60 * minute), { restartedAt: now - 60 * minute })],
      asked,
      [],
    ],
    [
      'comes ten minutes after the last one, for a new failure',
      [red(downFor(minute), { restartedAt: now - 10 * minute })],
      asked,
      ['red c1'],
    ],
    [
      'does not come within ten minutes of the last one',
      [red(downFor(minute), { restartedAt: now - 10 * minute + 1 })],
      asked,
      [],
    ],
    [
      'waits for longer than ten minutes where that is asked for',
      [red(downFor(11 * minute), { restartedAt: now - 30 * minute })],
      { ...asked, vpnRestartAfterMs: 12 * minute },
      [],
    ],
    [
      'does not come for a container that does not exist',
      [red(downFor(minute), { containerStatus: null })],
      asked,
      [],
    ],
    [
      'does not come for a container that was never seen',
      [red(downFor(minute), { incarnation: null, containerStatus: null })],
      asked,
      [],
    ],
    ['does not come for a VPN that is READY', [red(ready)], asked, []],
    [
      'does not come for a VPN that is doubted',
      [red({ ...ready, doubtedSince: now - 9 * minute } as VpnState)],
      asked,
      [],
    ],
    [
      'does not come for a VPN that is UNKNOWN, for however long',
      [red({ ...unknown, since: now - 9 * minute } as VpnState)],
      asked,
      [],
    ],
    ['does not come for a VPN that stabilizes', [red(stabilizing())], asked, []],
    [
      'comes for each VPN by itself',
      [red(downFor(minute)), site('green'), aSite(aVpn('blue', downFor(minute), { incarnation: recreated }))],
      asked,
      ['red c1', 'blue c2'],
    ],
    [
      'comes for the one that is due and no other',
      [red(downFor(minute)), aSite(aVpn('blue', downFor(1)))],
      asked,
      ['red c1'],
    ],
    ['has nothing to restart without a VPN', [theHost()], asked, []],
  ];
  for (const [name, sites, policy, expected] of cases)
    test(name, () => assert.deepEqual(restartsOf(aMoment(sites, policy)), expected));

  const waits: [string, Site[], Partial<Policy>, number][] = [
    ['is not asked for: never', [red(downFor(minute))], { minReplicas: 0 }, never],
    ['has its time still to wait', [red(downFor(seconds(40)))], asked, seconds(20)],
    ['is due: it is no later step', [red(downFor(minute))], asked, never],
    [
      'was done for this failure: never again',
      [red(downFor(minute), { restartedAt: now - 7 })],
      asked,
      never,
    ],
    [
      'was done for an earlier failure: ten minutes after that',
      [red(downFor(minute), { restartedAt: now - 3 * minute })],
      asked,
      7 * minute,
    ],
    [
      'was done for an earlier failure nearly ten minutes ago: when this one has lasted for long enough',
      [red(downFor(seconds(10)), { restartedAt: now - 10 * minute + 1 })],
      asked,
      seconds(50),
    ],
    [
      'is due for one VPN and comes for another later',
      [red(downFor(minute)), aSite(aVpn('blue', downFor(seconds(1))))],
      asked,
      seconds(59),
    ],
    [
      'comes for two VPNs: the first of them',
      [red(downFor(seconds(5))), aSite(aVpn('blue', downFor(seconds(9))))],
      asked,
      seconds(51),
    ],
    ['has nothing to restart: never', [red(downFor(1), { containerStatus: null })], asked, never],
    ['would be for a VPN that is well: never', [red(ready)], asked, never],
  ];
  for (const [name, sites, policy, nextIn] of waits)
    test(`the moment of the next one, when it ${name}`, () =>
      assert.equal(nextOf(aMoment(sites, policy)), now + nextIn));

  test('comes once: not again when it was done, nor when the VPN has not recovered since', () => {
    const done = aMoment([red(downFor(minute), { restartedAt: now })], asked);
    for (const later of [0, minute, 10 * minute, 600 * minute])
      assert.deepEqual(restartsOf({ ...done, at: now + later }), []);
  });
});
