import type { Health } from './health.ts';
import type { Incarnation } from './vpn.ts';

export interface Label {
  readonly key: string;
  readonly value: string;
}

/** All four are unique in the network namespace that the engine joins. */
export interface Ports {
  readonly http: number;
  readonly https: number;
  readonly p2p: number;
  readonly api: number;
}

/** The VPN whose network namespace an engine joins, and the run of it. */
export interface Tunnel {
  readonly vpn: string;
  readonly incarnation: Incarnation;
}

/** The request that an engine was asked for with, where its caller gave an idempotency key. Both are digests. */
export interface KeyedRequest {
  readonly key: string;
  /** Of all that was asked for: the same key with another one is a mistake. */
  readonly fingerprint: string;
}

/** Milliseconds for which an idempotency key, and an engine that is gone, are remembered. */
export const rememberedMs = 24 * 60 * 60 * 1_000;

/** What is promised to an engine when its place is chosen; it never changes afterwards. */
interface Promised {
  readonly id: string;
  readonly name: string;
  /** null in VPN_MODE=disabled. */
  readonly tunnel: Tunnel | null;
  readonly host: string;
  readonly ports: Ports;
  /** Whether its P2P port was the one that its VPN's provider forwards. */
  readonly forwarded: boolean;
  readonly image: string;
  readonly labels: readonly Label[];
  readonly request: KeyedRequest | null;
  readonly createdAt: number;
}

/** The engine that goes when another one has taken its place, and why. */
export interface Replaces {
  readonly id: string;
  readonly because: Because;
}

/**
 * UNHEALTHY: it did not get well in its grace period. FORWARDED_PORT: its VPN forwards a port that no engine has.
 * RECONNECTED: its connections did not outlive a failure of the only VPN.
 */
export type Because = 'UNHEALTHY' | 'FORWARDED_PORT' | 'RECONNECTED';

export interface ProvisioningEngine extends Promised {
  readonly state: 'PROVISIONING';
  readonly replaces: Replaces | null;
}

export interface RunningEngine extends Promised {
  readonly state: 'RUNNING';
  readonly containerId: string;
  readonly startedAt: number;
  readonly health: Health;
  /** Its own word on whether it reaches the Internet, at the last probe; null when it said nothing. */
  readonly connected: boolean | null;
  /** Whether it has ever said that it does: only then is it cut off when it says that it does not. */
  readonly wasConnected: boolean;
  /** The engine that goes when this one is found well; null when none does, or it has gone. */
  readonly replaces: Replaces | null;
}

/** Being removed. It keeps its name and ports until its container is known to be gone. */
export interface StoppingEngine extends Promised {
  readonly state: 'STOPPING';
  readonly containerId: string | null;
  readonly startedAt: number | null;
}

export interface RemovedEngine extends Promised {
  readonly state: 'REMOVED';
  readonly containerId: string | null;
  readonly startedAt: number | null;
}

export type Engine = ProvisioningEngine | RunningEngine | StoppingEngine | RemovedEngine;
export type ListedEngine = Exclude<Engine, RemovedEngine>;

export const containerIdOf = (engine: Engine): string | null =>
  engine.state === 'PROVISIONING' ? null : engine.containerId;

export const startedAtOf = (engine: Engine): number | null =>
  engine.state === 'PROVISIONING' ? null : engine.startedAt;

export const stopping = (
  engine: ProvisioningEngine | RunningEngine,
  containerId: string | null,
): StoppingEngine => ({
  ...promised(engine),
  state: 'STOPPING',
  containerId,
  startedAt: startedAtOf(engine),
});

export const removed = (engine: ListedEngine): RemovedEngine => ({
  ...promised(engine),
  state: 'REMOVED',
  containerId: containerIdOf(engine),
  startedAt: startedAtOf(engine),
});

const promised = (engine: Engine): Promised => ({
  id: engine.id,
  name: engine.name,
  tunnel: engine.tunnel,
  host: engine.host,
  ports: engine.ports,
  forwarded: engine.forwarded,
  image: engine.image,
  labels: engine.labels,
  request: engine.request,
  createdAt: engine.createdAt,
});
