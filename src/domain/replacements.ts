import { aliveAt, desired, isUp, pausedReason } from './capacity.ts';
import { circuitFreeAt } from './circuit.ts';
import type { Because, Replaces, RunningEngine } from './engine.ts';
import { isUnhealthy } from './health.ts';
import type { Due, View } from './plan.ts';
import { isVpnSite, type Site, type Snapshot, type VpnSite } from './snapshot.ts';
import { isReady, sameIncarnation, type Vpn } from './vpn.ts';

/** An engine that should make way for another one in its place. */
interface Candidate {
  readonly at: number;
  readonly engine: RunningEngine;
  readonly because: Because;
}

/** Where a start has just failed, and where none would be let through, the engine that is there stays. */
export function replacements({ snapshot, held }: View): Due[] {
  const sites = snapshot.sites.filter(({ vpn }) => (vpn === null || isReady(vpn)) && !held.has(nameOf(vpn)));
  const candidates = [
    ...unhealthy(snapshot, sites),
    ...sites.filter(isVpnSite).flatMap((site) => [...portless(snapshot, site), ...outlived(snapshot, site)]),
  ];
  const replaced = new Set(snapshot.sites.flatMap(replacedBy).map(({ id }) => id));
  const free = circuitFreeAt(snapshot.circuit);
  return firstOfEach(candidates.filter(({ engine }) => !replaced.has(engine.id))).map(
    ({ at, engine, because }) => ({
      at: Math.max(at, free),
      step: { kind: 'REPLACE', engine, because },
    }),
  );
}

/** One that should make way for several reasons does so once, for the one that was there first. */
const firstOfEach = (candidates: readonly Candidate[]): Candidate[] =>
  candidates
    .toSorted((a, b) => a.at - b.at)
    .filter(({ engine }, index, all) => all.findIndex((other) => other.engine.id === engine.id) === index);

/**
 * The one that has been UNHEALTHY for longest, and one at a time. In an emergency only where fewer are well than what is
 * kept alive then.
 */
function unhealthy(snapshot: Snapshot, sites: readonly Site[]): Candidate[] {
  const { policy, replacedAt, sites: all } = snapshot;
  if (all.some((site) => isBeingReplaced(site, 'UNHEALTHY'))) return [];
  if (pausedReason(snapshot) !== null && aliveOn(all.filter(isUp)) >= desired(snapshot)) return [];
  const rested = replacedAt === null ? 0 : replacedAt + policy.replacementCooldownMs;
  const candidates = sites
    .flatMap(({ running }) => running)
    .flatMap((engine) =>
      engine.health.kind === 'UNHEALTHY'
        ? [{ engine, at: engine.health.since + policy.unhealthyGraceMs }]
        : [],
    );
  return earliest(candidates).map(({ engine, at }) => ({
    engine,
    at: Math.max(rested, at),
    because: 'UNHEALTHY',
  }));
}

/**
 * A port that the VPN forwards and that no engine has. Where an engine has the one before it, that engine makes way; where
 * none has, a start that is wanted anyway may take it, so that one engine makes way only when there was none for a while.
 */
function portless(snapshot: Snapshot, site: VpnSite): Candidate[] {
  const { policy } = snapshot;
  const { vpn, provisioning, running } = site;
  const { forwardedPort } = vpn.control;
  const busy = provisioning.length > 0 || isBeingReplaced(site, 'FORWARDED_PORT');
  if (site.spareForwardedPort === null || !forwardedPort || busy || pausedReason(snapshot) !== null)
    return [];
  const rested = vpn.portReplacedAt === null ? 0 : vpn.portReplacedAt + policy.portCooldownMs;
  const [former] = youngestFirst(running.filter(({ forwarded }) => forwarded));
  if (former) return [{ engine: former, at: rested, because: 'FORWARDED_PORT' }];
  const [sick] = running.filter(isUnhealthy);
  const engine = sick ?? youngestFirst(running)[0];
  const at = Math.max(rested, forwardedPort.since + policy.portCooldownMs);
  return engine ? [{ engine, at, because: 'FORWARDED_PORT' }] : [];
}

/**
 * A single VPN's engines outlive its failures, with connections that did not: each is replaced, one at a time, once the VPN
 * takes engines again.
 */
function outlived({ mode, policy }: Snapshot, site: VpnSite): Candidate[] {
  const { vpn, provisioning, running, stopping } = site;
  const { recoveredAt, incarnation } = vpn;
  if (mode !== 'SINGLE' || !policy.replaceOnReconnect || recoveredAt === null) return [];
  if (provisioning.length > 0 || stopping.length > 0 || isBeingReplaced(site, 'RECONNECTED')) return [];
  const stale = running.find(
    ({ tunnel, createdAt }) =>
      createdAt < recoveredAt && sameIncarnation(tunnel?.incarnation ?? null, incarnation),
  );
  return stale ? [{ engine: stale, at: recoveredAt, because: 'RECONNECTED' }] : [];
}

/** What the engines at a site replace, as long as they have not been found well. */
const replacedBy = ({ provisioning, running }: Site): Replaces[] =>
  [...provisioning, ...running].flatMap(({ replaces }) => replaces ?? []);

const isBeingReplaced = (site: Site, because: Because): boolean =>
  replacedBy(site).some((replaced) => replaced.because === because);

const aliveOn = (sites: readonly Site[]): number => sites.reduce((sum, site) => sum + aliveAt(site), 0);

const youngestFirst = (engines: readonly RunningEngine[]): RunningEngine[] =>
  engines.toSorted((a, b) => b.createdAt - a.createdAt);

const earliest = <T extends { readonly at: number }>(candidates: readonly T[]): T[] =>
  candidates.toSorted((a, b) => a.at - b.at).slice(0, 1);

const nameOf = (vpn: Vpn | null): string | null => vpn?.name ?? null;
