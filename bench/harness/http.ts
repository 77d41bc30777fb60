import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';

/** Where a server listens. */
export type Address = { readonly socketPath: string } | { readonly host: string; readonly port: number };

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Connections are kept, as any client that cares for its speed would, but not so long that a server hangs up first. */
const agent = new Agent({ keepAlive: true, timeout: 2_000 });

/** One request, answered with whatever status. */
export function send(address: Address, method: string, path: string, body?: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const payload = body === undefined ? '' : JSON.stringify(body);
    const headers = {
      'content-length': Buffer.byteLength(payload),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    };
    request({ ...address, agent, method, path, headers }, (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode ?? 0, text: answer }), reject);
    })
      .on('error', reject)
      .end(payload);
  });
}

/** One request whose answer has to be of one of these statuses. */
export async function expect(
  statuses: readonly number[],
  ...[address, method, path, body]: Parameters<typeof send>
): Promise<string> {
  const answer = await send(address, method, path, body);
  if (statuses.includes(answer.status)) return answer.text;
  throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text.slice(0, 300)}`);
}
