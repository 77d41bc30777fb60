import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { nothingTold, type PublicAddress, type Told, type TunnelStatus } from '../../src/domain/control.ts';
import { askable, type ControlReport, hear } from '../../src/domain/control-report.ts';
import { observe } from '../../src/domain/observe.ts';
import { connectedWhileFailed, suspected } from '../../src/domain/silence.ts';
import { type Hold, type Look, remembered, type Vpn, type VpnState } from '../../src/domain/vpn.ts';
import {
  aLook,
  aVpn,
  failed,
  firstRun,
  hours,
  now,
  ready,
  recreated,
  restarted,
  seconds,
  stabilizing,
  unknown,
} from '../support/build.ts';
import { among, byControl, byEngines, known, policy, published, telling } from '../support/silence.ts';

type Told3 = Pick<ControlReport, 'tunnel' | 'publicAddress' | 'forwardedPort'>;

const told = <T>(value: T | null): Told<T> => ({ kind: 'told', value });
const denied = { kind: 'denied', routes: ['/v1/vpn/status'] } as const;
const noAnswer = { kind: 'failed', why: 'gave no answer in time' } as const;
const asBefore: Told3 = {
  tunnel: told<TunnelStatus>('running'),
  publicAddress: told(published),
  forwardedPort: told(51_000),
};
const nothing: Told3 = { tunnel: noAnswer, publicAddress: noAnswer, forwardedPort: noAnswer };
const forbidden: Told3 = { tunnel: denied, publicAddress: denied, forwardedPort: denied };
const tunnelIs = (status: TunnelStatus): Told3 => ({ ...asBefore, tunnel: told(status) });
const addressless: Told3 = { ...asBefore, publicAddress: told<PublicAddress>(null) };
const portless: Told3 = { ...asBefore, forwardedPort: told<number>(null) };
const elsewhere: Told3 = { ...asBefore, publicAddress: told({ ...published, ip: '198.51.100.4' }) };
const otherPort: Told3 = { ...asBefore, forwardedPort: told(40_648) };
const onlyTunnel = (status: TunnelStatus): Told3 => ({ ...forbidden, tunnel: told(status) });

const heldBy = (hold: Hold, changes: Partial<Vpn> = {}): Vpn =>
  aVpn('red', { ...failed, kind: 'FAILED', since: now, reason: 'silent', hold }, changes);
const byItsControl = heldBy({ by: 'control' });
const byItsEngines = heldBy({
  by: 'engines',
  ip: published.ip,
  port: 51_000,
  seen: { stopped: false, addressless: false },
  told: true,
});

/** The VPN after its control server was asked so often, a second apart. */
const afterReports = (vpn: Vpn, reports: readonly Told3[]): Vpn =>
  reports.reduce(
    (held, report, index) =>
      hear(held, { ...report, incarnation: firstRun, askedAt: now + seconds(index + 1), problem: null }),
    vpn,
  );

const isHeld = ({ state }: Vpn): boolean => state.kind === 'FAILED' && state.hold !== null;
const later = now + seconds(60);
const looked = (vpn: Vpn, look: Look = aLook(later)): Vpn => observe(vpn, look, policy, true);

describe('a VPN that failed by the word of its control server', () => {
  const cases: [string, Told3[], boolean][] = [
    ['running: it is held no longer', [asBefore], false],
    ['running, and no more can be read: it is held no longer', [onlyTunnel('running')], false],
    ['stopped: it is held', [tunnelIs('stopped')], true],
    ['crashed: it is held', [tunnelIs('crashed')], true],
    ['starting: it is held', [tunnelIs('starting')], true],
    ['stopping: it is held', [tunnelIs('stopping')], true],
    ['completed: it is held', [tunnelIs('completed')], true],
    ['that it does not know: it is held', [{ ...asBefore, tunnel: told<TunnelStatus>(null) }], true],
    ['401: it is held', [forbidden], true],
    [
      '401 to the tunnel alone, another address and port: it is held',
      [{ ...elsewhere, tunnel: denied }],
      true,
    ],
    ['nothing: it is held', [nothing], true],
    [
      'crashed, starting, nothing, and running in the end: it is held no longer',
      [tunnelIs('crashed'), tunnelIs('starting'), nothing, asBefore],
      false,
    ],
  ];
  for (const [name, reports, held] of cases)
    test(`that says now: ${name}`, () => {
      const vpn = afterReports(byItsControl, reports);
      assert.equal(isHeld(vpn), held);
      assert.equal(vpn.state.kind, 'FAILED');
      assert.equal(looked(vpn).state.kind, held ? 'FAILED' : 'STABILIZING');
    });

  test('is held though one of its engines is connected', () => {
    assert.equal(connectedWhileFailed(byItsControl), byItsControl);
  });
});

