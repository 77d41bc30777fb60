import { randomBytes } from 'node:crypto';
import type { Clock } from '../../async/clock.ts';
import { AcestreamEngine, type EngineStart } from './acestream.ts';
import { Audit } from './audit.ts';
import { makeCore } from './core.ts';
import type { Events } from './events.ts';
import { Faults } from './faults.ts';
import { Gluetun } from './gluetun.ts';
import type { ControlState } from './gluetun-control.ts';
import { EngineHandle, VpnHandle } from './handles.ts';
import { createDaemonServer } from './http.ts';
import type { ImageEntry } from './images.ts';
import { type Pretend, pretenceOf } from './pretence.ts';
import { hangUp, listenOn } from './socket.ts';
import type { ContainerSpecInput } from './spec.ts';

export type { EngineFaults, EngineStart } from './acestream.ts';
export type { AuditEntry } from './audit.ts';
export type { CallFault, FaultRule, Witnessed } from './faults.ts';
export type { ControlAuth, ControlState } from './gluetun-control.ts';
export type { ContainerHandle, EngineHandle, VpnHandle } from './handles.ts';
export type { ImageEntry } from './images.ts';
export type { Pretend } from './pretence.ts';

export interface EmbeddedVpn {
  readonly name: string;
  /** The engine ports that it publishes, each under its own number. */
  readonly firstPort: number;
  readonly lastPort: number;
  /** From a start, or a resume, to the probe that finds it healthy. */
  readonly healthyAfterMs?: number;
  readonly control?: Partial<ControlState>;
}

export interface EmbeddedDockerOptions {
  readonly socketPath: string;
  readonly clock: Clock;
  /** VPN containers that run when the daemon is ready, in this order. */
  readonly vpns: readonly EmbeddedVpn[];
  /** Networks beside bridge, host and none. */
  readonly networks?: readonly string[];
  readonly createMs?: number;
  readonly startMs?: number;
  readonly stopMs?: number;
  readonly engineListensAfterMs?: number;
}

/** A daemon in this process. Dispose it to end its containers, its ports and its socket. */
export interface EmbeddedDocker extends AsyncDisposable {
  readonly socketPath: string;
  readonly audit: Audit;
  readonly faults: Faults;
  readonly events: Pick<Events, 'cut' | 'silence' | 'speak' | 'drop' | 'readers'>;
  readonly images: { put(entry: ImageEntry): void; remove(name: string): void };
  vpn(name: string): VpnHandle;
  container(nameOrId: string): EngineHandle;
  /** Every container, VPNs too, newest first. */
  containers(): EngineHandle[];
  readonly pretend: Pretend;
  /** What the next `count` engines that start will do. */
  nextEngines(start: EngineStart, count?: number): void;
  /** The daemon is gone from its socket; containers run on. */
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
}

/** Starts a daemon that speaks Docker's API on a unix socket, and runs the VPN containers asked for. */
export async function startEmbeddedDocker(options: EmbeddedDockerOptions): Promise<EmbeddedDocker> {
  const { socketPath, clock, vpns } = options;
  const faults = new Faults();
  const audit = new Audit();
  const starts: EngineStart[] = [];
  const stop = new AbortController();
  const { daemon, events, images, containers, routes } = makeCore({
    clock,
    newId: () => randomBytes(32).toString('hex'),
    networks: options.networks ?? [],
    pace: {
      createMs: options.createMs ?? 10,
      startMs: options.startMs ?? 40,
      stopMs: options.stopMs ?? 20,
    },
    createProgram: (entry, containerName) =>
      entry.kind === 'gluetun'
        ? createGluetun(vpns, containerName)
        : new AcestreamEngine({
            nextStart: () => starts.shift() ?? {},
            listensAfterMs: options.engineListensAfterMs ?? 20,
            checks6878: entry.checks6878 ?? false,
          }),
    stopping: stop.signal,
  });
  for (const vpn of vpns) await daemon.lifecycle.start(await daemon.create(vpn.name, vpnSpec(vpn)));

  const server = createDaemonServer({ routes, faults, audit, clock });
  await listenOn(server, socketPath);

  const vpn = (name: string) => new VpnHandle(daemon, name);
  return {
    socketPath,
    audit,
    faults,
    events,
    images,
    vpn,
    pretend: pretenceOf(vpn, faults),
    container: (nameOrId) => new EngineHandle(daemon, nameOrId),
    containers: () => containers.all().map(({ id }) => new EngineHandle(daemon, id)),
    nextEngines: (start, count = 1) => void starts.push(...Array.from({ length: count }, () => start)),
    goDown: () => hangUp(server),
    comeBack: () => listenOn(server, socketPath),
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await hangUp(server);
      // What was being started when this began ends first, or it would run on unseen.
      await Promise.all(containers.all().map(({ lock }) => lock.waitForUnlock()));
      await Promise.all(containers.all().map(({ run }) => run?.end({ code: 137, oomKilled: false })));
    },
  };
}

function createGluetun(vpns: readonly EmbeddedVpn[], name: string): Gluetun {
  const place = vpns.findIndex((vpn) => vpn.name === name);
  const { healthyAfterMs = 500, control = {} } = vpns[place] ?? {};
  return new Gluetun({
    healthyAfterMs,
    control: {
      status: 'running',
      ports: [51_000 + place],
      ip: `203.0.113.${10 + place}`,
      country: 'Netherlands',
      auth: { kind: 'none' },
      portShape: 'both',
      hang: false,
      http500: false,
      nonsense: false,
      ...control,
    },
  });
}

/** The control server's port is chosen by the machine; engine ports keep their numbers. */
function vpnSpec({ firstPort, lastPort }: EmbeddedVpn): ContainerSpecInput {
  const engines = Array.from({ length: lastPort - firstPort + 1 }, (_, n) => String(firstPort + n));
  const ExposedPorts: Record<string, object> = {};
  const PortBindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const [port, HostPort] of [['8000', ''] as const, ...engines.map((each) => [each, each] as const)]) {
    ExposedPorts[`${port}/tcp`] = {};
    PortBindings[`${port}/tcp`] = [{ HostIp: '127.0.0.1', HostPort }];
  }
  return {
    Image: 'qmcgaw/gluetun',
    ExposedPorts,
    HostConfig: { NetworkMode: 'default', PortBindings },
  };
}
