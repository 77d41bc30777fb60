import { builder } from '../schema/builder.ts';
import { oneStart, perBatch } from '../schema/cost.ts';
import { FleetType } from '../schema/fleet.ts';
import { EngineRefInput, ProvisionEngineInput, ProvisionEnginesInput } from '../schema/inputs.ts';
import { ProvisionEngineResult, ProvisionEnginesPayload, StopEngineResult } from '../schema/results.ts';

builder.mutationType({
  description:
    'What can be done. All of it needs API_KEY; API_KEY_READ opens queries and subscriptions alone.',
  authScopes: { change: true },
  fields: (t) => ({
    provisionEngine: t.field({
      type: ProvisionEngineResult,
      complexity: oneStart,
      description:
        'Starts an engine behind the VPN that has the fewest, and answers when it runs. It is started even if the client goes away. Needs API_KEY.',
      args: {
        input: t.arg({ type: ProvisionEngineInput, description: 'What to start; nothing is needed.' }),
      },
      resolve: (_root, { input }, { provisioner }) => provisioner.provisionEngine(input ?? {}),
    }),
    provisionEngines: t.field({
      type: ProvisionEnginesPayload,
      complexity: perBatch,
      description:
        'Starts several engines, spread over the VPNs, and answers when each of them runs or has failed. Needs API_KEY.',
      args: {
        input: t.arg({
          type: ProvisionEnginesInput,
          required: true,
          description: 'What to start, and how often.',
        }),
      },
      resolve: (_root, { input }, { provisioner }) => provisioner.provisionEngines(input),
    }),
    stopEngine: t.field({
      type: StopEngineResult,
      description:
        'Stops an engine and removes its container. Stopping one twice is no error. Needs API_KEY.',
      args: { engine: t.arg({ type: EngineRefInput, required: true, description: 'Which one.' }) },
      resolve: (_root, { engine }, { provisioner }) => provisioner.stopEngine(engine),
    }),
    scaleEngines: t.field({
      type: FleetType,
      description:
        'Sets how many engines are kept without being asked for, from MIN_REPLICAS to MAX_REPLICAS, over restarts too. Those that are too many are stopped: the unhealthy first, then the youngest on the VPN that has most; the one with the forwarded port last. Those that a FAILED VPN has kept neither count nor go. Needs API_KEY.',
      args: { to: t.arg.int({ required: true, description: 'How many.' }) },
      resolve: (_root, { to }, { autoscaler }) => autoscaler.scaleEngines(to),
    }),
    resetCircuit: t.field({
      type: FleetType,
      description: 'Lets starts through to Docker again at once. Needs API_KEY.',
      resolve: (_root, _args, { provisioner }) => provisioner.resetCircuit(),
    }),
  }),
});
