import type { Container } from './container.ts';
import type { HostNetwork } from './host-network.ts';
import { type Micros, neverHappened, rfc3339, unixSeconds } from './moment.ts';
import type { Namespace } from './namespace.ts';

/** The word for a container's state, as `inspect` and `list` spell it. */
export function statusWord(container: Container): string {
  return container.removing && container.run === undefined ? 'removing' : container.state.kind;
}

function stateJson(container: Container): object {
  const { state, health } = container;
  const { run } = container;
  const startedAt = run?.startedAt ?? (state.kind === 'exited' ? state.startedAt : undefined);
  const error = 'error' in state ? state.error : '';
  const createdCode = error === '' ? 0 : 128;
  return {
    Status: statusWord(container),
    Running: run !== undefined,
    Paused: state.kind === 'paused',
    Restarting: false,
    OOMKilled: state.kind === 'exited' && state.exit.oomKilled,
    Dead: false,
    Pid: run?.pid ?? 0,
    ExitCode: state.kind === 'exited' ? state.exit.code : createdCode,
    Error: error,
    StartedAt: startedAt === undefined ? neverHappened : rfc3339(startedAt),
    FinishedAt: state.kind === 'exited' ? rfc3339(state.finishedAt) : neverHappened,
    ...(health && {
      Health: { Status: health.status, FailingStreak: health.failingStreak, Log: health.log },
    }),
  };
}

/** `GET /containers/{id}/json`. */
export function inspectJson(container: Container, network: HostNetwork): object {
  const { spec } = container;
  const [path = '', ...args] = container.argv;
  const namespace = ownNamespace(container);
  return {
    Id: container.id,
    Created: rfc3339(container.created),
    Path: path,
    Args: args,
    State: stateJson(container),
    Image: container.image.id,
    Name: `/${container.name}`,
    RestartCount: 0,
    Driver: 'embedded',
    Platform: 'linux',
    ExecIDs: null,
    HostConfig: {
      ...spec.HostConfig,
      NetworkMode: container.networkMode,
      PortBindings: spec.HostConfig?.PortBindings ?? null,
    },
    Mounts: [],
    Config: {
      ...spec,
      HostConfig: undefined,
      Hostname: spec.Hostname || container.id.slice(0, 12),
      Image: spec.Image,
      Env: [...container.env].map(([key, value]) => `${key}=${value}`),
      Cmd: container.command,
      Entrypoint: container.entrypoint.length > 0 ? container.entrypoint : null,
      Labels: container.labels,
    },
    NetworkSettings: {
      Ports: namespace === undefined ? {} : portsByKey(namespace),
      IPAddress: namespace?.address ?? '',
      Networks: networksJson(container, network),
    },
  };
}

/** One row of `GET /containers/json`. */
export function listJson(container: Container, network: HostNetwork, now: Micros): object {
  const namespace = ownNamespace(container);
  return {
    Id: container.id,
    Names: [`/${container.name}`],
    Image: container.spec.Image,
    ImageID: container.image.id,
    Command: container.argv.join(' '),
    Created: unixSeconds(container.created),
    Ports: (namespace?.published ?? []).map(({ hostIp, port, hostPort, protocol }) => ({
      IP: hostIp,
      PrivatePort: port,
      PublicPort: hostPort,
      Type: protocol,
    })),
    Labels: container.labels,
    State: statusWord(container),
    Status: statusSentence(container, now),
    HostConfig: { NetworkMode: container.networkMode },
    NetworkSettings: { Networks: networksJson(container, network) },
    Mounts: [],
  };
}

function ownNamespace(container: Container): Namespace | undefined {
  return container.run?.ownsNamespace ? container.run.namespace : undefined;
}

function portsByKey(namespace: Namespace): Record<string, { HostIp: string; HostPort: string }[]> {
  const ports: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const { port, protocol, hostIp, hostPort } of namespace.published) {
    const key = `${port}/${protocol}`;
    ports[key] = [...(ports[key] ?? []), { HostIp: hostIp, HostPort: String(hostPort) }];
  }
  return ports;
}

export function networkNameOf(container: Container): string | undefined {
  if (container.networkMode.startsWith('container:')) return undefined;
  return container.networkMode === 'default' ? 'bridge' : container.networkMode;
}

function networksJson(container: Container, network: HostNetwork): object {
  const name = networkNameOf(container);
  if (name === undefined) return {};
  const address = ownNamespace(container)?.address ?? '';
  return {
    [name]: {
      NetworkID: network.find(name)?.id ?? '',
      IPAddress: address,
      IPPrefixLen: address === '' ? 0 : 16,
    },
  };
}

function statusSentence(container: Container, now: Micros): string {
  const { state } = container;
  const ago = (at: Micros) => `${Math.max(0, unixSeconds(now) - unixSeconds(at))} seconds`;
  switch (state.kind) {
    case 'created':
      return 'Created';
    case 'exited':
      return `Exited (${state.exit.code}) ${ago(state.finishedAt)} ago`;
    case 'paused':
      return `Up ${ago(state.run.startedAt)} (Paused)`;
    case 'running': {
      const health = container.health?.status;
      const suffix = health === undefined ? '' : ` (${health === 'starting' ? 'health: starting' : health})`;
      return `Up ${ago(state.run.startedAt)}${suffix}`;
    }
  }
}
