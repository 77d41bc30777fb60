import type { Ports } from '../domain/engine.ts';
import { isGluetunPort } from '../domain/ports.ts';
import type { PortRange } from '../domain/snapshot.ts';
import { NumberPool } from './number-pool.ts';

/** The three ports that nobody outside reaches lie here: below the range from which Linux picks ports for connections. */
const firstInner = 20_000;
const innerBlocks = 4_256;

export interface Place {
  readonly name: string;
  readonly ports: Ports;
}

interface SitePorts {
  readonly http: NumberPool;
  readonly usable: ReadonlySet<number>;
  readonly first: number;
  readonly last: number;
  /**
   * By number, 1 for a port in this namespace that is neither offered nor free. A Set in which the same few numbers come
   * and go gets slower as it grows.
   */
  readonly inner: Uint8Array;
  /** What engines of other instances hold here, as far as they were first. */
  readonly neighbours: Set<number>;
}

/** The names and ports that are promised to engines. What is taken is given back once, by the same name. */
export class Ledger {
  readonly #names = new NumberPool(1, Number.POSITIVE_INFINITY);
  readonly #sites = new Map<string, SitePorts>();
  readonly #controlPort: number;

  constructor(controlPort: number) {
    this.#controlPort = controlPort;
  }

  /** Sets the HTTP ports that a site's engines may have. `held` are the promises that stand at that site already. */
  offer(site: string, ports: readonly number[], held: readonly Place[]): void {
    const neighbours = this.#sites.get(site)?.neighbours ?? [];
    const usable = new Set(this.#withoutGluetuns(ports));
    const sorted = [...usable].sort((a, b) => a - b);
    const [first, last] = [sorted[0] ?? 1, sorted.at(-1) ?? 0];
    const http = new NumberPool(first, last, (port) => usable.has(port));
    this.#sites.set(site, {
      http,
      usable,
      first,
      last,
      inner: new Uint8Array(65_536),
      neighbours: new Set(),
    });
    for (const place of held) this.#claimPorts(site, place.ports);
    this.neighbours(site, [...neighbours]);
  }

  offers(site: string, ports: readonly number[]): boolean {
    const usable = this.#sites.get(site)?.usable;
    const wanted = this.#withoutGluetuns(ports);
    return usable !== undefined && usable.size === wanted.length && wanted.every((port) => usable.has(port));
  }

  range(site: string): PortRange | null {
    const ports = this.#sites.get(site);
    if (!ports || ports.usable.size === 0) return null;
    return { first: ports.first, last: ports.last, free: ports.usable.size - ports.http.taken };
  }

  /** Takes the lowest free name and HTTP port, and three inner ports. Undefined when the site has none left. */
  take(site: string): Place | undefined {
    const pools = this.#sites.get(site);
    const http = pools?.http.take();
    if (!pools || http === undefined) return undefined;
    const inner = this.#takeInner(pools, http);
    if (!inner) {
      pools.http.give(http);
      return undefined;
    }
    return { name: this.#takeName(), ports: { http, ...inner } };
  }

  /** Marks what an adopted engine holds already. */
  claim(site: string, { name, ports }: Place): void {
    this.#names.claim(numberOf(name));
    this.#claimPorts(site, ports);
  }

  give(site: string, { name, ports }: Place): void {
    this.#names.give(numberOf(name));
    const pools = this.#sites.get(site);
    for (const port of Object.values(ports)) {
      pools?.http.give(port);
      if (pools) pools.inner[port] = 0;
    }
  }

  /** Another name for an engine whose own turned out to be taken by a stranger: that one is not given back. */
  rename(strangers: readonly string[]): string {
    for (const name of strangers) this.#names.claim(numberOf(name));
    return this.#takeName();
  }

  /** Sets what engines of other instances hold in this site's namespace: those ports are none of ours to give. */
  neighbours(site: string, ports: readonly number[]): void {
    const pools = this.#sites.get(site);
    if (!pools) return;
    const now = new Set(ports);
    for (const port of pools.neighbours) {
      if (now.has(port)) continue;
      pools.neighbours.delete(port);
      pools.http.give(port);
    }
    for (const port of now) if (pools.http.claim(port) || !pools.usable.has(port)) pools.neighbours.add(port);
  }

  /**
   * The HTTP port says where the search begins: two instances on one VPN have HTTP ports of their own, and so seldom reach
   * for the same inner ones.
   */
  #takeInner(pools: SitePorts, http: number): Omit<Ports, 'http'> | undefined {
    for (let tried = 0; tried < innerBlocks; tried++) {
      const https = firstInner + 3 * ((http + tried) % innerBlocks);
      const block = [https, https + 1, https + 2];
      if (!block.every((port) => this.#isFreeInside(pools, port))) continue;
      for (const port of block) pools.inner[port] = 1;
      return { https, p2p: https + 1, api: https + 2 };
    }
    return undefined;
  }

  #isFreeInside({ usable, inner, neighbours }: SitePorts, port: number): boolean {
    return (
      !usable.has(port) &&
      inner[port] === 0 &&
      !neighbours.has(port) &&
      !isGluetunPort(port, this.#controlPort)
    );
  }

  #withoutGluetuns(ports: readonly number[]): number[] {
    return ports.filter((port) => !isGluetunPort(port, this.#controlPort));
  }

  #takeName(): string {
    return `acestream-${this.#names.take()}`;
  }

  #claimPorts(site: string, ports: Ports): void {
    const pools = this.#sites.get(site);
    for (const port of Object.values(ports)) if (pools && !pools.http.claim(port)) pools.inner[port] = 1;
  }
}

/** 0, which no pool covers, for a name that is not of our making. */
const numberOf = (name: string): number => Number(/^acestream-([1-9]\d{0,4})$/.exec(name)?.[1] ?? 0);
