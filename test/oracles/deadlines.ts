import type { Broken, Oracle } from './oracle.ts';
import type { Rules, Shown, ToldEvent, VpnState, World } from './sights.ts';
import { Wanted } from './wanted.ts';

/** Something that is not as it has to be, and how long it may stay so. */
interface Lack {
  readonly promise: string;
  readonly what: string;
  readonly withinMs: number;
}

type Lacks = Map<string, Lack>;

/** Milliseconds from Docker's event to the subscriber (L1), from a start to a service that serves (L3), and for one call in between. */
const toldMs = 80;
const servingMs = 3_000;
const callMs = 500;

/**
 * What is promised to come about in time does: L1 to L5. Each thing that is missing has its own time, which runs only while the
 * service can do something about it: it begins anew when Docker answers again.
 */
export function deadlines(rules: Rules): Oracle {
  let shown: Shown | null = null;
  let world: World | null = null;
  let fairness: 'fair' | 'deaf' | 'unfair' | 'quiet' = 'unfair';
  let stage: 'starting' | 'serving' | 'dying' | 'dead' = 'dead';
  /** Whether this process has asked for Docker's events by now. */
  let listens = false;
  const wanted = new Wanted(rules);
  const open = new Map<string, { readonly begun: number; readonly lack: Lack }>();
  const asked = new Set<string>();
  /** Where and when engines ended by themselves of late, or did not come up: the next one there may wait for the beat. */
  let deaths: { readonly vpn: string | null; readonly at: number }[] = [];
  /** As told. */
  const states = new Map<string, VpnState>();
  /** VPNs that took engines when their container began another run, of which nobody has told yet. */
  const restarted = new Set<string>();
  /** How many were condemned when each of them was. */
  const leaving = new Map<string, number>();

  const lacking = (): Lacks => {
    const lacks: Lacks = new Map();
    if (stage === 'dead' || stage === 'dying') return lacks;
    for (const request of asked)
      lacks.set(`request ${request}`, {
        promise: 'L5',
        what: `request ${request} is not answered`,
        withinMs: 2 * rules.startupTimeoutMs + 10_000,
      });
    if (stage === 'starting') {
      lacks.set('serving', { promise: 'L3', what: 'the service does not serve yet', withinMs: servingMs });
      return lacks;
    }
    if (!shown || !world) return lacks;
    const deafMs = fairness === 'deaf' ? 1 : 0;
    failures(lacks, shown, world, toldMs + rules.confirmMs + deafMs * rules.lookMs);
    engines(lacks, shown, world, deafMs * Math.max(rules.lookMs, rules.beatMs));
    const sound = world.vpns.filter(({ health, silent }) => health === 'healthy' && !silent);
    const ready = shown.vpns.filter(({ accepts, name }) => accepts && sound.some((vpn) => vpn.name === name));
    const settled = shown.vpns.every(({ state }) => state === 'READY' || state === 'FAILED');
    const late = deafMs * Math.max(rules.lookMs, rules.beatMs);
    const isUp = ({ vpn }: { readonly vpn: string | null }) => ready.some(({ name }) => name === vpn);
    if (ready.length === rules.vpns.length) kept(lacks, shown, world, wanted.least, late);
    else if (
      ready.length > 0 &&
      shown.emergency.length > 0 &&
      settled &&
      shown.emergency.length + ready.length === rules.vpns.length
    ) {
      const share = wanted.share(wanted.least, ready.length);
      kept(lacks, { ...shown, engines: shown.engines.filter(isUp) }, world, share, late);
    }
    return lacks;
  };

  /** L1: a VPN that is down is FAILED, and so is one that was restarted under its engines. */
  const failures = (lacks: Lacks, { vpns }: Shown, world: World, withinMs: number): void => {
    for (const name of restarted)
      lacks.set(`restarted ${name}`, {
        promise: 'L1',
        what: `${name} was restarted, and did not fail`,
        withinMs,
      });
    for (const { name, health } of world.vpns) {
      const state = vpns.find((vpn) => vpn.name === name)?.state;
      if (health === 'healthy' || state === 'FAILED' || state === 'UNKNOWN') continue;
      lacks.set(`failed ${name}`, {
        promise: 'L1',
        what: `${name} is ${health}, and still ${state}`,
        withinMs,
      });
    }
  };

  /** L1: what is condemned goes, and what reaches nothing is not offered. L3: what there is is listed. */
  const engines = (lacks: Lacks, shown: Shown, world: World, deafMs: number): void => {
    const containers = new Map(world.engines.map((engine) => [engine.id, engine]));
    const runs = new Map(world.vpns.map(({ name, run }) => [name, run]));
    for (const id of leaving.keys())
      if (!shown.engines.some((engine) => engine.id === id)) leaving.delete(id);
    const stopping = shown.engines.filter(({ state }) => state === 'STOPPING');
    for (const { id, name, vpn, state } of shown.engines) {
      const container = containers.get(id);
      if (state === 'STOPPING') {
        const count = leaving.get(id) ?? stopping.length;
        leaving.set(id, count);
        lacks.set(`gone ${id}`, {
          promise: 'L1',
          what: `${name} is condemned and not gone`,
          withinMs: callMs + (count * 1_000) / 25,
        });
      }
      if (state !== 'RUNNING' || !shown.offered.includes(id)) continue;
      const dead = !container?.running;
      const lost = container?.run != null && container.run !== runs.get(vpn ?? '');
      if (dead || lost)
        lacks.set(`ghost ${id}`, {
          promise: 'L1',
          what: `${name} is offered, though ${dead ? 'it does not run' : 'its network is dead'}`,
          withinMs: 1_000 + callMs + deafMs,
        });
    }
    const listed = new Set(shown.engines.map(({ id }) => id));
    for (const { id, name } of world.engines)
      if (!listed.has(id))
        lacks.set(`orphan ${id}`, {
          promise: 'L3',
          what: `the container of ${name} is nobody's`,
          withinMs: servingMs + deafMs,
        });
  };

  /** L2: the wanted engines run. L4: the ill ones are replaced. */
  const kept = (
    lacks: Lacks,
    { engines, emergency, circuit, vpns }: Shown,
    world: World,
    wantedNow: number,
    deafMs: number,
  ): void => {
    const unsteadyMs = deaths.length > 0 ? 2 * rules.beatMs : 0;
    // One trial at a time, and the next one after a failed one.
    const openMs = circuit === 'CLOSED' ? 0 : 2 * (rules.circuitRecoveryMs + rules.startupTimeoutMs);
    const ill = new Set(world.engines.filter(({ condition }) => condition === 'ill').map(({ id }) => id));
    const running = engines.filter(({ state }) => state === 'RUNNING');
    // Without a free port none can be started.
    const free = vpns.reduce((sum, vpn) => sum + (vpn.free ?? 0), 0);
    const due = Math.min(wantedNow, running.length + free);
    // One that never comes up is given up when STARTUP_TIMEOUT_S is over.
    const stuck = engines.some(({ id, state }) => state === 'PROVISIONING' && ill.has(id));
    if (running.length < due && !stuck)
      lacks.set('wanted', {
        promise: 'L2',
        what: `${running.length} engines run, and ${due} are wanted`,
        withinMs: 2_000 + callMs + ((due - running.length) * 1_000) / 15 + unsteadyMs + openMs + deafMs,
      });
    // In an emergency what is well has to do.
    if (emergency.length > 0) return;
    const sick = running.filter(({ id }) => ill.has(id));
    for (const { id, name } of sick)
      lacks.set(`ill ${id}`, {
        promise: 'L4',
        what: `${name} is ill and not replaced`,
        withinMs:
          4 * (rules.healthMs + 5_000) +
          rules.graceMs +
          sick.length * (rules.cooldownMs + rules.healthMs + 2_000 + callMs),
      });
  };

  /** Judged by what was so until now, for what has just come about may have come too late. */
  const judge = (at: number, broken: Broken): void => {
    for (const [key, { begun, lack }] of open) {
      if (at - begun <= lack.withinMs + rules.slackMs) continue;
      broken(lack.promise, `${lack.what}, ${Math.round(at - begun)} ms later`);
      open.set(key, { begun: Number.POSITIVE_INFINITY, lack });
    }
  };

  const note = (event: ToldEvent, at: number): void => {
    if (event.type === 'ENGINE_CHANGED' && event.change === 'FAILED')
      deaths.push({ vpn: event.engine.vpn, at });
    if (event.type !== 'VPN_CHANGED') return;
    const { name, state } = event.vpn;
    states.set(name, state);
    if (state === 'FAILED' || state === 'UNKNOWN') restarted.delete(name);
    // With its recovery it begins anew.
    if (state === 'FAILED') deaths = deaths.filter(({ vpn }) => vpn !== name);
  };

  const look = (next: World): void => {
    for (const { name, run } of next.vpns) {
      const before = world?.vpns.find((vpn) => vpn.name === name)?.run ?? null;
      const takes = states.get(name) === 'READY' || states.get(name) === 'STABILIZING';
      if (before !== null && run !== null && run !== before && takes) restarted.add(name);
    }
    world = next;
  };

  return (sight, broken) => {
    judge(sight.at, broken);
    wanted.see(sight);
    deaths = deaths.filter(({ at }) => at > sight.at - 2 * rules.beatMs);
    switch (sight.kind) {
      case 'told':
        note(sight.event, sight.at);
        break;
      case 'shown':
        shown = sight;
        break;
      case 'world':
        look(sight);
        break;
      case 'asked':
        asked.add(sight.request);
        break;
      case 'answered':
      case 'left':
        asked.delete(sight.request);
        break;
      case 'stage':
        stage = sight.stage;
        // What happened meanwhile, a service that begins may take for what there is.
        restarted.clear();
        states.clear();
        if (stage === 'starting') listens = false;
        if (stage === 'dead') asked.clear();
        if (stage === 'dead' || stage === 'starting') shown = null;
        open.clear();
        break;
      case 'fairness':
        if (sight.fairness !== fairness && !(fairness === 'fair' && sight.fairness === 'quiet')) open.clear();
        fairness = sight.fairness;
        break;
      case 'called':
        if (sight.verb === 'listen') {
          if (listens && stage === 'serving' && (fairness === 'fair' || fairness === 'quiet'))
            broken('L1', "Docker's events are listened to anew, though they come, and some may be missed");
          listens = true;
        } else if (fairness === 'quiet')
          broken(
            'L2',
            `${sight.verb} of ${sight.container?.name ?? 'nothing'} where nothing is left to be done`,
          );
    }
    const lacks: Lacks = fairness === 'unfair' ? new Map() : lacking();
    for (const key of open.keys()) if (!lacks.has(key)) open.delete(key);
    for (const [key, lack] of lacks) open.set(key, { begun: open.get(key)?.begun ?? sight.at, lack });
  };
}
