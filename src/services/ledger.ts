import type { Ports } from '../domain/engine.ts';
import { isGluetunPort } from '../domain/ports.ts';
import type { PortRange } from '../domain/snapshot.ts';
import { NumberPool } from './number-pool.ts';

/**
 * The three ports that nobody outside reaches lie in one of these regions: the first is below the range from which Linux
 * picks ports for connections, the others are for sites whose HTTP ports cover it.
 */
const innerRegions = [20_000, 33_000, 46_000, 7_000];
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
  readonly firstInner: number;
  /**
   * By number, 1 for a port in this namespace that is neither offered nor free. A Set in which the same few numbers come
   * and go gets slower as it grows.
   */
  readonly inner: Uint8Array;
  /** What engines of other instances hold here. */
  neighbours: ReadonlySet<number>;
  /** HTTP ports that are taken on behalf of neighbours. */
  readonly lent: Set<number>;
}

/** The names and ports that are promised to engines. What is taken is given back once, by the same name. */
export class Ledger {
  readonly #names = new NumberPool(1, Number.POSITIVE_INFINITY);
  readonly #sites = new Map<string, SitePorts>();
  readonly #controlPort: number;
  /** Numbers of names that containers of others have. */
  #strangers = new Set<number>();

  constructor(controlPort: number) {
    this.#controlPort = controlPort;
  }

  /** Sets the HTTP ports that a site's engines may have. `held` are the promises that stand at that site already. */
  offer(site: string, ports: readonly number[], held: readonly Place[]): void {
    const neighbours = this.#sites.get(site)?.neighbours ?? [];
    const covered = (region: number) =>
      ports.filter((port) => port >= region && port < region + 3 * innerBlocks).length;
    const firstInner = innerRegions.reduce((best, region) =>
      covered(region) < covered(best) ? region : best,
    );
    const usable = new Set(this.#withoutGluetuns(ports));
    const sorted = [...usable].sort((a, b) => a - b);
    const [first, last] = [sorted[0] ?? 1, sorted.at(-1) ?? 0];
    const http = new NumberPool(first, last, (port) => usable.has(port));
    this.#sites.set(site, {
      http,
      usable,
      first,
      last,
      firstInner,
      inner: new Uint8Array(65_536),
      neighbours: new Set(),
      lent: new Set(),
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

  /** Whether an engine at that site could have this port inside. */
  isFree(site: string, port: number): boolean {
    const pools = this.#sites.get(site);
    return pools !== undefined && this.#isFreeInside(pools, port);
  }

  /**
   * Takes the lowest free name and HTTP port, and three inner ports; `p2p` for one of them, where it is free. Undefined when
   * the site has none left.
   */
  take(site: string, p2p: number | null): Place | undefined {
    const pools = this.#sites.get(site);
    const http = pools?.http.take();
    if (!pools || http === undefined) return undefined;
    const inner = this.#takeInner(pools, http, p2p !== null && this.#isFreeInside(pools, p2p) ? p2p : null);
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

  /** `failed` when the engine never ran: its HTTP port may be somebody's whom nobody here knows, and is given last again. */
  give(site: string, { name, ports }: Place, failed: boolean): void {
    this.#names.give(numberOf(name));
    const pools = this.#sites.get(site);
    if (!pools) return;
    for (const port of Object.values(ports)) {
      pools.inner[port] = 0;
      if (pools.neighbours.has(port) && pools.usable.has(port)) pools.lent.add(port);
      else if (failed) pools.http.shelve(port);
      else pools.http.give(port);
    }
  }

  /** Another name for an engine whose own turned out to be taken. `strangers` are all names taken now; earlier ones are free. */
  rename(name: string, strangers: readonly string[]): string {
    const taken = new Set(strangers.map(numberOf));
    for (const number of this.#strangers) if (!taken.has(number)) this.#names.give(number);
    this.#strangers = new Set(
      [...taken].filter((number) => this.#strangers.has(number) || this.#names.claim(number)),
    );
    const renamed = this.#takeName();
    this.#strangers.add(numberOf(name));
    return renamed;
  }

  /** Sets what engines of other instances hold in this site's namespace: those ports are none of ours to give. */
  neighbours(site: string, ports: readonly number[]): void {
    const pools = this.#sites.get(site);
    if (!pools) return;
    pools.neighbours = new Set(ports);
    for (const port of pools.lent) {
      if (pools.neighbours.has(port)) continue;
      pools.lent.delete(port);
      pools.http.give(port);
    }
    for (const port of ports) if (pools.http.claim(port)) pools.lent.add(port);
  }

  /** Adds to what neighbours hold. */
  meet(site: string, ports: readonly number[]): void {
    this.neighbours(site, [...(this.#sites.get(site)?.neighbours ?? []), ...ports]);
  }

  neighbourHolds(site: string, ports: Ports): boolean {
    const neighbours = this.#sites.get(site)?.neighbours;
    return Object.values(ports).some((port) => neighbours?.has(port));
  }

  /**
   * The HTTP port says where the search begins: two instances on one VPN have HTTP ports of their own, and so seldom reach
   * for the same inner ones.
   */
  #takeInner(pools: SitePorts, http: number, p2p: number | null): Omit<Ports, 'http'> | undefined {
    for (let tried = 0; tried < innerBlocks; tried++) {
      const https = pools.firstInner + 3 * ((http + tried) % innerBlocks);
      const block = [https, https + 1, https + 2];
      if (!block.every((port) => this.#isFreeInside(pools, port))) continue;
      const ports = { https, p2p: p2p ?? https + 1, api: https + 2 };
      if (ports.p2p === ports.https || ports.p2p === ports.api) continue;
      for (const port of Object.values(ports)) pools.inner[port] = 1;
      return ports;
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
