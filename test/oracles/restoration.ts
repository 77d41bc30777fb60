import type { Broken, Oracle } from './oracle.ts';
import {
  type Load,
  portless,
  type Rules,
  type Shown,
  type ShownVpn,
  type ToldEvent,
  type VpnState,
} from './sights.ts';
import { Wanted } from './wanted.ts';

/** Why an engine goes whose place another one is to take. */
const waysText = 'it makes way for another one';

type EngineChanged = Extract<ToldEvent, { type: 'ENGINE_CHANGED' }>;
type Assigned = Extract<ToldEvent, { type: 'ENGINE_ASSIGNED' }>;

/**
 * L2: what is started unasked is what is wanted, and goes where the fewest are: what belongs on a VPN that is not READY yet
 * waits for it. In an emergency no more than the share of the READY VPNs. L4: an engine is replaced only for a reason, and the
 * unhealthy ones one at a time.
 */
export function restoration(rules: Rules): Oracle {
  let shown: Shown | null = null;
  const wanted = new Wanted(rules);
  /** How many wait for an answer to each: one may be sent again before what came of the first is heard. */
  const requests = new Map<string, number>();
  /** Engines that take another one's place, by id, until it is known what becomes of either. */
  const heirs = new Set<string>();
  /** The VPNs of the engines that are UNHEALTHY, by id; and those where one has made way for what is still to be assigned. */
  const sick = new Map<string, string>();
  const madeWay = new Set<string>();
  /** Those that were UNHEALTHY and make way, by id, until they are gone. */
  const makingWay = new Set<string>();
  /** VPNs with a forwarded port that no engine has, or that may have one since a moment ago. */
  let spare: string[] = [];
  /** Those that may have one since what was told after what was shown last. */
  let freed: string[] = [];
  /** Starts that failed of late: what they leave waits, or goes elsewhere. */
  let failures: number[] = [];
  /** What is told comes before it is shown. */
  const states = new Map<string, VpnState>();
  /** HTTP ports that no engine has. */
  const free = new Map<string, number>();
  let emergency = false;
  let fair = false;

  const waiting = (request: string): number => requests.get(request) ?? 0;

  const due = (): number => {
    const up = [...states.values()].filter((state) => state === 'READY').length;
    return emergency ? wanted.share(wanted.most, up) : wanted.most;
  };

  const judge = (event: Assigned, now: Shown): readonly [promise: string, what: string] | null => {
    const allowed = due();
    const serving = now.vpns.filter(({ name }) =>
      emergency ? states.get(name) === 'READY' : states.get(name) !== 'FAILED',
    );
    const loads = new Map(event.loads.map((load) => [load.vpn, total(load)]));
    const carried = serving.reduce((sum, { name }) => sum + (loads.get(name) ?? 0), 0);
    const reason = mayReplace(event.vpn.name);
    if (carried > allowed) {
      if (!reason) return ['L2', `${carried} engines, though ${allowed} are wanted, and nobody asked`];
      if (reason === 'ill' && heirs.size > 0) return ['L4', 'another one is being replaced'];
      if (reason === 'ill') heirs.add(event.engine.id);
      madeWay.delete(event.vpn.name);
      return null;
    }
    if (reason || failures.length > 0) return null;
    const before = (loads.get(event.vpn.name) ?? 0) - 1;
    const others = serving.filter(({ name }) => name !== event.vpn.name && free.get(name) !== 0);
    const owed = others.reduce((sum, vpn) => {
      // What is on its way out holds its ports until it is gone, and a READY VPN takes no more than it has room for.
      const room = states.get(vpn.name) === 'READY' ? (free.get(vpn.name) ?? 0) : Number.POSITIVE_INFINITY;
      return sum + Math.min(room, Math.max(0, before - (loads.get(vpn.name) ?? 0)));
    }, 0);
    // With hardly any engine left that is well, any READY VPN serves at once.
    if (carried - sick.size <= rules.emergencyMin || owed <= allowed - carried) return null;
    return [
      'L2',
      `${said(others, states, loads)} had fewer than ${before}, and ${allowed - carried} are left for them`,
    ];
  };

  const note = ({ change, reason, engine, message }: EngineChanged, at: number, broken: Broken): void => {
    const vpn = engine.vpn ?? '';
    if (change === 'REMOVED') makingWay.delete(engine.id);
    if (reason === waysText && sick.has(engine.id) && mayReplace(vpn) === 'ill') {
      // Where Docker does not remove it, the next one waits for it for a while only.
      if (makingWay.size > 0 && fair) broken('L4', `${message}: another one does so`);
      makingWay.add(engine.id);
    }
    if (change === 'FAILED') failures.push(at);
    if (change === 'STOPPED' || change === 'FAILED' || change === 'REMOVED') release(vpn);
    if (change !== 'STARTED') heirs.delete(engine.id);
    // With the one that was ill goes the reason why another one should wait.
    if (sick.has(engine.id) && change !== 'UNHEALTHY') heirs.clear();
    if (change === 'UNHEALTHY') sick.set(engine.id, vpn);
    else if (change !== 'ADOPTED') sick.delete(engine.id);
    if (reason === waysText) madeWay.add(vpn);
  };

  const release = (vpn: string): void => {
    spare.push(vpn);
    freed.push(vpn);
  };

  const mayReplace = (vpn: string): 'ill' | 'other' | null => {
    if (rules.vpns.length === 1 || spare.includes(vpn)) return 'other';
    return madeWay.has(vpn) || [...sick.values()].includes(vpn) ? 'ill' : null;
  };

  return (sight, broken) => {
    wanted.see(sight);
    switch (sight.kind) {
      case 'shown':
        // What is shown may be ahead of what is told.
        spare = [...portless(sight), ...(shown ? portless(shown) : []), ...freed];
        freed = [];
        // One that is found well has taken the place, or there is none any longer.
        for (const { id, state, health } of sight.engines)
          if (state !== 'PROVISIONING' && health === 'HEALTHY') heirs.delete(id);
        for (const vpn of sight.vpns) {
          states.set(vpn.name, vpn.state);
          if (vpn.free === null) free.delete(vpn.name);
          else free.set(vpn.name, vpn.free);
        }
        emergency = sight.emergency.length > 0;
        shown = sight;
        break;
      case 'fairness':
        fair = sight.fairness === 'fair' || sight.fairness === 'quiet';
        break;
      case 'asked':
        requests.set(sight.request, waiting(sight.request) + 1);
        break;
      case 'answered':
        // What a process that is no more was asked is forgotten by now.
        requests.set(sight.request, Math.max(0, waiting(sight.request) - 1));
        break;
      case 'stage':
        if (sight.stage === 'serving') break;
        heirs.clear();
        makingWay.clear();
        if (sight.stage !== 'dead') break;
        shown = null;
        requests.clear();
        break;
      case 'told': {
        failures = failures.filter((at) => at > sight.at - 3 * rules.beatMs);
        const { event } = sight;
        if (event.type === 'VPN_CHANGED') {
          states.set(event.vpn.name, event.vpn.state);
          release(event.vpn.name);
        }
        if (event.type === 'EMERGENCY_MODE_CHANGED') emergency = event.active;
        if (event.type === 'ENGINE_CHANGED') note(event, sight.at, broken);
        if (event.type !== 'ENGINE_ASSIGNED') break;
        free.set(event.vpn.name, Math.max(0, (free.get(event.vpn.name) ?? 1) - 1));
        if (sight.late || !shown) break;
        // Somebody waits for it.
        if (waiting(event.engine.labels.asked ?? '') > 0) break;
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
