import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { admit, longestQueue, type Phase } from '../../src/domain/admission.ts';
import type { Circuit } from '../../src/domain/circuit.ts';
import { isRefusal, type ProvisionRefusal } from '../../src/domain/refusal.ts';
import type { Site, Snapshot } from '../../src/domain/snapshot.ts';
import type { VpnState } from '../../src/domain/vpn.ts';
import {
  anEngine,
  aPolicy,
  aProvisioningEngine,
  aSite,
  aSnapshot,
  aStoppingEngine,
  aVpn,
  doubted,
  failed,
  now,
  range,
  ready,
  seconds,
  stabilizing,
  theHost,
  unknown,
} from '../support/build.ts';

const running = (vpn: string, count: number) => range(1, count).map((number) => anEngine(number, vpn));
const making = (vpn: string, count: number) =>
  range(101, 100 + count).map((number) => aProvisioningEngine(number, vpn));

const chosen = (snapshot: Snapshot, phase: Phase = 'SERVING'): string => {
  const site = admit(snapshot, phase);
  return isRefusal(site) ? site.kind : (site.vpn?.name ?? 'the host');
};

const refusal = (snapshot: Snapshot, phase: Phase = 'SERVING'): ProvisionRefusal => {
  const result = admit(snapshot, phase);
  assert.ok(isRefusal(result), 'it was admitted');
  return result;
};

const twoVpns = (red: VpnState, blue: VpnState): Snapshot =>
  aSnapshot([aSite(aVpn('red', red)), aSite(aVpn('blue', blue))]);

describe('the choice', () => {
  const cases: [string, Site[], string][] = [
    ['two empty VPNs: the first in configured order', [aSite(aVpn('red')), aSite(aVpn('blue'))], 'red'],
    ['configured order is not alphabetical order', [aSite(aVpn('zulu')), aSite(aVpn('alpha'))], 'zulu'],
    [
      'the one with fewer running',
      [
        aSite(aVpn('red'), { running: running('red', 2) }),
        aSite(aVpn('blue'), { running: running('blue', 1) }),
      ],
      'blue',
    ],
    [
      'an engine being made counts like one that runs',
      [aSite(aVpn('red'), { provisioning: making('red', 1) }), aSite(aVpn('blue'))],
      'blue',
    ],
    [
      'running and pending are added up',
      [
        aSite(aVpn('red'), { running: running('red', 1), provisioning: making('red', 2) }),
        aSite(aVpn('blue'), { running: running('blue', 2) }),
      ],
      'blue',
    ],
    [
      'an engine being stopped does not count',
      [aSite(aVpn('red'), { stopping: [aStoppingEngine(1, 'red')] }), aSite(aVpn('blue'))],
      'red',
    ],
    [
      'a tie among the last two of three goes to the earlier',
      [aSite(aVpn('red'), { running: running('red', 1) }), aSite(aVpn('green')), aSite(aVpn('blue'))],
      'green',
    ],
    [
      'a full VPN is passed over although it has fewer',
      [
        aSite(aVpn('red'), { ports: { first: 1, last: 2, free: 0 } }),
        aSite(aVpn('blue'), { running: running('blue', 2) }),
      ],
      'blue',
    ],
    [
      'a VPN without usable ports is passed over',
      [aSite(aVpn('red'), { ports: null }), aSite(aVpn('blue'))],
      'blue',
    ],
    ['the host in VPN_MODE=disabled', [theHost()], 'the host'],
    ...(
      [
        ['FAILED', failed],
        ['UNKNOWN', unknown],
        ['STABILIZING', stabilizing()],
        ['doubted', doubted],
      ] as const
    ).map(([name, state]): [string, Site[], string] => [
      `a VPN that is ${name} is passed over although it is empty`,
      [aSite(aVpn('red', state)), aSite(aVpn('blue'), { running: running('blue', 5) })],
      'blue',
    ]),
  ];
  for (const [name, sites, expected] of cases)
    test(name, () => assert.equal(chosen(aSnapshot(sites)), expected));
});

