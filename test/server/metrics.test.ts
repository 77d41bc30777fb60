import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { Metrics } from '../../src/metrics/metrics.ts';
import { serveMetrics } from '../../src/server/metrics.ts';
import { aSnapshot } from '../support/build.ts';
import { Forgetful } from '../support/forgetful.ts';

test('a scrape that goes wrong is answered with 500 and logged, and the next one is served', async () => {
  let wrong = true;
  const snapshot = () => {
    if (wrong) throw new Error('nobody knows');
    return aSnapshot([]);
  };
  const metrics = new Metrics({ snapshot, journal: new Forgetful(), storageTrouble: () => null });
  const logged: string[] = [];
  const log = { info() {}, warn() {}, error: (_: object, message: string) => void logged.push(message) };
  const server = createServer(serveMetrics(metrics, log)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  assert.equal((await fetch(url)).status, 500);
  assert.deepEqual(logged, ['a scrape failed']);
  wrong = false;
  assert.equal((await fetch(url)).status, 200);
  server.close();
  server.closeAllConnections();
});
