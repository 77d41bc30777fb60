import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Emergency, nextEmergency, noEmergency } from '../../src/domain/emergency.ts';
import type { VpnState } from '../../src/domain/vpn.ts';
import { aVpn, doubted, failed, now, ready, seconds, stabilizing, unknown } from '../support/build.ts';

const newId = () => 'new episode';
const vpns = (...states: VpnState[]) => states.map((state, index) => aVpn(`vpn${index + 1}`, state));
const active: Emergency = {
  kind: 'ACTIVE',
  episodeId: 'episode',
  since: now - seconds(60),
  firstFailed: 'vpn1',
};
const begun = (firstFailed: string): Emergency => ({
  kind: 'ACTIVE',
  episodeId: 'new episode',
  since: now,
  firstFailed,
});

const cases: [string, Emergency, VpnState[], Emergency][] = [
  ['INACTIVE -> INACTIVE when both are READY', noEmergency, [ready, ready], noEmergency],
  ['INACTIVE -> INACTIVE when one is UNKNOWN at boot', noEmergency, [unknown, ready], noEmergency],
  ['INACTIVE -> INACTIVE when one is STABILIZING', noEmergency, [stabilizing(), ready], noEmergency],
  ['INACTIVE -> INACTIVE when one is doubted', noEmergency, [doubted, ready], noEmergency],
  ['INACTIVE -> INACTIVE when the only VPN fails', noEmergency, [failed], noEmergency],
  ['INACTIVE -> INACTIVE when there is no VPN', noEmergency, [], noEmergency],
  ['INACTIVE -> ACTIVE when the first fails', noEmergency, [failed, ready], begun('vpn1')],
  ['INACTIVE -> ACTIVE when the second fails', noEmergency, [ready, failed], begun('vpn2')],
  ['INACTIVE -> ACTIVE when all fail at once', noEmergency, [failed, failed], begun('vpn1')],
  ['INACTIVE -> ACTIVE when one of three fails', noEmergency, [ready, ready, failed], begun('vpn3')],
  [
    'INACTIVE -> ACTIVE when one fails while another stabilizes',
    noEmergency,
    [stabilizing(), failed],
    begun('vpn2'),
  ],
  [
    'ACTIVE -> ACTIVE, the same episode, while the first failed one stays so',
    active,
    [failed, ready],
    active,
  ],
  ['ACTIVE -> ACTIVE, the same episode, when another fails too', active, [failed, failed], active],
  [
    'ACTIVE -> ACTIVE, led by the one that failed first, when one configured before it fails too',
    begun('vpn2'),
    [failed, failed],
    begun('vpn2'),
  ],
  [
    'ACTIVE -> ACTIVE, the same episode, led by the one still failed, when the first recovers',
    active,
    [stabilizing(), failed],
    { ...active, firstFailed: 'vpn2' },
  ],
  ['ACTIVE -> INACTIVE when the failed one is STABILIZING', active, [stabilizing(), ready], noEmergency],
  ['ACTIVE -> INACTIVE when the failed one is READY', active, [ready, ready], noEmergency],
];

describe('the emergency that follows', () => {
  for (const [name, emergency, states, expected] of cases) {
    test(name, () => assert.deepEqual(nextEmergency(emergency, vpns(...states), now, newId), expected));
  }

  test('a VPN that fails again while STABILIZING begins a new episode', () => {
    const over = nextEmergency(active, vpns(stabilizing(), ready), now, newId);
    assert.deepEqual(nextEmergency(over, vpns(failed, ready), now, newId), begun('vpn1'));
  });

  test('an emergency that goes on asks for no new id', () => {
    const never = () => assert.fail('a new id was asked for');
    nextEmergency(active, vpns(failed, failed), now, never);
    nextEmergency(noEmergency, vpns(ready, ready), now, never);
  });
});
