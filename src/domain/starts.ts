import { aliveAt, desired, isDown, isUp } from './capacity.ts';
import { circuitFreeAt } from './circuit.ts';
import type { Due, View } from './plan.ts';
import { loadOf, type Site } from './snapshot.ts';
import { isReady } from './vpn.ts';

/**
 * The whole deficit is placed at once over the VPNs that take engines and those that soon may, so that what belongs on one
 * that is not READY yet waits for it and does not crowd onto another. Only what falls to a READY one is a step.
 */
export function starts({ snapshot, held, avoided }: View): Due[] {
  const { sites, policy, emergency, circuit, at } = snapshot;
  const serving = sites.filter((site) => (emergency.kind === 'ACTIVE' ? isUp(site) : !isDown(site)));
  const places = serving.filter(({ vpn }) => !avoided.has(vpn?.name ?? null)).map((site) => new Place(site));
  const takers = places.filter(({ site: { vpn } }) => isTaker(vpn) && !held.has(vpn?.name ?? null));
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
    .map(({ site: { vpn } }) => ({
      at: Math.max(at, circuitFreeAt(circuit)),
      step: { kind: 'START', vpn: vpn?.name ?? null },
    }));
}

/**
 * One that is READY, and has told whether it forwards a port: the first engine there would start without it, and have to be
 * replaced. Its control server is given up soon if it says nothing.
 */
const isTaker = (vpn: Site['vpn']): boolean => vpn === null || (isReady(vpn) && vpn.control.heard);

/** A site while the deficit is being placed. */
class Place {
  readonly site: Site;
  load: number;
  /**
   * What a VPN publishes is known only while its container runs: one that is not READY yet may have any number. What is on its
   * way out there will be gone by then.
   */
  free: number;

  constructor(site: Site) {
    this.site = site;
    this.load = loadOf(site);
    const { ports, stopping } = site;
    if (isUp(site)) this.free = ports?.free ?? 0;
    else this.free = ports ? ports.free + stopping.length : Number.POSITIVE_INFINITY;
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

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
