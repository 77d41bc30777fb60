import { circuitWait } from './circuit.ts';
import { type ProvisionRefusal, type RefusalOf, unavailable } from './refusal.ts';
import { isVpnSite, loadOf, type Site, type Snapshot, type VpnView } from './snapshot.ts';
import { isReady } from './vpn.ts';

/** RECOVERING until every engine is adopted and every VPN was looked at once. */
export type Phase = 'RECOVERING' | 'SERVING' | 'SHUTTING_DOWN';

/** More than the largest batch, so that one batch is never refused for its own size. */
export const longestQueue = 2_000;

/**
 * The site that takes the next engine: the one with the fewest running and pending; a tie goes to the earlier in
 * configured order. Or the first reason against it, in the order that callers are promised. `on` names the only VPN that
 * will do; null is the host of VPN_MODE=disabled.
 */
export function admit(snapshot: Snapshot, phase: Phase, on?: string | null): Site | ProvisionRefusal {
  const { sites, policy, circuit, at } = snapshot;
  if (phase === 'SHUTTING_DOWN')
    return unavailable('SHUTTING_DOWN', 'Tandem is shutting down and takes no new engine.');
  if (phase === 'RECOVERING') {
    return unavailable(
      'RECOVERING',
      'Tandem has just started and is still adopting engines and looking at the VPNs.',
    );
  }

  const wait = circuitWait(circuit, at);
  if (wait !== null) return circuitOpen(wait);

  let load = 0;
  let pending = 0;
  for (const site of sites) {
    load += loadOf(site);
    pending += site.provisioning.length;
  }
  if (load >= policy.maxReplicas) return capacityReached(policy.maxReplicas);

  const asked = sites.filter(({ vpn }) => on === undefined || (vpn?.name ?? null) === on);
  const ready = asked.filter(({ vpn }) => vpn === null || isReady(vpn));
  if (ready.length === 0) return noReadyVpn(snapshot);

  const [first, ...others] = ready.filter((site) => (site.ports?.free ?? 0) > 0);
  if (!first) return noFreePort(snapshot, ready);
  if (pending >= longestQueue) return overloaded();

  return others.reduce((best, site) => (loadOf(site) < loadOf(best) ? site : best), first);
}

function noReadyVpn(snapshot: Snapshot): ProvisionRefusal {
  const vpns: VpnView[] = snapshot.sites.filter(isVpnSite).map((site) => ({ snapshot, site }));
  const remaining = vpns.flatMap(({ site: { vpn } }) =>
    vpn.state.kind === 'STABILIZING' ? [vpn.state.until - snapshot.at] : [],
  );
  if (remaining.length > 0) {
    const seconds = Math.max(0, Math.min(...remaining)) / 1_000;
    return {
      kind: 'VpnStabilizingError',
      vpns,
      message: `No VPN is READY; the first to be stable again needs another ${seconds.toFixed(1)} s.`,
      retryable: true,
      retryAfterSeconds: seconds,
    };
  }
  const states = vpns.map(
    ({ site: { vpn } }) =>
      `${vpn.name} is ${vpn.state.kind}${vpn.state.kind === 'FAILED' ? ` (${vpn.state.reason})` : ''}`,
  );
  return {
    kind: 'NoHealthyVpnError',
    vpns,
    message: `No VPN can take an engine: ${states.join(', ')}.`,
    retryable: true,
    retryAfterSeconds: null,
  };
}

function noFreePort(snapshot: Snapshot, ready: readonly Site[]): ProvisionRefusal {
  const site = ready.find(isVpnSite);
  if (!site) return capacityReached(snapshot.policy.maxReplicas);
  const range = site.ports;
  return {
    kind: 'NoFreePortError',
    vpn: { snapshot, site },
    message: range
      ? `Every port of every READY VPN is taken (${site.vpn.name}: ${range.first}-${range.last}). Publish more ports on the VPN's container, or stop an engine.`
      : `${site.vpn.name} publishes no port that an engine could use. Publish a range on its container with the same numbers inside and outside (for example 19000-19019:19000-19019), or set GLUETUN_PORT_RANGE_1, _2, ….`,
    retryable: range !== null,
    retryAfterSeconds: null,
  };
}

export const circuitOpen = (waitMs: number): RefusalOf<'CircuitOpenError'> => ({
  kind: 'CircuitOpenError',
  message:
    'Engine starts failed several times in a row, so none is tried for now. The log says why each failed; the mutation "resetCircuit" lets the next one through.',
  retryable: true,
  retryAfterSeconds: waitMs / 1_000,
});

const capacityReached = (maxReplicas: number): RefusalOf<'CapacityReachedError'> => ({
  kind: 'CapacityReachedError',
  maxReplicas,
  message: `All ${maxReplicas} engines that MAX_REPLICAS allows are running or on their way. Stop one, or raise MAX_REPLICAS.`,
  retryable: true,
  retryAfterSeconds: null,
});

const overloaded = (): RefusalOf<'OverloadedError'> => ({
  kind: 'OverloadedError',
  message: `${longestQueue} engines are waiting to be started already.`,
  retryable: true,
  retryAfterSeconds: 10,
});
