import { Buffer } from 'node:buffer';
import type { z } from 'zod';
import type { Clock } from '../async/clock.ts';
import { Scope } from '../async/scope.ts';
import type { ControlTarget, PublicAddress, Told, TunnelStatus } from '../domain/control.ts';
import { fromJson } from '../http/get.ts';
import { get } from './get.ts';
import { forwardedPortShape, publicAddressShape, tunnelShape } from './shapes.ts';

/** How Tandem makes itself known to Gluetun's control servers. */
export type ControlAccess =
  | { readonly kind: 'none' }
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'user'; readonly user: string; readonly password: string };

export type ControlAnswer =
  | {
      readonly kind: 'answered';
      readonly tunnel: Told<TunnelStatus>;
      readonly publicAddress: Told<PublicAddress>;
      readonly forwardedPort: Told<number>;
    }
  /** Not one question was answered as Gluetun does. */
  | { readonly kind: 'failed'; readonly why: string };

/** Asks a control server what there is to know. Ends within `timeoutMs`, or when `signal` aborts; never throws. */
export type AskControl = (question: {
  readonly target: ControlTarget;
  readonly access: ControlAccess;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}) => Promise<ControlAnswer>;

type Ask = <T>(route: string, shape: z.ZodType<T | null>) => Promise<Told<T> & { readonly unknown?: true }>;

/** Of whichever kind of VPN; there is one for OpenVPN alone, which calls WireGuard stopped. */
const tunnelRoute = '/v1/vpn/status';
const addressRoute = '/v1/publicip/ip';
/** The second is the older one: alone before 3.41, and since then a redirect to the first. */
const portRoutes = ['/v1/portforward', '/v1/openvpn/portforwarded'] as const;

export const askControl: AskControl = async ({ target, access, timeoutMs, clock, signal }) => {
  using scope = new Scope(signal);
  void clock.sleep(timeoutMs, scope.signal).then(() => scope.end());
  const headers = headersFor(access);
  const ask: Ask = async (route, shape) => {
    const reply = await get(target, route, headers, scope.signal);
    if (reply.kind === 'none') return { kind: 'failed', why: reply.why };
    if (reply.status === 401) return { kind: 'denied', routes: [reply.route] };
    if (reply.status !== 200)
      return {
        kind: 'failed',
        why: `answers ${reply.status} to GET ${reply.route}`,
        ...(unknownRoute.includes(reply.status) && { unknown: true }),
      };
    const parsed = shape.safeParse(fromJson(reply.body));
    return parsed.success
      ? { kind: 'told', value: parsed.data }
      : { kind: 'failed', why: `answers nonsense to GET ${reply.route}` };
  };

  const [tunnel, publicAddress, forwardedPort] = await Promise.all([
    ask(tunnelRoute, tunnelShape),
    ask(addressRoute, publicAddressShape),
    askForPort(ask),
  ]);
  if (tunnel.kind !== 'failed' || publicAddress.kind !== 'failed' || forwardedPort.kind !== 'failed')
    return { kind: 'answered', tunnel, publicAddress, forwardedPort };
  const why = [...new Set([tunnel.why, publicAddress.why, forwardedPort.why])].join(' and ');
  return { kind: 'failed', why };
};

/** What versions answer to a route that they do not have; some say 401 to that, too. */
const unknownRoute = [400, 404, 405];

async function askForPort(ask: Ask): Promise<Told<number>> {
  const [route, olderRoute] = portRoutes;
  const first = await ask(route, forwardedPortShape);
  if (first.kind !== 'denied' && !first.unknown) return first;
  const second = await ask(olderRoute, forwardedPortShape);
  if (second.kind === 'told' || first.kind !== 'denied') return second;
  const routes = second.kind === 'denied' ? [...first.routes, ...second.routes] : first.routes;
  return { kind: 'denied', routes: [...new Set(routes)] };
}

function headersFor(access: ControlAccess): Record<string, string> {
  switch (access.kind) {
    case 'none':
      return {};
    case 'key':
      return { 'X-API-Key': access.key };
    case 'user':
      return {
        authorization: `Basic ${Buffer.from(`${access.user}:${access.password}`).toString('base64')}`,
      };
  }
}
