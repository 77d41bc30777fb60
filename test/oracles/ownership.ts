import type { Oracle } from './oracle.ts';
import type { Rules } from './sights.ts';

/** Milliseconds in which a VPN is restarted once at most. */
const restartPauseMs = 600_000;

/** Milliseconds for which a call may be on its way, and its VPN recover meanwhile. */
const onItsWayMs = 30_000;

/** S8: nothing but containers of this instance is ever changed, the restart of a VPN excepted where it is asked for. */
export function ownership({ label: [key, value], vpns, restartAfterMs }: Rules): Oracle {
  const restarts = new Map<string, number>();
  /** When each VPN was shown FAILED last. */
  const failedAt = new Map<string, number>();
  return (sight, broken) => {
    if (sight.kind === 'shown')
      for (const vpn of sight.vpns) {
        if (vpn.state === 'FAILED') failedAt.set(vpn.name, sight.at);
      }
    if (sight.kind !== 'called' || !sight.container) return;
    const { name, labels } = sight.container;
    if (sight.verb === 'restart' && restartAfterMs > 0 && vpns.includes(name)) {
      const before = restarts.get(name);
      restarts.set(name, sight.at);
      if (sight.at - (failedAt.get(name) ?? 0) > onItsWayMs)
        broken('S8', `${name} is restarted, though it is not FAILED`);
      if (before !== undefined && sight.at - before < restartPauseMs)
        broken('S8', `${name} is restarted again after ${sight.at - before} ms`);
      return;
    }
    const own = labels[key] === value && labels['tandem.engine'] !== undefined;
    if (!own) broken('S8', `${sight.verb} of ${name}, which is not this instance's`);
    if (sight.verb === 'restart' || sight.verb === 'other') broken('S8', `${sight.verb} of ${name}`);
  };
}
