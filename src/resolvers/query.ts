import { builder } from '../schema/builder.ts';
import { perEngine, perPage } from '../schema/cost.ts';
import { EngineType } from '../schema/engine.ts';
import { EventTypeType } from '../schema/enums.ts';
import { EventConnectionType } from '../schema/event-page.ts';
import { FleetType } from '../schema/fleet.ts';
import { EngineFilterInput, EngineRefInput } from '../schema/inputs.ts';
import { VpnStatusType } from '../schema/vpn-status.ts';

builder.queryType({
  description: 'What is so now. Answered from memory: no query asks Docker.',
  fields: (t) => ({
    engines: t.field({
      type: [EngineType],
      complexity: perEngine,
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
      resolve: (_root, _args, { emergency }) => emergency.status(),
    }),
    fleet: t.field({
      type: FleetType,
      description: 'All engines in numbers.',
      resolve: (_root, _args, { fleet }) => fleet.snapshot(),
    }),
    events: t.field({
      type: EventConnectionType,
      complexity: perPage,
      description: 'What happened, oldest first, as far back as it is kept (EVENTS_MAX, EVENTS_MAX_DAYS).',
      args: {
        first: t.arg.int({
          defaultValue: 50,
          description: 'The oldest so many of the range, 0 to 500. Does not count where "last" is given.',
        }),
        after: t.arg.string({ description: 'Only events after this cursor; an event id is one.' }),
        last: t.arg.int({ description: 'The newest so many of the range, 0 to 500.' }),
        before: t.arg.string({ description: 'Only events before this cursor.' }),
        types: t.arg({ type: [EventTypeType], description: 'Only events of these types.' }),
      },
      resolve: (_root, args, { reader }) => reader.eventPage(args),
    }),
    lastEventId: t.id({
      description: 'The id of the newest event: subscribe with it as "after" to see all that comes later.',
      resolve: (_root, _args, { events }) => events.lastId,
    }),
  }),
});
