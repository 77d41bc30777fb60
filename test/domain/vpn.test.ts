import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Look, unseenVpn, type Vpn, type VpnState } from '../../src/domain/vpn.ts';
import {
  aLook,
  aPolicy,
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
import { after, patient, see, soon } from '../support/looking.ts';

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
