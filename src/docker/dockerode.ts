import { type Clock, parseTime } from '../async/clock.ts';
import type { OwnContainer } from '../domain/census.ts';
import type { ProvisioningEngine } from '../domain/engine.ts';
import type { EnvVariable } from '../domain/input.ts';
import type { DockerApi } from './api.ts';
import { type Answer, Calls, nonsense } from './call.ts';
import type {
  Created,
  Docker,
  Found,
  Listed,
  PullProgress,
  Started,
  Stirring,
  Trouble,
  VpnLook,
} from './docker.ts';
import {
  type ContainerFacts,
  containerFor,
  type EngineShape,
  engineFrom,
  isOwn,
  ownerLabel,
} from './engine-container.ts';
import { stirrings } from './events.ts';
import { pull } from './pull.ts';
import { createdShape, type Inspected, inspectedShape, type ListedContainer, listedShape } from './shapes.ts';
import { lookFrom, reachFrom } from './vpn-container.ts';

/** Milliseconds until a call counts as unanswered. Measured calls take under 0.5 s, on a crowded machine up to 5 s. */
const deadlines = {
  look: 4_000,
  read: 8_000,
  create: 10_000,
  start: 12_000,
  remove: 15_000,
  restart: 30_000,
};

/** Docker, by way of dockerode. */
export class DockerodeDocker implements Docker {
  readonly address: string;
  readonly image: string;
  readonly #api: DockerApi;
  readonly #shape: EngineShape;
  readonly #calls: Calls;
  #endListening = (): void => {};

  constructor(api: DockerApi, address: string, shape: EngineShape, clock: Clock) {
    this.#api = api;
    this.address = address;
    this.image = shape.image;
    this.#shape = shape;
    this.#calls = new Calls(clock);
  }

  async lookAtVpn(name: string): Promise<VpnLook> {
    const at = this.#calls.clock.now();
    const answer = await this.#inspect(name, deadlines.look);
    if (answer.kind === 'found')
      return {
        look: lookFrom(answer.inspected, at, this.#calls.clock.now()),
        reach: reachFrom(answer.inspected),
      };
    return { look: { kind: answer.kind === 'absent' ? 'missing' : 'unanswered', at }, reach: null };
  }

  async createEngine(engine: ProvisioningEngine, env: readonly EnvVariable[]): Promise<Created> {
    // As options, dockerode would put the whole specification into the URL, where a large environment does not fit.
    const options = { _query: { name: engine.name }, _body: containerFor(engine, env, this.#shape) };
    const answer = await this.#calls.send(deadlines.create, (abortSignal) =>
      this.#api.createContainer({ ...options, abortSignal }),
    );
    if (answer.ok) {
      const created = createdShape.safeParse(answer.value);
      return created.success ? { kind: 'created', containerId: created.data.id } : nonsense('create');
    }
    const { status } = answer;
    const trouble = withoutValues(answer.trouble, env);
    if (status === 404 && /no such image/i.test(trouble.message)) return { kind: 'no-image' };
    if (status === 409 && /already in use/i.test(trouble.message)) return { kind: 'name-taken' };
    return vpnTrouble(trouble, null) ?? trouble;
  }

  async startEngine(containerId: string): Promise<Started> {
    const answer = await this.#calls.send(deadlines.start, (abortSignal) =>
      this.#api.getContainer(containerId).start({ abortSignal }),
    );
    if (answer.ok || answer.status === 304) return { kind: 'started' };
    return vpnTrouble(answer.trouble, containerId) ?? answer.trouble;
  }

  async findEngine(nameOrId: string): Promise<Found> {
    const answer = await this.#inspect(nameOrId, deadlines.read);
    if (answer.kind !== 'found') return answer;
    const { inspected } = answer;
    const { Labels: labels, Image: image } = inspected.Config;
    if (!isOwn(labels, this.#shape.instance)) return { kind: 'absent' };
    return {
      kind: 'found',
      container: this.#own(inspected.State.Status, statusOf(inspected), {
        containerId: inspected.Id,
        name: bare(inspected.Name),
        image,
        startedAt: parseTime(inspected.State.StartedAt),
        labels,
      }),
    };
  }

  async listEngines(): Promise<Listed | Trouble> {
    const { instance } = this.#shape;
    const engines = await this.#list({ label: [ownerLabel] });
    if (!engines.ok) return engines.trouble;
    const own = engines.value.filter(({ Labels }) => isOwn(Labels, instance));
    const others = engines.value.filter(({ Labels }) => !isOwn(Labels, instance));
    return {
      kind: 'listed',
      containers: own.map((container) => this.#own(container.State, container.Status, factsOf(container))),
      neighbours: others.flatMap((container) => engineFrom(factsOf(container), this.#shape) ?? []),
    };
  }

  async removeEngine(containerId: string): Promise<{ kind: 'removed' } | Trouble> {
    const answer = await this.#calls.send(deadlines.remove, (abortSignal) =>
      this.#api.getContainer(containerId).remove({ force: true, v: true, abortSignal }),
    );
    return answer.ok || answer.status === 404 ? { kind: 'removed' } : answer.trouble;
  }

  async restartVpn(containerId: string): Promise<{ kind: 'restarted' } | Trouble> {
    const answer = await this.#calls.send(deadlines.restart, (abortSignal) =>
      this.#api.getContainer(containerId).restart({ abortSignal }),
    );
    return answer.ok ? { kind: 'restarted' } : answer.trouble;
  }

  async takenNames(prefix: string): Promise<{ kind: 'names'; names: string[] } | Trouble> {
    const answer = await this.#list({ name: [`^/${prefix}`] });
    return answer.ok
      ? { kind: 'names', names: answer.value.flatMap(({ Names }) => Names.map(bare)) }
      : answer.trouble;
  }

  pullImage(progress: PullProgress): Promise<{ kind: 'pulled' } | Trouble> {
    return pull(this.#api, this.#shape.image, this.#calls, progress);
  }

  close(): void {
    this.#calls.close();
  }

  listenAnew(): void {
    this.#endListening();
  }

  stirrings(signal: AbortSignal): AsyncIterable<Stirring> {
    return stirrings(this.#api, this.#shape.instance, this.#calls, signal, (end) => {
      this.#endListening = end;
    });
  }

  async #inspect(
    nameOrId: string,
    deadlineMs: number,
  ): Promise<{ kind: 'found'; inspected: Inspected } | { kind: 'absent' } | Trouble> {
    const answer = await this.#calls.send(deadlineMs, (abortSignal) =>
      this.#api.getContainer(nameOrId).inspect({ abortSignal }),
    );
    if (!answer.ok) return answer.status === 404 ? { kind: 'absent' } : answer.trouble;
    const inspected = inspectedShape.safeParse(answer.value);
    if (!inspected.success) return nonsense('inspect');
    // Docker also takes the beginning of an id for a name.
    const exact = inspected.data.Id === nameOrId || bare(inspected.data.Name) === nameOrId;
    return exact ? { kind: 'found', inspected: inspected.data } : { kind: 'absent' };
  }

