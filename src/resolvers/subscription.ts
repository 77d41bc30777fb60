import { builder } from '../schema/builder.ts';
import { EventTypeType } from '../schema/enums.ts';
import {
  EmergencyModeChangedType,
  EngineAssignedType,
  EngineChangedType,
  EventInterface,
} from '../schema/events.ts';
import { VpnStatusType } from '../schema/vpn-status.ts';

const after =
  'The id of the last event seen: what came after it is sent first. One that is not known is a CURSOR_EXPIRED error.';
const vpn = 'Only for the VPN of this name. An unknown one is an error.';

/** Whoever may ask is told the same: equal subscriptions are executed once. */
const events = { broadcast: 'EVENTS' };
const state = { broadcast: 'STATE' };

builder.subscriptionType({
  description:
    'What changes, as it does. Over WebSocket (graphql-transport-ws) or server-sent events, on the path of the queries.',
  fields: (t) => ({
    engineAssigned: t.field({
      type: EngineAssignedType,
      description: 'The moment a VPN is chosen for an engine.',
      args: { vpn: t.arg.string({ description: vpn }), after: t.arg.id({ description: after }) },
      extensions: events,
      subscribe: (_root, args, { reader, place }) => reader.engineAssigned(args, place),
      resolve: (event) => event,
    }),
    engineChanged: t.field({
      type: EngineChangedType,
      description: 'Every change in the life of an engine.',
      args: { vpn: t.arg.string({ description: vpn }), after: t.arg.id({ description: after }) },
      extensions: events,
      subscribe: (_root, args, { reader, place }) => reader.engineChanged(args, place),
      resolve: (event) => event,
    }),
    emergencyModeChanged: t.field({
      type: EmergencyModeChangedType,
      description: 'Emergency mode entered and left, and every change of the set of FAILED VPNs in between.',
      args: { after: t.arg.id({ description: after }) },
      extensions: events,
      subscribe: (_root, args, { emergency, place }) => emergency.changes(args.after ?? null, place),
      resolve: (event) => event,
    }),
    events: t.field({
      type: EventInterface,
      description: 'Every change.',
      args: {
        types: t.arg({ type: [EventTypeType], description: 'Only events of these types.' }),
        after: t.arg.id({ description: after }),
      },
      extensions: events,
      subscribe: (_root, args, { reader, place }) => reader.events(args, place),
      resolve: (event) => event,
    }),
    vpnStatus: t.field({
      type: VpnStatusType,
      description:
        'What is so now, then again at every change. Changes that come faster than they are read count as one.',
      extensions: state,
      subscribe: (_root, _args, { emergency, place }) => emergency.statusChanges(place),
      resolve: (snapshot) => snapshot,
    }),
  }),
});
