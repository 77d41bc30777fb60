import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { nothingTold, type TunnelStatus } from '../../src/domain/control.ts';
import { dueAt, observe } from '../../src/domain/observe.ts';
import { believedAt, connectedWhileFailed, oneMore, suspected } from '../../src/domain/silence.ts';
import {
  type Evidence,
  type Hold,
  isReady,
  type Look,
  type Vpn,
  type VpnState,
} from '../../src/domain/vpn.ts';
import {
  aLook,
  aPolicy,
  aVpn,
  doubted,
  failed,
  hours,
  now,
  ready,
  recreated,
  restarted,
  seconds,
  stabilizing,
  unknown,
} from '../support/build.ts';
import {
  among,
  byControl,
  byEngines,
  known,
  policy,
  published,
  telling,
  type Word,
} from '../support/silence.ts';

const deaf = aPolicy({ silentFailureMs: 0 });
const patient = aPolicy({ failureConfirmMs: seconds(20) });
const soon = now + seconds(10);
const never = Number.POSITIVE_INFINITY;

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
