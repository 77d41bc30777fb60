import type { Oracle } from './oracle.ts';
import type { Load, Rules, Shown, ShownVpn, ToldEvent, VpnState, World } from './sights.ts';

type Assigned = Extract<ToldEvent, { type: 'ENGINE_ASSIGNED' }>;

/**
 * L2: what is started unasked is what is wanted, and goes where the fewest are: what belongs on a VPN that is not READY yet
 * waits for it. In an emergency no more than the share of the READY VPNs. L4: an engine is replaced only for a reason, and the
 * unhealthy ones one at a time.
 */
export function restoration(rules: Rules): Oracle {
  let shown: Shown | null = null;
  let world: World | null = null;
  let wanted = rules.minReplicas;
  const requests = new Set<string>();
  /** Engines that take another one's place, by id, until it is known what becomes of them. */
  const heirs = new Set<string>();
  const ill = new Set<string>();
  /** VPNs whose forwarded port is another one, or new. */
  const rerouted = new Set<string>();
  /** Starts that failed of late: what they leave waits, or goes elsewhere. */
  let failures: number[] = [];
  /** What is told comes before it is shown. */
  const states = new Map<string, VpnState>();
  let emergency = false;

  const share = (): number => {
    const up = [...states.values()].filter((state) => state === 'READY').length;
    const carried = rules.capacity === 'share' ? Math.floor((wanted * up) / rules.vpns.length) : 0;
    return Math.min(wanted, Math.max(carried, rules.emergencyMin));
  };

  const judge = (event: Assigned, now: Shown): readonly [promise: string, what: string] | null => {
    const due = emergency ? share() : wanted;
    const serving = now.vpns.filter(({ name }) =>
      emergency ? states.get(name) === 'READY' : states.get(name) !== 'FAILED',
    );
    const loads = new Map(event.loads.map((load) => [load.vpn, total(load)]));
    const carried = serving.reduce((sum, { name }) => sum + (loads.get(name) ?? 0), 0);
    const reason = mayReplace(event.vpn.name);
    if (carried > due) {
      if (!reason) return ['L2', `${carried} engines, though ${due} are wanted, and nobody asked`];
      if (reason === 'ill' && [...heirs].length > 0) return ['L4', 'another one is being replaced'];
      heirs.add(event.engine.id);
      return null;
    }
    if (reason || failures.length > 0) return null;
    const before = (loads.get(event.vpn.name) ?? 0) - 1;
    const others = serving.filter(({ name, free }) => name !== event.vpn.name && free !== 0);
    const owed = others.reduce((sum, vpn) => sum + Math.max(0, before - (loads.get(vpn.name) ?? 0)), 0);
    const alive = now.engines.filter(({ state }) => state !== 'STOPPING').length;
    if (alive < rules.emergencyMin + 1 || owed <= due - carried) return null;
    return [
      'L2',
      `${said(others, states, loads)} had fewer than ${before}, and ${due - carried} are left for them`,
    ];
  };

  const mayReplace = (vpn: string): 'ill' | 'other' | null => {
    if (rules.vpns.length === 1 || rerouted.has(vpn)) return 'other';
    return world?.engines.some((engine) => engine.vpn === vpn && ill.has(engine.id)) ? 'ill' : null;
  };

  return (sight, broken) => {
    switch (sight.kind) {
      case 'world':
        world = sight;
        for (const { id, condition, running } of sight.engines)
          if (condition !== 'well' || !running) ill.add(id);
        break;
      case 'shown':
        for (const vpn of sight.vpns) {
          const before = shown?.vpns.find(({ name }) => name === vpn.name)?.forwardedPort;
          if (vpn.forwardedPort !== null && vpn.forwardedPort !== before) rerouted.add(vpn.name);
        }
        for (const { name, state } of sight.vpns) states.set(name, state);
        emergency = sight.emergency.length > 0;
        shown = sight;
        if (sight.emergency.length === 0) wanted = sight.desired;
        break;
      case 'asked':
        // Between the wish and what is shown of it, either number counts.
        if (sight.what === 'scale') wanted = Number.POSITIVE_INFINITY;
        requests.add(sight.key ?? sight.request);
        break;
      case 'stage':
        if (sight.stage !== 'serving') heirs.clear();
        if (sight.stage === 'dead') shown = null;
        break;
      case 'told': {
        failures = failures.filter((at) => at > sight.at - 3 * rules.beatMs);
        const { event } = sight;
        if (event.type === 'VPN_CHANGED') states.set(event.vpn.name, event.vpn.state);
        if (event.type === 'EMERGENCY_MODE_CHANGED') emergency = event.active;
        if (event.type === 'ENGINE_CHANGED' && event.change === 'FAILED') failures.push(sight.at);
        if (event.type === 'ENGINE_CHANGED' && event.change !== 'STARTED') heirs.delete(event.engine.id);
        if (event.type !== 'ENGINE_ASSIGNED' || sight.late || !shown) break;
        // Somebody asked for it, or for the one whose place it takes.
        if (requests.has(event.engine.labels.asked ?? '')) break;
        const wrong = judge(event, shown);
        if (wrong) broken(wrong[0], `${event.message}: ${wrong[1]}`);
      }
    }
  };
}

const total = ({ running, pending }: Load): number => running + pending;

const said = (
  vpns: readonly ShownVpn[],
  states: ReadonlyMap<string, VpnState>,
  loads: ReadonlyMap<string, number>,
): string => vpns.map(({ name }) => `${name} (${states.get(name)}, ${loads.get(name)})`).join(' and ');
