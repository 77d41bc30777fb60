import type { ContainerCreateOptions } from 'dockerode';
import { z } from 'zod';
import type { Engine, KeyedRequest, RunningEngine } from '../domain/engine.ts';
import { notAskedYet } from '../domain/health.ts';
import type { EnvVariable } from '../domain/input.ts';
import type { Variant } from './variants.ts';

/** The label by which an instance knows its own containers. */
export interface Instance {
  readonly key: string;
  readonly value: string;
}

/** What all engine containers of this instance have in common. */
export interface EngineShape {
  readonly instance: Instance;
  readonly variant: Variant;
  readonly image: string;
  /** Bytes; null for no limit. */
  readonly memoryLimit: number | null;
  /** The network that engines join in VPN_MODE=disabled; null for Docker's default one. */
  readonly network: string | null;
  readonly hostOf: (vpn: string | null, engineName: string) => string;
}

/** Enough for the engine's threads, and an end to a fork bomb. */
const pidsLimit = 1_024;

/** What Docker is asked for to make `engine`. Its labels hold all that is needed to adopt it later. */
export function containerFor(
  engine: Engine,
  env: readonly EnvVariable[],
  shape: EngineShape,
): ContainerCreateOptions {
  const { cmd, env: variantEnv = {} } = shape.variant.start(engine.ports);
  const port = `${engine.ports.http}/tcp`;
  return {
    Image: shape.image,
    ...(cmd && { Cmd: [...cmd] }),
    Env: [
      ...env.map(({ name, value }) => `${name}=${value}`),
      ...Object.entries(variantEnv).map(([name, value]) => `${name}=${value}`),
    ],
    Labels: labelsFor(engine, shape),
    // Several images test port 6878, which in a shared namespace is another engine's or nobody's.
    Healthcheck: { Test: ['NONE'] },
    ...(engine.tunnel === null && { ExposedPorts: { [port]: {} } }),
    HostConfig: {
      // By id, so that an engine cannot come up on a later incarnation than the one that was chosen.
      ...(engine.tunnel !== null
        ? { NetworkMode: `container:${engine.tunnel.incarnation.containerId}` }
        : {
            ...(shape.network && { NetworkMode: shape.network }),
            PortBindings: { [port]: [{ HostPort: String(engine.ports.http) }] },
          }),
      RestartPolicy: { Name: 'no' },
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      PidsLimit: pidsLimit,
      ...(shape.memoryLimit !== null && { Memory: shape.memoryLimit }),
    },
  };
}

/** The instance's label once more, under a key that no caller can use: one instance's label may be a caller's own elsewhere. */
export const ownerLabel = 'tandem.owner';
const ownerOf = ({ key, value }: Instance): string => `${key}=${value}`;

/** Whether a container is this instance's. */
export const isOwn = (labels: Readonly<Record<string, string>>, instance: Instance): boolean =>
  labels[instance.key] === instance.value && labels[ownerLabel] === ownerOf(instance);

function labelsFor(engine: Engine, { instance }: EngineShape): Record<string, string> {
  return {
    ...Object.fromEntries(engine.labels.map(({ key, value }) => [key, value])),
    [instance.key]: instance.value,
    [ownerLabel]: ownerOf(instance),
    'tandem.engine': engine.id,
    'tandem.created-at': String(engine.createdAt),
    'tandem.label-keys': JSON.stringify(engine.labels.map(({ key }) => key)),
    'tandem.forwarded': String(engine.forwarded),
    ...(engine.request && { 'tandem.request': `${engine.request.key} ${engine.request.fingerprint}` }),
    ...Object.fromEntries(
      Object.entries(engine.ports).map(([name, port]) => [`tandem.port.${name}`, String(port)]),
    ),
    ...(engine.tunnel && {
      'tandem.vpn': engine.tunnel.vpn,
      'tandem.vpn.id': engine.tunnel.incarnation.containerId,
      'tandem.vpn.started-at': engine.tunnel.incarnation.startedAt,
    }),
  };
}

const port = z.coerce.number().int().min(1).max(65_535);

const ownLabels = z.object({
  'tandem.engine': z.string().min(1),
  'tandem.created-at': z.coerce.number(),
  'tandem.label-keys': z.string().transform((text, context) => {
    try {
      return z.array(z.string()).parse(JSON.parse(text));
    } catch {
      context.addIssue('not a list of keys');
      return z.NEVER;
    }
  }),
  'tandem.forwarded': z.enum(['true', 'false']),
  'tandem.request': z
    .string()
    .regex(/^\S+ \S+$/)
    .optional(),
  'tandem.port.http': port,
  'tandem.port.https': port,
  'tandem.port.p2p': port,
  'tandem.port.api': port,
  'tandem.vpn': z.string().min(1).optional(),
  'tandem.vpn.id': z.string().optional(),
  'tandem.vpn.started-at': z.string().optional(),
});

export interface ContainerFacts {
  readonly containerId: string;
  readonly name: string;
  readonly image: string;
  readonly startedAt: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** The engine that a container's labels tell of; null when they make no sense. */
export function engineFrom(container: ContainerFacts, shape: EngineShape): RunningEngine | null {
  const parsed = ownLabels.safeParse(container.labels);
  if (!parsed.success) return null;
  const own = parsed.data;
  const vpn = own['tandem.vpn'] ?? null;
  return {
    state: 'RUNNING',
    id: own['tandem.engine'],
    name: container.name,
    tunnel:
      vpn === null
        ? null
        : {
            vpn,
            incarnation: {
              containerId: own['tandem.vpn.id'] ?? '',
              startedAt: own['tandem.vpn.started-at'] ?? '',
            },
          },
    host: shape.hostOf(vpn, container.name),
    ports: {
      http: own['tandem.port.http'],
      https: own['tandem.port.https'],
      p2p: own['tandem.port.p2p'],
      api: own['tandem.port.api'],
    },
    forwarded: own['tandem.forwarded'] === 'true',
    image: container.image,
    request: requestFrom(own['tandem.request']),
    labels: own['tandem.label-keys'].map((key) => ({
      key,
      value: Object.hasOwn(container.labels, key) ? (container.labels[key] ?? '') : '',
    })),
    createdAt: own['tandem.created-at'],
    containerId: container.containerId,
    startedAt: container.startedAt,
    health: notAskedYet,
    connected: null,
    wasConnected: false,
    replaces: null,
  };
}

function requestFrom(label: string | undefined): KeyedRequest | null {
  const [key, fingerprint] = label?.split(' ') ?? [];
  return key && fingerprint ? { key, fingerprint } : null;
}