describe('a VPN that failed by the word of its engines', () => {
  const cases: [string, Told3[], boolean][] = [
    ['all as it was: it is held', [asBefore, asBefore], true],
    ['another address: it is held no longer', [elsewhere], false],
    ['another port: it is held no longer', [otherPort], false],
    ['stopped: it is held', [tunnelIs('stopped')], true],
    ['stopped, then running: it is held no longer', [tunnelIs('stopped'), asBefore], false],
    ['crashed, starting: it is held', [tunnelIs('crashed'), tunnelIs('starting')], true],
    ['starting, then running: it is held no longer', [tunnelIs('starting'), asBefore], false],
    ['stopped, nothing, then running: it is held no longer', [tunnelIs('stopped'), nothing, asBefore], false],
    ['stopped, 401, then running: it is held no longer', [tunnelIs('stopped'), forbidden, asBefore], false],
    ['stopped, then 401: it is held', [tunnelIs('stopped'), forbidden], true],
    [
      'running all the time, and no more can be read: it is held',
      [onlyTunnel('running'), onlyTunnel('running')],
      true,
    ],
    ['no address: it is held', [addressless], true],
    ['no address, then the same one: it is held no longer', [addressless, asBefore], false],
    ['no address, nothing, then the same one: it is held no longer', [addressless, nothing, asBefore], false],
    ['no address, then 401 to it: it is held', [addressless, { ...asBefore, publicAddress: denied }], true],
    ['no port: it is held', [portless], true],
    ['no port, then the same one: it is held', [portless, asBefore], true],
    ['no port, then another one: it is held no longer', [portless, otherPort], false],
    ['401: it is held', [forbidden, forbidden], true],
    ['401, then all as it was: it is held', [forbidden, asBefore], true],
    [
      '401 to the address, and another port: it is held no longer',
      [{ ...otherPort, publicAddress: denied }],
      false,
    ],
    ['nothing: it is held', [nothing, nothing], true],
    ['nothing, then all as it was: it is held', [nothing, asBefore], true],
    ['nothing, then another address: it is held no longer', [nothing, elsewhere], false],
  ];
  for (const [name, reports, held] of cases)
    test(`and its control server says: ${name}`, () => {
      const vpn = afterReports(byItsEngines, reports);
      assert.equal(isHeld(vpn), held);
      assert.equal(vpn.state.kind, 'FAILED');
      assert.equal(looked(vpn).state.kind, held ? 'FAILED' : 'STABILIZING');
    });

  const stranger = heldBy({
    by: 'engines',
    ip: null,
    port: null,
    seen: { stopped: false, addressless: false },
    told: false,
  });
  const strangers: [string, Told3[], boolean][] = [
    ['an address and a port: it is held to them', [asBefore], true],
    ['the same ones twice: it is held', [asBefore, asBefore], true],
    ['an address, then another one: it is held no longer', [asBefore, elsewhere], false],
    ['a port, then another one: it is held no longer', [asBefore, otherPort], false],
    ['no address, then one: it is held to that', [addressless, asBefore], true],
    ['an address, none, and the same one: it is held no longer', [asBefore, addressless, asBefore], false],
    ['no port, then one: it is held to that', [portless, asBefore], true],
    ['stopped, then running: it is held no longer', [tunnelIs('stopped'), asBefore], false],
  ];
  for (const [name, reports, held] of strangers)
    test(`and its control server, of which nothing was known, says: ${name}`, () =>
      assert.equal(isHeld(afterReports(stranger, reports)), held));

  test('is held no longer when one of its engines is connected', () => {
    const vpn = connectedWhileFailed(byItsEngines);
    assert.equal(isHeld(vpn), false);
    assert.deepEqual({ ...vpn, state: null }, { ...byItsEngines, state: null });
    assert.equal(looked(vpn).state.kind, 'STABILIZING');
  });

  test('has no difference made to it by a report that says nothing new', () => {
    for (const report of [asBefore, nothing, forbidden, portless])
      assert.equal(afterReports(byItsEngines, [report]), byItsEngines);
  });

  test('tells nobody of an address or a port while it is FAILED', () => {
    assert.deepEqual(afterReports(byItsEngines, [elsewhere]).control, byItsEngines.control);
  });
});

