import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dueAt, observe } from '../../src/domain/observe.ts';
import { isReady, type Look, unseenVpn, type Vpn, type VpnState } from '../../src/domain/vpn.ts';
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

const see = (vpn: Vpn, look: Look, rules = policy, inhabited = true): Vpn =>
  observe(vpn, look, rules, inhabited);

/** One look at a VPN in `state`, ten seconds after that state began. */
const after = (state: VpnState, look: Look, changes: Partial<Vpn> = {}, rules = policy): Vpn =>
  see(aVpn('red', state, changes), look, rules);

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
      assert.deepEqual(after(state, look).state, { kind: 'FAILED', since: look.at, reason, hold: null });
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
      const late = see(boot, look(now + seconds(60) - 1));
      assert.deepEqual(late.state, boot.state);
      const over = see(late, look(now + seconds(60)));
      assert.equal(over.state.kind, 'FAILED');
    });

    test(`a VPN that was ${name} is READY at once when found healthy within its grace`, () => {
      const waited = see(boot, look(now + seconds(30)));
      assert.deepEqual(see(waited, aLook(now + seconds(31))).state, ready);
    });

    test(`a VPN that is ${name} fails at the first look when there is no grace`, () => {
      assert.equal(see(boot, look(now), aPolicy({ startGraceMs: 0 })).state.kind, 'FAILED');
    });
  }

  test('a VPN that was missing and then came up as another container is READY at once', () => {
    const created = see(boot, aLook(now + 1, { status: 'created', incarnation: firstRun }));
    assert.deepEqual(see(created, aLook(now + 2, { incarnation: recreated })).state, ready);
  });

  test('a VPN found healthy only after its grace has to stabilize', () => {
    const missed = see(boot, { kind: 'missing', at: now + seconds(60) });
    const found = see(missed, aLook(now + seconds(61)));
    assert.deepEqual(found.state, {
      kind: 'STABILIZING',
      until: now + seconds(61 + 120),
      doubtedSince: null,
    });
  });

  test('Docker not answering for longer than the grace fails nothing', () => {
    const vpn = see(boot, { kind: 'unanswered', at: now + seconds(600) });
    assert.equal(vpn.state.kind, 'UNKNOWN');
    assert.equal(vpn.lastSeenAt, null);
  });
});

