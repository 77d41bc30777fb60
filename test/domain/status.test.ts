import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import {
  acceptsEngines,
  failedSince,
  failedVpns,
  healthyVpn,
  healthyVpns,
  isConnected,
  isOutage,
  overallHealth,
  pendingOf,
  runningOf,
  stabilizationRemaining,
  stabilizingUntil,
} from '../../src/domain/status.ts';
import type { Vpn, VpnState } from '../../src/domain/vpn.ts';
import {
  anEngine,
  aProvisioningEngine,
  aSite,
  aSnapshot,
  aStoppingEngine,
  aVpn,
  doubted,
  failed,
  now,
  ready,
  seconds,
  stabilizing,
  theHost,
  unknown,
} from '../support/build.ts';

const of = (...states: VpnState[]): Snapshot =>
  aSnapshot(states.map((state, index) => aSite(aVpn(`vpn${index + 1}`, state))));
const withHealths = (...healths: Vpn['health'][]): Snapshot =>
  aSnapshot(healths.map((health, index) => aSite(aVpn(`vpn${index + 1}`, ready, { health }))));
const disabled = aSnapshot([theHost()]);

describe('a VPN accepts engines', () => {
  const cases: [string, VpnState, { free: number } | null, boolean][] = [
    ['READY with a free port: yes', ready, { free: 1 }, true],
    ['READY without a free port: no', ready, { free: 0 }, false],
    ['READY without any port: no', ready, null, false],
    ['doubted: no', doubted, { free: 1 }, false],
    ['STABILIZING: no', stabilizing(), { free: 1 }, false],
    ['STABILIZING past its end, not looked at yet: no', stabilizing(-1), { free: 1 }, false],
    ['UNKNOWN: no', unknown, { free: 1 }, false],
    ['FAILED: no', failed, { free: 1 }, false],
  ];
  for (const [name, state, ports, expected] of cases) {
    test(name, () => {
      const site = aSite(aVpn('red', state), { ports: ports && { first: 1, last: 9, ...ports } });
      assert.equal(acceptsEngines({ snapshot: aSnapshot([site]), site }), expected);
    });
  }
});

describe('how long a VPN stabilizes', () => {
  const remaining = (state: VpnState) => {
    const site = aSite(aVpn('red', state));
    return stabilizationRemaining({ snapshot: aSnapshot([site]), site });
  };
  test('what remains, in seconds', () => assert.equal(remaining(stabilizing(1_500)), 1.5));
  test('never less than 0', () => assert.equal(remaining(stabilizing(-seconds(5))), 0));
  test('0 in any other state', () =>
    assert.deepEqual([ready, doubted, failed, unknown].map(remaining), [0, 0, 0, 0]));
  test('the end is known only while it does', () => {
    assert.deepEqual(
      [stabilizing(5), ready, failed].map((state) => stabilizingUntil(aVpn('red', state))),
      [now + 5, null, null],
    );
  });
  test('the moment of failure is known only while FAILED', () => {
    assert.deepEqual(
      [failed, ready, stabilizing()].map((state) => failedSince(aVpn('red', state))),
      [now, null, null],
    );
  });
});

describe('the health of all', () => {
  const cases: [Snapshot, Vpn['health'], boolean][] = [
    [withHealths('HEALTHY', 'HEALTHY'), 'HEALTHY', true],
    [withHealths('UNHEALTHY', 'HEALTHY'), 'HEALTHY', true],
    [withHealths('UNKNOWN', 'HEALTHY'), 'HEALTHY', true],
    [withHealths('UNHEALTHY', 'UNHEALTHY'), 'UNHEALTHY', false],
    [withHealths('UNHEALTHY', 'UNKNOWN'), 'UNKNOWN', false],
    [withHealths('UNKNOWN', 'UNKNOWN'), 'UNKNOWN', false],
    [disabled, 'UNKNOWN', false],
  ];
  for (const [snapshot, health, connected] of cases) {
    const each = snapshot.sites.map(({ vpn }) => vpn?.health ?? 'no VPN').join(' and ');
    test(`${each}: ${health}, ${connected ? 'connected' : 'not connected'}`, () => {
      assert.equal(overallHealth(snapshot), health);
      assert.equal(isConnected(snapshot), connected);
    });
  }
});

describe('which VPNs are well', () => {
  const names = (views: { site: { vpn: Vpn } }[]) => views.map(({ site }) => site.vpn.name);
  const mixed = of(failed, stabilizing(), ready, unknown, doubted);

  test('the failed ones', () => assert.deepEqual(names(failedVpns(mixed)), ['vpn1']));
  test('those that serve or soon will', () =>
    assert.deepEqual(names(healthyVpns(mixed)), ['vpn2', 'vpn3', 'vpn5']));
  test('the one to name is a READY one, though a STABILIZING one is earlier', () =>
    assert.equal(healthyVpn(mixed)?.site.vpn.name, 'vpn3'));
  test('the one to name is the first STABILIZING one when none is READY', () => {
    assert.equal(healthyVpn(of(failed, stabilizing(), stabilizing()))?.site.vpn.name, 'vpn2');
  });
  test('there is none to name when all are FAILED or UNKNOWN', () =>
    assert.equal(healthyVpn(of(failed, unknown)), null));
});

describe('an outage', () => {
  const cases: [string, Snapshot, boolean][] = [
    ['every VPN FAILED: yes', of(failed, failed), true],
    ['the only VPN FAILED: yes', of(failed), true],
    ['one STABILIZING: no', of(failed, stabilizing()), false],
    ['one UNKNOWN: no', of(failed, unknown), false],
    ['one READY: no', of(failed, ready), false],
    ['no VPN at all: no', disabled, false],
  ];
  for (const [name, snapshot, expected] of cases)
    test(name, () => assert.equal(isOutage(snapshot), expected));
});

test('running and pending are counted over all VPNs, and what is being stopped is neither', () => {
  const snapshot = aSnapshot([
    aSite(aVpn('red', failed), {
      running: [anEngine(1, 'red'), anEngine(2, 'red')],
      stopping: [aStoppingEngine(3, 'red')],
    }),
    aSite(aVpn('blue'), { running: [anEngine(4, 'blue')], provisioning: [aProvisioningEngine(5, 'blue')] }),
  ]);
  assert.deepEqual([runningOf(snapshot), pendingOf(snapshot)], [3, 1]);
});
