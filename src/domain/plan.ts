import type { OwnContainer } from './census.ts';
import type { Because, RunningEngine } from './engine.ts';
import { replacements } from './replacements.ts';
import type { Snapshot } from './snapshot.ts';
import { starts } from './starts.ts';
import { restarts } from './vpn-restarts.ts';

/** What is to be done without being asked for. */
export type Step =
  /** `vpn` is null in VPN_MODE=disabled. */
  | { readonly kind: 'START'; readonly vpn: string | null }
  | { readonly kind: 'REPLACE'; readonly engine: RunningEngine; readonly because: Because }
  | { readonly kind: 'RESTART_VPN'; readonly vpn: string; readonly containerId: string }
  /** Removes a container that is no engine's. */
  | { readonly kind: 'CLEAR'; readonly orphan: OwnContainer };

/** A step, and the moment from which on it is to be done if all else stays as it is. */
export interface Due {
  readonly at: number;
  readonly step: Step;
}

type Vpns = ReadonlySet<string | null>;

/** What there is to plan with. */
export interface View {
  readonly snapshot: Snapshot;
  /** The VPNs on which a start has just failed: their part waits. */
  readonly held: Vpns;
  /** Those of them where starts keep failing: their part goes elsewhere. */
  readonly avoided: Vpns;
  /** Containers of ours that are no engine's. */
  readonly orphans: readonly OwnContainer[];
}

export interface Plan {
  readonly steps: readonly Step[];
  /** When the passing of time alone brings the next one. */
  readonly next: number;
}

/** What has to be done now. Every step is level-driven: it is in the plan until it shows in the view that it was begun. */
export function plan(view: View): Plan {
  const { at: now, circuit } = view.snapshot;
  // In the order in which they are due. A circuit that is not closed lets one through: a second one would be refused.
  const engines = [...starts(view), ...replacements(view)].slice(
    0,
    circuit.kind === 'CLOSED' ? undefined : 1,
  );
  const all = [
    ...engines,
    ...restarts(view.snapshot),
    ...view.orphans.map((orphan): Due => ({ at: now, step: { kind: 'CLEAR', orphan } })),
  ];
  return {
    steps: all.filter(({ at }) => at <= now).map(({ step }) => step),
    next: Math.min(...all.filter(({ at }) => at > now).map(({ at }) => at)),
  };
}
