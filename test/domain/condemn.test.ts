import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Condemned, condemned } from '../../src/domain/condemn.ts';
import type { Site } from '../../src/domain/snapshot.ts';
import {
  anEngine,
  aProvisioningEngine,
  aSite,
  aStoppingEngine,
  aVpn,
  doubted,
  failed,
  ready,
  recreated,
  restarted,
  stabilizing,
  theHost,
  unknown,
} from '../support/build.ts';

const engines = {
  running: [anEngine(1, 'red')],
  provisioning: [aProvisioningEngine(2, 'red')],
  stopping: [aStoppingEngine(3, 'red')],
};
const [theRunning, theMade] = ['engine-1', 'engine-2'];
const red = (changes: Parameters<typeof aVpn>[2] = {}, state = ready): Site =>
  aSite(aVpn('red', state, changes), engines);
const blue = (state = ready): Site => aSite(aVpn('blue', state));

const idsOf = (gone: readonly Condemned[]): string[] =>
  gone.flatMap(({ engines }) => engines.map(({ id }) => id));

const cases: [string, Site[], string[]][] = [
  ['all is well: nobody', [red(), blue()], []],
  ['a failed VPN beside a READY one: all of its engines', [red({}, failed), blue()], [theMade, theRunning]],
  [
    'a failed VPN beside a READY one that is only doubted: all, for that one still stands in',
    [red({}, failed), blue(doubted)],
    [theMade, theRunning],
  ],
  [
    'a failed VPN beside a STABILIZING one: only what is still being made',
    [red({}, failed), blue(stabilizing())],
    [theMade],
  ],
  [
    'a failed VPN beside an UNKNOWN one: only what is still being made',
    [red({}, failed), blue(unknown)],
    [theMade],
  ],
  ['every VPN failed: only what is still being made', [red({}, failed), blue(failed)], [theMade]],
  ['the only VPN failed: only what is still being made', [red({}, failed)], [theMade]],
  [
    'the only VPN is paused: the engines keep their namespace',
    [red({ containerStatus: 'paused' }, failed)],
    [theMade],
  ],
  [
    'the only VPN exited: its namespace is dead',
    [red({ containerStatus: 'exited' }, failed)],
    [theMade, theRunning],
  ],
  [
    'the only VPN died: its namespace is dead',
    [red({ containerStatus: 'dead' }, failed)],
    [theMade, theRunning],
  ],
  [
    'the only VPN is restarting: its namespace is dead',
    [red({ containerStatus: 'restarting' }, failed)],
    [theMade, theRunning],
  ],
  [
    'the only VPN is missing: its namespace is dead',
    [red({ containerStatus: null }, failed)],
    [theMade, theRunning],
  ],
  [
    'a restarted VPN: the engines of the earlier run',
    [red({ incarnation: restarted }, failed)],
    [theMade, theRunning],
  ],
  [
    'a VPN made anew: the engines of the earlier container',
    [red({ incarnation: recreated }, failed)],
    [theMade, theRunning],
  ],
  [
    'a restarted VPN that is READY already: the engines of the earlier run',
    [red({ incarnation: restarted })],
    [theMade, theRunning],
  ],
  [
    'a restarted VPN that stabilizes: the engines of the earlier run',
    [red({ incarnation: restarted }, stabilizing())],
    [theMade, theRunning],
  ],
  [
    'a VPN at boot that was never seen: nobody, whatever its run',
    [red({ incarnation: null, containerStatus: null, lastSeenAt: null }, unknown)],
    [],
  ],
  [
    'a VPN at boot found missing: its namespace is dead',
    [red({ incarnation: null, containerStatus: null }, unknown)],
    [theMade, theRunning],
  ],
  [
    'a VPN that the last process knew and this one has not looked at yet: nobody',
    [red({ incarnation: restarted, containerStatus: 'exited', lastSeenAt: null })],
    [],
  ],
  [
    'a VPN at boot whose container was made but never started: its namespace is dead',
    [red({ containerStatus: 'created' }, unknown)],
    [theMade, theRunning],
  ],
  [
    'a VPN at boot that starts as another run: the engines of the earlier one',
    [red({ incarnation: restarted }, unknown)],
    [theMade, theRunning],
  ],
  ['a VPN at boot that starts as the run that the engines joined: nobody', [red({}, unknown)], []],
  [
    'every VPN failed, one of them exited: all of its engines, and of the other what is still being made',
    [
      red({ containerStatus: 'exited' }, failed),
      aSite(aVpn('blue', failed), {
        running: [anEngine(4, 'blue')],
        provisioning: [aProvisioningEngine(5, 'blue')],
      }),
    ],
    [theMade, theRunning, 'engine-5'],
  ],
  [
    'a VPN that is READY again after a pause: nobody, although the other failed meanwhile',
    [red(), blue(failed)],
    [],
  ],
  ['a VPN that Docker says nothing of any more: nobody', [red({ health: 'UNKNOWN' }), blue()], []],
  ['the host has no VPN that could fail', [theHost(engines), blue(failed)], []],
];

describe('who is condemned', () => {
  for (const [name, sites, expected] of cases) {
    test(name, () => assert.deepEqual(idsOf(condemned(sites)), expected));
  }

  test('engines of the present run stay when those of an earlier one go', () => {
    const fresh = anEngine(9, 'red', { tunnel: { vpn: 'red', incarnation: restarted } });
    const site = aSite(aVpn('red', ready, { incarnation: restarted }), {
      running: [anEngine(1, 'red'), fresh],
    });
    assert.deepEqual(idsOf(condemned([site])), ['engine-1']);
  });

  test('of three VPNs, those of both failed ones go when the third is READY', () => {
    const site = (name: string, number: number, state = failed) =>
      aSite(aVpn(name, state), { running: [anEngine(number, name)] });
    const gone = condemned([site('red', 1), site('green', 2), site('blue', 3, ready)]);
    assert.deepEqual(
      gone.map(({ vpn, engines }) => [vpn.name, engines.map(({ id }) => id)]),
      [
        ['red', ['engine-1']],
        ['green', ['engine-2']],
        ['blue', []],
      ],
    );
  });
});
