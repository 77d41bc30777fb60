import { type ControlTarget, urlOf } from '../domain/control.ts';
import { getOnce } from '../http/get.ts';

export type Reply =
  /** `route` is the one that answered in the end. */
  | { readonly kind: 'reply'; readonly route: string; readonly status: number; readonly body: string }
  | { readonly kind: 'none'; readonly why: string };

type Headers = Readonly<Record<string, string>>;

const redirects = [301, 308];

/** GETs a route; follows one redirect to the same server. Ends with `signal`; never throws. */
export async function get(
  target: ControlTarget,
  route: string,
  headers: Headers,
  signal: AbortSignal,
): Promise<Reply> {
  const first = await getOnce({ ...target, path: route, headers }, signal);
  if (first.kind === 'none') return first;
  if (!redirects.includes(first.status)) return { ...first, route };
  const next = pathOn(target, first.location);
  // Elsewhere the key is nobody's business.
  if (next === null) return { kind: 'none', why: `sends GET ${route} elsewhere` };
  const second = await getOnce({ ...target, path: next, headers }, signal);
  if (second.kind === 'reply' && redirects.includes(second.status))
    return { kind: 'none', why: `sends GET ${route} in circles` };
  return second.kind === 'none' ? second : { ...second, route: next };
}

/** The path that a Location names on the same server. */
function pathOn(target: ControlTarget, location: string | undefined): string | null {
  const base = new URL(urlOf(target));
  const url = location !== undefined && URL.canParse(location, base) ? new URL(location, base) : null;
  return url?.origin === base.origin ? url.pathname : null;
}
