import type { Fleet } from './shapes.ts';
import { counted } from './words.ts';

/** What is asked before the fleet is scaled. */
export interface Doubt {
  readonly title: string;
  readonly text: string;
  readonly verb: string;
}

/** The number that stands there to begin with: in an emergency fewer are kept than may be asked for. */
export const offered = ({ desired, minReplicas }: Fleet): number => Math.max(desired, minReplicas);

/** Null when nobody loses anything by it. */
export function doubtOf({ desired, pausedReason }: Fleet, to: number): Doubt | null {
  const loss = 'Those that are too many are stopped, with whatever streams from them.';
  if (pausedReason)
    return {
      title: `Scale to ${to}?`,
      text: `While a VPN is FAILED, more may be wanted than is shown here. ${loss}`,
      verb: 'Scale',
    };
  if (to >= desired) return null;
  return {
    title: `Scale down to ${to}?`,
    text: `${counted(desired, 'engine')} ${desired === 1 ? 'is' : 'are'} kept now. ${loss}`,
    verb: 'Scale down',
  };
}
