import { createHash, timingSafeEqual } from 'node:crypto';

/** What may carry a key, whatever the transport: HTTP headers, connectionParams, or extensions.headers. */
export type Credentials = Readonly<Record<string, unknown>>;

export type Access = 'granted' | 'missing' | 'wrong';

/** Says whether credentials open the API. Without a key to ask for, everything does. */
export function guard(apiKey: string | null): (credentials: Credentials | undefined) => Access {
  if (apiKey === null) return () => 'granted';
  const wanted = digest(apiKey);
  return (credentials) => {
    const given = keyIn(credentials ?? {});
    if (given === null) return 'missing';
    // Digests are of one length, so that comparing takes the same time for every key.
    return timingSafeEqual(digest(given), wanted) ? 'granted' : 'wrong';
  };
}

function keyIn(credentials: Credentials): string | null {
  const named = Object.fromEntries(
    Object.entries(credentials).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const key = named['x-api-key'];
  if (typeof key === 'string') return key;
  const { authorization } = named;
  return typeof authorization === 'string' ? (/^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? null) : null;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
