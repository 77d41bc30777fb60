import { get as httpGet } from 'node:http';
import { type ControlTarget, urlOf } from '../domain/control.ts';

export type Reply =
  /** `route` is the one that answered in the end. */
  | { readonly kind: 'reply'; readonly route: string; readonly status: number; readonly body: string }
  | { readonly kind: 'none'; readonly why: string };

type Headers = Readonly<Record<string, string>>;
type Raw = Extract<Reply, { kind: 'reply' }> & { readonly location: string | undefined };

/** An answer longer than this is not Gluetun's. */
const longestAnswer = 65_536;

const redirects = [301, 308];

/** GETs a route, on a connection of its own; follows one redirect to the same server. Ends with `signal`; never throws. */
export async function get(
  target: ControlTarget,
  route: string,
  headers: Headers,
  signal: AbortSignal,
): Promise<Reply> {
  const first = await getOnce(target, route, headers, signal);
  if (first.kind === 'none' || !redirects.includes(first.status)) return first;
  const next = pathOn(target, first.location);
  // Elsewhere the key is nobody's business.
  if (next === null) return { kind: 'none', why: `sends GET ${route} elsewhere` };
  const second = await getOnce(target, next, headers, signal);
  if (second.kind === 'reply' && redirects.includes(second.status))
    return { kind: 'none', why: `sends GET ${route} in circles` };
  return second;
}

function getOnce(
  target: ControlTarget,
  route: string,
  headers: Headers,
  signal: AbortSignal,
): Promise<Raw | Extract<Reply, { kind: 'none' }>> {
  const none = (why: string) =>
    ({ kind: 'none', why: signal.aborted ? 'gave no answer in time' : why }) as const;
  const brokenOff = `hangs up before GET ${route} is answered`;
  const asked = new Promise<Raw | Extract<Reply, { kind: 'none' }>>((resolve) => {
    const { host, port } = target;
    const request = httpGet({ host, port, path: route, headers, agent: false, signal }, (response) => {
      const { statusCode: status = 0, headers: answered } = response;
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
        if (body.length <= longestAnswer) return;
        resolve(none(`answers GET ${route} at too great length`));
        request.destroy();
      });
      response.on('end', () => resolve({ kind: 'reply', route, status, body, location: answered.location }));
      response.on('error', () => resolve(none(brokenOff)));
      response.on('close', () => resolve(none(brokenOff)));
    });
    request.on('error', (problem) => resolve(none(`cannot be reached (${codeOf(problem)})`)));
    request.on('close', () => resolve(none(brokenOff)));
  });
  return asked.catch((problem: unknown) => none(`cannot be asked (${codeOf(problem)})`));
}

/** The path that a Location names on the same server. */
function pathOn(target: ControlTarget, location: string | undefined): string | null {
  const base = new URL(urlOf(target));
  const url = location !== undefined && URL.canParse(location, base) ? new URL(location, base) : null;
  return url?.origin === base.origin ? url.pathname : null;
}

const codeOf = (problem: unknown): string =>
  problem instanceof Error && 'code' in problem ? String(problem.code) : 'an error';
