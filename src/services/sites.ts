import { type Engine, type ListedEngine, startedAtOf } from '../domain/engine.ts';
import type { PortRange, Site } from '../domain/snapshot.ts';
import type { Vpn } from '../domain/vpn.ts';
import { Ledger, type Place } from './ledger.ts';

/** The key of the one site of VPN_MODE=disabled. */
export const hostSite = '';

export const keyOf = (site: Site): string => site.vpn?.name ?? hostSite;
export const siteOf = (engine: Engine): string => engine.tunnel?.vpn ?? hostSite;

/**
 * Where engines are and what is promised to them. A site is replaced, never changed, so that whoever holds the list holds
 * one moment; and only the site that an engine is at is touched.
 */
export class Sites {
  readonly #ledger: Ledger;
  readonly #named: ReadonlyMap<string, readonly number[]>;
  #all: readonly Site[];

  /** `named` are the HTTP ports that the operator named, by site: for those, what a container publishes is not asked. */
  constructor(
    vpns: readonly (Vpn | null)[],
    named: ReadonlyMap<string, readonly number[]>,
    controlPort: number,
  ) {
    this.#ledger = new Ledger(controlPort);
    this.#named = named;
    for (const [site, ports] of named) this.#ledger.offer(site, ports, []);
    this.#all = vpns.map((vpn) =>
      this.#withPorts({
        vpn,
        ports: null,
        spareForwardedPort: null,
        provisioning: [],
        running: [],
        stopping: [],
      }),
    );
  }

  get all(): readonly Site[] {
    return this.#all;
  }

  get(key: string): Site | undefined {
    return this.#all.find((site) => keyOf(site) === key);
  }

  /** Promises the lowest free name and ports of a site, among them the one that its VPN forwards if nobody has it. */
  take(key: string): Place {
    const place = this.#ledger.take(key, this.get(key)?.spareForwardedPort ?? null);
    // Whoever asks has seen a free HTTP port; inner ones there are thousands of.
    if (!place) throw new Error(`the site "${key}" has no port left`);
    return place;
  }

  /** Marks what an engine that runs already holds. */
  claim(engine: Engine): void {
    this.#ledger.claim(siteOf(engine), engine);
  }

  rename(name: string, strangers: readonly string[]): string {
    return this.#ledger.rename(name, strangers);
  }

  /** Lists an engine, in the place of what it was `before`. */
  put(engine: ListedEngine, before: ListedEngine | undefined): void {
    this.#replace(siteOf(engine), (site) => listed(before ? unlisted(site, before) : site, engine));
  }

  /** Takes an engine off the list and its promise back. */
  drop(engine: ListedEngine): void {
    this.#ledger.give(siteOf(engine), engine, startedAtOf(engine) === null);
    this.#replace(siteOf(engine), (site) => unlisted(site, engine));
  }

  /** `published` are the HTTP ports that the VPN's container offers; null when it was not shown. */
  see(vpn: Vpn, published: readonly number[] | null): void {
    const site = this.get(vpn.name);
    if (site && published && !this.#named.has(vpn.name) && !this.#ledger.offers(vpn.name, published)) {
      this.#ledger.offer(vpn.name, published, [...site.provisioning, ...site.running, ...site.stopping]);
    }
    this.#replace(vpn.name, (before) => ({ ...before, vpn }));
  }

  /** Keeps clear of the ports that engines of other instances hold on our VPNs. */
  meetNeighbours(neighbours: readonly Engine[]): void {
    for (const key of this.#all.map(keyOf)) {
      const there = neighbours.filter((engine) => siteOf(engine) === key);
      this.#ledger.neighbours(
        key,
        there.flatMap(({ ports }) => Object.values(ports)),
      );
      this.#replace(key, (site) => site);
    }
  }

  meetNeighbour(key: string, ports: readonly number[]): void {
    this.#ledger.meet(key, ports);
    this.#replace(key, (site) => site);
  }

  neighbourHolds(engine: Engine): boolean {
    return this.#ledger.neighbourHolds(siteOf(engine), engine.ports);
  }

  #replace(key: string, change: (site: Site) => Site): void {
    this.#all = this.#all.map((site) => (keyOf(site) === key ? this.#withPorts(change(site)) : site));
  }

  #withPorts(site: Site): Site {
    const key = keyOf(site);
    const ports: PortRange | null = this.#ledger.range(key);
    const forwarded = site.vpn?.control.forwardedPort?.number;
    const isSpare = forwarded !== undefined && this.#ledger.isFree(key, forwarded);
    return { ...site, ports, spareForwardedPort: isSpare ? forwarded : null };
  }
}

function listed(site: Site, engine: ListedEngine): Site {
  switch (engine.state) {
    case 'PROVISIONING':
      return { ...site, provisioning: [...site.provisioning, engine] };
    case 'RUNNING':
      return { ...site, running: [...site.running, engine] };
    case 'STOPPING':
      return { ...site, stopping: [...site.stopping, engine] };
  }
}

function unlisted(site: Site, engine: ListedEngine): Site {
  switch (engine.state) {
    case 'PROVISIONING':
      return { ...site, provisioning: site.provisioning.filter(({ id }) => id !== engine.id) };
    case 'RUNNING':
      return { ...site, running: site.running.filter(({ id }) => id !== engine.id) };
    case 'STOPPING':
      return { ...site, stopping: site.stopping.filter(({ id }) => id !== engine.id) };
  }
}
