import { PlainError } from '../../src/domain/plain-error.ts';
import type { Random } from '../support/random.ts';
import type { Life } from './life.ts';
import { label } from './settings.ts';
import type { Watcher } from './watcher.ts';

export interface ClientsDeps {
  readonly vpns: readonly string[];
  readonly random: Random;
  readonly watcher: Watcher;
  readonly life: () => Life | null;
  /** Something is done that is counted and told. */
  readonly note: (what: string) => void;
}

/** Those who ask for engines, or want fewer. */
export class Clients {
  readonly #deps: ClientsDeps;
  #requests = 0;
  readonly #keys = new Map<string, string>();

  constructor(deps: ClientsDeps) {
    this.#deps = deps;
  }

  burst(): void {
    const count = this.#deps.random.whole(2, 8);
    for (let asked = 0; asked < count; asked++) this.provision(1, null);
  }

  provision(count: number, name: string | null): void {
    const { watcher, life, random } = this.#deps;
    const app = life()?.app;
    if (!app) return;
    const request = `r${++this.#requests}`;
    const batch = count > 1 || random.chance(0.05);
    // The same key has to come with the same wishes.
    const key = name && (batch ? `${name} of ${count}` : name);
    const label = key ? this.#requestOf(key, request) : request;
    const asked = {
      labels: [{ key: 'asked', value: label }],
      ...(key && { idempotencyKey: key }),
    };
    this.#deps.note(`request: ${batch ? 'a batch' : 'one engine'}${key ? ' under a key' : ''}`);
    watcher.see({ kind: 'asked', request: label, what: 'provision', count, key, engine: null });
    const { provisioner } = app.context;
    this.#answer(
      label,
      batch
        ? provisioner
            .provisionEngines({ ...asked, count })
            .then(({ engines, errors }) => [...engines, ...errors])
        : provisioner.provisionEngine(asked).then((result) => [result]),
    );
  }

  /** The request that a key was used for first: the same one is the same request. */
  #requestOf(key: string, request: string): string {
    const first = this.#keys.get(key) ?? request;
    this.#keys.set(key, first);
    return first;
  }

  #answer(
    request: string,
    work: Promise<
      readonly (Awaited<ReturnType<Life['app']['context']['provisioner']['stopEngine']>> | { kind: string })[]
    >,
  ): void {
    const { watcher, life } = this.#deps;
    const asked = life();
    work.then(
      (results) => {
        if (!asked?.alive) return;
        watcher.look(asked.app);
        const engines = results.flatMap((result) => ('engine' in result ? [result.engine.id] : []));
        const errors = results.flatMap((result) => ('kind' in result ? [result.kind] : []));
        watcher.see({ kind: 'answered', request, engines, errors });
      },
      (problem) => {
        if (asked?.alive) watcher.see({ kind: 'answered', request, engines: [], errors: [String(problem)] });
      },
    );
  }

  stop(): void {
    const { random, watcher, life } = this.#deps;
    const app = life()?.app;
    const engines = app?.context.fleet.roster.all ?? [];
    if (!app || engines.length === 0) return;
    const engine = random.pick(engines);
    const request = `r${++this.#requests}`;
    this.#deps.note('request: a stop');
    watcher.see({ kind: 'asked', request, what: 'stop', count: 1, key: null, engine: engine.id });
    this.#answer(
      request,
      app.context.provisioner.stopEngine({ id: engine.id }).then((result) => [result]),
    );
  }

  scale(): void {
    const { random, watcher, life } = this.#deps;
    const app = life()?.app;
    if (!app) return;
    const { minReplicas, maxReplicas } = app.context.fleet.snapshot().policy;
    const request = `r${++this.#requests}`;
    this.#deps.note('request: to scale');
    const to = random.whole(minReplicas, maxReplicas);
    watcher.see({ kind: 'asked', request, what: 'scale', count: to, key: null, engine: null });
    const errors: string[] = [];
    try {
      app.context.autoscaler.scaleEngines(to);
    } catch (problem) {
      errors.push(problem instanceof PlainError ? problem.code : String(problem));
    }
    watcher.see({ kind: 'answered', request, engines: [], errors });
  }

  /** Somebody asks for an engine with labels that are not theirs to give. */
  pose(): void {
    const { random, watcher, life } = this.#deps;
    const app = life()?.app;
    if (!app) return;
    const request = `r${++this.#requests}`;
    const key = random.pick(['tandem.engine', 'tandem.owner', 'tandem.vpn', 'tandem.port.http', label[0]]);
    this.#deps.note('request: with a label of ours');
    watcher.see({ kind: 'asked', request, what: 'provision', count: 1, key: null, engine: null });
    const labels = [
      { key: 'asked', value: request },
      { key, value: random.pick(this.#deps.vpns) },
    ];
    this.#answer(
      request,
      app.context.provisioner.provisionEngine({ labels }).then((result) => [result]),
    );
  }
}
