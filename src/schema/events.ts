import type { Event, EventOf, EventType } from '../domain/events.ts';
import { type Site, vpnNamed, vpnRecalled } from '../domain/snapshot.ts';
import { builder } from './builder.ts';
import { perEngine, perVpn } from './cost.ts';
import { EngineType } from './engine.ts';
import { EmergencyChangeType, EngineChangeType, EventTypeType } from './enums.ts';
import { FleetType } from './fleet.ts';
import { VpnType } from './vpn.ts';
import { EmergencyModeType } from './vpn-status.ts';

const typeNames: Record<EventType, string> = {
  ENGINE_ASSIGNED: 'EngineAssigned',
  ENGINE_CHANGED: 'EngineChanged',
  EMERGENCY_MODE_CHANGED: 'EmergencyModeChanged',
  VPN_CHANGED: 'VpnChanged',
  SCALING: 'FleetChanged',
  CIRCUIT_CHANGED: 'FleetChanged',
};

export const EventInterface = builder.interfaceRef<Event>('Event').implement({
  description: 'A change. Objects in it are snapshots of that moment.',
  resolveType: ({ type }) => typeNames[type],
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
      complexity: perVpn,
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

export const EmergencyModeChangedType = builder
  .objectRef<EventOf<'EMERGENCY_MODE_CHANGED'>>('EmergencyModeChanged')
  .implement({
    description: 'Emergency mode was entered or left, or the set of FAILED VPNs changed within it.',
    interfaces: [EventInterface],
    fields: (t) => ({
      change: t.field({
        type: EmergencyChangeType,
        description: 'What happened.',
        resolve: ({ change }) => change,
      }),
      episodeId: t.exposeID('episodeId', { description: 'The episode; on EXITED the one that is over.' }),
      episodeSeconds: t.float({
        description: 'Seconds that it has lasted.',
        resolve: ({ episodeMs }) => episodeMs / 1_000,
      }),
      vpn: t.field({
        type: VpnType,
        description: 'The VPN that failed or recovered.',
        resolve: ({ snapshot, vpn }) => vpnRecalled(snapshot, vpn),
      }),
      emergencyMode: t.field({
        type: EmergencyModeType,
        description: 'The state right after; inactive on EXITED.',
        resolve: ({ snapshot }) => snapshot,
      }),
      removedEngines: t.field({
        type: [EngineType],
        complexity: perEngine,
        description: 'The engines that this change condemned.',
        resolve: ({ snapshot, removedEngines }) => removedEngines.map((engine) => ({ snapshot, engine })),
      }),
    }),
  });

export const VpnChangedType = builder.objectRef<EventOf<'VPN_CHANGED'>>('VpnChanged').implement({
  description: "A VPN's state, health or container changed, or what its control server tells.",
  interfaces: [EventInterface],
  fields: (t) => ({
    vpn: t.field({
      type: VpnType,
      description: 'The VPN right after the change.',
      resolve: ({ snapshot, vpn }) => vpnRecalled(snapshot, vpn),
    }),
  }),
});

export const FleetChangedType = builder
  .objectRef<EventOf<'SCALING' | 'CIRCUIT_CHANGED'>>('FleetChanged')
  .implement({
    description: 'The wanted number of engines changed, or the circuit breaker did.',
    interfaces: [EventInterface],
    fields: (t) => ({
      fleet: t.field({
        type: FleetType,
        description: 'All engines in numbers right after the change.',
        resolve: ({ snapshot }) => snapshot,
      }),
    }),
  });