describe('the choice of a VPN by name', () => {
  const on = (snapshot: Snapshot, vpn: string | null): string => {
    const site = admit(snapshot, 'SERVING', vpn);
    return isRefusal(site) ? site.kind : (site.vpn?.name ?? 'the host');
  };
  const full = { ports: { first: 1, last: 2, free: 0 } };

  const cases: [string, Site[], string | null, string][] = [
    [
      'the one that is named, although another has fewer',
      [aSite(aVpn('red')), aSite(aVpn('blue'), { running: running('blue', 5) })],
      'blue',
      'blue',
    ],
    [
      'nobody stands in for it while it is FAILED',
      [aSite(aVpn('red')), aSite(aVpn('blue', failed))],
      'blue',
      'NoHealthyVpnError',
    ],
    [
      'nobody stands in for it while it is doubted',
      [aSite(aVpn('red')), aSite(aVpn('blue', doubted))],
      'blue',
      'NoHealthyVpnError',
    ],
    [
      'nobody stands in for it while it stabilizes',
      [aSite(aVpn('red')), aSite(aVpn('blue', stabilizing()))],
      'blue',
      'VpnStabilizingError',
    ],
    [
      'nobody stands in for it when its ports are taken',
      [aSite(aVpn('red')), aSite(aVpn('blue'), full)],
      'blue',
      'NoFreePortError',
    ],
    ['one that is not configured', [aSite(aVpn('red'))], 'green', 'NoHealthyVpnError'],
    ['the host in VPN_MODE=disabled', [theHost()], null, 'the host'],
    ['the host where there is none', [aSite(aVpn('red'))], null, 'NoHealthyVpnError'],
  ];
  for (const [name, sites, vpn, expected] of cases)
    test(name, () => assert.equal(on(aSnapshot(sites), vpn), expected));

  test('MAX_REPLICAS counts what runs on every VPN, not only on the one that is named', () => {
    const sites = [aSite(aVpn('red'), { running: running('red', 2) }), aSite(aVpn('blue'))];
    assert.equal(
      on(aSnapshot(sites, { policy: aPolicy({ maxReplicas: 2 }) }), 'blue'),
      'CapacityReachedError',
    );
  });
});

/** Each reason together with every one that comes after it: the earlier one is given. */
describe('the order of refusals', () => {
  const open: Circuit = { kind: 'OPEN', until: now + seconds(10) };
  const full = aPolicy({ maxReplicas: 2 });
  const noPorts = { ports: { first: 1, last: 2, free: 0 } };
  const two = running('red', 2);
  const crowd = making('red', longestQueue);

  const everything = (state: VpnState) =>
    aSnapshot([aSite(aVpn('red', state), { ...noPorts, running: two, provisioning: crowd })], {
      circuit: open,
      policy: full,
    });
  const cases: [string, Snapshot, Phase, ProvisionRefusal['kind']][] = [
    ['shutting down comes before all others', everything(failed), 'SHUTTING_DOWN', 'ServiceUnavailableError'],
    ['recovering comes before an open circuit', everything(failed), 'RECOVERING', 'ServiceUnavailableError'],
    ['an open circuit comes before MAX_REPLICAS', everything(failed), 'SERVING', 'CircuitOpenError'],
    [
      'MAX_REPLICAS comes before the VPNs',
      { ...everything(failed), circuit: { kind: 'CLOSED', failures: 4 } },
      'SERVING',
      'CapacityReachedError',
    ],
    [
      'MAX_REPLICAS comes before stabilizing',
      aSnapshot([aSite(aVpn('red', stabilizing()), { running: two })], { policy: full }),
      'SERVING',
      'CapacityReachedError',
    ],
    [
      'stabilizing comes before failed and before free ports',
      aSnapshot([aSite(aVpn('red', failed), noPorts), aSite(aVpn('blue', stabilizing()), noPorts)]),
      'SERVING',
      'VpnStabilizingError',
    ],
    [
      'no healthy VPN comes before free ports',
      aSnapshot([aSite(aVpn('red', failed), noPorts)]),
      'SERVING',
      'NoHealthyVpnError',
    ],
    [
      'free ports come before the queue',
      aSnapshot([aSite(aVpn('red'), { ...noPorts, provisioning: crowd })], {
        policy: aPolicy({ maxReplicas: 10_000 }),
      }),
      'SERVING',
      'NoFreePortError',
    ],
    [
      'the queue comes last',
      aSnapshot([aSite(aVpn('red'), { provisioning: crowd })], { policy: aPolicy({ maxReplicas: 10_000 }) }),
      'SERVING',
      'OverloadedError',
    ],
  ];
  for (const [name, snapshot, phase, kind] of cases)
    test(name, () => assert.equal(refusal(snapshot, phase).kind, kind));

  test('one fewer in the queue is admitted', () => {
    const snapshot = aSnapshot([aSite(aVpn('red'), { provisioning: crowd.slice(1) })], {
      policy: aPolicy({ maxReplicas: 10_000 }),
    });
    assert.equal(chosen(snapshot), 'red');
  });
});

