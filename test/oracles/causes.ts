import type { Broken, Oracle } from './oracle.ts';
import {
  portless,
  type Rules,
  type ToldEvent,
  type VpnState,
  type World,
  type WorldEngine,
  type WorldVpn,
} from './sights.ts';

type EngineChanged = Extract<ToldEvent, { type: 'ENGINE_CHANGED' }>;

/** Milliseconds that an event may be on its way. */
const newsMs = 60;

/** Milliseconds after which a call to Docker that hung is given up, and a look comes again. */
const longestCallMs = 45_000;

/**
 * S10: no VPN fails and no engine is lost unless something has happened to it: that Docker does not answer is nothing. L2:
 * engines that run are not moved, and none is started that nobody asked for and nothing calls for.
 */
export function causes(rules: Rules): Oracle {
  let vpns: readonly WorldVpn[] = [];
  let engines = new Map<string, WorldEngine>();
  /** When Docker last had something against each VPN since it was FAILED last, and when its tunnel was last cut. */
  const harmed = new Map<string, number>();
  const cut = new Map<string, number>();
  /** The public address that each was told to have last: another one is another tunnel. */
  const addresses = new Map<string, string>();
  /** When the newest trouble of each began, when its tunnel was last cut, and when it was told FAILED, and not any longer. */
  const troubledAt = new Map<string, number>();
  const cutUntil = new Map<string, number>();
  const failedAt = new Map<string, number>();
  const recoveredAt = new Map<string, number>();
  /** The port that each was told to forward last. */
  const forwarded = new Map<string, string>();
  let [now, unfairAt] = [0, 0];
  const runs = new Map<string, Set<string>>();
  const states = new Map<string, VpnState>();
  const ill = new Set<string>();
  const ran = new Set<string>();
  const stopped = new Set<string>();
  /** VPNs whose forwarded port no engine had, until one has made way for it. */
  const wereSpare = new Set<string>();
  /** Engines that are said to have ended, and run as far as is known: that may take a moment to be seen. */
  let doubted: { readonly id: string; readonly message: string; readonly at: number }[] = [];
  let scaled = false;
  let dying = false;
  let fair = false;
  let serving = false;

  const remember = ({ name, health, silent }: WorldVpn, at: number): void => {
    if (health !== 'healthy') harmed.set(name, at);
    if (!silent) return;
    cut.set(name, at);
    cutUntil.set(name, at);
  };

  const look = (world: World, at: number): void => {
    // What was wrong until now was so until now.
    const troubled = new Set(vpns.filter(isTroubled).map(({ name }) => name));
    for (const vpn of vpns) remember(vpn, at);
    vpns = world.vpns;
    for (const vpn of vpns) {
      const { name, run } = vpn;
      const seen = runs.get(name) ?? new Set();
      const anew = run !== null && seen.size > 0 && !seen.has(run);
      remember(vpn, at);
      if (anew) harmed.set(name, at);
      if (anew || (isTroubled(vpn) && !troubled.has(name))) troubledAt.set(name, at);
      if (run !== null) seen.add(run);
      runs.set(name, seen);
    }
    engines = new Map(world.engines.map((engine) => [engine.id, engine]));
    for (const engine of world.engines) if (engine.condition !== 'well') ill.add(engine.id);
  };

  const isReplacement = (engine: { readonly vpn: string | null }): boolean =>
    wereSpare.has(engine.vpn ?? '') ||
    rules.vpns.length === 1 ||
    [...engines.values()].some(({ id, vpn }) => vpn === engine.vpn && ill.has(id));

  /** What went wrong is noticed on the next look, or when Docker answers again, and is no reason for anything later. */
  const wasHarmed = (name: string): boolean => {
    const vpn = vpns.find((each) => each.name === name);
    if (vpn && isTroubled(vpn)) return true;
    const withinMs =
      now - unfairAt < longestCallMs ? longestCallMs : 2 * rules.lookMs + rules.confirmMs + 2_000;
    const last = Math.max(harmed.get(name) ?? 0, cut.get(name) ?? 0);
    return now - last <= withinMs + rules.slackMs;
  };

  /**
   * Each trouble is a reason for one failure: a moment before, it may have been the next one already. That a tunnel is cut is
   * one more for as long as it is, whatever Docker has failed it for.
   */
  const isNews = (name: string): boolean => {
    const vpn = vpns.find((each) => each.name === name);
    const momentMs = now - unfairAt < longestCallMs ? longestCallMs : newsMs + rules.slackMs;
    return (
      (vpn && isTroubled(vpn)) ||
      (troubledAt.get(name) ?? 0) > (failedAt.get(name) ?? Number.NEGATIVE_INFINITY) - momentMs ||
      (cutUntil.get(name) ?? 0) > (recoveredAt.get(name) ?? Number.POSITIVE_INFINITY) - momentMs
    );
  };

  /** Whether there is something wrong with an engine, or with the network that it is in. */
  const isOff = ({ id, vpn }: EngineChanged['engine']): boolean => {
    const own = vpns.find(({ name }) => name === vpn);
    const container = engines.get(id);
    return (
      ill.has(id) ||
      !container?.running ||
      container.run !== own?.run ||
      own === undefined ||
      isTroubled(own) ||
      wasHarmed(vpn ?? '')
    );
  };

  const explained = ({ change, reason, engine, message }: EngineChanged): boolean => {
    const { id, vpn } = engine;
    if (!ran.has(id)) return true;
    const container = engines.get(id);
    const text = reason ?? '';
    if (change === 'FAILED' && /container/.test(text)) {
      doubted.push({ id, message, at: now });
      return true;
    }
    if (wasHarmed(vpn ?? '')) return true;
    if (change === 'FAILED') return !container?.running || ill.has(id);
    if (text === 'STOP_ENGINES_ON_EXIT') return dying;
    if (text === 'on request') return stopped.has(id);
    if (/^scaled to/.test(text)) return scaled;
    if (/has taken its place$|^it makes way/.test(text)) {
      const may = ill.has(id) || isReplacement(engine);
      if (!ill.has(id)) wereSpare.delete(vpn ?? '');
      return may;
    }
    const own = vpns.find(({ name }) => name === vpn);
    if (container === undefined || container.run !== own?.run) return true;
    // It may have joined the network of a run that it was not meant for.
    if (!/unhealthy|control server|engines/.test(text) && (runs.get(vpn ?? '')?.size ?? 0) > 1) return true;
    // Where no other VPN can stand in, an engine that may come back with its tunnel is kept.
    return states.get(vpn ?? '') === 'FAILED' && [...states.values()].includes('READY');
  };

  const resolve = (broken: Broken): void => {
    doubted = doubted.filter(({ id, message, at }) => {
      if (!engines.get(id)?.running) return false;
      if (now - at <= rules.slackMs) return true;
      broken('S10', `${message}: it runs`);
      return false;
    });
  };

  return (sight, broken) => {
    now = sight.at;
    if (sight.kind !== 'world') resolve(broken);
    if (!fair || !serving) unfairAt = now;
    switch (sight.kind) {
      case 'world':
        look(sight, sight.at);
        break;
      case 'asked':
        if (sight.what === 'stop' && sight.engine !== null) stopped.add(sight.engine);
        if (sight.what === 'scale') scaled = true;
        break;
      case 'fairness':
        fair = sight.fairness === 'fair' || sight.fairness === 'quiet';
        break;
      case 'stage':
        dying = sight.stage === 'dying';
        serving = sight.stage === 'serving';
        if (!serving) failedAt.clear();
        break;
      case 'shown':
        for (const name of portless(sight)) wereSpare.add(name);
        break;
      case 'told': {
        const { event } = sight;
        if (event.type === 'VPN_CHANGED') {
          const { name, state } = event.vpn;
          const before = states.get(name);
          if (state === 'FAILED' && before !== 'FAILED') {
            if (!sight.late && !(wasHarmed(name) && isNews(name)))
              broken('S10', `${event.message}: nothing has happened to it`);
            // Where answers take long, one that was given before may come after this.
            if (now - unfairAt >= longestCallMs) {
              harmed.delete(name);
              cut.delete(name);
            }
            failedAt.set(name, now);
            const own = vpns.find((vpn) => vpn.name === name);
            if (own) remember(own, now);
            if (sight.late) harmed.set(name, now);
          }
          if (before === 'FAILED' && state !== 'FAILED') recoveredAt.set(name, now);
          states.set(name, state);
          const [, port] = /forwarded port: (\d+);/.exec(event.message) ?? [];
          if (port !== undefined && port !== forwarded.get(name)) wereSpare.add(name);
          if (port !== undefined) forwarded.set(name, port);
          const [, address] = /has the public address (\d\S+?)[,;]/.exec(event.message) ?? [];
          // What was wrong with the tunnel before it is nothing against this one. What is told late may be older than that.
          if (address !== undefined && addresses.has(name) && address !== addresses.get(name) && !sight.late)
            cut.delete(name);
          if (address !== undefined) addresses.set(name, address);
        }
        if (event.type !== 'ENGINE_CHANGED') break;
        const { change, engine, message } = event;
        if (change === 'STARTED' || change === 'ADOPTED') ran.add(engine.id);
        if (change === 'UNHEALTHY' && fair && !sight.late && !isOff(engine))
          broken('S10', `${message}: it is not`);
        // Whether it was is judged here; that it was, is a reason for what follows.
        if (change === 'UNHEALTHY') ill.add(engine.id);
        if ((change === 'FAILED' || change === 'STOPPED') && !sight.late && !explained(event))
          broken(change === 'FAILED' ? 'S10' : 'L2', `${message}: nothing has happened to it`);
      }
    }
  };
}

const isTroubled = ({ health, silent }: WorldVpn): boolean => health !== 'healthy' || silent;
