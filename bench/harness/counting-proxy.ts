import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/async/clock.ts';
import { undoLater } from './cleanup.ts';

export interface Call {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  /** What was sent along, as far as it has come. */
  readonly body: string;
}

/** A socket that leads to a daemon and counts what passes. Not for runs that are timed. */
export interface CountingProxy extends AsyncDisposable {
  readonly socketPath: string;
  readonly calls: readonly Call[];
  /** The most creates and starts that were in flight at once. */
  readonly mostStarts: number;
}

export const isCreateOrStart = ({ method, path }: Pick<Call, 'method' | 'path'>): boolean =>
  method === 'POST' && /^(\/v[\d.]+)?\/containers\/(create\b|[^/]+\/start\b)/.test(path);

/** `holdMs` is how long the answers to creates and starts are held back. */
export async function countingProxy(
  { socketPath: daemon }: { readonly socketPath: string },
  holdMs = 0,
): Promise<CountingProxy> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-bench-'));
  const socketPath = join(folder, 'docker.sock');
  const calls: Call[] = [];
  let starts = 0;
  let mostStarts = 0;

  const server = createServer((incoming, outgoing) => {
    const call = { at: systemClock.now(), method: incoming.method ?? '', path: incoming.url ?? '', body: '' };
    calls.push(call);
    incoming.on('data', (chunk: Buffer) => {
      call.body += chunk;
    });
    if (isCreateOrStart(call)) {
      mostStarts = Math.max(mostStarts, ++starts);
      outgoing.once('close', () => starts--);
    }
    const { method, path } = call;
    const forwarded = request(
      { socketPath: daemon, method, path, headers: incoming.headers, agent: false },
      async (answer) => {
        if (holdMs > 0 && isCreateOrStart(call)) await systemClock.sleep(holdMs);
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        outgoing.flushHeaders();
        answer.pipe(outgoing);
      },
    );
    forwarded.on('error', () => outgoing.destroy());
    outgoing.on('close', () => forwarded.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    socketPath,
    calls,
    get mostStarts() {
      return mostStarts;
    },
    [Symbol.asyncDispose]: undoLater(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    }),
  };
}
