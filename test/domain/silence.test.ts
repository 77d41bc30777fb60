import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { nothingTold, type PublicAddress, type Told, type TunnelStatus } from '../../src/domain/control.ts';
import { askable, type ControlReport, hear } from '../../src/domain/control-report.ts';
import { dueAt, observe } from '../../src/domain/observe.ts';
import { believedAt, connectedWhileFailed, oneMore, suspected } from '../../src/domain/silence.ts';
import type { VpnSite } from '../../src/domain/snapshot.ts';
import {
  type Evidence,
  type Hold,
  isReady,
  type Look,
  remembered,
  type Vpn,
  type VpnState,
} from '../../src/domain/vpn.ts';
import {
  aLook,
  anEngine,
  aPolicy,
  aSite,
  aVpn,
  doubted,
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

const policy = aPolicy();
const deaf = aPolicy({ silentFailureMs: 0 });
const patient = aPolicy({ failureConfirmMs: seconds(20) });
const soon = now + seconds(10);
const never = Number.POSITIVE_INFINITY;

type Word = boolean | null;

const cutOff = 'none of its engines is connected, though those of another VPN are';
const itsServerSays = (tunnel: TunnelStatus): string => `its control server says that the VPN is ${tunnel}`;
const byControl = (tunnel: TunnelStatus = 'stopped', since = now): Evidence => ({
  by: 'control',
  since,
  reason: itsServerSays(tunnel),
});
const byEngines: Evidence = { by: 'engines', since: now, reason: cutOff };

const telling = (tunnel: TunnelStatus | null, changes: Partial<Vpn> = {}, state: VpnState = ready): Vpn =>
  aVpn('red', state, { control: { ...nothingTold(now), heard: true, tunnel }, ...changes });

const among = (vpn: Vpn, words: readonly Word[], first: number): VpnSite =>
  aSite(vpn, {
    running: words.map((connected, nth) =>
      anEngine(first + nth, vpn.name, { connected, wasConnected: true }),
    ),
  });

/** What speaks against `vpn`, whose engines say this, while those of others say that. */
const against = (
  vpn: Vpn,
  own: readonly Word[],
  others: readonly Word[],
  otherState: VpnState = ready,
  rules = policy,
): Evidence | null => {
  const sites = [among(vpn, own, 1), among(aVpn('blue', otherState), others, 11)];
  return suspected(vpn, sites, soon, rules).evidence;
};

describe('what its control server says against a VPN', () => {
  const cases: [string, TunnelStatus | null, Evidence | null, Evidence | null][] = [
    ['running: nothing', 'running', null, null],
    ['stopped: from now on', 'stopped', null, byControl('stopped', soon)],
    ['crashed: from now on', 'crashed', null, byControl('crashed', soon)],
    ['starting: nothing', 'starting', null, null],
    ['stopping: nothing', 'stopping', null, null],
    ['completed: nothing', 'completed', null, null],
    ['not known: nothing', null, null, null],
    ['stopped, as before: since then', 'stopped', byControl(), byControl()],
    ['crashed, and stopped before: since then', 'crashed', byControl(), byControl('crashed')],
    ['starting, and crashed before: that goes on', 'starting', byControl('crashed'), byControl('crashed')],
    ['stopping, and crashed before: that goes on', 'stopping', byControl('crashed'), byControl('crashed')],
    ['running, and stopped before: nothing any longer', 'running', byControl(), null],
    ['stopped, and its engines before: from now on', 'stopped', byEngines, byControl('stopped', soon)],
  ];
  for (const [name, tunnel, before, expected] of cases)
    test(name, () => assert.deepEqual(against(telling(tunnel, { evidence: before }), [], []), expected));

  test('stopped: from now on, though its engines are connected', () => {
    assert.deepEqual(against(telling('stopped'), [true], [false]), byControl('stopped', soon));
  });
});

describe('what its engines say against a VPN', () => {
  const accused = { ...byEngines, since: soon };
  const cases: [string, Word[], Word[], Evidence | null][] = [
    ['none is connected, and one of another VPN is: from now on', [false], [true], accused],
    ['several are not, and one elsewhere is: from now on', [false, false], [false, null, true], accused],
    ['one is not, and another says nothing of it: from now on', [null, false], [true], accused],
    ['one is connected: nothing', [false, true, false], [true], null],
    ['none says anything of it: nothing', [null, null], [true], null],
    ['there is none: nothing', [], [true], null],
    ['none is connected, and none elsewhere either: nothing', [false, false], [false, false], null],
    ['none is connected, and none elsewhere says anything of it: nothing', [false], [null], null],
    ['none is connected, and there is none elsewhere: nothing', [false], [], null],
    ['all are connected: nothing', [true], [true], null],
  ];
  for (const [name, own, others, expected] of cases)
    test(name, () => assert.deepEqual(against(telling('running'), own, others), expected));

  const elsewhere: [string, VpnState, Evidence | null][] = [
    ['READY', ready, accused],
    ['doubted', doubted, accused],
    ['STABILIZING', stabilizing(), accused],
    ['UNKNOWN', unknown, accused],
    ['FAILED', failed, null],
  ];
  for (const [name, state, expected] of elsewhere)
    test(`one of a VPN that is ${name} is connected: ${expected ? 'from now on' : 'that says nothing'}`, () =>
      assert.deepEqual(against(telling('running'), [false], [true], state), expected));

  test('one of any other VPN is connected: from now on', () => {
    const vpn = telling('running');
    const sites = [
      among(aVpn('green'), [false], 21),
      among(aVpn('grey', failed), [true], 31),
      among(vpn, [false], 1),
      among(aVpn('blue'), [true], 11),
    ];
    assert.deepEqual(suspected(vpn, sites, soon, policy).evidence, accused);
    assert.equal(suspected(vpn, sites.slice(0, 3), soon, policy).evidence, null);
  });

  const before: [string, Evidence, Word[], Word[], Evidence | null][] = [
    ['that goes on: since then', byEngines, [false], [true], byEngines],
    ['one is connected again: nothing any longer', byEngines, [true], [true], null],
    ['those elsewhere are no longer: nothing any longer', byEngines, [false], [false], null],
    ['its control server did before: from now on', byControl(), [false], [true], accused],
  ];
  for (const [name, evidence, own, others, expected] of before)
    test(name, () => assert.deepEqual(against(telling('running', { evidence }), own, others), expected));

  test('its control server says starting, and one is connected again: nothing any longer', () => {
    assert.equal(against(telling('starting', { evidence: byEngines }), [true], [true]), null);
  });

  test('its control server knows nothing, or does not say: from now on all the same', () => {
    for (const tunnel of [null, 'starting', 'stopping', 'completed'] as const)
      assert.deepEqual(against(telling(tunnel), [false], [true]), accused);
  });
});

describe('who is accused', () => {
  const cases: [string, VpnState, boolean][] = [
    ['READY', ready, true],
    ['READY and doubted', doubted, true],
    ['STABILIZING', stabilizing(), true],
    ['UNKNOWN', unknown, false],
    ['FAILED', failed, false],
  ];
  for (const [name, state, is] of cases) {
    test(`a VPN that is ${name}: ${is ? 'yes' : 'no, nor any longer'}`, () => {
      for (const evidence of [null, byControl(), byEngines])
        assert.equal(against(telling('stopped', { evidence }, state), [false], [true]) !== null, is);
    });
  }

  test('with VPN_SILENT_FAILURE_S=0 nobody, nor any longer', () => {
    for (const evidence of [null, byControl(), byEngines])
      assert.equal(against(telling('stopped', { evidence }), [false], [true], ready, deaf), null);
  });

  test('a single VPN by its control server alone', () => {
    const vpn = telling('running');
    assert.equal(suspected(vpn, [among(vpn, [false, false], 1)], soon, policy), vpn);
    const stopped = telling('stopped');
    assert.ok(suspected(stopped, [among(stopped, [true], 1)], soon, policy).evidence);
  });

  test('one of whom nothing new is said is the same as before', () => {
    for (const vpn of [telling('running'), telling('stopped', { evidence: byControl() })])
      assert.equal(suspected(vpn, [among(vpn, [], 1)], soon, policy), vpn);
    const vpn = telling('running', { evidence: byEngines });
    assert.equal(
      suspected(vpn, [among(vpn, [false], 1), among(aVpn('blue'), [true], 11)], soon, policy),
      vpn,
    );
  });
});

describe('when what speaks against a VPN is believed', () => {
  const day = hours(24);
  const outcries = (count: number, lastAt = now - 1) => ({ count, lastAt });
  const cases: [string, Partial<Vpn>, number][] = [
    ['never, where nothing does', { evidence: null }, never],
    ['its control server: after VPN_SILENT_FAILURE_S', { evidence: byControl() }, seconds(30)],
    [
      'its control server: no later, whatever its engines said before',
      { evidence: byControl(), outcries: outcries(5) },
      seconds(30),
    ],
    ['its engines: after VPN_SILENT_FAILURE_S', { evidence: byEngines }, seconds(30)],
    [
      'its engines, the second time: after twice that',
      { evidence: byEngines, outcries: outcries(1) },
      seconds(60),
    ],
    [
      'its engines, the third time: after four times that',
      { evidence: byEngines, outcries: outcries(2) },
      seconds(120),
    ],
    [
      'its engines, the twelfth time: after more than half a day',
      { evidence: byEngines, outcries: outcries(11) },
      seconds(30 * 2_048),
    ],
    [
      'its engines, nearly a day after the last time: after twice that',
      { evidence: byEngines, outcries: outcries(1, now - day + 1) },
      seconds(60),
    ],
    [
      'its engines, a day after the last time: as if it were the first',
      { evidence: byEngines, outcries: outcries(7, now - day) },
      seconds(30),
    ],
  ];
  for (const [name, changes, ms] of cases)
    test(name, () => assert.equal(believedAt(telling('running', changes), policy), now + ms));

  test('as it is configured', () => {
    const vpn = telling('running', { evidence: byEngines, outcries: outcries(1) });
    assert.equal(believedAt(vpn, aPolicy({ silentFailureMs: 7 })), now + 14);
  });

  test('each failure by the word of engines is one more, and a day after the last one the first', () => {
    const past = telling('running', { outcries: outcries(3, now) });
    assert.deepEqual(oneMore(past, now + day - 1), { count: 4, lastAt: now + day - 1 });
    assert.deepEqual(oneMore(past, now + day), { count: 1, lastAt: now + day });
  });
});

const published: PublicAddress = { ip: '203.0.113.7', country: null, region: null, city: null };
const known = {
  ...nothingTold(now),
  heard: true,
  tunnel: 'running',
  publicAddress: published,
  forwardedPort: { number: 51_000, since: now },
} as const;
const atLast = now + seconds(30);

describe('a look at a VPN that Docker calls healthy, and others speak against', () => {
  const accused = (evidence: Evidence, state: VpnState = ready, changes: Partial<Vpn> = {}): Vpn =>
    aVpn('red', state, { control: known, evidence, ...changes });
  const failedBy = (evidence: Evidence, hold: Hold): VpnState => ({
    kind: 'FAILED',
    since: atLast,
    reason: evidence.reason,
    hold,
  });
  const untilNewTunnel: Hold = {
    by: 'engines',
    ip: published.ip,
    port: 51_000,
    seen: { stopped: false, addressless: false },
    told: true,
  };
  const accusers: [string, Evidence, Hold][] = [
    ['its control server', byControl(), { by: 'control' }],
    ['its engines', byEngines, untilNewTunnel],
  ];

  for (const [who, evidence, hold] of accusers) {
    for (const state of [ready, stabilizing()]) {
      for (const health of ['healthy', 'none'] as const) {
        test(`${state.kind} -> FAILED by the word of ${who} after thirty seconds and not a moment sooner, health ${health}`, () => {
          const vpn = accused(evidence, state);
          const early = observe(vpn, aLook(atLast - 1, { health }), policy, true);
          assert.deepEqual(early.state, state);
          assert.equal(early.evidence, evidence);
          const late = observe(early, aLook(atLast, { health }), policy, true);
          assert.deepEqual(late.state, failedBy(evidence, hold));
          assert.deepEqual([late.health, late.evidence], ['UNHEALTHY', null]);
          assert.deepEqual(late.control, nothingTold(atLast));
        });
      }
    }

    test(`READY -> READY -> FAILED by the word of ${who} when Docker does not answer at first`, () => {
      const vpn = observe(accused(evidence), { kind: 'unanswered', at: atLast + 5 }, policy, true);
      assert.deepEqual([vpn.state, vpn.evidence], [ready, evidence]);
      assert.equal(observe(vpn, aLook(atLast + 6), policy, true).state.kind, 'FAILED');
    });

    test(`READY -> FAILED by Docker's own word, though ${who} would be believed by now`, () => {
      for (const [look, reason] of [
        [aLook(atLast, { health: 'unhealthy' }), 'Docker calls it unhealthy'],
        [aLook(atLast, { incarnation: restarted }), 'its container was restarted'],
        [aLook(atLast, { status: 'paused' }), 'its container is paused'],
        [{ kind: 'missing', at: atLast } as Look, 'its container does not exist'],
      ] as const) {
        const vpn = observe(accused(evidence), look, policy, true);
        assert.deepEqual(vpn.state, { kind: 'FAILED', since: atLast, reason, hold: null });
        assert.deepEqual(vpn.outcries, accused(evidence).outcries);
      }
    });

    test(`what ${who} say is no more said of another run of its container`, () => {
      const vpn = observe(accused(evidence), aLook(soon, { incarnation: recreated }), policy, true);
      assert.equal(vpn.evidence, null);
    });

    test(`READY -> doubted -> FAILED by the word of ${who} with VPN_FAILURE_CONFIRM_S on top`, () => {
      const first = observe(accused(evidence), aLook(atLast), patient, true);
      assert.deepEqual(first.state, { kind: 'READY', doubtedSince: atLast });
      assert.deepEqual([first.health, isReady(first)], ['UNHEALTHY', false]);
      const second = observe(first, aLook(atLast + seconds(20) - 1), patient, true);
      assert.equal(second.state, first.state);
      const third = observe(second, aLook(atLast + seconds(20)), patient, true);
      assert.deepEqual(third.state, { ...failedBy(evidence, hold), since: atLast + seconds(20) });
    });

    test(`READY -> doubted -> READY when nothing speaks against it any longer, ${who} did`, () => {
      const first = observe(accused(evidence), aLook(atLast), patient, true);
      const second = observe({ ...first, evidence: null }, aLook(atLast + 1), patient, true);
      assert.deepEqual(second.state, ready);
    });
  }

  test('only a failure by the word of engines makes the next one wait for longer', () => {
    const outcries = { count: 2, lastAt: now - 7 };
    const believed = observe(
      accused(byEngines, ready, { outcries }),
      aLook(now + seconds(120)),
      policy,
      true,
    );
    assert.deepEqual(believed.outcries, { count: 3, lastAt: now + seconds(120) });
    assert.equal(observe(believed, aLook(now + seconds(121)), policy, true).outcries, believed.outcries);
    const other = observe(accused(byControl(), ready, { outcries }), aLook(atLast), policy, true);
    assert.deepEqual([other.state.kind, other.outcries], ['FAILED', outcries]);
  });

  test('it is held to no address and no port where none is known', () => {
    const vpn = observe(
      accused(byEngines, ready, { control: nothingTold(now) }),
      aLook(atLast),
      policy,
      true,
    );
    assert.ok(vpn.state.kind === 'FAILED');
    assert.deepEqual(vpn.state.hold, { ...untilNewTunnel, ip: null, port: null, told: false });
  });

  test('it is held no longer than it takes to believe them anew where the control server has never told anything', () => {
    const silent = accused(byEngines, ready, { control: nothingTold(now) });
    const down = observe(silent, aLook(atLast), policy, true);
    const before = observe(down, aLook(atLast + seconds(60) - 1), policy, true);
    assert.equal(before.state.kind, 'FAILED');
    assert.equal(observe(before, aLook(atLast + seconds(60)), policy, true).state.kind, 'STABILIZING');
    const told = observe(accused(byEngines), aLook(atLast), policy, true);
    assert.equal(observe(told, aLook(atLast + hours(1_000)), policy, true).state.kind, 'FAILED');
  });

  test('it is held no longer once VPN_SILENT_FAILURE_S is 0', () => {
    const down = observe(accused(byControl()), aLook(atLast), policy, true);
    const off = aPolicy({ silentFailureMs: 0 });
    assert.equal(observe(down, aLook(atLast + 1), off, true).state.kind, 'STABILIZING');
  });

  test('it is to be looked at when what speaks against it is believed, and when its time to be stable is over', () => {
    assert.equal(dueAt(accused(byControl()), policy), atLast);
    assert.equal(dueAt(accused(byEngines, stabilizing(seconds(7))), policy), now + seconds(7));
    assert.equal(dueAt(accused(byEngines, stabilizing()), policy), atLast);
    assert.equal(dueAt(telling('running'), policy), never);
  });
});

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

describe('engines that always speak against a VPN that always has another tunnel then', () => {
  const beat = seconds(5);
  const day = hours(24);
  const hasty = aPolicy({ stabilizationMs: 0 });
  const sites = (vpn: Vpn) => [among(vpn, [false], 1), among(aVpn('blue'), [true], 11)];

  /** When it failed, in so long a time. */
  const failures = (ms: number, isAccused: (at: number) => boolean = () => true): number[] => {
    const found: number[] = [];
    let vpn = aVpn('red', ready);
    for (let at = now; at < now + ms; at += beat) {
      const before = vpn.state.kind;
      vpn = observe(vpn, aLook(at), hasty, true);
      if (vpn.state.kind === 'FAILED' && before !== 'FAILED') found.push(at - now);
      vpn = connectedWhileFailed(vpn);
      vpn = suspected(vpn, isAccused(at) ? sites(vpn) : [], at, hasty);
    }
    return found;
  };

  test('are believed after 30 s, and each time it takes twice as long', () => {
    const [first = 0, ...others] = failures(hours(1));
    assert.equal(first, seconds(30));
    let last = first;
    for (const [index, at] of others.entries()) {
      const waited = at - last;
      assert.ok(
        waited >= seconds(60 * 2 ** index) && waited <= seconds(60 * 2 ** index) + 2 * beat,
        `${waited}`,
      );
      last = at;
    }
    assert.equal(others.length, 5);
  });

  test('are believed no more often within a day than its length can be doubled into', () => {
    const found = failures(6 * day);
    const most = Math.log2(day / hasty.silentFailureMs) + 1;
    for (const end of found) {
      const within = found.filter((at) => at > end - day && at <= end).length;
      assert.ok(within <= most, `${within} times within a day`);
    }
    assert.ok(found.length >= 11);
  });

  test('are believed as soon as at first when a whole day has gone by without it', () => {
    const silence = hours(24) + seconds(100);
    const found = failures(hours(26), (at) => at < now + seconds(100) || at >= now + silence);
    assert.deepEqual(found.slice(0, 2), [seconds(30), seconds(95)]);
    assert.equal(found[2], silence + seconds(30));
  });
});
