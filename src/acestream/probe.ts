import { get } from 'node:http';

/** `answering`: HTTP is served, but what came is not an engine's good word. `silent`: nothing usable came in time. */
export type ProbeResult = 'healthy' | 'answering' | 'silent';

export interface ProbeTarget {
  readonly host: string;
  readonly port: number;
}

/** Asks an engine how it is. Ends within `timeoutMs`; never throws. */
export type Probe = (target: ProbeTarget, timeoutMs: number) => Promise<ProbeResult>;

const statusPath = '/server/api?api_version=3&method=get_status';

/** An answer longer than this is no engine's. */
const longestAnswer = 65_536;

/**
 * Asks over plain HTTP on a connection of its own. Not with fetch: on a connection that is accepted and closed at once, as
 * Docker's proxy does before an engine listens, it waits for its time-out, where node:http fails within milliseconds.
 */
export const probeEngine: Probe = ({ host, port }, timeoutMs) =>
  new Promise((resolve) => {
    const request = get(
      {
        host,
        port,
        path: statusPath,
        agent: false,
        signal: AbortSignal.timeout(Math.max(1, Math.ceil(timeoutMs))),
      },
      (response) => {
        const { statusCode = 0 } = response;
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          body += chunk;
          if (body.length > longestAnswer) request.destroy();
        });
        response.on('end', () => resolve(judge(statusCode, body)));
        response.on('error', () => resolve('silent'));
        response.on('close', () => resolve('silent'));
      },
    );
    request.on('error', () => resolve('silent'));
  });

/** A 5xx is an engine that is not up yet; any other answer means that HTTP works. */
function judge(status: number, body: string): ProbeResult {
  if (status >= 500) return 'silent';
  return status === 200 && hasResult(body) ? 'healthy' : 'answering';
}

function hasResult(body: string): boolean {
  try {
    const answer: unknown = JSON.parse(body);
    return typeof answer === 'object' && answer !== null && 'result' in answer && answer.result !== null;
  } catch {
    return false;
  }
}
