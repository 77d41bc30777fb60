import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { nothingTold } from '../../src/domain/control.ts';
import { observe } from '../../src/domain/observe.ts';
import { isReady, type Look, remembered, unseenVpn, type Vpn, type VpnState } from '../../src/domain/vpn.ts';
import {
  aLook,
  aPolicy,
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
const patient = aPolicy({ failureConfirmMs: seconds(20) });
/** When the next process starts, and when it first looks. */
const boot = now + seconds(10);
const first = boot + seconds(1);

const fresh: VpnState = { kind: 'UNKNOWN', since: first, doubtedSince: null };
const failedAt = (since: number, reason: string): VpnState => ({ kind: 'FAILED', since, reason, hold: null });

/** What a process makes of its first look at a VPN that the last one left in `state`. */
const firstLook = (state: VpnState, look: Look, inhabited: boolean, rules = policy): Vpn =>
  observe(remembered(aVpn('red', state), boot, rules), look, rules, inhabited);

describe('what a process remembers of a VPN', () => {
  const later = boot + hours(1);

  for (const [name, state, expected] of [
    ['READY stays READY', ready, ready],
    ['FAILED stays FAILED, since then and for that reason', failed, failed],
    ['STABILIZING goes on to the same end', stabilizing(), stabilizing()],
    ['UNKNOWN has its grace once more', unknown, { kind: 'UNKNOWN', since: boot, doubtedSince: null }],
    [
      'UNKNOWN and doubted is not doubted any longer',
      { kind: 'UNKNOWN', since: now, doubtedSince: now },
      { kind: 'UNKNOWN', since: boot, doubtedSince: null },
    ],
  ] as const) {
    test(name, () => assert.deepEqual(remembered(aVpn('red', state), boot, policy).state, expected));
  }

  test('STABILIZING that ended while no process ran takes one look to be READY', () => {
    const vpn = remembered(aVpn('red', stabilizing()), later, policy);
    assert.deepEqual(vpn.state, stabilizing());
    assert.deepEqual(observe(vpn, aLook(later + 1), policy, true).state, ready);
  });

  for (const [name, back] of [
    ['a second', seconds(1)],
    ['an hour', hours(1)],
  ] as const) {
    test(`STABILIZING takes no longer than a whole period when the clock was set back by ${name}`, () => {
      const vpn = remembered(aVpn('red', stabilizing()), now - back, policy);
      assert.deepEqual(vpn.state, stabilizing(seconds(120) - back));
    });
  }

  test('STABILIZING takes no longer than the period that is configured now', () => {
    const vpn = remembered(aVpn('red', stabilizing()), now, aPolicy({ stabilizationMs: seconds(5) }));
    assert.deepEqual(vpn.state, stabilizing(seconds(5)));
  });

  test('run, status, recovery and restart are kept; what only a look tells is not', () => {
    const past = aVpn('red', ready, { provider: 'mullvad', recoveredAt: now - 7, restartedAt: now - 9 });
    assert.deepEqual(remembered(past, boot, policy), {
      ...past,
      health: 'UNKNOWN',
      control: { ...past.control, askedAt: boot },
      lookedAt: boot,
      lastSeenAt: null,
    });
  });

  test('a look from before a clock that was set back is no newer than the first look of this process', () => {
    const vpn = remembered(aVpn('red', ready, { lookedAt: later }), boot, policy);
    assert.equal(observe(vpn, aLook(first, { status: 'exited' }), policy, true).state.kind, 'FAILED');
  });
});

type Table = Record<string, { look: Look; inhabited: VpnState; deserted: VpnState }>;

/** `inhabited`: with engines of ours that run on it; `deserted`: without. */
const ofReady: Table = {
  'is the same run and well': { look: aLook(first), inhabited: ready, deserted: ready },
  'is the same run and has no HEALTHCHECK': {
    look: aLook(first, { health: 'none' }),
    inhabited: ready,
    deserted: ready,
  },
  'is missing': { look: { kind: 'missing', at: first }, inhabited: fresh, deserted: fresh },
  'was never started': {
    look: aLook(first, { status: 'created', health: 'none', incarnation: recreated }),
    inhabited: fresh,
    deserted: fresh,
  },
  'is starting as the same run': {
    look: aLook(first, { health: 'starting' }),
    inhabited: fresh,
    deserted: fresh,
  },
  'is starting as another run': {
    look: aLook(first, { health: 'starting', incarnation: restarted }),
    inhabited: fresh,
    deserted: fresh,
  },
  'was restarted and is well': {
    look: aLook(first, { incarnation: restarted }),
    inhabited: failedAt(first, 'its container was restarted'),
    deserted: ready,
  },
  'was made anew and is well': {
    look: aLook(first, { incarnation: recreated }),
    inhabited: failedAt(first, 'its container was restarted'),
    deserted: ready,
  },
  'was restarted and is unhealthy': {
    look: aLook(first, { incarnation: restarted, health: 'unhealthy' }),
    inhabited: failedAt(first, 'its container was restarted'),
    deserted: failedAt(first, 'Docker calls it unhealthy'),
  },
  'is unhealthy': {
    look: aLook(first, { health: 'unhealthy' }),
    inhabited: failedAt(first, 'Docker calls it unhealthy'),
    deserted: failedAt(first, 'Docker calls it unhealthy'),
  },
  ...Object.fromEntries(
    ['exited', 'paused', 'dead', 'restarting'].flatMap((status) =>
      (
        [
          ['the same run', firstRun],
          ['another run', restarted],
        ] as const
      ).map(([run, incarnation]) => [
        `is ${status} in ${run}`,
        {
          look: aLook(first, { status, incarnation, health: 'starting' }),
          inhabited: failedAt(first, `its container is ${status}`),
          deserted: failedAt(first, `its container is ${status}`),
        },
      ]),
    ),
  ),
  'is not told of by Docker': {
    look: { kind: 'unanswered', at: first },
    inhabited: ready,
    deserted: ready,
  },
};

describe('the first look of a process at a VPN that was READY', () => {
  for (const [name, { look, ...ends }] of Object.entries(ofReady)) {
    for (const who of ['inhabited', 'deserted'] as const) {
      test(`READY -> ${ends[who].kind} when it ${name}, and is ${who}`, () =>
        assert.deepEqual(firstLook(ready, look, who === 'inhabited').state, ends[who]));
    }
  }

  test('what is not there yet has its whole grace from that look on, then is FAILED', () => {
    const missing = (at: number): Look => ({ kind: 'missing', at });
    const vpn = firstLook(ready, missing(first), false);
    const late = observe(vpn, missing(first + seconds(60) - 1), policy, false);
    assert.equal(late.state.kind, 'UNKNOWN');
    assert.equal(observe(late, missing(first + seconds(60)), policy, false).state.kind, 'FAILED');
  });

  test('what is not there yet is READY at once when found well within its grace, as whichever run', () => {
    const vpn = firstLook(ready, { kind: 'missing', at: first }, false);
    assert.deepEqual(
      observe(vpn, aLook(first + seconds(59), { incarnation: recreated }), policy, false).state,
      ready,
    );
  });

  test('only the first look that Docker answers forgives: the one after an unanswered one, and no other', () => {
    const missing = (at: number): Look => ({ kind: 'missing', at });
    const unanswered = firstLook(ready, { kind: 'unanswered', at: first }, false);
    assert.deepEqual(observe(unanswered, missing(first + hours(1)), policy, false).state, {
      ...fresh,
      since: first + hours(1),
    });
    const well = firstLook(ready, aLook(first), false);
    assert.equal(observe(well, missing(first + 1), policy, false).state.kind, 'FAILED');
    assert.equal(
      observe(well, aLook(first + 1, { incarnation: restarted }), policy, false).state.kind,
      'FAILED',
    );
  });

  test('a doubt goes on from its own beginning', () => {
    const unhealthy = aLook(first, { health: 'unhealthy' });
    const vpn = firstLook(doubted, unhealthy, true, patient);
    assert.deepEqual(vpn.state, doubted);
    assert.equal(isReady(vpn), false);
    const over = aLook(now + seconds(20), { health: 'unhealthy' });
    assert.equal(observe(vpn, over, patient, true).state.kind, 'FAILED');
  });

  test('an unhealthy look is held back as at any other time', () => {
    const unhealthy = aLook(first, { health: 'unhealthy' });
    assert.deepEqual(firstLook(ready, unhealthy, true, patient).state, {
      kind: 'READY',
      doubtedSince: first,
    });
  });
});

describe('the first look of a process at a VPN that was STABILIZING', () => {
  const cases: [string, Look, VpnState][] = [
    ['goes on with the time that remains when it is well', aLook(first), stabilizing()],
    ['is READY when it is well and the time is over', aLook(now + seconds(120)), ready],
    ['goes on when Docker does not answer', { kind: 'unanswered', at: first }, stabilizing()],
    [
      'fails when it was restarted',
      aLook(first, { incarnation: restarted }),
      failedAt(first, 'its container was restarted'),
    ],
    [
      'fails when it is unhealthy',
      aLook(first, { health: 'unhealthy' }),
      failedAt(first, 'Docker calls it unhealthy'),
    ],
    [
      'fails when it is exited',
      aLook(first, { status: 'exited' }),
      failedAt(first, 'its container is exited'),
    ],
  ];
  for (const [name, look, expected] of cases) {
    for (const inhabited of [true, false])
      test(`${name}, ${inhabited ? 'inhabited' : 'deserted'}`, () =>
        assert.deepEqual(firstLook(stabilizing(), look, inhabited).state, expected));
  }

  test('never takes an engine before its time is over', () => {
    const vpn = firstLook(stabilizing(), aLook(now + seconds(120) - 1), false);
    assert.equal(isReady(vpn), false);
  });
});

describe('the first look of a process at a VPN that was FAILED', () => {
  const downs: [string, Look][] = [
    ['is missing', { kind: 'missing', at: first }],
    ['was never started', aLook(first, { status: 'created' })],
    ['is starting', aLook(first, { health: 'starting' })],
    ['is starting as another run', aLook(first, { health: 'starting', incarnation: restarted })],
    ['is well as another run', aLook(first, { incarnation: restarted })],
    ['is unhealthy', aLook(first, { health: 'unhealthy' })],
    ['is exited', aLook(first, { status: 'exited' })],
    ['is not told of by Docker', { kind: 'unanswered', at: first }],
  ];
  for (const [name, look] of downs) {
    for (const inhabited of [true, false])
      test(`FAILED -> FAILED, since the same moment, when it ${name}, ${inhabited ? 'inhabited' : 'deserted'}`, () =>
        assert.deepEqual(firstLook(failed, look, inhabited).state, failed));
  }

  test('FAILED -> STABILIZING for the whole period when it is well as the same run', () => {
    const vpn = firstLook(failed, aLook(first), true);
    assert.deepEqual(vpn.state, { kind: 'STABILIZING', until: first + seconds(120), doubtedSince: null });
    assert.equal(vpn.recoveredAt, first);
  });

  test('FAILED -> STABILIZING with the second look when it is well as another run', () => {
    const vpn = firstLook(failed, aLook(first, { incarnation: restarted }), false);
    const again = observe(vpn, aLook(first + 1, { incarnation: restarted }), policy, false);
    assert.deepEqual(again.state, {
      kind: 'STABILIZING',
      until: first + 1 + seconds(120),
      doubtedSince: null,
    });
  });
});

describe('the first look of a process at a VPN that it knows nothing of', () => {
  const cases: [string, Look, VpnState['kind']][] = [
    ['well', aLook(first), 'READY'],
    ['starting', aLook(first, { health: 'starting' }), 'UNKNOWN'],
    ['missing', { kind: 'missing', at: first }, 'UNKNOWN'],
    ['unhealthy', aLook(first, { health: 'unhealthy' }), 'FAILED'],
    ['exited', aLook(first, { status: 'exited' }), 'FAILED'],
    ['not told of', { kind: 'unanswered', at: first }, 'UNKNOWN'],
  ];
  for (const [name, look, kind] of cases) {
    for (const inhabited of [true, false])
      test(`${name}: ${kind}, ${inhabited ? 'inhabited' : 'deserted'}`, () =>
        assert.equal(observe(unseenVpn('red', boot), look, policy, inhabited).state.kind, kind));
  }
});

describe('a clock that was set back between two processes', () => {
  const later = now + seconds(600);
  const earlier = (state: VpnState, changes: Partial<Vpn> = {}) =>
    remembered(aVpn('red', state, changes), now, aPolicy());

  test('puts no failure, recovery, restart or doubt into the future', () => {
    assert.deepEqual(earlier({ kind: 'FAILED', since: later, reason: 'it fell', hold: null }).state, {
      kind: 'FAILED',
      since: now,
      reason: 'it fell',
      hold: null,
    });
    const vpn = earlier({ kind: 'READY', doubtedSince: later }, { recoveredAt: later, restartedAt: later });
    assert.deepEqual([vpn.state, vpn.recoveredAt, vpn.restartedAt], [doubted, now, now]);
  });

  test('puts no forwarded port into the future, and keeps the moment of one that is told of for longer', () => {
    const since = (at: number) => {
      const control = { ...nothingTold(now), forwardedPort: { number: 51_000, since: at } };
      return earlier(ready, { control }).control.forwardedPort;
    };
    assert.deepEqual(since(later), { number: 51_000, since: now });
    assert.deepEqual(since(now - 1), { number: 51_000, since: now - 1 });
  });
});
