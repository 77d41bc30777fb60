import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Witnessed } from '../../src/docker/embedded/index.ts';
import type { EventPartsFragment, StatusQuery } from '../api/gql/graphql.ts';
import { AllEvents, EventPage, Status } from '../api/operations.ts';
import { Child } from '../support/child.ts';
import type { Client } from '../support/client.ts';
import { until } from '../support/docker/until.ts';
import { type Daemon, daemon } from '../support/simulated.ts';

/** Milliseconds in which a service that was killed has to serve again (L3). */
const readyMs = 3_000;

/** How long anything may take that is waited for here: a start anew and a stabilization, on a busy machine. */
const patienceMs = 40_000;

export const minReplicas = 4;

/** A container of the service, as Docker has it. */
export interface OwnContainer {
  readonly id: string;
  readonly running: boolean;
  readonly engine: string;
  readonly vpn: string;
  /** The container whose network it has. */
  readonly inNetworkOf: string;
  readonly ports: readonly number[];
}

export interface MortalOptions {
  readonly maxReplicas: number;
  readonly createMs?: number;
  readonly startMs?: number;
  readonly stopMs?: number;
}

/**
 * A service in a process of its own that is killed and started again, on one daemon and one folder; and a subscriber who
 * comes back after every kill with the last id that it saw.
 */
export class Mortal implements AsyncDisposable {
  /** The daemon alone: the service runs from `rise` on. */
  static async conceive({ maxReplicas, ...pace }: MortalOptions): Promise<Mortal> {
    const simulation = await daemon({
      portsEach: 20,
      embedded: { createMs: 10, startMs: 20, stopMs: 10, engineListensAfterMs: 10, ...pace },
    });
    return new Mortal(simulation, maxReplicas);
  }

  readonly simulation: Daemon;
  readonly child: Child;
  readonly maxReplicas: number;
  readonly #label: [key: string, value: string] = ['tandem.test', randomUUID()];
  subscriber: Subscriber | null = null;
  /** Milliseconds from the moment it listened to the one at which it was ready, beside those that were allowed for it. */
  readonly recoveries: { readonly tookMs: number; readonly allowedMs: number }[] = [];

  constructor(simulation: Daemon, maxReplicas: number) {
    this.simulation = simulation;
    this.maxReplicas = maxReplicas;
    this.child = new Child(simulation.folder, {
      DOCKER_HOST: simulation.dockerHost,
      DATA_DIR: join(simulation.folder, 'data'),
      CONTAINER_LABEL: this.#label.join('='),
      GLUETUN_CONTAINER_NAME: 'gluetun',
      GLUETUN_CONTAINER_NAME_2: 'gluetun_2',
      VPN_STABILIZATION_S: '1',
      AUTOSCALE_INTERVAL_S: '0.5',
      GLUETUN_HEALTH_CHECK_INTERVAL_S: '0.5',
      MIN_REPLICAS: String(minReplicas),
      MAX_REPLICAS: String(maxReplicas),
    });
  }

  get docker() {
    return this.simulation.docker;
  }

  get client(): Client {
    return this.child.client;
  }

  /** Starts the service, and notes how long it takes to be ready. Resolves when it is, after another death if need be. */
  async rise(): Promise<void> {
    const spawned = Date.now();
    await this.child.start();
    const begun = Date.now();
    const { url } = this.child;
    await this.eventually('it is ready', async () => (await this.client.ready()).status === 200);
    // A machine on which Node itself takes long to begin is busy with something else.
    const allowedMs = Math.max(readyMs, 3 * (begun - spawned));
    if (url === this.child.url) this.recoveries.push({ tookMs: Date.now() - begun, allowedMs });
  }

  /** From now on somebody follows. */
  async subscribe(): Promise<void> {
    const { events } = await this.eventually('there are events', () =>
      this.client.ask(EventPage, { last: 1 }),
    );
    this.subscriber = new Subscriber(this, events);
  }

  /** The same as `until`, whatever happens to the service meanwhile: while nobody answers, nothing is found. */
  eventually<T>(what: string, look: () => Promise<T>): Promise<Exclude<T, false | undefined>> {
    const survivor = async () => {
      try {
        return await look();
      } catch (problem) {
        if (this.child.url === null || isDisconnection(problem)) return undefined as T;
        throw problem;
      }
    };
    return until(what, survivor, patienceMs);
  }

  containers(): OwnContainer[] {
    const [key, value] = this.#label;
    return this.docker
      .containers()
      .map((container) => container.inspect() as Inspected)
      .filter(({ Config }) => Config.Labels[key] === value)
      .map(({ Id, State, Config: { Labels }, HostConfig }) => ({
        id: Id,
        running: State.Running,
        engine: Labels['tandem.engine'] ?? '',
        vpn: Labels['tandem.vpn'] ?? '',
        inNetworkOf: HostConfig.NetworkMode.replace('container:', ''),
        ports: ['http', 'https', 'p2p', 'api'].map((name) => Number(Labels[`tandem.port.${name}`])),
      }));
  }

  async vpns(): Promise<StatusQuery['vpnStatus']['vpns']> {
    return (await this.client.ask(Status)).vpnStatus.vpns;
  }

