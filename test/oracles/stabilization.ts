import type { Oracle } from './oracle.ts';
import type { Rules } from './sights.ts';

/**
 * S2: what was being made on a VPN when it failed does not come to run, and a recovered VPN is READY only after a whole
 * stabilization, however often the service was restarted meanwhile.
 */
export function stabilization(rules: Rules): Oracle {
  const beingMade = new Map<string, string | null>();
  const doomed = new Set<string>();
  const recovered = new Map<string, { readonly happened: number; readonly at: number }>();
  const failed = new Set<string>();
  let newest = Number.NEGATIVE_INFINITY;
  return (sight, broken) => {
    if (sight.kind !== 'told') return;
    const { event } = sight;
    // By a clock that was set back nothing can be measured.
    if (event.happened < newest) recovered.clear();
    newest = event.happened;
    switch (event.type) {
      case 'ENGINE_ASSIGNED':
        beingMade.set(event.engine.id, event.engine.vpn);
        break;
      case 'ENGINE_CHANGED':
        beingMade.delete(event.engine.id);
        if (event.change === 'STARTED' && doomed.has(event.engine.id))
          broken('S2', `${event.message}: its VPN failed while it was being made`);
        if (event.change === 'REMOVED') doomed.delete(event.engine.id);
        break;
      case 'VPN_CHANGED': {
        const { name, state } = event.vpn;
        if (state === 'FAILED') {
          failed.add(name);
          recovered.delete(name);
          for (const [id, vpn] of beingMade) if (vpn === name) doomed.add(id);
        } else if (failed.delete(name)) recovered.set(name, { happened: event.happened, at: sight.at });
        const since = recovered.get(name);
        if (state !== 'READY' || since === undefined) break;
        recovered.delete(name);
        // Its own clock may have been set back meanwhile, and the watcher have been away.
        const lasted = Math.max(event.happened - since.happened, sight.at - since.at);
        // Moments are told in whole milliseconds; and by a busy machine later than they were.
        if (lasted < rules.stabilizationMs - 1 - Math.min(100, rules.slackMs))
          broken('S2', `${event.message}: ${lasted} ms after it recovered, of ${rules.stabilizationMs}`);
      }
    }
  };
}