describe('a VPN that failed by the word of others and that Docker calls healthy', () => {
  for (const [who, vpn] of [
    ['its control server', byItsControl],
    ['its engines', byItsEngines],
  ] as const) {
    test(`stays FAILED since the same moment and for the same reason: ${who}`, () => {
      const after = looked(vpn);
      assert.equal(after.state, vpn.state);
      assert.equal(after.health, 'UNHEALTHY');
      assert.equal(after.recoveredAt, null);
    });

    const ends: [string, Look[], VpnState['kind']][] = [
      ['healthy, however often', [aLook(later), aLook(later + 1)], 'FAILED'],
      ['that it has no HEALTHCHECK', [aLook(later, { health: 'none' })], 'FAILED'],
      ['nothing, then healthy', [{ kind: 'unanswered', at: later }, aLook(later + 1)], 'FAILED'],
      ['unhealthy', [aLook(later, { health: 'unhealthy' })], 'FAILED'],
      ['unhealthy, then healthy', [aLook(later, { health: 'unhealthy' }), aLook(later + 1)], 'STABILIZING'],
      ['that it was restarted', [aLook(later, { incarnation: restarted })], 'FAILED'],
      [
        'that it was restarted, then healthy',
        [aLook(later, { incarnation: restarted }), aLook(later + 1, { incarnation: restarted })],
        'STABILIZING',
      ],
      [
        'starting as another run, then healthy',
        [
          aLook(later, { incarnation: restarted, health: 'starting' }),
          aLook(later + 1, { incarnation: restarted }),
        ],
        'STABILIZING',
      ],
      ['paused, then healthy', [aLook(later, { status: 'paused' }), aLook(later + 1)], 'STABILIZING'],
      [
        'that it does not exist, then that it was made anew',
        [
          { kind: 'missing', at: later },
          aLook(later + 1, { incarnation: recreated }),
          aLook(later + 2, { incarnation: recreated }),
        ],
        'STABILIZING',
      ],
    ];
    for (const [name, looks, expected] of ends)
      test(`FAILED -> ${expected} by the word of ${who}, and Docker says ${name}`, () =>
        assert.equal(looks.reduce((held, look) => looked(held, look), vpn).state.kind, expected));

    test(`can be asked, until it is held no longer: ${who}`, () => {
      assert.deepEqual(askable(vpn), firstRun);
      assert.equal(askable(looked(vpn, aLook(later, { health: 'unhealthy' }))), null);
    });

    test(`is not moved by a report of another run, nor by one that was asked before it failed: ${who}`, () => {
      const report = { ...elsewhere, incarnation: firstRun, askedAt: now + 1, problem: null };
      assert.equal(hear(vpn, { ...report, incarnation: restarted }), vpn);
      const down = { ...vpn, control: nothingTold(now + 2) };
      assert.equal(hear(down, report), down);
    });
  }
});

describe('a VPN of which one engine is connected', () => {
  for (const [name, vpn] of [
    ['READY', aVpn('red')],
    ['STABILIZING', aVpn('red', stabilizing())],
    ['UNKNOWN', aVpn('red', unknown)],
    ["FAILED by Docker's word", aVpn('red', failed)],
  ] as const) {
    test(`is what it was when it is ${name}`, () => assert.equal(connectedWhileFailed(vpn), vpn));
  }
});

