import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { notAskedYet } from '../../src/domain/health.ts';
import {
  type EngineFilter,
  enginesOf,
  healthOf,
  listEngines,
  loadOf,
  vpnNamed,
  vpnsOf,
} from '../../src/domain/snapshot.ts';
import {
  anEngine,
  aProvisioningEngine,
  aSite,
  aSnapshot,
  aStoppingEngine,
  aVpn,
  doubted,
  failed,
  ready,
  stabilizing,
  theHost,
  unknown,
  unwell,
} from '../support/build.ts';

/** red: 3 unhealthy, 5 healthy, 7 being made, 9 being stopped; blue: 2 healthy, 4 of unknown health; down: 1 and 6. */
const snapshot = aSnapshot([
  aSite(aVpn('red'), {
    provisioning: [aProvisioningEngine(7, 'red')],
    running: [anEngine(5, 'red'), anEngine(3, 'red', { health: unwell })],
    stopping: [aStoppingEngine(9, 'red')],
  }),
  aSite(aVpn('down', failed), {
    running: [anEngine(6, 'down')],
    provisioning: [aProvisioningEngine(1, 'down')],
    stopping: [aStoppingEngine(8, 'down')],
  }),
  aSite(aVpn('blue'), { running: [anEngine(2, 'blue'), anEngine(4, 'blue', { health: notAskedYet })] }),
]);

const numbers = (filter?: EngineFilter): number[] =>
  listEngines(snapshot, filter).map(({ engine }) => engine.ports.http - 19_000);

describe('the engines on offer', () => {
  const cases: [string, EngineFilter | undefined, number[]][] = [
    [
      "without a filter: what runs and what is being made, by port, none of a failed VPN's",
      undefined,
      [2, 3, 4, 5, 7],
    ],
    ['an empty filter is no filter', {}, [2, 3, 4, 5, 7]],
    ['of one VPN', { vpn: 'red' }, [3, 5, 7]],
    ['of a failed VPN, because it is named', { vpn: 'down' }, [1, 6]],
    ['of a VPN that does not exist', { vpn: 'green' }, []],
    ['running only', { states: ['RUNNING'] }, [2, 3, 4, 5]],
    ['being made only', { states: ['PROVISIONING'] }, [7]],
    ['being stopped, because it is asked for', { states: ['STOPPING'] }, [9]],
    ['being stopped on a failed VPN, because both are asked for', { vpn: 'down', states: ['STOPPING'] }, [8]],
    ['every state', { states: ['PROVISIONING', 'RUNNING', 'STOPPING', 'REMOVED'] }, [2, 3, 4, 5, 7, 9]],
    ['removed ones are not listed', { states: ['REMOVED'] }, []],
    ['no state at all', { states: [] }, []],
    ['healthy', { health: ['HEALTHY'] }, [2, 5]],
    ['unhealthy', { health: ['UNHEALTHY'] }, [3]],
    ['of unknown health: what is being made is so, too', { health: ['UNKNOWN'] }, [4, 7]],
    ['healthy or not', { health: ['HEALTHY', 'UNHEALTHY'] }, [2, 3, 5]],
    ['all three at once', { vpn: 'blue', states: ['RUNNING'], health: ['UNKNOWN'] }, [4]],
  ];
  for (const [name, filter, expected] of cases) test(name, () => assert.deepEqual(numbers(filter), expected));

  for (const [name, state, offered] of [
    ['READY', ready, 1],
    ['doubted', doubted, 1],
    ['STABILIZING', stabilizing(), 1],
    ['UNKNOWN', unknown, 1],
    ['FAILED', failed, 0],
  ] as const) {
    test(`an engine of a VPN that is ${name} is ${offered ? 'offered' : 'hidden'}`, () => {
      assert.equal(
        listEngines(aSnapshot([aSite(aVpn('red', state), { running: [anEngine(1, 'red')] })])).length,
        offered,
      );
    });
  }

  test('engines on the host are offered, and belong to no VPN by name', () => {
    const host = aSnapshot([theHost({ running: [anEngine(1, null)] })]);
    assert.equal(listEngines(host).length, 1);
    assert.equal(listEngines(host, { vpn: '' }).length, 0);
  });

  test('every engine is seen in the snapshot that it was listed from', () => {
    for (const view of listEngines(snapshot)) assert.equal(view.snapshot, snapshot);
  });
});

describe('a site', () => {
  test('its load is what runs and what is being made', () => {
    assert.deepEqual(snapshot.sites.map(loadOf), [3, 2, 2]);
  });

  test('its engines are its load, by port, also while its VPN is FAILED', () => {
    const of = (index: number) =>
      snapshot.sites
        .slice(index, index + 1)
        .flatMap((site) => enginesOf(snapshot, site))
        .map(({ engine }) => engine.ports.http - 19_000);
    assert.deepEqual(
      [of(0), of(1)],
      [
        [3, 5, 7],
        [1, 6],
      ],
    );
  });

  test('VPNs are found by whole name, and the host is none', () => {
    assert.equal(vpnNamed(snapshot, 'blue')?.site.vpn.name, 'blue');
    assert.equal(vpnNamed(snapshot, 'blu'), null);
    assert.equal(vpnsOf(aSnapshot([theHost()])).length, 0);
  });

  test('only a running engine has a health', () => {
    assert.equal(healthOf(anEngine(1, 'red', { health: unwell })), 'UNHEALTHY');
    assert.equal(healthOf(aProvisioningEngine(1, 'red')), 'UNKNOWN');
    assert.equal(healthOf(aStoppingEngine(1, 'red')), 'UNKNOWN');
  });
});
