import assert from 'node:assert/strict';
import { test } from 'node:test';
import Docker from 'dockerode';
import { ProvisionEngine } from '../api/operations.ts';
import { daemon, untilReady } from '../support/simulated.ts';
import { startTandem } from '../support/tandem.ts';

const ports = '--http-port 8971 --https-port 8972 --port 8973 --api-port 8974';

test('engines of the one before are left alone, even under the same label', async () => {
  await using before = await daemon();
  const docker = new Docker({ socketPath: before.docker.socketPath });
  const engine = await docker.createContainer({
    name: 'acestream-1',
    Image: 'ghcr.io/krinkuto11/nano-ace:latest',
    Cmd: `/acestream/acestreamengine --client-console --bind-all ${ports}`.split(' '),
    Labels: { 'ondemand.app': 'myservice', 'acestream.vpn_container': 'gluetun' },
    HostConfig: { NetworkMode: 'container:gluetun' },
  });
  await engine.start();
  await using tandem = await startTandem({
    dockerHost: before.dockerHost,
    vpns: before.vpns,
    env: { CONTAINER_LABEL: 'ondemand.app=myservice' },
  });
  await untilReady(tandem);
  const { provisionEngine } = await tandem.ask(ProvisionEngine);
  assert.equal(provisionEngine.__typename, 'Engine');
  assert.deepEqual(
    before
      .engineContainers()
      .map(({ name, state }) => [name, state])
      .sort(),
    [
      ['acestream-1', 'running'],
      ['acestream-2', 'running'],
    ],
  );
});