describe('who can be asked', () => {
  const cases: [string, Vpn, boolean][] = [
    ['READY', aVpn('red'), true],
    ['STABILIZING', aVpn('red', stabilizing()), true],
    ['UNKNOWN', aVpn('red', unknown), false],
    ["FAILED by Docker's word", aVpn('red', failed), false],
    ['FAILED by the word of its control server', byItsControl, true],
    ['FAILED by the word of its engines', byItsEngines, true],
    ['READY, but only remembered', aVpn('red', ready, { lastSeenAt: null }), false],
    ['FAILED by the word of its engines, but only remembered', { ...byItsEngines, lastSeenAt: null }, false],
    ['READY, and its run is not known', aVpn('red', ready, { incarnation: null }), false],
  ];
  for (const [name, vpn, is] of cases)
    test(`${name}: ${is ? 'yes' : 'no'}`, () => assert.deepEqual(askable(vpn), is ? firstRun : null));
});

describe('what a process remembers of', () => {
  const boot = now + hours(1);
  const first = boot + 1;

  test('what speaks against a VPN: nothing, so that it has its whole time again', () => {
    for (const evidence of [byControl(), byEngines]) {
      const vpn = remembered(telling('stopped', { evidence }), boot, policy);
      assert.equal(vpn.evidence, null);
      assert.deepEqual(observe(vpn, aLook(first), policy, true).state, ready);
    }
  });

  test('what its control server said against it: nothing, for that may be long over, and not be told again', () => {
    const vpn = remembered(telling('stopped'), boot, policy);
    const seen = observe(vpn, aLook(first), policy, true);
    for (const report of [forbidden, nothing]) {
      const heard = hear(seen, { ...report, incarnation: firstRun, askedAt: first + 1, problem: 'silent' });
      assert.equal(suspected(heard, [among(heard, [], 1)], first + 1, policy).evidence, null);
    }
  });

  test('what else it said: all of it', () => {
    const { publicAddress, forwardedPort, heard } = remembered(
      aVpn('red', ready, { control: known }),
      boot,
      policy,
    ).control;
    assert.deepEqual([publicAddress, forwardedPort, heard], [published, known.forwardedPort, true]);
  });

  test('how often engines were believed: all of it, and since when, but nothing of the future', () => {
    const outcries = { count: 3, lastAt: now };
    assert.deepEqual(remembered(telling('running', { outcries }), boot, policy).outcries, outcries);
    const early = remembered(telling('running', { outcries }), now - hours(1), policy);
    assert.deepEqual(early.outcries, { count: 3, lastAt: now - hours(1) });
  });

  for (const [who, vpn] of [
    ['its control server', byItsControl],
    ['its engines', byItsEngines],
  ] as const) {
    test(`a failure by the word of ${who}: that it is held, also when Docker calls it healthy`, () => {
      const past = remembered(vpn, boot, policy);
      assert.deepEqual(past.state, vpn.state);
      const seen = observe(past, aLook(first), policy, true);
      assert.deepEqual(seen.state, vpn.state);
      assert.deepEqual(askable(seen), firstRun);
    });

    test(`a failure by the word of ${who}: that it is held no longer once it was restarted meanwhile`, () => {
      const again = aLook(first, { incarnation: restarted });
      const seen = observe(remembered(vpn, boot, policy), again, policy, false);
      assert.deepEqual([seen.state.kind, isHeld(seen)], ['FAILED', false]);
      assert.equal(observe(seen, { ...again, at: first + 1 }, policy, false).state.kind, 'STABILIZING');
    });
  }

  test('a failure by the word of its engines: what was seen of its end', () => {
    const stopped = afterReports(byItsEngines, [tunnelIs('stopped')]);
    const seen = observe(remembered(stopped, boot, policy), aLook(first), policy, true);
    const running = { ...asBefore, incarnation: firstRun, askedAt: first + 1, problem: null };
    assert.equal(isHeld(hear(seen, running)), false);
  });
});
