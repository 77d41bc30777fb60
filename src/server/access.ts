import { createHash, timingSafeEqual } from 'node:crypto';
import type { Role, Viewer } from '../context.ts';
import type { Keys } from '../domain/keys.ts';

/** What may carry a key, whatever the transport: HTTP headers, connectionParams, or extensions.headers. */
export type Credentials = Readonly<Record<string, unknown>>;

/** What a key opens. It is good for as long as that key is one of this role. */
export interface Grant {
  readonly kind: 'granted';
  readonly viewer: Viewer;
  /** Of the key, which is kept nowhere; null where none is asked for. */
  readonly digest: Buffer | null;
}

export type Access = Grant | { readonly kind: 'missing' } | { readonly kind: 'wrong' };

const open: Grant = { kind: 'granted', viewer: { role: 'ALL' }, digest: null };

/** Says who asks, by the keys that are good now. Without a key to ask for, everybody may do everything. */
export class Keyring {
  #grants: readonly Grant[] = [];

  constructor(keys: Keys) {
    this.change(keys);
  }

  change({ all, read }: Keys): void {
    const grant = (key: string | null, role: Role): Grant[] =>
      key === null ? [] : [{ kind: 'granted', viewer: { role }, digest: digest(key) }];
    this.#grants = [...grant(all, 'ALL'), ...grant(read, 'READ')];
  }

  get isOpen(): boolean {
    return this.#grants.length === 0;
  }

  find = (credentials: Credentials | undefined): Access => {
    if (this.isOpen) return open;
    const key = keyIn(credentials ?? {});
    if (key === null) return { kind: 'missing' };
    const given = digest(key);
    // Every key is compared, and digests are of one length: the time that it takes tells nothing of them.
    const [grant] = this.#grants.filter((each) => isSame(each.digest, given));
    return grant ?? { kind: 'wrong' };
  };

  isGood = ({ viewer, digest }: Grant): boolean =>
    digest === null
      ? this.isOpen
      : this.#grants.some((each) => each.viewer.role === viewer.role && isSame(each.digest, digest));
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
const isSame = (one: Buffer | null, other: Buffer): boolean => one !== null && timingSafeEqual(one, other);