  /** All that ever happened, page by page. */
  async history(): Promise<EventPartsFragment[]> {
    const history: EventPartsFragment[] = [];
    for (let after: string | null = null; ; ) {
      const { events }: { events: Page } = await this.client.ask(EventPage, { first: 100, after });
      history.push(...events.nodes);
      if (!events.pageInfo.hasNextPage) return history;
      after = events.pageInfo.endCursor;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.docker.faults.clear();
    await this.subscriber?.leave();
    await this.child.kill();
    await this.simulation[Symbol.asyncDispose]();
  }
}

interface Page {
  readonly nodes: EventPartsFragment[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

interface Inspected {
  readonly Id: string;
  readonly State: { readonly Running: boolean };
  readonly Config: { readonly Labels: Readonly<Record<string, string>> };
  readonly HostConfig: { readonly NetworkMode: string };
}

/** What fetch and a WebSocket throw when nobody is there any longer; those of a WebSocket are no errors but events. */
const isDisconnection = (problem: unknown): boolean =>
  !(problem instanceof Error) ||
  problem instanceof TypeError ||
  /it does not run|subscription ended|ECONNREFUSED|ECONNRESET|socket hang up/.test(problem.message);

/** Follows all events, across every end of the service. */
export class Subscriber {
  readonly ids: string[] = [];
  /** What it was told that is no event: it ends the following. */
  problem: unknown = null;
  readonly #world: Mortal;
  readonly #leaving = new AbortController();
  readonly #following: Promise<void>;
  readonly #first: string | null;

  constructor(world: Mortal, { nodes }: { readonly nodes: readonly { readonly id: string }[] }) {
    this.#world = world;
    this.#first = nodes.at(-1)?.id ?? null;
    this.#following = this.#follow().catch((problem: unknown) => {
      this.problem = problem;
    });
  }

  get last(): string | null {
    return this.ids.at(-1) ?? this.#first;
  }

  /** The id after which it began to follow. */
  get first(): string | null {
    return this.#first;
  }

  async leave(): Promise<void> {
    this.#leaving.abort();
    await this.#following;
  }

  async #follow(): Promise<void> {
    const { signal } = this.#leaving;
    while (!signal.aborted) {
      const { url } = this.#world.child;
      if (url !== null) {
        try {
          await this.#listen();
        } catch (problem) {
          if (!isDisconnection(problem)) throw problem;
        }
      }
      await until('the service runs anew', () => signal.aborted || this.#world.child.url !== url, patienceMs);
    }
  }

  async #listen(): Promise<void> {
    const { signal } = this.#leaving;
    await using events = await this.#world.client.follow(AllEvents, { after: this.last });
    signal.addEventListener('abort', () => void events[Symbol.asyncDispose](), { once: true });
    while (!signal.aborted) this.ids.push((await events.next(10 * patienceMs)).events.id);
  }
}

/** Calls of Docker that change something. */
const mutating = /^\/containers\/(create|[^/]+\/start|[0-9a-f]{64})$/;

export const moments = ['before its effect', 'after its effect', 'which takes effect later'] as const;
export type Moment = (typeof moments)[number];

/** Kills the service at the k-th call that changes something, and starts it again. */
export class Ambush {
  calls = 0;
  /** Which call it was; null before. */
  victim: Witnessed | null = null;
  /** What was wrong with the containers after an effect. */
  readonly findings: string[] = [];
  readonly #world: Mortal;
  readonly #moment: Moment;
  #rising: Promise<void> = Promise.resolve();

  constructor(world: Mortal, k: number, moment: Moment) {
    this.#world = world;
    this.#moment = moment;
    const before = async (call: Witnessed): Promise<boolean> => {
      if (++this.calls !== k) return true;
      this.victim = call;
      return moment === 'after its effect' ? true : this.#strike();
    };
    const after = async (call: Witnessed): Promise<boolean> => {
      this.findings.push(...wrongWith(world));
      return this.victim === call && moment === 'after its effect' ? this.#strike() : true;
    };
    world.docker.faults.next({
      path: mutating,
      times: Number.POSITIVE_INFINITY,
      fault: { kind: 'witness', before, after },
    });
  }

  /** Resolves when the service runs again. */
  get over(): Promise<void> {
    return this.#rising;
  }

  async #strike(): Promise<boolean> {
    await this.#world.child.kill();
    this.#rising = this.#world.rise();
    this.#rising.catch(() => {});
    if (this.#moment !== 'which takes effect later') return false;
    await this.#rising;
    return true;
  }
}

/** What must be so of containers at every moment: their own VPN's network, and ports that no other has there (S4). */
export function wrongWith(world: Mortal): string[] {
  const running = world.containers().filter((container) => container.running);
  const vpnIds = new Map(world.simulation.vpns.map((name) => [name, world.docker.vpn(name).id]));
  const elsewhere = running
    .filter(({ vpn, inNetworkOf }) => vpnIds.get(vpn) !== inNetworkOf)
    .map(({ engine, vpn }) => `engine ${engine} is not in the network of ${vpn}`);
  const held = new Map<string, string>();
  const shared: string[] = [];
  for (const { engine, inNetworkOf, ports } of running) {
    for (const port of ports) {
      const place = `${inNetworkOf} ${port}`;
      if (held.has(place)) shared.push(`engines ${held.get(place)} and ${engine} share port ${port}`);
      held.set(place, engine);
    }
  }
  return [...elsewhere, ...shared];
}
