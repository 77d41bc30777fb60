import { desired, isDown, isUp } from './capacity.ts';
import type { RunningEngine } from './engine.ts';
import { isVpnSite, loadOf, type Site, type Snapshot } from './snapshot.ts';
import { isReady, sameIncarnation, type Vpn } from './vpn.ts';

/** What is to be done without being asked for. */
export type Step =
  /** `vpn` is null in VPN_MODE=disabled. */
  | { readonly kind: 'START'; readonly vpn: string | null }
  | { readonly kind: 'REPLACE'; readonly engine: RunningEngine }
  | { readonly kind: 'RESTART_VPN'; readonly vpn: string; readonly containerId: string };

/** Milliseconds in which a VPN's container is restarted at most once. */
const restartPauseMs = 600_000;

type Vpns = ReadonlySet<string | null>;

/**
 * `held` are the VPNs on which a start has just failed: their part waits. `avoided` are those of them where starts keep
 * failing: their part goes elsewhere.
 */
export function plan(snapshot: Snapshot, held: Vpns, avoided: Vpns = new Set()): Step[] {
  return [...starts(snapshot, held, avoided), ...replacements(snapshot, held), ...restarts(snapshot)];
}

/**
 * The whole deficit is placed at once over the VPNs that take engines and those that soon may, so that what belongs on one
 * that is not READY yet waits for it and does not crowd onto another. Only what falls to a READY one is a step.
 */
function starts(snapshot: Snapshot, held: Vpns, avoided: Vpns): Step[] {
  const { sites, policy, emergency } = snapshot;
  const serving = sites.filter((site) => (emergency.kind === 'ACTIVE' ? isUp(site) : !isDown(site)));
  const places = serving.filter(({ vpn }) => !avoided.has(vpn?.name ?? null)).map((site) => new Place(site));
  const takers = places.filter(
    ({ site: { vpn } }) => (vpn === null || isReady(vpn)) && !held.has(vpn?.name ?? null),
  );
  const room = policy.maxReplicas - sum(sites.map(loadOf));
  const deficit = Math.min(room, desired(snapshot) - sum(serving.map(loadOf)));
  const alive = sum(sites.filter((site) => !isDown(site)).map(aliveAt));
  const urgent = Math.min(deficit, policy.emergencyMinReplicas - alive);

  const chosen: Place[] = [];
  for (let placed = 0; placed < deficit; placed++) {
    const place = (placed < urgent ? leastLoaded(takers) : undefined) ?? leastLoaded(places);
    if (!place) break;
    place.load++;
    place.free--;
    chosen.push(place);
  }
  return chosen
    .filter((place) => takers.includes(place))
    .map(({ site: { vpn } }) => ({ kind: 'START', vpn: vpn?.name ?? null }));
}

/** A site while the deficit is being placed. */
class Place {
  readonly site: Site;
  load: number;
  /** What a VPN publishes is known only while its container runs: one that is not READY yet may have any number. */
  free: number;

  constructor(site: Site) {
    this.site = site;
    this.load = loadOf(site);
    this.free = site.ports?.free ?? (isUp(site) ? 0 : Number.POSITIVE_INFINITY);
  }
}

function leastLoaded(places: readonly Place[]): Place | undefined {
  const [first, ...others] = places.filter(({ free }) => free > 0);
  return (
    first &&
    others.reduce((best, place) => {
      if (place.load !== best.load) return place.load < best.load ? place : best;
      return isUp(place.site) && !isUp(best.site) ? place : best;
    }, first)
  );
}

/** Engines that serve, or are about to. */
const aliveAt = ({ running, provisioning }: Site): number =>
  running.filter(({ health }) => health !== 'UNHEALTHY').length + provisioning.length;

/**
 * A single VPN's engines outlive its failures, with connections that did not: each is replaced, one at a time, once the VPN
 * takes engines again.
 */
function replacements({ mode, sites, policy }: Snapshot, held: Vpns): Step[] {
  if (mode !== 'SINGLE' || !policy.replaceOnReconnect) return [];
  return sites.filter(isVpnSite).flatMap(({ vpn, provisioning, running, stopping }) => {
    const busy = provisioning.length > 0 || stopping.length > 0 || held.has(vpn.name);
    const stale = isReady(vpn) && !busy ? running.find((engine) => outlived(engine, vpn)) : undefined;
    return stale ? [{ kind: 'REPLACE', engine: stale } as const] : [];
  });
}

const outlived = ({ tunnel, createdAt }: RunningEngine, { recoveredAt, incarnation }: Vpn): boolean =>
  recoveredAt !== null &&
  createdAt < recoveredAt &&
  sameIncarnation(tunnel?.incarnation ?? null, incarnation);

/** Once per failure, where the operator asks for it. What does not exist cannot be restarted. */
function restarts({ at, sites, policy }: Snapshot): Step[] {
  if (policy.vpnRestartAfterMs === 0) return [];
  return sites.filter(isVpnSite).flatMap(({ vpn }) => {
    const { name, state, restartedAt, incarnation, containerStatus } = vpn;
    if (state.kind !== 'FAILED' || !incarnation || containerStatus === null) return [];
    const due = Math.max(
      state.since + policy.vpnRestartAfterMs,
      restartedAt === null ? 0 : restartedAt + restartPauseMs,
    );
    const done = restartedAt !== null && restartedAt >= state.since;
    return at >= due && !done
      ? [{ kind: 'RESTART_VPN', vpn: name, containerId: incarnation.containerId } as const]
      : [];
  });
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
