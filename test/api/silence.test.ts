import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { on, untilKept, untilWell } from '../support/keeping.ts';
import { type Simulated, simulated } from '../support/simulated.ts';
import { history, only } from '../support/story.ts';

const env = {
  GLUETUN_HEALTH_CHECK_INTERVAL_S: '0.1',
  HEALTH_CHECK_INTERVAL_S: '0.1',
  VPN_SILENT_FAILURE_S: '0.5',
  VPN_STABILIZATION_S: '0.3',
  MIN_REPLICAS: '4',
};

const untilFirst = (world: Simulated, state: string) =>
  untilKept(world.tandem, `gluetun is ${state}`, ({ vpnStatus }) => vpnStatus.vpns[0]?.state === state);

/** Waits until all engines are connected, and takes that from those of some VPNs. */
async function cutOff(world: Simulated, ...vpns: string[]) {
  const { engines } = await untilKept(
    world.tandem,
    'all are connected',
    (kept) => kept.engines.length === 4 && kept.engines.every(({ connected }) => connected),
  );
  for (const vpn of vpns) for (const { name } of on(vpn, engines)) world.docker.container(name).netdown();
}

describe('a VPN that Docker calls healthy', () => {
  test('fails when its control server goes on calling it crashed, until it runs', async () => {
    await using world = await simulated({ env });
    await untilWell(world.tandem, 4);
    const vpn = world.docker.vpn('gluetun');
    vpn.setControl({ status: 'crashed' });
    await untilKept(world.tandem, 'it is suspected', ({ vpnStatus }) =>
      Boolean(vpnStatus.vpns[0]?.suspectedSince && vpnStatus.vpns[0].state === 'READY'),
    );
    const failed = await untilFirst(world, 'FAILED');
    assert.match(failed.vpnStatus.vpns[0]?.failureReason ?? '', /its control server says .* crashed/);
    assert.deepEqual(on('gluetun', failed.engines), []);
    vpn.setControl({ status: 'running' });
    await untilFirst(world, 'READY');
    await untilWell(world.tandem, 4);
    const turns = only('EmergencyModeChanged', await history(world.tandem)).map(({ turn }) => turn);
    assert.deepEqual(turns, ['ENTERED', 'EXITED']);
  });

  test('fails when its engines alone are cut off, until it has another address', async () => {
    await using world = await simulated({ env });
    await cutOff(world, 'gluetun');
    const failed = await untilFirst(world, 'FAILED');
    assert.match(failed.vpnStatus.vpns[0]?.failureReason ?? '', /none of its engines is connected/);
    world.docker.vpn('gluetun').setControl({ ip: '203.0.113.99' });
    await untilFirst(world, 'READY');
    await untilWell(world.tandem, 4);
  });
});
