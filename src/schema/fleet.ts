import { desired, pausedReason } from '../domain/capacity.ts';
import { circuitShown } from '../domain/circuit.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { pendingOf, runningOf } from '../domain/status.ts';
import { builder } from './builder.ts';
import { CircuitStateType } from './enums.ts';

export const FleetType = builder.objectRef<Snapshot>('Fleet').implement({
  description: 'All engines in numbers.',
  fields: (t) => ({
    minReplicas: t.int({ description: 'MIN_REPLICAS.', resolve: ({ policy }) => policy.minReplicas }),
    maxReplicas: t.int({
      description: 'MAX_REPLICAS: running and pending never exceed it.',
      resolve: ({ policy }) => policy.maxReplicas,
    }),
    running: t.int({ description: 'Engines in state RUNNING, hidden ones included.', resolve: runningOf }),
    pending: t.int({ description: 'Engines in state PROVISIONING.', resolve: pendingOf }),
    desired: t.int({
      description:
        'How many engines are kept without being asked for: MIN_REPLICAS, the number scaled to, or the share of the READY VPNs in an emergency.',
      resolve: desired,
    }),
    autoscalerPaused: t.boolean({
      description: 'Whether what is left has to do: the wanted number is not restored while a VPN is FAILED.',
      resolve: (snapshot) => pausedReason(snapshot) !== null,
    }),
    healthManagerPaused: t.boolean({
      description:
        'Whether unhealthy engines are left alone because a VPN is FAILED, unless fewer than desired are well.',
      resolve: (snapshot) => pausedReason(snapshot) !== null,
    }),
    pausedReason: t.string({
      nullable: true,
      description: 'Why; null when neither is paused.',
      resolve: pausedReason,
    }),
    circuit: t.field({
      type: CircuitStateType,
      description: 'Whether starts are let through to Docker.',
      resolve: ({ circuit, at }) => circuitShown(circuit, at),
    }),
    simulated: t.boolean({
      description: 'The embedded engine: no real container exists.',
      resolve: ({ simulated }) => simulated,
    }),
  }),
});
