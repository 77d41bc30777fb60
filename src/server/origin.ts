import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * The names by which a service is reached that asks for no key, bound to `host`. A page can point a name of its own here, but
 * only one that is looked up in public: so, where not loopback alone is served, addresses and bare names are ours as well, and
 * others if they are `allowed`.
 */
export function namesOf(host: string, allowed: readonly string[]): (name: string) => boolean {
  const onLoopback = loopback.has(host) || host === '::1';
  return (name) => {
    if (loopback.has(name) || allowed.includes(name)) return true;
    if (onLoopback) return false;
    return name === host.toLowerCase() || isIP(name.replace(/^\[|\]$/g, '')) > 0 || /^[\w-]+$/.test(name);
  };
}

/** Whether what a request says that it is meant for can be a host: others make a URL of it. */
export const namesHost = ({ headers: { host } }: IncomingMessage): boolean =>
  host === undefined || URL.canParse(`http://${host}`);

/** Whether a request names this service as the one that it is meant for. */
export const isForUs = ({ headers }: IncomingMessage, ours: (name: string) => boolean): boolean =>
  ours(nameIn(headers.host ?? ''));

/**
 * Whether a request may act for whoever sends it. Where a key is asked for, it decides. Without one the browser of a user is
 * the way in: a page of another site may send requests here, and one that points its own name at this machine may read the
 * answers too. So the Host has to be ours, and what a browser says of the page has to be this very host.
 */
export function isTrusted(request: IncomingMessage, open: boolean, ours: (name: string) => boolean): boolean {
  if (!open) return true;
  const { host = '', origin, 'sec-fetch-site': site } = request.headers;
  if (!isForUs(request, ours)) return false;
  if (origin !== undefined) return hostOf(origin) === host.toLowerCase();
  // A page that only wants something to happen, by an image for example, sends no Origin.
  return site === undefined || site === 'same-origin' || site === 'none';
}

/** A form can be sent by any page without asking first; JSON cannot. */
export const isForm = ({ method, headers }: IncomingMessage): boolean =>
  method === 'POST' && !/^application\/(graphql-response\+)?json *(;|$)/i.test(headers['content-type'] ?? '');

const nameIn = (host: string): string => host.toLowerCase().replace(/:\d+$/, '');

const hostOf = (origin: string): string | null => (URL.canParse(origin) ? new URL(origin).host : null);
