import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Control, nothingTold } from '../../src/domain/control.ts';
import { type ControlReport, hear } from '../../src/domain/control-report.ts';
import { observe } from '../../src/domain/observe.ts';
import {
  aLook,
  aPolicy,
  aVpn,
  failed,
  firstRun,
  now,
  ready,
  restarted,
  stabilizing,
  unknown,
} from '../support/build.ts';

const publicAddress = { ip: '203.0.113.7', country: 'Netherlands', region: null, city: null };
const known: Control = {
  askedAt: now,
  heard: true,
  tunnel: 'running',
  publicAddress,
  forwardedPort: { number: 51_000, since: now },
  problem: null,
};

const aReport = (changes: Partial<ControlReport> = {}): ControlReport => ({
  incarnation: firstRun,
  askedAt: now + 1,
  tunnel: { kind: 'told', value: 'running' },
  publicAddress: { kind: 'told', value: publicAddress },
  forwardedPort: { kind: 'told', value: 51_000 },
  problem: null,
  ...changes,
});

describe('what a control server said', () => {
  for (const [state, heard] of [
    [ready, true],
    [stabilizing(), true],
    [failed, false],
    [unknown, false],
  ] as const) {
    test(`is ${heard ? 'taken in' : 'not believed'} of a VPN that is ${state.kind}`, () => {
      const { control } = hear(aVpn('red', state), aReport());
      assert.equal(control.forwardedPort?.number ?? null, heard ? 51_000 : null);
      assert.deepEqual(control.publicAddress, heard ? publicAddress : null);
    });
  }

  test('is not believed of another run of the container', () => {
    const vpn = aVpn('red');
    assert.equal(hear(vpn, aReport({ incarnation: restarted })), vpn);
  });

  test('is not believed where the question is older than the newest that counted', () => {
    const vpn = aVpn('red', ready, { control: { ...known, askedAt: now + 2 } });
    assert.equal(hear(vpn, aReport({ forwardedPort: { kind: 'told', value: 1 } })), vpn);
  });

  test('may be that there is none', () => {
    const none = { kind: 'told', value: null } as const;
    const { control } = hear(
      aVpn('red', ready, { control: known }),
      aReport({ publicAddress: none, forwardedPort: none }),
    );
    assert.deepEqual([control.publicAddress, control.forwardedPort], [null, null]);
  });

  test('leaves what could not be read as it was, and says why it could not', () => {
    const { control } = hear(
      aVpn('red', ready, { control: known }),
      aReport({
        publicAddress: { kind: 'failed', why: 'nonsense' },
        forwardedPort: { kind: 'denied', routes: ['/x'] },
        problem: 'a problem',
      }),
    );
    assert.deepEqual(control, { ...known, askedAt: now + 1, problem: 'a problem' });
  });
});

describe('what was known from a control server', () => {
  const vpn = aVpn('red', ready, { control: known });
  const policy = aPolicy();

  test('stays over a look that finds the same run well, and over one that Docker does not answer', () => {
    assert.equal(observe(vpn, aLook(now + 1), policy, true).control, known);
    assert.equal(observe(vpn, { kind: 'unanswered', at: now + 1 }, policy, true).control, known);
  });

  for (const [what, look] of [
    ['fails', aLook(now + 5, { health: 'unhealthy' })],
    ['is restarted', aLook(now + 5, { incarnation: restarted })],
    ['is gone', { kind: 'missing', at: now + 5 }],
  ] as const) {
    test(`is forgotten when the VPN ${what}, and an answer to an earlier question does not bring it back`, () => {
      const down = observe(vpn, look, policy, true);
      assert.deepEqual(down.control, nothingTold(now + 5));
      const incarnation = down.incarnation ?? firstRun;
      const back = observe(down, aLook(now + 6, { incarnation }), policy, true);
      assert.equal(hear(back, aReport({ incarnation, askedAt: now + 4 })), back);
      assert.equal(
        hear(back, aReport({ incarnation, askedAt: now + 7 })).control.forwardedPort?.number ?? null,
        51_000,
      );
    });
  }
});

describe('the provider', () => {
  test('is what the container is set up for, and stays while it is not shown', () => {
    const seen = observe(aVpn('red'), aLook(now + 1, { provider: 'mullvad' }), aPolicy(), true);
    assert.equal(seen.provider, 'mullvad');
    assert.equal(observe(seen, { kind: 'missing', at: now + 2 }, aPolicy(), true).provider, 'mullvad');
  });
});
