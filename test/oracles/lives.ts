import type { Oracle } from './oracle.ts';
import type { ToldEngine, World } from './sights.ts';

type Life = 'ASSIGNED' | 'RUNNING' | 'LEAVING' | 'REMOVED';

/** What may come next, by what is said of the engine. */
const steps: Readonly<Record<string, readonly [from: readonly (Life | undefined)[], to: Life | null]>> = {
  ASSIGNED: [[undefined], 'ASSIGNED'],
  STARTED: [['ASSIGNED'], 'RUNNING'],
  ADOPTED: [[undefined], 'RUNNING'],
  HEALTHY: [['RUNNING'], null],
  UNHEALTHY: [['RUNNING'], null],
  STOPPED: [['ASSIGNED', 'RUNNING'], 'LEAVING'],
  FAILED: [['ASSIGNED', 'RUNNING'], 'LEAVING'],
  REMOVED: [['LEAVING'], 'REMOVED'],
};

/** Milliseconds: a question to Docker takes no longer. */
const longestAnswerMs = 8_000;

/**
 * S3: a promise is taken once and given back once, when its container is gone; and where nothing is left to be done, the
 * engines that are listed are the containers that exist. S7: what is condemned never comes back, and no engine of a FAILED VPN
 * is offered.
 */
export function lives(): Oracle {
  const life = new Map<string, Life>();
  let containers: World['engines'] = [];
  /** When each container was seen first. */
  const since = new Map<string, number>();
  let quiet = false;
  /** Whether everything was told from the beginning: what was missed cannot be held against anybody. */
  let whole = true;

  const step = ({ id }: ToldEngine, what: string): string | null => {
    const [from, to] = steps[what] ?? [[], null];
    const now = life.get(id);
    if (to) life.set(id, to);
    return from.includes(now) || (now === undefined && !whole) ? null : `it was ${now ?? 'unknown'} before`;
  };

  return (sight, broken) => {
    switch (sight.kind) {
      case 'missed':
        whole = false;
        break;
      case 'fairness':
        quiet = sight.fairness === 'quiet';
        break;
      case 'world':
        containers = sight.engines;
        for (const { containerId } of containers)
          if (!since.has(containerId)) since.set(containerId, sight.at);
        break;
      case 'told': {
        const { event } = sight;
        if (event.type === 'EMERGENCY_MODE_CHANGED')
          for (const id of event.removed)
            if (life.get(id) === 'REMOVED') broken('S7', `${event.message}: ${id} is gone already`);
        if (event.type !== 'ENGINE_ASSIGNED' && event.type !== 'ENGINE_CHANGED') break;
        const what = event.type === 'ENGINE_ASSIGNED' ? 'ASSIGNED' : event.change;
        const { id } = event.engine;
        const condemned = life.get(id) === 'LEAVING' || life.get(id) === 'REMOVED';
        const wrong = step(event.engine, what);
        if (wrong) broken(condemned && what !== 'REMOVED' ? 'S7' : 'S3', `${event.message}: ${wrong}`);
        const left = what === 'REMOVED' && containers.find((container) => container.id === id);
        // One that has come up while Docker was asked for it nobody can know of.
        if (left && !sight.late && sight.at - (since.get(left.containerId) ?? 0) > longestAnswerMs)
          broken('S3', `${event.message}: its container exists`);
        break;
      }
      case 'shown': {
        const failed = new Set(sight.vpns.filter(({ state }) => state === 'FAILED').map(({ name }) => name));
        for (const { id, name, vpn, state, containerId, ports } of sight.engines) {
          const own = containers.find(
            (container) => container.id === id && container.containerId === containerId,
          );
          if (own && (own.vpn !== vpn || !ports.every((port) => own.ports.includes(port))))
            broken('L3', `${name} is shown with other ports, or another VPN, than it has`);
          const condemned = life.get(id) === 'LEAVING' || life.get(id) === 'REMOVED';
          if (condemned && state !== 'STOPPING') broken('S7', `${name} was condemned, and is ${state}`);
          if (vpn !== null && failed.has(vpn) && sight.offered.includes(id))
            broken('S7', `${name} is offered, though ${vpn} is FAILED`);
        }
        if (!quiet) break;
        if (sight.pending > 0) broken('S3', `${sight.pending} are pending where nothing is left to be done`);
        const listed = sight.engines.map(({ id, state }) => `${id} ${state}`).sort();
        const there = containers.map(({ id, running }) => `${id} ${running ? 'RUNNING' : 'dead'}`).sort();
        if (listed.join() !== there.join())
          broken('S3', `listed are [${listed.join(', ')}], and there are [${there.join(', ')}]`);
      }
    }
  };
}
