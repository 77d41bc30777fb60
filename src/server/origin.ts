import type { IncomingMessage } from 'node:http';

const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Whether a request may act for whoever sends it. Where a key is asked for, it decides. Without one the browser of a user is
 * the way in: a page of another site may send requests here, and one that points its own name at this machine may read the
 * answers too. So the Origin has to be this very host, and on loopback the Host has to be a name of loopback.
 */
export function isTrusted({ headers }: IncomingMessage, open: boolean, boundTo: string): boolean {
  if (!open) return true;
  const host = headers.host?.toLowerCase() ?? '';
  const name = host.replace(/:\d+$/, '');
  if ((loopback.has(boundTo) || boundTo === '::1') && !loopback.has(name)) return false;
  return headers.origin === undefined || hostOf(headers.origin) === host;
}

/** A form can be sent by any page without asking first; JSON cannot. */
export const isForm = ({ method, headers }: IncomingMessage): boolean =>
  method === 'POST' && !/^application\/(graphql-response\+)?json\b/i.test(headers['content-type'] ?? '');

const hostOf = (origin: string): string | null => (URL.canParse(origin) ? new URL(origin).host : null);
