import type { Snapshot } from '../domain/snapshot.ts';
import { vpnNamed, vpnsOf } from '../domain/snapshot.ts';
import {
  failedVpns,
  healthyVpn,
  healthyVpns,
  isConnected,
  isOutage,
  overallHealth,
} from '../domain/status.ts';
import { builder } from './builder.ts';
import { perVpn } from './cost.ts';
import { VpnHealthType, VpnModeType } from './enums.ts';
import { VpnType } from './vpn.ts';

export const EmergencyModeType = builder.objectRef<Snapshot>('EmergencyMode').implement({
  description: 'Operation on what is left while at least one of several VPNs is FAILED.',
  fields: (t) => ({
    episodeId: t.id({
      nullable: true,
      description:
        'From the first failure to the moment none is FAILED it is one episode; null when inactive.',
      resolve: ({ emergency }) => (emergency.kind === 'ACTIVE' ? emergency.episodeId : null),
    }),
    active: t.boolean({
      description: 'Mode REDUNDANT, and at least one VPN is FAILED.',
      resolve: ({ emergency }) => emergency.kind === 'ACTIVE',
    }),
    outage: t.boolean({ description: 'Every VPN is FAILED.', resolve: isOutage }),
    failedVpn: t.field({
      type: VpnType,
      nullable: true,
      description: 'Of the FAILED ones, the one that failed first; null when inactive.',
      resolve: (snapshot) =>
        snapshot.emergency.kind === 'ACTIVE' ? vpnNamed(snapshot, snapshot.emergency.failed[0]) : null,
    }),
    healthyVpn: t.field({
      type: VpnType,
      nullable: true,
      description:
        'The first READY one, else the first STABILIZING one; null when inactive or when there is none.',
      resolve: (snapshot) => (snapshot.emergency.kind === 'ACTIVE' ? healthyVpn(snapshot) : null),
    }),
    failedVpns: t.field({
      type: [VpnType],
      complexity: perVpn,
      description: 'All that are FAILED.',
      resolve: failedVpns,
    }),
    healthyVpns: t.field({
      type: [VpnType],
      complexity: perVpn,
      description: 'All that are READY or STABILIZING.',
      resolve: healthyVpns,
    }),
    enteredAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the episode began; null when inactive.',
      resolve: ({ emergency }) => (emergency.kind === 'ACTIVE' ? emergency.since : null),
    }),
    durationSeconds: t.float({
      description: 'Seconds since then; 0 when inactive.',
      resolve: ({ at, emergency }) => (emergency.kind === 'ACTIVE' ? (at - emergency.since) / 1_000 : 0),
    }),
  }),
});

export const VpnStatusType = builder.objectRef<Snapshot>('VpnStatus').implement({
  description: 'All VPNs at one moment.',
  fields: (t) => ({
    mode: t.field({
      type: VpnModeType,
      description: 'How many VPNs the engines run behind.',
      resolve: ({ mode }) => mode,
    }),
    enabled: t.boolean({
      description: 'Whether there is any VPN.',
      resolve: ({ mode }) => mode !== 'DISABLED',
    }),
    connected: t.boolean({ description: 'At least one VPN is HEALTHY.', resolve: isConnected }),
    health: t.field({
      type: VpnHealthType,
      description: 'HEALTHY if any VPN is; UNHEALTHY if all are; else UNKNOWN.',
      resolve: overallHealth,
    }),
    vpns: t.field({
      type: [VpnType],
      complexity: perVpn,
      description: 'All VPNs in configured order.',
      resolve: vpnsOf,
    }),
    vpn1: t.field({
      type: VpnType,
      nullable: true,
      description: 'The first VPN.',
      resolve: (snapshot) => vpnsOf(snapshot)[0] ?? null,
    }),
    vpn2: t.field({
      type: VpnType,
      nullable: true,
      description: 'The second VPN.',
      resolve: (snapshot) => vpnsOf(snapshot)[1] ?? null,
    }),
    emergencyMode: t.field({
      type: EmergencyModeType,
      description: 'Whether the system runs on what is left.',
      resolve: (snapshot) => snapshot,
    }),
    lastEventId: t.id({
      description:
        'Every event up to this one is in this answer: subscribe with it as "after", and there is no gap.',
      resolve: ({ lastEventId }) => lastEventId,
    }),
  }),
});
