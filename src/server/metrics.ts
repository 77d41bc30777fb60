import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Metrics } from '../metrics/metrics.ts';
import type { Log } from '../services/log.ts';

/** Answers scrapes. It is open as the probes are: names and numbers are all that it tells. */
export function serveMetrics(
  metrics: Metrics,
  log: Log,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async ({ method }, response) => {
    if (method !== 'GET' && method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
      return;
    }
    try {
      const text = await metrics.scrape();
      const headers = { 'content-type': metrics.contentType, 'content-length': Buffer.byteLength(text) };
      response.writeHead(200, headers).end(text);
    } catch (problem) {
      log.error({ err: problem }, 'a scrape failed');
      response.writeHead(500).end();
    }
  };
}
