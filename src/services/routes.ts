import type { EngineTarget } from '../acestream/ask.ts';
import type { Reach } from '../docker/docker.ts';
import type { ControlTarget } from '../domain/control.ts';
import type { Engine } from '../domain/engine.ts';

/** The ways in which Tandem itself may reach engines and control servers; which of them works depends on where it and Docker run. */
export class Routes {
  readonly #publishedHost: string;
  readonly #reach = new Map<string, Reach>();
  readonly #working = new Map<string, string>();

  /** `publishedHost` is where ports that Docker publishes are reached from here. */
  constructor(publishedHost: string) {
    this.#publishedHost = publishedHost;
  }

  learn(vpn: string, reach: Reach): void {
    this.#reach.set(vpn, reach);
  }

  /** Where an engine may be found: the way that worked for its VPN last, or all there are. */
  to({ tunnel, ports: { http: port }, name }: Engine): EngineTarget[] {
    if (!tunnel) return [this.#publishedHost, name].map((host) => ({ host, port }));
    const reach = this.#reach.get(tunnel.vpn);
    const hosts = [...(reach?.addresses ?? []), this.#publishedHost];
    const working = this.#working.get(tunnel.vpn);
    return (working && hosts.includes(working) ? [working] : hosts).map((host) => ({ host, port }));
  }

  /** Where a VPN's control server, which listens on `inside`, may be found: its own addresses, and where it is published. */
  toControl(vpn: string, inside: number): ControlTarget[] {
    const { addresses = [], publishedPorts = [], renumbered = [] } = this.#reach.get(vpn) ?? {};
    const published = [
      ...publishedPorts.filter((port) => port === inside),
      ...renumbered.filter((mapping) => mapping.inside === inside).map(({ outside }) => outside),
    ];
    return [
      ...addresses.map((host) => ({ host, port: inside })),
      // An IPv4 and an IPv6 binding of one port are two entries.
      ...[...new Set(published)].map((port) => ({ host: this.#publishedHost, port })),
    ];
  }

  /** The way that worked may not any more: all are tried again. */
  forget({ tunnel }: Engine): void {
    if (tunnel) this.#working.delete(tunnel.vpn);
  }

  /** Notes the way that worked. True when it is news. */
  worked({ tunnel }: Engine, { host }: EngineTarget): boolean {
    if (!tunnel || this.#working.get(tunnel.vpn) === host) return false;
    this.#working.set(tunnel.vpn, host);
    return true;
  }
}
