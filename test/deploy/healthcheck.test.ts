import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { startProcess } from '../support/process.ts';

const script = join(import.meta.dirname, '../../deploy/healthcheck.ts');

async function check(env: Record<string, string>): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [code] = await once(child, 'close');
  return { code, said };
}

describe('the healthcheck of the image', () => {
  test('finds a service that lives, and no longer when it has stopped', async () => {
    // It lives, though it waits for its Docker.
    await using tandem = await startProcess({
      env: { DOCKER_HOST: 'unix:///nobody/listens/here.sock', GLUETUN_CONTAINER_NAME: 'gluetun' },
      whenReady: false,
    });
    const { port } = new URL(tandem.url);
    assert.deepEqual(await check({ APP_PORT: port }), { code: 0, said: '' });
    assert.deepEqual(await check({ APP_PORT: port, HOST: '0.0.0.0' }), { code: 0, said: '' });
    await tandem.stop();
    const { code, said } = await check({ APP_PORT: port });
    assert.equal(code, 1);
    assert.match(said, new RegExp(`127\\.0\\.0\\.1:${port}`));
  });

  test('is not content with any answer', async () => {
    const server = createServer((_request, response) => response.writeHead(503).end());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { code, said } = await check({ APP_PORT: String(port), HOST: '127.0.0.1' });
    server.close();
    assert.equal(code, 1);
    assert.match(said, /it answers 503/);
  });
});
