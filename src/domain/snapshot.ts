import type { Circuit } from './circuit.ts';
import type { Emergency } from './emergency.ts';
import type { Engine, ListedEngine, ProvisioningEngine, RunningEngine, StoppingEngine } from './engine.ts';
import type { Health } from './health.ts';
import type { Policy } from './policy.ts';
import { unseenVpn, type Vpn } from './vpn.ts';

export type VpnMode = 'DISABLED' | 'SINGLE' | 'REDUNDANT';

/** The HTTP ports that engines of one site may take, and how many of them are free. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
  readonly free: number;
}

/** A place for engines: one VPN, or the host itself (`vpn` is null) in VPN_MODE=disabled. Load is the length of lists. */
export interface Site {
  readonly vpn: Vpn | null;
  readonly ports: PortRange | null;
  /** The port that the VPN forwards, where no engine has it; null where one has, and where there is none. */
  readonly spareForwardedPort: number | null;
  readonly provisioning: readonly ProvisioningEngine[];
  readonly running: readonly RunningEngine[];
  readonly stopping: readonly StoppingEngine[];
}

export interface VpnSite extends Site {
  readonly vpn: Vpn;
}

/** Everything that was so at one moment. Never changed, only replaced; so it costs a reference to keep. */
export interface Snapshot {
  readonly at: number;
  readonly lastEventId: string;
  readonly mode: VpnMode;
  readonly simulated: boolean;
  readonly sites: readonly Site[];
  readonly emergency: Emergency;
  readonly circuit: Circuit;
  readonly policy: Policy;
  /** What somebody scaled to; null for MIN_REPLICAS. */
  readonly scaledTo: number | null;
  /** When the last replacement of an unhealthy engine ended. */
  readonly replacedAt: number | null;
}

/** A VPN, or an engine, as it was in a snapshot. */
export interface VpnView {
  readonly snapshot: Snapshot;
  readonly site: VpnSite;
}
export interface EngineView {
  readonly snapshot: Snapshot;
  readonly engine: Engine;
}

export const loadOf = (site: Site): number => site.running.length + site.provisioning.length;

export const isVpnSite = (site: Site): site is VpnSite => site.vpn !== null;

export const vpnsOf = (snapshot: Snapshot): VpnView[] =>
  snapshot.sites.filter(isVpnSite).map((site) => ({ snapshot, site }));

export const vpnNamed = (snapshot: Snapshot, name: string): VpnView | null =>
  vpnsOf(snapshot).find(({ site }) => site.vpn.name === name) ?? null;

/** The same where it was there once: one that is configured no longer is in no snapshot, and known by its name alone. */
export function vpnRecalled(snapshot: Snapshot, name: string): VpnView {
  const vpn = unseenVpn(name, snapshot.at);
  const nothingThere = { ports: null, spareForwardedPort: null, provisioning: [], running: [], stopping: [] };
  return vpnNamed(snapshot, name) ?? { snapshot, site: { vpn, ...nothingThere } };
}

/** What a site's load consists of, by HTTP port: engines on their way out are left out. */
export const enginesOf = (snapshot: Snapshot, site: Site): EngineView[] =>
  byPort([...site.provisioning, ...site.running]).map((engine) => ({ snapshot, engine }));

export interface EngineFilter {
  readonly vpn?: string;
  readonly states?: readonly Engine['state'][];
  readonly health?: readonly Health['kind'][];
}

/**
 * The engines on offer, by HTTP port. Those of a FAILED VPN are left out unless the filter names that VPN, and those
 * being stopped unless the filter asks for that state.
 */
export function listEngines(snapshot: Snapshot, filter: EngineFilter = {}): EngineView[] {
  const { vpn, states = ['PROVISIONING', 'RUNNING'], health } = filter;
  const offered = snapshot.sites.filter((site) =>
    vpn === undefined ? site.vpn?.state.kind !== 'FAILED' : site.vpn?.name === vpn,
  );
  const listed: ListedEngine[] = offered.flatMap((site) => [
    ...site.provisioning,
    ...site.running,
    ...site.stopping,
  ]);
  return byPort(
    listed.filter(
      (engine) => states.includes(engine.state) && (!health || health.includes(healthOf(engine))),
    ),
  ).map((engine) => ({ snapshot, engine }));
}

/** Only a running engine's health is known. */
export const healthOf = (engine: Engine): Health['kind'] =>
  engine.state === 'RUNNING' ? engine.health.kind : 'UNKNOWN';

/** Whether it has the port that its VPN forwards at that moment. */
export function isForwarded({ snapshot, engine }: EngineView): boolean {
  const vpn = engine.tunnel && vpnNamed(snapshot, engine.tunnel.vpn)?.site.vpn;
  return engine.state !== 'REMOVED' && vpn?.control.forwardedPort?.number === engine.ports.p2p;
}

const byPort = <E extends Engine>(engines: readonly E[]): E[] =>
  engines.toSorted((a, b) => a.ports.http - b.ports.http);
