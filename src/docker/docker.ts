import type { OwnContainer } from '../domain/census.ts';
import type { ProvisioningEngine, RunningEngine } from '../domain/engine.ts';
import type { EnvVariable } from '../domain/input.ts';
import type { Look } from '../domain/vpn.ts';

/**
 * Why a call did not do what it was asked. `unknown` and `errored` leave open whether it took effect: a time-out or a
 * reset is neither success nor failure, and whoever needs to know looks the container up.
 */
export type Trouble =
  /** No daemon was there to hear it: nothing happened. */
  | { readonly kind: 'unreachable'; readonly message: string }
  /** No answer in time, half an answer, or one that makes no sense. */
  | { readonly kind: 'unknown'; readonly message: string }
  /** Docker says that something went wrong on its side (5xx); it may have happened after the effect. */
  | { readonly kind: 'errored'; readonly message: string }
  /** Docker said no, in its own words. */
  | { readonly kind: 'refused'; readonly message: string };

/** The container whose network an engine was to join is gone or not running. */
export type VpnTrouble = { readonly kind: 'vpn-trouble'; readonly message: string };

export type Created =
  | { readonly kind: 'created'; readonly containerId: string }
  | { readonly kind: 'no-image' }
  | { readonly kind: 'name-taken' }
  | VpnTrouble
  | Trouble;

export type Started = { readonly kind: 'started' } | VpnTrouble | Trouble;

export type Found =
  | { readonly kind: 'found'; readonly container: OwnContainer }
  | { readonly kind: 'absent' }
  | Trouble;

export interface Listed {
  readonly kind: 'listed';
  readonly containers: readonly OwnContainer[];
  readonly neighbours: readonly RunningEngine[];
}

/** How a VPN's engines can be reached, and which ports it lets them have. */
export interface Reach {
  /** The addresses of the VPN's container on its networks. */
  readonly addresses: readonly string[];
  /** TCP ports published under the same number. */
  readonly publishedPorts: readonly number[];
  /** Published under another number, and so of no use to an engine. */
  readonly renumbered: readonly { readonly inside: number; readonly outside: number }[];
}

export interface VpnLook {
  readonly look: Look;
  /** null when Docker did not show the container. */
  readonly reach: Reach | null;
}

/** An engine, as its container's labels tell of it. */
export interface StirredEngine {
  readonly id: string;
  readonly own: boolean;
  readonly vpn: string | null;
  readonly ports: readonly number[];
}

/** Something happened to a container: a hint to look. Only a failure is a fact of its own. */
export type Stirring =
  | { readonly kind: 'connected' }
  /** Docker's events could not be had; looks on the beat have to do. */
  | { readonly kind: 'deaf'; readonly reason: string }
  /** `engine` is null unless the container is an engine's; `own` when it carries this instance's label. */
  | {
      readonly kind: 'container';
      readonly containerId: string;
      readonly name: string;
      readonly action: string;
      /** By Docker's clock. */
      readonly at: number;
      readonly engine: StirredEngine | null;
    };

export type PullProgress = (status: string) => void;

/** What the services need of Docker. Every call ends by its own deadline and answers with data; none throws. */
export interface Docker {
  /** Where the daemon was looked for, for people. */
  readonly address: string;
  readonly image: string;
  lookAtVpn(name: string): Promise<VpnLook>;
  createEngine(engine: ProvisioningEngine, env: readonly EnvVariable[]): Promise<Created>;
  startEngine(containerId: string): Promise<Started>;
  /** By name or whole id, and only if it carries this instance's label: anybody else's counts as absent. */
  findEngine(nameOrId: string): Promise<Found>;
  /** Every container that carries this instance's label, running or not, and the engines of other instances. */
  listEngines(): Promise<Listed | Trouble>;
  /** Removes for good, running or not; one that is gone already counts as removed. */
  removeEngine(containerId: string): Promise<{ readonly kind: 'removed' } | Trouble>;
  /** Restarts a VPN's container: the one thing that is ever done to a container that is not an engine of ours. */
  restartVpn(containerId: string): Promise<{ readonly kind: 'restarted' } | Trouble>;
  /** Names that begin with `prefix`, whoever's they are. */
  takenNames(
    prefix: string,
  ): Promise<{ readonly kind: 'names'; readonly names: readonly string[] } | Trouble>;
  pullImage(progress: PullProgress): Promise<{ readonly kind: 'pulled' } | Trouble>;
  /** Ends every call that is under way, as unanswered: the service stops. */
  close(): void;
  /** Ends the subscription to what stirs, which has missed something; the next one begins by itself. */
  listenAnew(): void;
  /** What stirs, across reconnections, until `signal` aborts. `connected` says that something may have been missed. */
  stirrings(signal: AbortSignal): AsyncIterable<Stirring>;
}
