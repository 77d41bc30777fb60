import type { Ports } from '../domain/engine.ts';
import { isGluetunPort } from '../domain/ports.ts';
import type { PortRange } from '../domain/snapshot.ts';
import { NumberPool } from './number-pool.ts';

/** The three ports that nobody outside reaches start here: below the range from which Linux picks ports for connections. */
const innerPorts = { first: 20_000, last: 32_767 };

export interface Place {
  readonly name: string;
  readonly ports: Ports;
}

interface SitePorts {
  readonly http: NumberPool;
  readonly inner: NumberPool;
  readonly usable: ReadonlySet<number>;
  readonly first: number;
  readonly last: number;
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
    const usable = new Set(this.#withoutGluetuns(ports));
    const sorted = [...usable].sort((a, b) => a - b);
    const [first, last] = [sorted[0] ?? 1, sorted.at(-1) ?? 0];
    const http = new NumberPool(first, last, (port) => usable.has(port));
    const inner = new NumberPool(innerPorts.first, innerPorts.last, (port) => !usable.has(port) && !isGluetunPort(port, this.#controlPort));
    this.#sites.set(site, { http, inner, usable, first, last });
    for (const promise of held) this.#claimPorts(site, promise.ports);
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

  /** Takes the lowest free name and ports. Undefined when the site has none left. */
  take(site: string): Place | undefined {
    const pools = this.#sites.get(site);
    const http = pools?.http.take();
    if (!pools || http === undefined) return undefined;
    const [https, p2p, api] = [pools.inner.take(), pools.inner.take(), pools.inner.take()];
    if (https === undefined || p2p === undefined || api === undefined) {
      for (const port of [https, p2p, api]) if (port !== undefined) pools.inner.give(port);
      pools.http.give(http);
      return undefined;
    }
    return { name: this.#takeName(), ports: { http, https, p2p, api } };
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
      pools?.inner.give(port);
    }
  }

  /** Another name for an engine whose own turned out to be taken by a stranger: that one is not given back. */
  rename(strangers: readonly string[]): string {
    for (const name of strangers) this.#names.claim(numberOf(name));
    return this.#takeName();
  }

  #withoutGluetuns(ports: readonly number[]): number[] {
    return ports.filter((port) => !isGluetunPort(port, this.#controlPort));
  }

  #takeName(): string {
    return `acestream-${this.#names.take()}`;
  }

  #claimPorts(site: string, ports: Ports): void {
    const pools = this.#sites.get(site);
    for (const port of Object.values(ports)) {
      pools?.http.claim(port);
      pools?.inner.claim(port);
    }
  }
}

/** 0, which no pool covers, for a name that is not of our making. */
const numberOf = (name: string): number => Number(/^acestream-([1-9]\d{0,4})$/.exec(name)?.[1] ?? 0);
