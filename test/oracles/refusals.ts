import type { Broken, Oracle } from './oracle.ts';
import type { Rules, Shown, ToldEvent, World } from './sights.ts';

interface Request {
  /** Whether there was a moment since at which each refusal was the truth. */
  readonly true: Set<string>;
  readonly key: string | null;
}

/**
 * What a client is refused for was so at some moment of its request: a full house, no VPN, no port, an open circuit (S3: what
 * was given back is there again; S10: what was not seen is no reason). And the same key gives the same engine (S3).
 */
export function refusals(rules: Rules): Oracle {
  const requests = new Map<string, Request>();
  const given = new Map<string, string>();
  /** Refusals that nothing has explained so far: what was so may be told late, to a subscriber who was away. */
  let doubted: { readonly request: Request; readonly error: string; readonly message: string }[] = [];
  let now = new Set<string>();
  let shown: Shown | null = null;
  /** The same, and what was told late of what came after. */
  let past: Shown | null = null;
  let world: World | null = null;
  let [trouble, serving] = [false, false];

  const look = () => {
    now = truths(shown, world, rules);
    // Docker may have failed it, and the disk.
    if (trouble) for (const error of ['DockerUnavailableError', 'EngineStartError']) now.add(error);
    if (trouble || !serving) now.add('ServiceUnavailableError');
    if (!serving) for (const error of ['DockerUnavailableError', 'EngineStartError']) now.add(error);
    allow(now);
  };

  const allow = (truths: ReadonlySet<string>) => {
    for (const request of [...requests.values(), ...doubted.map(({ request }) => request)])
      for (const truth of truths) request.true.add(truth);
  };

  const resolve = (broken: Broken) => {
    for (const { request, error, message } of doubted)
      if (!request.true.has(error)) broken(promiseOf[error] ?? '', message);
    doubted = [];
  };

  return (sight, broken) => {
    switch (sight.kind) {
      case 'shown':
        shown = sight;
        past = sight;
        look();
        break;
      case 'world':
        world = sight;
        look();
        break;
      case 'fairness':
        trouble = sight.fairness === 'unfair';
        look();
        break;
      case 'told':
        if (!sight.late) resolve(broken);
        // One that somebody has stopped did not start either.
        if (sight.event.type === 'ENGINE_CHANGED' && /FAILED|STOPPED/.test(sight.event.change))
          allow(new Set(['EngineStartError']));
        if (!sight.late) shown &&= after(shown, sight.event);
        // What happened while nobody listened may have been so while somebody waited.
        past &&= after(past, sight.event);
        allow(truths(past, world, rules));
        look();
        break;
      case 'asked':
        if (sight.what !== 'provision') break;
        // One that is sent again shares what comes of the first.
        requests.set(sight.request, {
          true: new Set([...now, ...(requests.get(sight.request)?.true ?? [])]),
          key: sight.key,
        });
        break;
      case 'stage':
        serving = sight.stage === 'serving';
        if (sight.stage === 'dead') requests.clear();
        look();
        break;
      case 'answered': {
        const request = requests.get(sight.request);
        requests.delete(sight.request);
        if (!request) break;
        for (const error of sight.errors)
          if (error in promiseOf && !request.true.has(error))
            doubted.push({
              request,
              error,
              message: `request ${sight.request} was answered ${error}, which was never so`,
            });
        const [engine] = sight.engines;
        if (request.key === null || engine === undefined || sight.engines.length > 1) break;
        const before = given.get(request.key);
        if (before !== undefined && before !== engine)
          broken('S3', `the key ${request.key} gave ${before}, and now ${engine}`);
        given.set(request.key, engine);
      }
    }
  };
}

const promiseOf: Readonly<Record<string, string>> = {
  CapacityReachedError: 'S3',
  NoFreePortError: 'S3',
  NoHealthyVpnError: 'S10',
  VpnStabilizingError: 'S10',
  CircuitOpenError: 'S3',
  OverloadedError: 'S3',
  DockerUnavailableError: 'S10',
  ServiceUnavailableError: 'L5',
  EngineStartError: 'L5',
};

function truths(shown: Shown | null, world: World | null, { maxReplicas }: Rules): Set<string> {
  const found = new Set<string>();
  if (!shown) return found;
  const { vpns, running, pending, circuit } = shown;
  const ready = vpns.filter(({ state }) => state === 'READY');
  if (running + pending >= maxReplicas) found.add('CapacityReachedError');
  const full = ready.filter(({ free }) => (free ?? 0) <= 0);
  // One that is doubted takes none either.
  if (full.length > 0 && ready.every((vpn) => full.includes(vpn) || !vpn.accepts))
    found.add('NoFreePortError');
  // A VPN may fail while an engine is being made on it, twice, and be told of only later.
  if (vpns.some(({ accepts }) => !accepts) || world?.vpns.some(({ health }) => health !== 'healthy'))
    found.add('NoHealthyVpnError');
  if (vpns.some(({ state }) => state === 'STABILIZING')) found.add('VpnStabilizingError');
  if (circuit !== 'CLOSED') found.add('CircuitOpenError');
  return found;
}

/** What would be shown right after an event, as far as it says: it may be over when somebody asks next. */
function after(shown: Shown, event: ToldEvent): Shown {
  switch (event.type) {
    case 'ENGINE_ASSIGNED': {
      const { loads, vpn: chosen } = event;
      const sum = (what: 'running' | 'pending') => loads.reduce((total, load) => total + load[what], 0);
      const vpns = shown.vpns.map((vpn) =>
        vpn.name === chosen.name && vpn.free !== null ? { ...vpn, free: vpn.free - 1 } : vpn,
      );
      return { ...shown, vpns, running: sum('running'), pending: sum('pending') };
    }
    case 'VPN_CHANGED': {
      const { name, state } = event.vpn;
      return { ...shown, vpns: shown.vpns.map((vpn) => (vpn.name === name ? { ...vpn, state } : vpn)) };
    }
    case 'CIRCUIT_CHANGED':
      return { ...shown, circuit: 'OPEN' };
    default:
      return shown;
  }
}