describe('what a refusal says', () => {
  test('recovering: come back in a second; shutting down: nobody can say', () => {
    const snapshot = twoVpns(ready, ready);
    const [recovering, leaving] = [refusal(snapshot, 'RECOVERING'), refusal(snapshot, 'SHUTTING_DOWN')];
    assert.ok(recovering.kind === 'ServiceUnavailableError' && leaving.kind === 'ServiceUnavailableError');
    assert.deepEqual([recovering.reason, recovering.retryAfterSeconds], ['RECOVERING', 1]);
    assert.deepEqual([leaving.reason, leaving.retryAfterSeconds], ['SHUTTING_DOWN', null]);
  });

  test('an open circuit says how long it stays so', () => {
    const snapshot = { ...twoVpns(ready, ready), circuit: { kind: 'OPEN', until: now + 2_500 } } as const;
    assert.equal(refusal(snapshot).retryAfterSeconds, 2.5);
  });

  test('an open circuit whose wait is over, and a closed one, let the next start through', () => {
    assert.equal(chosen({ ...twoVpns(ready, ready), circuit: { kind: 'OPEN', until: now } }), 'red');
    assert.equal(chosen({ ...twoVpns(ready, ready), circuit: { kind: 'CLOSED', failures: 4 } }), 'red');
  });

  test('while the trial runs, the next start waits', () => {
    assert.equal(
      chosen({ ...twoVpns(ready, ready), circuit: { kind: 'HALF_OPEN', trial: 'engine-1' } }),
      'CircuitOpenError',
    );
  });

  test('MAX_REPLICAS counts running and pending on every VPN, and none that is being stopped', () => {
    const sites = (stopping: number) => [
      aSite(aVpn('red', failed), {
        running: running('red', 2),
        stopping: range(50, 49 + stopping).map((number) => aStoppingEngine(number, 'red')),
      }),
      aSite(aVpn('blue'), { provisioning: making('blue', 1) }),
    ];
    const atMax = refusal(aSnapshot(sites(0), { policy: aPolicy({ maxReplicas: 3 }) }));
    assert.ok(atMax.kind === 'CapacityReachedError');
    assert.equal(atMax.maxReplicas, 3);
    assert.equal(chosen(aSnapshot(sites(9), { policy: aPolicy({ maxReplicas: 4 }) })), 'blue');
  });

  test('MAX_REPLICAS=0 admits nothing', () => {
    assert.equal(
      chosen(aSnapshot([aSite(aVpn('red'))], { policy: aPolicy({ maxReplicas: 0 }) })),
      'CapacityReachedError',
    );
  });

  const waits: [string, VpnState[], number][] = [
    ['the only one', [stabilizing(seconds(90))], 90],
    ['the least of two', [stabilizing(seconds(90)), stabilizing(seconds(30))], 30],
    ['the stabilizing one beside a failed and an unknown one', [failed, stabilizing(12_300), unknown], 12.3],
    ['0 when the end is past and only the look is missing', [stabilizing(-seconds(3))], 0],
  ];
  for (const [name, states, remaining] of waits) {
    test(`VpnStabilizingError: retryAfterSeconds is what remains: ${name}`, () => {
      const said = refusal(aSnapshot(states.map((state, index) => aSite(aVpn(`vpn${index}`, state)))));
      assert.ok(said.kind === 'VpnStabilizingError');
      assert.equal(said.retryAfterSeconds, remaining);
      assert.equal(said.vpns.length, states.length);
      assert.match(said.message, new RegExp(`another ${remaining.toFixed(1)} s`));
    });
  }

  test('NoHealthyVpnError names every VPN with its state and reason', () => {
    const said = refusal(twoVpns(failed, unknown));
    assert.ok(said.kind === 'NoHealthyVpnError');
    assert.equal(
      said.message,
      'No VPN can take an engine: red is FAILED (its container is exited), blue is UNKNOWN.',
    );
    assert.deepEqual(
      said.vpns.map(({ site }) => site.vpn.name),
      ['red', 'blue'],
    );
    assert.equal(said.retryable, true);
    assert.equal(said.retryAfterSeconds, null);
  });

  test('a VPN that is only doubted leaves no healthy one', () => {
    assert.equal(refusal(aSnapshot([aSite(aVpn('red', doubted))])).kind, 'NoHealthyVpnError');
  });

  test('NoFreePortError names the first READY VPN and its range, and waiting may help', () => {
    const said = refusal(
      aSnapshot([
        aSite(aVpn('down', failed)),
        aSite(aVpn('red'), { ports: { first: 19_000, last: 19_001, free: 0 } }),
      ]),
    );
    assert.ok(said.kind === 'NoFreePortError');
    assert.equal(said.vpn.site.vpn.name, 'red');
    assert.match(said.message, /red: 19000-19001/);
    assert.equal(said.retryable, true);
  });

  test('NoFreePortError of a VPN that publishes nothing says how to publish, and waiting does not help', () => {
    const said = refusal(aSnapshot([aSite(aVpn('red'), { ports: null })]));
    assert.ok(said.kind === 'NoFreePortError');
    assert.match(said.message, /publishes no port/);
    assert.equal(said.retryable, false);
  });

  test('without a VPN, a full port range is a reached capacity', () => {
    assert.equal(
      refusal(aSnapshot([theHost({ ports: { first: 1, last: 2, free: 0 } })])).kind,
      'CapacityReachedError',
    );
  });
});
