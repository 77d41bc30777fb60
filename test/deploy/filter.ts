import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { folder } from './compose.ts';

/** What the socket proxy of the compose files is told to let through, and what it would be if it were not commented out. */
export function allowances(): { readonly given: readonly string[]; readonly optional: readonly string[] } {
  const lines = [
    ...readFileSync(join(folder, 'tandem.yaml'), 'utf8').matchAll(/^ +(# )?- -allow([A-Z]+)=(\S+)$/gm),
  ].map(([, comment, method, path]) => ({ optional: comment !== undefined, rule: `${method} ${path}` }));
  return {
    given: lines.flatMap(({ optional, rule }) => (optional ? [] : [rule])),
    optional: lines.flatMap(({ optional, rule }) => (optional ? [rule] : [])),
  };
}

export interface Filter extends AsyncDisposable {
  readonly dockerHost: string;
  /** The calls that no rule allows. */
  readonly refused: readonly string[];
  /** The rules that allowed something. */
  readonly used: ReadonlySet<string>;
}

/** Does with `rules` what the socket proxy does: a method's expression has to match the whole path, whatever is behind the "?". */
export async function filterBefore(socketPath: string, rules: readonly string[]): Promise<Filter> {
  const refused: string[] = [];
  const used = new Set<string>();
  const server = createServer((incoming, outgoing) => {
    const { method = '', url = '' } = incoming;
    const path = url.split('?', 1)[0] ?? '';
    const rule = rules.find((each) => {
      const [ofMethod, expression = ''] = each.split(' ');
      return method === ofMethod && new RegExp(`^${expression}$`).test(path);
    });
    if (!rule) {
      refused.push(`${method} ${path}`);
      outgoing.writeHead(403).end('Forbidden\n');
      return;
    }
    used.add(rule);
    const asking = request({ socketPath, method, path: url, headers: incoming.headers, agent: false });
    asking.on('error', () => outgoing.destroy());
    outgoing.on('close', () => asking.destroy());
    asking.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      outgoing.flushHeaders();
      answer.pipe(outgoing);
    });
    incoming.pipe(asking);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    dockerHost: `tcp://127.0.0.1:${port}`,
    refused,
    used,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
