import { enginesOf, type PortRange, type VpnView } from '../domain/snapshot.ts';
import {
  acceptsEngines,
  failedSince,
  failureReason,
  stabilizationRemaining,
  stabilizingUntil,
} from '../domain/status.ts';
import { builder } from './builder.ts';
import { perEngineOfVpn } from './cost.ts';
import { EngineType } from './engine.ts';
import { VpnHealthType, VpnStateType } from './enums.ts';

const PortRangeType = builder.objectRef<PortRange>('PortRange').implement({
  description: "The HTTP ports that a VPN's engines may have.",
  fields: (t) => ({
    first: t.exposeInt('first', { description: 'The lowest.' }),
    last: t.exposeInt('last', { description: 'The highest. Ports in between need not all be published.' }),
    free: t.exposeInt('free', { description: 'How many of them no engine has.' }),
  }),
});

export const VpnType = builder.objectRef<VpnView>('Vpn');

VpnType.implement({
  description: 'A VPN container (Gluetun) and the engines that share its network.',
  fields: (t) => ({
    id: t.id({
      description: 'The same as its name: a VPN is known by that across restarts.',
      resolve: ({ site }) => site.vpn.name,
    }),
    name: t.string({
      description: "The container's name, such as gluetun.",
      resolve: ({ site }) => site.vpn.name,
    }),
    state: t.field({
      type: VpnStateType,
      description: 'What follows from all looks so far.',
      resolve: ({ site }) => site.vpn.state.kind,
    }),
    health: t.field({
      type: VpnHealthType,
      description: 'What the last look said.',
      resolve: ({ site }) => site.vpn.health,
    }),
    containerStatus: t.string({
      nullable: true,
      description: "Docker's own word: running, exited, paused, …; null when there is no container.",
      resolve: ({ site }) => site.vpn.containerStatus,
    }),
    acceptsEngines: t.boolean({
      description: 'READY and with a free port: a candidate for a request made now.',
      resolve: acceptsEngines,
    }),
    failedSince: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it FAILED; null when it has not.',
      resolve: ({ site }) => failedSince(site.vpn),
    }),
    failureReason: t.string({
      nullable: true,
      description: 'Why it FAILED; null when it has not.',
      resolve: ({ site }) => failureReason(site.vpn),
    }),
    suspectedSince: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'Since when its control server or its engines have spoken against it, though Docker calls it healthy: it FAILS if they go on (VPN_SILENT_FAILURE_S). Null when they do not.',
      resolve: ({ site }) => site.vpn.evidence?.since ?? null,
    }),
    stabilizingUntil: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it is READY again if it stays healthy; null when it is not STABILIZING.',
      resolve: ({ site }) => stabilizingUntil(site.vpn),
    }),
    stabilizationRemainingSeconds: t.float({
      description: 'Seconds until then; 0 when it is not STABILIZING.',
      resolve: stabilizationRemaining,
    }),
    engines: t.field({
      type: [EngineType],
      complexity: perEngineOfVpn,
      description: 'Its engines by HTTP port, hidden ones included, those being stopped left out.',
      resolve: ({ snapshot, site }) => enginesOf(snapshot, site),
    }),
    engineCount: t.int({
      description: 'Engines in state RUNNING, offered or hidden.',
      resolve: ({ site }) => site.running.length,
    }),
    pendingEngineCount: t.int({
      description: 'Engines in state PROVISIONING.',
      resolve: ({ site }) => site.provisioning.length,
    }),
    portRange: t.field({
      type: PortRangeType,
      nullable: true,
      description: 'The ports for its engines; null while none is known.',
      resolve: ({ site }) => site.ports,
    }),
    forwardedPort: t.int({
      nullable: true,
      description:
        'The port that its provider forwards, as its control server tells; null when there is none, while the VPN is FAILED, and while it is not known: controlProblem says which.',
      resolve: ({ site }) => site.vpn.control.forwardedPort?.number ?? null,
    }),
    publicIp: t.string({
      nullable: true,
      description:
        'The address from which its traffic reaches the Internet, as its control server tells; null while it is not known.',
      resolve: ({ site }) => site.vpn.control.publicAddress?.ip ?? null,
    }),
    country: t.string({
      nullable: true,
      description:
        'The country of its public address, as its control server tells; null while it is not known.',
      resolve: ({ site }) => site.vpn.control.publicAddress?.country ?? null,
    }),
    city: t.string({
      nullable: true,
      description: 'The city of its public address, as its control server tells; null while it is not known.',
      resolve: ({ site }) => site.vpn.control.publicAddress?.city ?? null,
    }),
    region: t.string({
      nullable: true,
      description:
        'The region of its public address, as its control server tells; null while it is not known.',
      resolve: ({ site }) => site.vpn.control.publicAddress?.region ?? null,
    }),
    provider: t.string({
      nullable: true,
      description: "The VPN provider, from the container's VPN_SERVICE_PROVIDER; null when it has none.",
      resolve: ({ site }) => site.vpn.provider,
    }),
    tunnelStatus: t.string({
      nullable: true,
      description:
        "Gluetun's own word for its tunnel, as its control server tells: running, stopped, crashed, …; null while it is not known.",
      resolve: ({ site }) => site.vpn.control.tunnel,
    }),
    controlProblem: t.string({
      nullable: true,
      description:
        'What could not be read from its control server, why, and what to do; null when all could, and while the VPN is FAILED. What was read since it came up last stays.',
      resolve: ({ site }) => site.vpn.control.problem,
    }),
    lastSeenAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'The last look that Docker answered.',
      resolve: ({ site }) => site.vpn.lastSeenAt,
    }),
  }),
});
