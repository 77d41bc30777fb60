import { existsSync } from 'node:fs';
import { isIPv6 } from 'node:net';

/** Ends with 0 if the service in this container lives, and else with 1, saying why. Whether it is ready is another question. */
// As the service does, which may have its address from there.
if (existsSync('.env')) process.loadEnvFile('.env');
const { HOST, APP_PORT } = process.env;
const host = !HOST || HOST === '0.0.0.0' || HOST === '::' ? '127.0.0.1' : HOST;
const url = `http://${isIPv6(host) ? `[${host}]` : host}:${APP_PORT || 8_000}/healthz`;
try {
  const { status } = await fetch(url, { signal: AbortSignal.timeout(4_000) });
  if (status !== 200) throw new Error(`it answers ${status}`);
} catch (problem) {
  console.error(`${url}: ${problem}`);
  process.exitCode = 1;
}
