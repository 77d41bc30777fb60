import { containerIdOf, type Label, startedAtOf } from '../domain/engine.ts';
import { problemOf } from '../domain/health.ts';
import { type EngineView, healthOf, isForwarded, vpnNamed } from '../domain/snapshot.ts';
import { builder } from './builder.ts';
import { EngineHealthType, EngineStateType } from './enums.ts';
import { VpnType } from './vpn.ts';

const LabelType = builder.objectRef<Label>('Label').implement({
  description: "A caller's own mark on an engine, kept as a label of its container.",
  fields: (t) => ({
    key: t.exposeString('key', { description: 'Its name.' }),
    value: t.exposeString('value', { description: 'Its content.' }),
  }),
});

export const EngineType = builder.objectRef<EngineView>('Engine');

EngineType.implement({
  description: 'One AceStream engine in a container of its own.',
  fields: (t) => ({
    id: t.id({
      description: 'Never reused; also on the container, as the label tandem.engine.',
      resolve: ({ engine }) => engine.id,
    }),
    name: t.string({
      description: "The container's name: acestream-N, the lowest free N when it was chosen.",
      resolve: ({ engine }) => engine.name,
    }),
    containerId: t.id({
      nullable: true,
      description: "Docker's id of the container; null while PROVISIONING.",
      resolve: ({ engine }) => containerIdOf(engine),
    }),
    state: t.field({
      type: EngineStateType,
      description: 'The stage of its life.',
      resolve: ({ engine }) => engine.state,
    }),
    health: t.field({
      type: EngineHealthType,
      description: 'What it said of itself last.',
      resolve: ({ engine }) => healthOf(engine),
    }),
    vpn: t.field({
      type: VpnType,
      nullable: true,
      description: 'The VPN whose network it shares; null only in mode DISABLED.',
      resolve: ({ snapshot, engine }) => (engine.tunnel ? vpnNamed(snapshot, engine.tunnel.vpn) : null),
    }),
    host: t.string({
      description: 'Where clients reach it: ENGINE_HOST, localhost, or the name of the VPN container.',
      resolve: ({ engine }) => engine.host,
    }),
    httpPort: t.int({
      description: 'The port of its HTTP API, the same inside and outside.',
      resolve: ({ engine }) => engine.ports.http,
    }),
    httpsPort: t.int({
      description: 'The port of its HTTPS API, inside the VPN only.',
      resolve: ({ engine }) => engine.ports.https,
    }),
    p2pPort: t.int({
      description: 'The port for other peers, inside the VPN.',
      resolve: ({ engine }) => engine.ports.p2p,
    }),
    url: t.string({
      description: 'http://host:httpPort',
      resolve: ({ engine }) => `http://${engine.host}:${engine.ports.http}`,
    }),
    healthProblem: t.string({
      nullable: true,
      description: 'Why it is UNHEALTHY; null when it is not.',
      resolve: ({ engine }) => (engine.state === 'RUNNING' ? problemOf(engine.health) : null),
    }),
    connected: t.boolean({
      nullable: true,
      description:
        'Its own word on whether it reaches the Internet, at the last health check; null when it has said nothing.',
      resolve: ({ engine }) => (engine.state === 'RUNNING' ? engine.connected : null),
    }),
    forwarded: t.boolean({
      description: "Whether it owns its VPN's forwarded port.",
      resolve: isForwarded,
    }),
    labels: t.field({
      type: [LabelType],
      description: 'The labels that its caller gave it.',
      resolve: ({ engine }) => engine.labels,
    }),
    image: t.string({ description: 'The image it runs.', resolve: ({ engine }) => engine.image }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When its place was promised.',
      resolve: ({ engine }) => engine.createdAt,
    }),
    startedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it first answered; null before.',
      resolve: ({ engine }) => startedAtOf(engine),
    }),
  }),
});
