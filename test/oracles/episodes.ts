import type { Oracle } from './oracle.ts';
import type { Rules, ToldEvent } from './sights.ts';

type Turn = Extract<ToldEvent, { type: 'EMERGENCY_MODE_CHANGED' }>;

/**
 * S9: one episode is one ENTERED and one EXITED, in order, with UPDATED between; it goes on exactly as long as a VPN is FAILED;
 * and every subscriber sees every event in order.
 */
export function episodes({ vpns }: Rules): Oracle {
  let position: number | null = null;
  let open: string | null = null;
  let failed: readonly string[] = [];
  let serving = false;
  const closed = new Set<string>();

  const wrong = ({ change, episodeId, active, failed: after }: Turn): string | null => {
    if (change === 'ENTERED' && open !== null) return `it was entered while ${open} goes on`;
    if (change === 'ENTERED' && closed.has(episodeId)) return 'that episode is over';
    if (change !== 'ENTERED' && open !== episodeId) return `what goes on is ${open ?? 'nothing'}`;
    if ((change === 'EXITED') === active) return `emergency mode is ${active ? 'on' : 'off'} after it`;
    if ((change === 'EXITED') !== (after.length === 0))
      return `${after.join(', ') || 'none'} FAILED after it`;
    return change === 'UPDATED' && same(failed, after) ? 'the same VPNs are FAILED as before' : null;
  };

  return (sight, broken) => {
    switch (sight.kind) {
      case 'missed':
        position = null;
        broken('S9', `events were missed: ${sight.code}`);
        break;
      case 'stage':
        serving = sight.stage === 'serving';
        break;
      case 'shown': {
        if (!serving) break;
        const down = sight.vpns.filter(({ state }) => state === 'FAILED').map(({ name }) => name);
        const expected = vpns.length > 1 ? down : [];
        if (!same(expected, sight.emergency))
          broken(
            'S9',
            `FAILED are [${expected.join()}], and the emergency is of [${sight.emergency.join()}]`,
          );
        break;
      }
      case 'told': {
        const { event } = sight;
        const at = Number(event.id.slice(0, 12));
        if (position !== null && at !== position + 1)
          broken('S9', `event ${at} was told after ${position}: ${event.message}`);
        position = at;
        if (event.type !== 'EMERGENCY_MODE_CHANGED') break;
        const problem = wrong(event);
        if (problem) broken('S9', `${event.change} of ${event.episodeId}: ${problem}`);
        open = event.change === 'EXITED' ? null : event.episodeId;
        if (event.change === 'EXITED') closed.add(event.episodeId);
        failed = event.failed;
      }
    }
  };
}

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name) => b.includes(name));
