import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { until } from '../support/docker/until.ts';
import { engineShape, provisionedShape, redundantShape } from '../support/rest.ts';
import { type Simulated, simulated } from '../support/simulated.ts';

/** Runs lines of a shell as they stand in the documents of the original, at the service of a test. */
async function shell(
  { tandem }: Simulated,
  lines: string,
  env: Record<string, string> = {},
): Promise<string> {
  const here = lines.replaceAll('http://localhost:8000', tandem.url).replaceAll('curl ', 'curl -sS ');
  const child = spawn('bash', ['-euo', 'pipefail', '-c', here], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH ?? '', ...env },
  });
  const ended = once(child, 'close');
  const said = await text(child.stdout);
  assert.deepEqual(await ended, [0, null], said);
  return said;
}

const concurrent = `
for i in {1..10}; do
  curl -X POST http://localhost:8000/provision/acestream \\
    -H "X-API-KEY: $API_KEY" \\
    -H "Content-Type: application/json" \\
    -d '{}' &
done
wait
`;

describe('what the documents of the original say to type', () => {
  test('starts ten engines at once, five on each VPN', async () => {
    await using world = await simulated();
    const said = await shell(world, concurrent, { API_KEY: 'any-key-will-do' });
    const answers = said.replaceAll('}{', '}\n{').split('\n');
    assert.equal(answers.map((answer) => provisionedShape.parse(JSON.parse(answer))).length, 10);
    // The array is bare: the document's own filter, .engines[], is for an answer that the original never gave.
    const spread = await shell(
      world,
      "curl http://localhost:8000/engines | jq -c '.[] | {id: .container_id[:12], vpn: .vpn_container}'",
    );
    const vpns = spread
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { vpn: string }).vpn);
    assert.deepEqual(vpns, [...Array(5).fill('gluetun'), ...Array(5).fill('gluetun_2')]);
  });

  test('with a key, starts ten engines with it, and shows them to whoever has it', async () => {
    const API_KEY = 'correct-horse-battery';
    await using world = await simulated({ env: { API_KEY, HOST: '127.0.0.1' }, whenReady: false });
    const read = async (header: string) =>
      JSON.parse(await shell(world, `curl http://localhost:8000/engines -H "${header}"`, { API_KEY }));
    await until('it serves', async () => {
      const status = await shell(
        world,
        'curl http://localhost:8000/orchestrator/status -H "X-API-KEY: $API_KEY"',
        {
          API_KEY,
        },
      );
      return JSON.parse(status).provisioning.can_provision === true;
    });
    await shell(world, concurrent, { API_KEY });
    for (const header of ['X-API-KEY: $API_KEY', 'Authorization: Bearer $API_KEY'])
      assert.equal(z.array(engineShape).parse(await read(header)).length, 10);
  });

  test('shows the emergency', async () => {
    await using world = await simulated();
    world.docker.vpn('gluetun_2').fail();
    await until('it is told', async () => {
      const status = JSON.parse(await shell(world, 'curl http://localhost:8000/vpn/status'));
      return redundantShape.parse(status).emergency_mode.failed_vpn === 'gluetun_2';
    });
  });
});
