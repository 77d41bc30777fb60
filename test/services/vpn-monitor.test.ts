import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../../src/async/clock.ts';
import type { Docker } from '../../src/docker/docker.ts';
import { Routes } from '../../src/services/routes.ts';
import { VpnMonitor } from '../../src/services/vpn-monitor.ts';
import { aLook, aPolicy, aWorld, now, seconds } from '../support/build.ts';

/** Milliseconds: what it takes to send a question, and by which a timer of Node may end too soon. */
const sendingMs = 0.6;
const earlyMs = 0.3;

/** Timers end a little early. */
class HastyClock implements Clock {
  moment = now;

  now(): number {
    return this.moment;
  }

  async sleep(ms: number): Promise<void> {
    this.moment += Math.max(1, ms - earlyMs);
    await new Promise(setImmediate);
  }
}

test('a stabilization is over when it is, even if the look that is due for it comes too early', async () => {
  const clock = new HastyClock();
  const policy = aPolicy({ minReplicas: 0 });
  const { fleet, emergency } = aWorld({ clock, policy });
  emergency.observe('red', aLook(clock.now(), { status: 'exited' }), null);
  const ending = new AbortController();
  const docker = {
    lookAtVpn: async () => {
      const at = clock.now();
      clock.moment += sendingMs;
      return { look: aLook(at, { answeredAt: at }), reach: null };
    },
    listenAnew: () => undefined,
  } as Partial<Docker> as Docker;
  const log = { warn: () => undefined } as never;
  const monitor = new VpnMonitor(['red'], {
    fleet,
    emergency,
    docker,
    routes: new Routes('localhost'),
    clock,
    log,
    policy,
    controlPort: 8_000,
    intervalMs: seconds(5),
  });
  const running = monitor.run(ending.signal);
  let until = Number.NaN;
  for (let { state } = fleet.vpn('red'); state.kind !== 'READY'; { state } = fleet.vpn('red')) {
    if (state.kind === 'STABILIZING') until = state.until;
    await new Promise(setImmediate);
  }
  const late = fleet.vpn('red').lookedAt - until;
  ending.abort();
  await running;
  assert(late >= 0 && late < 100, `${late} ms late`);
});
