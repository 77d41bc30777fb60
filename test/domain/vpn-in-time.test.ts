import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dueAt } from '../../src/domain/observe.ts';
import { isReady, type Look, unseenVpn, type VpnState } from '../../src/domain/vpn.ts';
import {
  aLook,
  aPolicy,
  aVpn,
  doubted,
  failed,
  now,
  ready,
  restarted,
  seconds,
  stabilizing,
  unknown,
} from '../support/build.ts';
import { after, patient, policy, see, soon } from '../support/looking.ts';

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
      'STABILIZING and doubted shortly before its end: when the doubt is confirmed',
      { kind: 'STABILIZING', until: now + seconds(5), doubtedSince: now },
      now + seconds(20),
    ],
    ['FAILED: never', failed, Number.POSITIVE_INFINITY],
  ];
  for (const [name, state, due] of cases) {
    test(name, () => assert.equal(dueAt(aVpn('red', state), patient), due));
  }
});
