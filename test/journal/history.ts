import { type ProvisioningEngine, type RunningEngine, removed, stopping } from '../../src/domain/engine.ts';
import { type Change, type Event, eventId } from '../../src/domain/events.ts';
import { foundWell } from '../../src/domain/health.ts';
import type { Snapshot, VpnSite } from '../../src/domain/snapshot.ts';
import {
  anEngine,
  aProvisioningEngine,
  aSite,
  aSnapshot,
  aVpn,
  now,
  range,
  unwell,
} from '../support/build.ts';

const run = '0a1b2c3d';

/**
 * What two VPNs live through, always the same: engines are asked for, start, fall ill, are stopped and go; a VPN fails and
 * takes engines with it. As with a real fleet, a snapshot shares with the one before it all that did not change.
 */
export class History {
  #snapshot: Snapshot;
  #position = 0;
  #engines: number;

  constructor(enginesPerSite: number) {
    const site = (name: string, first: number): VpnSite =>
      aSite(aVpn(name), {
        running: range(first, first + enginesPerSite - 1).map((number) => engine(number, name)),
      });
    this.#engines = 2 * enginesPerSite;
    this.#snapshot = aSnapshot([site('red', 0), site('blue', enginesPerSite)]);
  }

  /** The next `count` events. */
  live(count: number): Event[] {
    return range(1, count).map(() => this.#step());
  }

  #step(): Event {
    const turn = this.#position % 10;
    const site = this.#site(Math.floor(this.#position / 10) % 2);
    switch (turn) {
      case 0:
      case 1:
        return this.#assigned(site);
      case 2:
      case 3:
        return this.#started(site);
      case 4:
        return this.#ill(site);
      case 5:
        return this.#seen(site);
      case 6:
        return this.#failed(site);
      case 7:
      case 8:
        return this.#gone(site);
      default:
        return this.#position % 20 === 9
          ? this.#happened({ type: 'SCALING' })
          : this.#happened(
              { type: 'CIRCUIT_CHANGED' },
              { circuit: { kind: 'CLOSED', failures: this.#position } },
            );
    }
  }

  #assigned(site: VpnSite): Event {
    const number = this.#engines++;
    const request = number % 2 === 0 ? null : { key: `key ${number}`, fingerprint: `what ${number}` };
    const engine = aProvisioningEngine(number, site.vpn.name, {
      request,
      labels: [{ key: 'sort', value: 'ünïcode\n"quoted"' }],
    });
    return this.#happened(
      { type: 'ENGINE_ASSIGNED', engine },
      this.#with(site, { provisioning: [...site.provisioning, engine] }),
    );
  }

  #started(site: VpnSite): Event {
    const [first, ...provisioning] = site.provisioning;
    const engine = filled(given(first));
    const sites = this.#with(site, { provisioning, running: [...site.running, engine] });
    return this.#happened({ type: 'ENGINE_CHANGED', change: 'STARTED', reason: null, engine }, sites);
  }

  #ill(site: VpnSite): Event {
    const [first, ...others] = site.running;
    const engine: RunningEngine = { ...given(first), health: unwell };
    const sites = this.#with(site, { running: [engine, ...others] });
    return this.#happened(
      { type: 'ENGINE_CHANGED', change: 'UNHEALTHY', reason: 'no answer', engine },
      sites,
    );
  }

  #seen(site: VpnSite): Event {
    const vpn = { ...site.vpn, lookedAt: this.#snapshot.at, provider: `provider ${this.#position}` };
    return this.#happened({ type: 'VPN_CHANGED', vpn: vpn.name }, this.#with(site, { vpn }));
  }

  #failed(site: VpnSite): Event {
    const removedEngines = site.running.slice(0, 2).map((each) => stopping(each, each.containerId));
    const sites = this.#with(site, {
      running: site.running.slice(2),
      stopping: [...site.stopping, ...removedEngines],
    });
    const episodeId = `episode ${this.#position}`;
    const vpn = site.vpn.name;
    return this.#happened(
      { type: 'EMERGENCY_MODE_CHANGED', change: 'ENTERED', episodeId, episodeMs: 0, vpn, removedEngines },
      { ...sites, emergency: { kind: 'ACTIVE', episodeId, since: this.#snapshot.at, failed: [vpn] } },
    );
  }

  #gone(site: VpnSite): Event {
    const [first, ...stopping] = site.stopping;
    const engine = removed(given(first));
    const sites = this.#with(site, { stopping });
    return this.#happened({ type: 'ENGINE_CHANGED', change: 'REMOVED', reason: null, engine }, sites);
  }

  #happened(change: Change, changes: Partial<Snapshot> = {}): Event {
    const position = ++this.#position;
    const id = eventId(position, run);
    const at = now + 1_000 * position + 0.125;
    this.#snapshot = { ...this.#snapshot, ...changes, at, lastEventId: id };
    return { ...change, position, id, at, message: `event ${position}`, snapshot: this.#snapshot };
  }

  #with(site: VpnSite, changes: Partial<VpnSite>): Partial<Snapshot> {
    return { sites: this.#snapshot.sites.map((each) => (each === site ? { ...site, ...changes } : each)) };
  }

  #site(index: number): VpnSite {
    return given(this.#snapshot.sites[index]) as VpnSite;
  }
}

const engine = (number: number, vpn: string): RunningEngine => anEngine(number, vpn, { request: null });

const filled = (engine: ProvisioningEngine): RunningEngine => ({
  ...engine,
  state: 'RUNNING',
  containerId: `container of ${engine.id}`,
  startedAt: engine.createdAt,
  health: foundWell,
  connected: null,
  wasConnected: false,
});

function given<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('history has no such thing at this point');
  return value;
}
