import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  dueAt,
  isReady,
  type Look,
  observe,
  unseenVpn,
  type Vpn,
  type VpnState,
} from '../../src/domain/vpn.ts';
import {
  aLook,
  aPolicy,
  aVpn,
  doubted,
  failed,
  firstRun,
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
const soon = now + seconds(10);

/** One look at a VPN in `state`, ten seconds after that state began. */
const after = (state: VpnState, look: Look, changes: Partial<Vpn> = {}, rules = policy): Vpn =>
  observe(aVpn('red', state, changes), look, rules);

const from = { UNKNOWN: unknown, READY: ready, STABILIZING: stabilizing(), FAILED: failed };

type Outcome = `${VpnState['kind']} ${Vpn['health']}`;

/** What becomes of a VPN in each state when one look says this. */
const table: Record<string, { look: Look; ends: Record<keyof typeof from, Outcome> }> = {
  'Docker calls it healthy': {
    look: aLook(soon),
    ends: {
      UNKNOWN: 'READY HEALTHY',
      READY: 'READY HEALTHY',
      STABILIZING: 'STABILIZING HEALTHY',
      FAILED: 'STABILIZING HEALTHY',
    },
  },
  'it runs and has no HEALTHCHECK': {
    look: aLook(soon, { health: 'none' }),
    ends: {
      UNKNOWN: 'READY HEALTHY',
      READY: 'READY HEALTHY',
      STABILIZING: 'STABILIZING HEALTHY',
      FAILED: 'STABILIZING HEALTHY',
    },
  },
  'Docker calls it unhealthy': {
    look: aLook(soon, { health: 'unhealthy' }),
    ends: {
      UNKNOWN: 'FAILED UNHEALTHY',
      READY: 'FAILED UNHEALTHY',
      STABILIZING: 'FAILED UNHEALTHY',
      FAILED: 'FAILED UNHEALTHY',
    },
  },
  'its health is starting': {
    look: aLook(soon, { health: 'starting' }),
    ends: {
      UNKNOWN: 'UNKNOWN UNKNOWN',
      READY: 'FAILED UNKNOWN',
      STABILIZING: 'FAILED UNKNOWN',
      FAILED: 'FAILED UNKNOWN',
    },
  },
  'its container is missing': {
    look: { kind: 'missing', at: soon },
    ends: {
      UNKNOWN: 'UNKNOWN UNKNOWN',
      READY: 'FAILED UNHEALTHY',
      STABILIZING: 'FAILED UNHEALTHY',
      FAILED: 'FAILED UNHEALTHY',
    },
  },
  'its container was never started': {
    look: aLook(soon, { status: 'created', health: 'none' }),
    ends: {
      UNKNOWN: 'UNKNOWN UNKNOWN',
      READY: 'FAILED UNHEALTHY',
      STABILIZING: 'FAILED UNHEALTHY',
      FAILED: 'FAILED UNHEALTHY',
    },
  },
  ...Object.fromEntries(
    ['exited', 'dead', 'paused', 'restarting', 'removing'].map((status) => [
      `its container is ${status}, whatever its health was`,
      {
        look: aLook(soon, { status }),
        ends: {
          UNKNOWN: 'FAILED UNHEALTHY',
          READY: 'FAILED UNHEALTHY',
          STABILIZING: 'FAILED UNHEALTHY',
          FAILED: 'FAILED UNHEALTHY',
        },
      } as const,
    ]),
  ),
  'it was restarted, although Docker says healthy': {
    look: aLook(soon, { incarnation: restarted }),
    ends: {
      UNKNOWN: 'READY HEALTHY',
      READY: 'FAILED UNHEALTHY',
      STABILIZING: 'FAILED UNHEALTHY',
      FAILED: 'FAILED UNHEALTHY',
    },
  },
  'it was made anew, although Docker says healthy': {
    look: aLook(soon, { incarnation: recreated }),
    ends: {
      UNKNOWN: 'READY HEALTHY',
      READY: 'FAILED UNHEALTHY',
      STABILIZING: 'FAILED UNHEALTHY',
      FAILED: 'FAILED UNHEALTHY',
    },
  },
  'Docker does not answer': {
    look: { kind: 'unanswered', at: soon },
    ends: {
      UNKNOWN: 'UNKNOWN UNKNOWN',
      READY: 'READY UNKNOWN',
      STABILIZING: 'STABILIZING UNKNOWN',
      FAILED: 'FAILED UNKNOWN',
    },
  },
};

const states: readonly (keyof typeof from)[] = ['UNKNOWN', 'READY', 'STABILIZING', 'FAILED'];

describe('one look at a VPN', () => {
  for (const [when, { look, ends }] of Object.entries(table)) {
    for (const state of states) {
      const [kind] = ends[state].split(' ');
      test(`${state} -> ${kind} when ${when}`, () => {
        const vpn = after(from[state], look);
        assert.equal(`${vpn.state.kind} ${vpn.health}`, ends[state]);
        assert.equal(vpn.lookedAt, look.kind === 'unanswered' ? now : soon);
      });
    }
  }
});

describe('the reason for a failure', () => {
  const reasons: [string, VpnState, Look][] = [
    ['its container does not exist', ready, { kind: 'missing', at: soon }],
    ['its container was never started', ready, aLook(soon, { status: 'created' })],
    ['its container is paused', ready, aLook(soon, { status: 'paused' })],
    ['its container is exited', unknown, aLook(soon, { status: 'exited' })],
    ['its container was restarted', ready, aLook(soon, { incarnation: restarted })],
    ['its container was restarted', stabilizing(), aLook(soon, { health: 'starting' })],
    ['Docker calls it unhealthy', ready, aLook(soon, { health: 'unhealthy' })],
    ['it did not become healthy in time', unknown, aLook(now + seconds(60), { health: 'starting' })],
    ['its container does not exist', unknown, { kind: 'missing', at: now + seconds(60) }],
  ];
  for (const [reason, state, look] of reasons) {
    test(`${state.kind}: "${reason}", and since when`, () => {
      assert.deepEqual(after(state, look).state, { kind: 'FAILED', since: look.at, reason });
    });
  }

  test('a VPN that goes on failing keeps the first reason and moment', () => {
    for (const look of [
      aLook(soon, { status: 'dead' }),
      aLook(soon, { health: 'unhealthy' }),
      aLook(soon, { incarnation: restarted }),
    ]) {
      assert.equal(after(failed, look).state, failed);
    }
  });
});

describe('at boot', () => {
  const boot = unseenVpn('red', now);
  const notYet: Record<string, (at: number) => Look> = {
    missing: (at) => ({ kind: 'missing', at }),
    created: (at) => aLook(at, { status: 'created', health: 'none' }),
    starting: (at) => aLook(at, { health: 'starting' }),
  };

  for (const [name, look] of Object.entries(notYet)) {
    test(`a VPN that is ${name} stays UNKNOWN to the last moment of its grace, then is FAILED`, () => {
      const late = observe(boot, look(now + seconds(60) - 1), policy);
      assert.deepEqual(late.state, boot.state);
      const over = observe(late, look(now + seconds(60)), policy);
      assert.equal(over.state.kind, 'FAILED');
    });

    test(`a VPN that was ${name} is READY at once when found healthy within its grace`, () => {
      const waited = observe(boot, look(now + seconds(30)), policy);
      assert.deepEqual(observe(waited, aLook(now + seconds(31)), policy).state, ready);
    });

    test(`a VPN that is ${name} fails at the first look when there is no grace`, () => {
      assert.equal(observe(boot, look(now), aPolicy({ startGraceMs: 0 })).state.kind, 'FAILED');
    });
  }

  test('a VPN that was missing and then came up as another container is READY at once', () => {
    const created = observe(boot, aLook(now + 1, { status: 'created', incarnation: firstRun }), policy);
    assert.deepEqual(observe(created, aLook(now + 2, { incarnation: recreated }), policy).state, ready);
  });

  test('a VPN found healthy only after its grace has to stabilize', () => {
    const missed = observe(boot, { kind: 'missing', at: now + seconds(60) }, policy);
    const found = observe(missed, aLook(now + seconds(61)), policy);
    assert.deepEqual(found.state, {
      kind: 'STABILIZING',
      until: now + seconds(61 + 120),
      doubtedSince: null,
    });
  });

  test('Docker not answering for longer than the grace fails nothing', () => {
    const vpn = observe(boot, { kind: 'unanswered', at: now + seconds(600) }, policy);
    assert.equal(vpn.state.kind, 'UNKNOWN');
    assert.equal(vpn.lastSeenAt, null);
  });
});

describe('a restart', () => {
  test('a READY VPN that was restarted fails, and only the next healthy look begins to stabilize it', () => {
    const down = after(ready, aLook(soon, { incarnation: restarted }));
    assert.equal(down.state.kind, 'FAILED');
    assert.deepEqual(down.incarnation, restarted);
    const up = observe(down, aLook(soon + 5, { incarnation: restarted }), policy);
    assert.deepEqual(up.state, { kind: 'STABILIZING', until: soon + 5 + seconds(120), doubtedSince: null });
  });

  test('a restart during the stabilization begins it anew', () => {
    const down = after(stabilizing(), aLook(now + seconds(100), { incarnation: restarted }));
    assert.equal(down.state.kind, 'FAILED');
    const up = observe(down, aLook(now + seconds(101), { incarnation: restarted }), policy);
    assert.deepEqual(up.state, { kind: 'STABILIZING', until: now + seconds(221), doubtedSince: null });
  });

  test('a restart while Docker says unhealthy waits for no confirmation', () => {
    const look = aLook(soon, { incarnation: restarted, health: 'unhealthy' });
    assert.equal(after(ready, look, {}, patient).state.kind, 'FAILED');
  });

  test('a container that went missing and came back in another run is FAILED until the second look', () => {
    const gone = after(ready, { kind: 'missing', at: soon });
    assert.deepEqual(gone.incarnation, firstRun);
    const back = observe(gone, aLook(soon + 1, { incarnation: recreated }), policy);
    assert.equal(back.state.kind, 'FAILED');
    assert.equal(
      observe(back, aLook(soon + 2, { incarnation: recreated }), policy).state.kind,
      'STABILIZING',
    );
  });

  test('a paused container that goes on is the same run and stabilizes at once', () => {
    const paused = after(ready, aLook(soon, { status: 'paused' }));
    assert.equal(observe(paused, aLook(soon + 1), policy).state.kind, 'STABILIZING');
  });
});

describe('confirming a failure', () => {
  const unhealthy = (at: number): Look => aLook(at, { health: 'unhealthy' });

  test('without a time to confirm, the first unhealthy look fails', () => {
    assert.equal(after(ready, unhealthy(now)).state.kind, 'FAILED');
  });

  test('a doubted VPN is READY by name, UNHEALTHY, and takes no engine', () => {
    const vpn = after(ready, unhealthy(soon), {}, patient);
    assert.deepEqual(vpn.state, { kind: 'READY', doubtedSince: soon });
    assert.equal(vpn.health, 'UNHEALTHY');
    assert.equal(isReady(vpn), false);
    assert.equal(isReady(aVpn('red', ready)), true);
  });

  test('the doubt counts from the first unhealthy look and not from the last', () => {
    const first = after(ready, unhealthy(soon), {}, patient);
    const second = observe(first, unhealthy(soon + seconds(20) - 1), patient);
    assert.equal(second.state, first.state);
    assert.equal(observe(second, unhealthy(soon + seconds(20)), patient).state.kind, 'FAILED');
  });

  test('a healthy look ends the doubt, and the next doubt counts from its own beginning', () => {
    const first = after(ready, unhealthy(soon), {}, patient);
    const well = observe(first, aLook(soon + seconds(19)), patient);
    assert.deepEqual(well.state, ready);
    const second = observe(well, unhealthy(soon + seconds(20)), patient);
    assert.deepEqual(second.state, { kind: 'READY', doubtedSince: soon + seconds(20) });
  });

  test('Docker not answering neither ends a doubt nor confirms it', () => {
    const vpn = after(doubted, { kind: 'unanswered', at: now + seconds(60) }, {}, patient);
    assert.deepEqual(vpn.state, doubted);
    assert.equal(observe(vpn, unhealthy(now + seconds(61)), patient).state.kind, 'FAILED');
  });

  test('a stopped container needs no confirmation', () => {
    assert.equal(after(doubted, aLook(now + 1, { status: 'exited' }), {}, patient).state.kind, 'FAILED');
    assert.equal(after(ready, { kind: 'missing', at: now + 1 }, {}, patient).state.kind, 'FAILED');
    assert.equal(after(ready, aLook(now + 1, { health: 'starting' }), {}, patient).state.kind, 'FAILED');
  });

  test('a doubt while STABILIZING is confirmed like any other and does not move the end', () => {
    const first = after(stabilizing(), unhealthy(soon), {}, patient);
    assert.deepEqual(first.state, { kind: 'STABILIZING', until: now + seconds(120), doubtedSince: soon });
    assert.deepEqual(observe(first, aLook(soon + 1), patient).state, stabilizing());
    assert.equal(observe(first, unhealthy(soon + seconds(20)), patient).state.kind, 'FAILED');
  });

  test('an unhealthy look after the end of the stabilization does not make a doubted VPN READY', () => {
    const state: VpnState = { kind: 'STABILIZING', until: now + seconds(5), doubtedSince: now };
    assert.equal(after(state, unhealthy(soon), {}, patient).state.kind, 'STABILIZING');
    assert.deepEqual(after(state, aLook(soon), {}, patient).state, ready);
  });
});

describe('stabilizing', () => {
  test('a recovered VPN takes no engine for two minutes', () => {
    const back = after(failed, aLook(soon));
    const almost = observe(back, aLook(soon + seconds(120) - 1), policy);
    assert.equal(almost.state.kind, 'STABILIZING');
    assert.equal(isReady(almost), false);
    assert.deepEqual(observe(almost, aLook(soon + seconds(120)), policy).state, ready);
  });

  test('the passing of time alone makes nothing READY: it takes a healthy look', () => {
    const quiet = after(stabilizing(), { kind: 'unanswered', at: now + seconds(500) });
    assert.equal(quiet.state.kind, 'STABILIZING');
    assert.deepEqual(observe(quiet, aLook(now + seconds(501)), policy).state, ready);
  });

  test('healthy looks in between do not move the end', () => {
    const vpn = after(stabilizing(), aLook(now + seconds(60)));
    assert.deepEqual(vpn.state, stabilizing());
  });

  test('a failure in the last moment begins the two minutes anew', () => {
    const down = after(stabilizing(), aLook(now + seconds(119), { health: 'unhealthy' }));
    assert.deepEqual(down.state, {
      kind: 'FAILED',
      since: now + seconds(119),
      reason: 'Docker calls it unhealthy',
    });
    const up = observe(down, aLook(now + seconds(120)), policy);
    assert.deepEqual(up.state, { kind: 'STABILIZING', until: now + seconds(240), doubtedSince: null });
  });

  test('with VPN_STABILIZATION_S=0 a recovered VPN is READY at once', () => {
    assert.deepEqual(after(failed, aLook(soon), {}, aPolicy({ stabilizationMs: 0 })).state, ready);
  });
});

describe('the order of looks', () => {
  const vpn = aVpn('red', ready, { lookedAt: soon });

  test('a look that began before the newest one that counted changes nothing, whatever it says', () => {
    for (const look of [
      aLook(soon - 1, { status: 'exited' }),
      { kind: 'missing', at: soon - 1 },
      { kind: 'unanswered', at: soon - 1 },
    ] as const) {
      assert.equal(observe(vpn, look, policy), vpn);
    }
  });

  test('an old healthy look does not bring a failed VPN back', () => {
    const down = aVpn('red', failed, { lookedAt: soon });
    assert.equal(observe(down, aLook(soon - 1), policy), down);
  });

  test('a look that began at the same moment counts', () => {
    assert.equal(observe(vpn, aLook(soon, { status: 'exited' }), policy).state.kind, 'FAILED');
  });

  test('an unanswered look makes no answered one out of date', () => {
    const unanswered = after(ready, { kind: 'unanswered', at: soon });
    assert.equal(observe(unanswered, aLook(soon - 1, { status: 'exited' }), policy).state.kind, 'FAILED');
  });

  test('an unanswered look that began before an answered one changes nothing', () => {
    const answered = after(ready, aLook(soon));
    assert.equal(observe(answered, { kind: 'unanswered', at: soon - 1 }, policy), answered);
  });

  test('the grace of a VPN begins when Docker first answers', () => {
    const waited = observe(
      unseenVpn('red', now),
      { kind: 'unanswered', at: now + 10 * policy.startGraceMs },
      policy,
    );
    const starting = observe(
      waited,
      aLook(now + 10 * policy.startGraceMs + 1, { health: 'starting' }),
      policy,
    );
    assert.equal(starting.state.kind, 'UNKNOWN');
  });
});

describe('what a look leaves behind', () => {
  test('an answered look notes status, run and moment', () => {
    const vpn = after(failed, aLook(soon, { incarnation: restarted, status: 'paused' }));
    assert.equal(vpn.containerStatus, 'paused');
    assert.deepEqual(vpn.incarnation, restarted);
    assert.equal(vpn.lastSeenAt, soon);
  });

  test('an unanswered look keeps what was known last', () => {
    const vpn = after(
      ready,
      { kind: 'unanswered', at: soon },
      { containerStatus: 'running', lastSeenAt: now },
    );
    assert.equal(vpn.containerStatus, 'running');
    assert.deepEqual(vpn.incarnation, firstRun);
    assert.equal(vpn.lastSeenAt, now);
  });

  test('a missing container has no status and keeps its last run', () => {
    const vpn = after(ready, { kind: 'missing', at: soon });
    assert.equal(vpn.containerStatus, null);
    assert.deepEqual(vpn.incarnation, firstRun);
    assert.equal(vpn.lastSeenAt, soon);
  });
});

describe('when time alone may change the conclusion', () => {
  const cases: [string, VpnState, number][] = [
    ['UNKNOWN: the end of the grace', unknown, now + seconds(60)],
    ['READY: never', ready, Number.POSITIVE_INFINITY],
    ['READY and doubted: when the doubt is confirmed', doubted, now + seconds(20)],
    ['STABILIZING: its end', stabilizing(), now + seconds(120)],
    [
      'STABILIZING and doubted: when the doubt is confirmed',
      { kind: 'STABILIZING', until: now + seconds(120), doubtedSince: now + seconds(1) },
      now + seconds(21),
    ],
    [
      'STABILIZING and doubted shortly before its end: its end',
      { kind: 'STABILIZING', until: now + seconds(5), doubtedSince: now },
      now + seconds(5),
    ],
    ['FAILED: never', failed, Number.POSITIVE_INFINITY],
  ];
  for (const [name, state, due] of cases) {
    test(name, () => assert.equal(dueAt(aVpn('red', state), patient), due));
  }
});
