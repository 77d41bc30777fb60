import type { RunningEngine } from '../../src/domain/engine.ts';
import { plan } from '../../src/domain/plan.ts';
import type { Snapshot, VpnSite } from '../../src/domain/snapshot.ts';
import type { VpnState } from '../../src/domain/vpn.ts';
import { anEngine, aSite, aVpn, now, ready, seconds, unwellFor } from './build.ts';
import { nobody } from './planned.ts';

/** Which engines are replaced. */

export const calm = { minReplicas: 0 };

/** What is replaced and why, all else by its kind; and the milliseconds until time alone brings the next step. */
export const planned = (snapshot: Snapshot, held = nobody): [steps: string[], nextIn: number] => {
  const { steps, next } = plan({ snapshot, held, avoided: nobody, orphans: [] });
  return [
    steps.map((step) => (step.kind === 'REPLACE' ? `${step.engine.id} ${step.because}` : step.kind)),
    next - now,
  ];
};

export const sick = (number: number, vpn: string | null, ms: number, changes: Partial<RunningEngine> = {}) =>
  anEngine(number, vpn, { health: unwellFor(ms), ...changes });

export const running = (name: string, engines: readonly RunningEngine[], state: VpnState = ready): VpnSite =>
  aSite(aVpn(name, state), { running: engines });

export const minute = seconds(60);
