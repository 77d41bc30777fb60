import type { Oracle } from './oracle.ts';
import type { Shown, World } from './sights.ts';

/** Gluetun's own: DNS, SOCKS5, pprof, control server, Shadowsocks, HTTP proxy, health. */
const gluetuns = [53, 1080, 6060, 8000, 8388, 8888, 9999];

/**
 * S4: no two engines of one VPN share a port, in the API and in the network, and none has one of Gluetun's. S6: at most one has
 * the port that its VPN forwards. S3: what nobody has any longer is free again.
 */
export function ports(): Oracle {
  const sizes = new Map<string, number>();
  let quiet = false;
  return (sight, broken) => {
    if (sight.kind === 'fairness') quiet = sight.fairness === 'quiet';
    if (sight.kind === 'world') {
      const running = sight.engines.filter((engine) => engine.running && engine.run !== null);
      for (const what of shared(running.map(({ name, run, ports }) => ({ name, place: run ?? '', ports }))))
        broken('S4', `${what} in the network`);
    }
    if (sight.kind !== 'shown') return;
    const listed = sight.engines.map(({ name, vpn, ports }) => ({ name, place: vpn ?? 'the host', ports }));
    for (const what of shared(listed)) broken('S4', what);
    for (const { name, ports } of listed)
      for (const port of ports)
        if (gluetuns.includes(port)) broken('S4', `${name} has Gluetun's port ${port}`);
    for (const what of forwardedTwice(sight)) broken('S6', what);
    for (const { name, free } of sight.vpns) {
      if (free === null) continue;
      const size = free + sight.engines.filter(({ vpn }) => vpn === name).length;
      sizes.set(name, Math.max(sizes.get(name) ?? 0, size));
      if (quiet && size !== sizes.get(name))
        broken('S3', `${name} has ${size} ports, free and taken, and had ${sizes.get(name)}`);
    }
  };
}

interface Holder {
  readonly name: string;
  readonly place: string;
  readonly ports: World['engines'][number]['ports'];
}

function shared(engines: readonly Holder[]): string[] {
  const holders = new Map<string, string>();
  const found: string[] = [];
  for (const { name, place, ports } of engines)
    for (const port of ports) {
      const key = `${place} ${port}`;
      const other = holders.get(key);
      if (other !== undefined) found.push(`${other} and ${name} share port ${port} of ${place}`);
      holders.set(key, name);
    }
  return found;
}

const forwardedTwice = ({ vpns, engines }: Shown): string[] =>
  vpns.flatMap(({ name }) => {
    const having = engines.filter(
      ({ vpn, forwarded, state }) => vpn === name && forwarded && state !== 'STOPPING',
    );
    return having.length > 1
      ? [`${having.map((engine) => engine.name).join(' and ')} are both forwarded`]
      : [];
  });
