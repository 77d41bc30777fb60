import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

/** Where a daemon listens, in the words of both node:http and dockerode. */
export type Address =
  | { readonly socketPath: string }
  | { readonly host: string; readonly port: number; readonly protocol?: 'http' };

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  /** The `message` of a refusal, or an empty string. */
  readonly message: string;
}

export interface RequestOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** One HTTP request on a connection of its own, answered with whatever status. */
export async function request(
  address: Address,
  method: string,
  path: string,
  { body, headers = {}, timeoutMs = 20_000 }: RequestOptions = {},
): Promise<Answer> {
  const target = 'socketPath' in address ? address : { host: address.host, port: address.port };
  const outgoing = httpRequest({
    ...target,
    method,
    path,
    agent: false,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    signal: AbortSignal.timeout(timeoutMs),
  });
  const answered: Promise<IncomingMessage[]> = once(outgoing, 'response');
  outgoing.end(typeof body === 'string' || body === undefined ? body : JSON.stringify(body));
  const [response] = await answered;
  if (response === undefined) throw new Error('no response');
  const answer = await text(response);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text: answer,
    message: messageIn(answer),
  };
}

function messageIn(answer: string): string {
  try {
    const { message } = JSON.parse(answer);
    return typeof message === 'string' ? message : '';
  } catch {
    return '';
  }
}