  async #list(filters: Record<string, string[]>): Promise<Answer<ListedContainer[]>> {
    const answer = await this.#calls.send(deadlines.read, (abortSignal) =>
      this.#api.listContainers({ all: true, filters, abortSignal }),
    );
    if (!answer.ok) return answer;
    const listed = listedShape.safeParse(answer.value);
    return listed.success
      ? { ok: true, value: listed.data }
      : { ok: false, status: null, trouble: nonsense('list') };
  }

  #own(state: string, status: string, facts: ContainerFacts): OwnContainer {
    return {
      containerId: facts.containerId,
      running: state === 'running' || state === 'paused',
      status,
      engineId: facts.labels['tandem.engine'] ?? null,
      engine: engineFrom(facts, this.#shape),
    };
  }
}

const factsOf = ({ Id, Names, Image, Created, Labels }: ListedContainer): ContainerFacts => ({
  containerId: Id,
  name: bare(Names[0] ?? ''),
  image: Image,
  startedAt: Created * 1_000,
  labels: Labels,
});

const bare = (name: string): string => name.replace(/^\//, '');

function statusOf({ State }: Inspected): string {
  if (State.Status !== 'exited' && State.Status !== 'created') return State.Status;
  const why = State.OOMKilled ? 'out of memory' : State.Error;
  return `${State.Status} (${State.ExitCode}${why ? `, ${why}` : ''})`;
}

/** What Docker says of a request may repeat it, and what a caller gives an engine may be a secret. */
const withoutValues = (trouble: Trouble, env: readonly EnvVariable[]): Trouble => ({
  ...trouble,
  message: env
    .filter(({ value }) => value.length >= shortestSecret)
    .reduce((message, { value }) => message.replaceAll(value, '…'), trouble.message),
});

/** Characters. Fewer are part of any sentence. */
const shortestSecret = 4;

/** Docker's words for a namespace that cannot be joined, by version. Its codes are those of other mistakes too. */
const cannotJoin = /cannot join network|joining network namespace|namespace path|is restarting, wait until/i;

function vpnTrouble(
  { message }: Trouble,
  containerId: string | null,
): { kind: 'vpn-trouble'; message: string } | null {
  const missing = /no such container: (\S+)/i.exec(message)?.[1];
  const notItself = missing !== undefined && missing !== containerId;
  return cannotJoin.test(message) || notItself ? { kind: 'vpn-trouble', message } : null;
}
