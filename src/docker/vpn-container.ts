import type { Look } from '../domain/vpn.ts';
import { plainWords } from '../domain/words.ts';
import type { Reach } from './docker.ts';
import type { Inspected } from './shapes.ts';

/** What an inspected VPN container says of the VPN's health. */
export function lookFrom({ Id, State, Config }: Inspected, at: number, answeredAt: number): Look {
  return {
    kind: 'seen',
    at,
    answeredAt,
    incarnation: { containerId: Id, startedAt: State.StartedAt },
    status: State.Status,
    health: healthFrom(State.Health?.Status),
    provider: variable('VPN_SERVICE_PROVIDER', Config.Env ?? []),
  };
}

const variable = (name: string, env: readonly string[]): string | null =>
  plainWords(env.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1) ?? '', 100) || null;

/** Some clients of a container without a HEALTHCHECK see no Health at all, others the word "none". */
function healthFrom(status: string | undefined): 'healthy' | 'unhealthy' | 'starting' | 'none' {
  switch (status) {
    case undefined:
    case '':
    case 'none':
      return 'none';
    case 'healthy':
    case 'unhealthy':
      return status;
    default:
      return 'starting';
  }
}

/** How the engines behind an inspected VPN container are reached. */
export function reachFrom({ NetworkSettings }: Inspected): Reach {
  const published = Object.entries(NetworkSettings.Ports ?? {}).flatMap(([inside, bindings]) => {
    const port = /^(\d+)\/tcp$/.exec(inside)?.[1];
    return port === undefined
      ? []
      : (bindings ?? []).map(({ HostPort }) => ({ inside: Number(port), outside: Number(HostPort) }));
  });
  const same = published.filter(({ inside, outside }) => inside === outside).map(({ inside }) => inside);
  return {
    addresses: Object.values(NetworkSettings.Networks ?? {}).flatMap(({ IPAddress }) =>
      IPAddress ? [IPAddress] : [],
    ),
    // An IPv4 and an IPv6 binding of one port are two entries.
    publishedPorts: [...new Set(same)],
    renumbered: published.filter(({ inside, outside }) => inside !== outside),
  };
}
