import { isDown } from './capacity.ts';
import type { ProvisioningEngine, RunningEngine } from './engine.ts';
import { isUnhealthy } from './health.ts';
import { loadOf, type Site, type Snapshot } from './snapshot.ts';

type Scalable = ProvisioningEngine | RunningEngine;

/**
 * The engines that have to go so that `to` are left. One that has its VPN's forwarded port stays while there are others;
 * of those, the unhealthy go first, then one after the other the youngest on the VPN that has most, the later one in
 * configured order where two have as many. Those that a failed VPN has kept do not count.
 */
export function surplus({ sites }: Snapshot, to: number): Scalable[] {
  const rows = sites
    .filter((site) => !isDown(site))
    .map((site) => ({
      load: loadOf(site),
      engines: [...site.running, ...site.provisioning]
        .map((engine) => ({ engine, rank: rankAt(site, engine) }))
        .toSorted((a, b) => a.rank - b.rank || b.engine.createdAt - a.engine.createdAt),
    }));
  const chosen: Scalable[] = [];
  for (let left = rows.reduce((sum, { load }) => sum + load, 0); left > to; left--) {
    const row = rows
      .filter(({ engines }) => engines.length > 0)
      .reduce((best, other) => {
        const [a, b] = [best.engines[0]?.rank ?? 0, other.engines[0]?.rank ?? 0];
        if (a !== b) return a < b ? best : other;
        return other.load >= best.load ? other : best;
      });
    const first = row.engines.shift();
    if (first) chosen.push(first.engine);
    row.load--;
  }
  return chosen;
}

/** 0 goes before 1, and 1 before 2. */
function rankAt({ vpn }: Site, engine: Scalable): number {
  if (vpn?.control.forwardedPort?.number === engine.ports.p2p) return 2;
  return engine.state === 'RUNNING' && isUnhealthy(engine) ? 0 : 1;
}
