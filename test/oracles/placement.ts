import type { Oracle } from './oracle.ts';
import type { Load, Rules, Shown, ToldEvent, VpnState } from './sights.ts';

type Assigned = Extract<ToldEvent, { type: 'ENGINE_ASSIGNED' }>;

/**
 * S1: an engine that somebody asked for goes where the fewest are, those still being made counted, and a tie to the earlier.
 * S2: and only where the VPN is READY. S5: never beyond MAX_REPLICAS.
 */
export function placement(rules: Rules): Oracle {
  const states = new Map<string, VpnState>();
  const free = new Map<string, number>();
  const waiting = new Set<string>();
  /** The requests of which an engine has started: one that is repeated under its key is asked for again, and gets that. */
  const served = new Set<string>();

  let starting = false;

  const balanced = ({ vpn, loads, engine, message }: Assigned): string | null => {
    const request = engine.labels.asked ?? '';
    // A replacement has the labels of the engine whose place it takes.
    if (!waiting.has(request) || served.has(request)) return null;
    const chosen = loads.findIndex((load) => load.vpn === vpn.name);
    const before = sum(loads[chosen]) - 1;
    const better = loads.find((load, index) => {
      const candidate = states.get(load.vpn) === 'READY' && (free.get(load.vpn) ?? 0) > loads.length;
      return (
        candidate && index !== chosen && (sum(load) < before || (sum(load) === before && index < chosen))
      );
    });
    return better ? `${message}: ${better.vpn} had ${sum(better)} and ${vpn.name} ${before}` : null;
  };

  return (sight, broken) => {
    switch (sight.kind) {
      case 'asked':
        if (sight.what === 'provision') waiting.add(sight.request);
        break;
      case 'answered':
        waiting.delete(sight.request);
        break;
      case 'stage':
        // Where it is polled, it may come after what is told of.
        starting = sight.stage === 'starting' && rules.slackMs === 0;
        if (sight.stage === 'dead') waiting.clear();
        break;
      case 'shown': {
        for (const vpn of sight.vpns) {
          states.set(vpn.name, vpn.accepts ? vpn.state : 'UNKNOWN');
          free.set(vpn.name, vpn.free ?? 0);
        }
        const problem = overfull(sight, rules);
        if (problem) broken('S5', problem);
        break;
      }
      case 'told': {
        const { event } = sight;
        // Whether it takes engines again, only what is shown says.
        if (event.type === 'VPN_CHANGED' && event.vpn.state !== 'READY')
          states.set(event.vpn.name, event.vpn.state);
        if (event.type === 'ENGINE_CHANGED' && event.change === 'STARTED')
          served.add(event.engine.labels.asked ?? '');
        if (event.type !== 'ENGINE_ASSIGNED') break;
        free.set(event.vpn.name, (free.get(event.vpn.name) ?? 0) - 1);
        if (starting && !sight.late) broken('S2', `${event.message}: not every VPN was looked at yet`);
        if (event.vpn.state !== 'READY') broken('S2', `${event.message}: it is ${event.vpn.state}`);
        const worse = sight.late ? null : balanced(event);
        if (worse) broken('S1', worse);
        const total = event.loads.reduce((count, load) => count + sum(load), 0);
        if (total > rules.maxReplicas)
          broken('S5', `${event.message}: ${total} engines are more than ${rules.maxReplicas}`);
      }
    }
  };
}

const sum = (load: Load | undefined): number => (load?.running ?? 0) + (load?.pending ?? 0);

const overfull = ({ running, pending }: Shown, { maxReplicas }: Rules): string | null =>
  running + pending > maxReplicas
    ? `${running} run and ${pending} are pending, of at most ${maxReplicas}`
    : null;
