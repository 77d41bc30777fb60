import { builder } from '../schema/builder.ts';
import { EngineType } from '../schema/engine.ts';
import { FleetType } from '../schema/fleet.ts';
import { EngineFilterInput, EngineRefInput } from '../schema/inputs.ts';
import { VpnStatusType } from '../schema/vpn-status.ts';

builder.queryType({
  description: 'What is so now. Answered from memory: no query asks Docker.',
  fields: (t) => ({
    engines: t.field({
      type: [EngineType],
      description:
        'The engines on offer, by HTTP port. Those of a FAILED VPN are left out unless filter.vpn names it, those being stopped unless filter.states asks for them.',
      args: { filter: t.arg({ type: EngineFilterInput, description: 'Which of them.' }) },
      resolve: (_root, { filter }, { reader }) => reader.engines(filter ?? {}),
    }),
    engine: t.field({
      type: EngineType,
      nullable: true,
      description: 'One engine; null when there is none, or no longer.',
      args: { by: t.arg({ type: EngineRefInput, required: true, description: 'Which one.' }) },
      resolve: (_root, { by }, { reader }) => reader.engine(by),
    }),
    vpnStatus: t.field({
      type: VpnStatusType,
      description: 'All VPNs.',
      resolve: (_root, _args, { fleet }) => fleet.snapshot(),
    }),
    fleet: t.field({
      type: FleetType,
      description: 'All engines in numbers.',
      resolve: (_root, _args, { fleet }) => fleet.snapshot(),
    }),
    lastEventId: t.id({
      description: 'The id of the newest event: subscribe with it as "after" to see all that comes later.',
      resolve: (_root, _args, { events }) => events.lastId,
    }),
  }),
});
