import type { Event, EventOf } from '../domain/events.ts';
import { type Site, vpnNamed } from '../domain/snapshot.ts';
import { builder } from './builder.ts';
import { EngineType } from './engine.ts';
import { EngineChangeType, EventTypeType } from './enums.ts';
import { VpnType } from './vpn.ts';

const EventInterface = builder.interfaceRef<Event>('Event').implement({
  description: 'A change. Objects in it are snapshots of that moment.',
  fields: (t) => ({
    id: t.exposeID('id', {
      description: 'Opaque, and ordered: pass the last one seen as "after" to miss nothing.',
    }),
    at: t.field({ type: 'DateTime', description: 'When it happened.', resolve: ({ at }) => at }),
    type: t.field({ type: EventTypeType, description: 'Its kind.', resolve: ({ type }) => type }),
    message: t.exposeString('message', { description: 'The same in words, for people.' }),
  }),
});

const VpnLoadType = builder.objectRef<Site>('VpnLoad').implement({
  description: 'What placement counts.',
  fields: (t) => ({
    vpn: t.string({
      description: "The VPN's name; empty in mode DISABLED.",
      resolve: ({ vpn }) => vpn?.name ?? '',
    }),
    running: t.int({
      description: 'Its engines in state RUNNING.',
      resolve: ({ running }) => running.length,
    }),
    pending: t.int({
      description: 'Its engines in state PROVISIONING.',
      resolve: ({ provisioning }) => provisioning.length,
    }),
  }),
});

export const EngineAssignedType = builder.objectRef<EventOf<'ENGINE_ASSIGNED'>>('EngineAssigned').implement({
  description: 'A VPN was chosen for an engine, which begins to be made.',
  interfaces: [EventInterface],
  fields: (t) => ({
    engine: t.field({
      type: EngineType,
      description: 'The engine, PROVISIONING.',
      resolve: ({ snapshot, engine }) => ({ snapshot, engine }),
    }),
    vpn: t.field({
      type: VpnType,
      nullable: true,
      description: 'The VPN; null only in mode DISABLED.',
      resolve: ({ snapshot, engine }) => (engine.tunnel ? vpnNamed(snapshot, engine.tunnel.vpn) : null),
    }),
    loads: t.field({
      type: [VpnLoadType],
      description: 'The load of every VPN, this engine counted.',
      resolve: ({ snapshot }) => snapshot.sites,
    }),
  }),
});

export const EngineChangedType = builder.objectRef<EventOf<'ENGINE_CHANGED'>>('EngineChanged').implement({
  description: 'An engine entered another stage of its life, or its health changed.',
  interfaces: [EventInterface],
  fields: (t) => ({
    change: t.field({
      type: EngineChangeType,
      description: 'What happened.',
      resolve: ({ change }) => change,
    }),
    reason: t.exposeString('reason', { nullable: true, description: 'Why, where there is more to say.' }),
    engine: t.field({
      type: EngineType,
      description: 'The engine right after the change.',
      resolve: ({ snapshot, engine }) => ({ snapshot, engine }),
    }),
  }),
});