describe('a restart', () => {
  test('a READY VPN that was restarted fails, and only the next healthy look begins to stabilize it', () => {
    const down = after(ready, aLook(soon, { incarnation: restarted }));
    assert.equal(down.state.kind, 'FAILED');
    assert.deepEqual(down.incarnation, restarted);
    const up = see(down, aLook(soon + 5, { incarnation: restarted }));
    assert.deepEqual(up.state, { kind: 'STABILIZING', until: soon + 5 + seconds(120), doubtedSince: null });
  });

  test('a restart during the stabilization begins it anew', () => {
    const down = after(stabilizing(), aLook(now + seconds(100), { incarnation: restarted }));
    assert.equal(down.state.kind, 'FAILED');
    const up = see(down, aLook(now + seconds(101), { incarnation: restarted }));
    assert.deepEqual(up.state, { kind: 'STABILIZING', until: now + seconds(221), doubtedSince: null });
  });

  test('a restart while Docker says unhealthy waits for no confirmation', () => {
    const look = aLook(soon, { incarnation: restarted, health: 'unhealthy' });
    assert.equal(after(ready, look, {}, patient).state.kind, 'FAILED');
  });

  test('a container that went missing and came back in another run is FAILED until the second look', () => {
    const gone = after(ready, { kind: 'missing', at: soon });
    assert.deepEqual(gone.incarnation, firstRun);
    const back = see(gone, aLook(soon + 1, { incarnation: recreated }));
    assert.equal(back.state.kind, 'FAILED');
    assert.equal(see(back, aLook(soon + 2, { incarnation: recreated })).state.kind, 'STABILIZING');
  });

  test('a paused container that goes on is the same run and stabilizes at once', () => {
    const paused = after(ready, aLook(soon, { status: 'paused' }));
    assert.equal(see(paused, aLook(soon + 1)).state.kind, 'STABILIZING');
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
    const second = see(first, unhealthy(soon + seconds(20) - 1), patient);
    assert.equal(second.state, first.state);
    assert.equal(see(second, unhealthy(soon + seconds(20)), patient).state.kind, 'FAILED');
  });

  test('a healthy look ends the doubt, and the next doubt counts from its own beginning', () => {
    const first = after(ready, unhealthy(soon), {}, patient);
    const well = see(first, aLook(soon + seconds(19)), patient);
    assert.deepEqual(well.state, ready);
    const second = see(well, unhealthy(soon + seconds(20)), patient);
    assert.deepEqual(second.state, { kind: 'READY', doubtedSince: soon + seconds(20) });
  });

  test('Docker not answering neither ends a doubt nor confirms it', () => {
    const vpn = after(doubted, { kind: 'unanswered', at: now + seconds(60) }, {}, patient);
    assert.deepEqual(vpn.state, doubted);
    assert.equal(see(vpn, unhealthy(now + seconds(61)), patient).state.kind, 'FAILED');
  });

  test('a VPN that was never up is held back like any other, and takes no engine meanwhile', () => {
    const first = after(unknown, unhealthy(soon), {}, patient);
    assert.deepEqual(first.state, { kind: 'UNKNOWN', since: now, doubtedSince: soon });
    assert.equal(first.health, 'UNHEALTHY');
    assert.equal(isReady(first), false);
    const second = see(first, unhealthy(soon + seconds(20) - 1), patient);
    assert.equal(second.state, first.state);
    assert.deepEqual(see(second, unhealthy(soon + seconds(20)), patient).state, {
      kind: 'FAILED',
      since: soon + seconds(20),
      reason: 'Docker calls it unhealthy',
      hold: null,
    });
  });

  test('a VPN that was never up and is found well before its doubt is confirmed is READY at once', () => {
    const first = after(unknown, unhealthy(soon), {}, patient);
    assert.deepEqual(see(first, aLook(soon + 1), patient).state, ready);
  });

  test('a VPN that was never up and is starting again is not doubted, and has what is left of its grace', () => {
    const first = after(unknown, unhealthy(soon), {}, patient);
    const starting = see(first, aLook(soon + seconds(19), { health: 'starting' }), patient);
    assert.deepEqual(starting.state, unknown);
    assert.equal(
      see(starting, aLook(now + seconds(60), { health: 'starting' }), patient).state.kind,
      'FAILED',
    );
  });

  test('a stopped container needs no confirmation', () => {
    assert.equal(after(doubted, aLook(now + 1, { status: 'exited' }), {}, patient).state.kind, 'FAILED');
    assert.equal(after(ready, { kind: 'missing', at: now + 1 }, {}, patient).state.kind, 'FAILED');
    assert.equal(after(ready, aLook(now + 1, { health: 'starting' }), {}, patient).state.kind, 'FAILED');
  });

  test('a doubt while STABILIZING is confirmed like any other and does not move the end', () => {
    const first = after(stabilizing(), unhealthy(soon), {}, patient);
    assert.deepEqual(first.state, { kind: 'STABILIZING', until: now + seconds(120), doubtedSince: soon });
    assert.deepEqual(see(first, aLook(soon + 1), patient).state, stabilizing());
    assert.equal(see(first, unhealthy(soon + seconds(20)), patient).state.kind, 'FAILED');
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
    const almost = see(back, aLook(soon + seconds(120) - 1));
    assert.equal(almost.state.kind, 'STABILIZING');
    assert.equal(isReady(almost), false);
    assert.deepEqual(see(almost, aLook(soon + seconds(120))).state, ready);
  });

  test('the passing of time alone makes nothing READY: it takes a healthy look', () => {
    const quiet = after(stabilizing(), { kind: 'unanswered', at: now + seconds(500) });
    assert.equal(quiet.state.kind, 'STABILIZING');
    assert.deepEqual(see(quiet, aLook(now + seconds(501))).state, ready);
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
      hold: null,
    });
    const up = see(down, aLook(now + seconds(120)));
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
      assert.equal(see(vpn, look), vpn);
    }
  });

  test('an old healthy look does not bring a failed VPN back', () => {
    const down = aVpn('red', failed, { lookedAt: soon });
    assert.equal(see(down, aLook(soon - 1)), down);
  });

  test('a look that began at the same moment counts', () => {
    assert.equal(see(vpn, aLook(soon, { status: 'exited' })).state.kind, 'FAILED');
  });

  test('an unanswered look makes no answered one out of date', () => {
    const unanswered = after(ready, { kind: 'unanswered', at: soon });
    assert.equal(see(unanswered, aLook(soon - 1, { status: 'exited' })).state.kind, 'FAILED');
  });

  test('an unanswered look that began before an answered one changes nothing', () => {
    const answered = after(ready, aLook(soon));
    assert.equal(see(answered, { kind: 'unanswered', at: soon - 1 }), answered);
  });

  test('the grace of a VPN begins when Docker first answers', () => {
    const waited = see(unseenVpn('red', now), { kind: 'unanswered', at: now + 10 * policy.startGraceMs });
    const starting = see(waited, aLook(now + 10 * policy.startGraceMs + 1, { health: 'starting' }));
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

describe('the moment of recovery', () => {
  const recoveredBefore = { recoveredAt: now - seconds(500) };

  for (const [name, vpn] of [
    ['found well after a failure', after(failed, aLook(soon), recoveredBefore)],
    [
      'found well after a failure, without having to stabilize',
      after(failed, aLook(soon), recoveredBefore, aPolicy({ stabilizationMs: 0 })),
    ],
  ] as const) {
    test(`is noted when the VPN is ${name}`, () => assert.equal(vpn.recoveredAt, soon));
  }

  for (const [name, state, look] of [
    ['goes on being well', ready, aLook(soon)],
    ['goes on stabilizing', stabilizing(), aLook(soon)],
    ['has been stable for long enough', stabilizing(seconds(5)), aLook(soon)],
    ['is well at boot', unknown, aLook(soon)],
    ['fails', ready, aLook(soon, { status: 'exited' })],
    ['goes on failing', failed, aLook(soon, { status: 'exited' })],
    ['is FAILED and runs again as another run', failed, aLook(soon, { incarnation: restarted })],
    ['is FAILED and Docker does not answer', failed, { kind: 'unanswered', at: soon }],
  ] as const) {
    test(`stays what it was when the VPN ${name}`, () =>
      assert.equal(after(state, look, recoveredBefore).recoveredAt, now - seconds(500)));
  }

  test('is not known of a VPN that never failed', () => {
    assert.equal(see(unseenVpn('red', now), aLook(soon)).recoveredAt, null);
  });
});

test('when Tandem restarted its container is kept, whatever a look says', () => {
  const looks: Look[] = [
    aLook(soon),
    aLook(soon, { incarnation: restarted }),
    { kind: 'missing', at: soon },
    { kind: 'unanswered', at: soon },
  ];
  for (const state of Object.values(from))
    for (const look of looks) assert.equal(after(state, look, { restartedAt: now - 7 }).restartedAt, now - 7);
});

describe('when time alone may change the conclusion', () => {
  const cases: [string, VpnState, number][] = [
    ['UNKNOWN: the end of the grace', unknown, now + seconds(60)],
    [
      'UNKNOWN and doubted: when the doubt is confirmed',
      { kind: 'UNKNOWN', since: now, doubtedSince: now + seconds(1) },
      now + seconds(21),
    ],
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
