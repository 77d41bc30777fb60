import type { TypedDocumentString } from '../api/gql/graphql.ts';
import { ProvisionEngine, ProvisionEngines, ScaleEngines, StopEngine } from '../api/operations.ts';
import type { Client } from '../support/client.ts';
import type { Random } from '../support/random.ts';
import type { ApiWatch } from './api-watch.ts';
import { maxReplicas, minReplicas } from './settings.ts';
import type { Witness } from './witness.ts';

interface Deal {
  readonly client: () => Client | null;
  readonly watch: ApiWatch;
  readonly witness: Witness;
  readonly random: Random;
}

interface Wanted {
  readonly request: string;
  readonly count: number;
  readonly key: string | null;
}

/** What an answer says that matters here. */
interface Outcome {
  readonly engines: readonly string[];
  readonly errors: readonly string[];
}

/** A scaling has no type for a refusal. */
const expected = ['SERVICE_UNAVAILABLE'];

const nothing: Outcome = { engines: [], errors: [] };

/** So many keys are remembered, to be used once more. */
const keysKept = 8;

/** Clients who ask for engines, ask again, go away before they are answered, stop engines, and change how many are kept. */
export class Clients {
  readonly #deal: Deal;
  readonly #keyed: Wanted[] = [];
  #asked = 0;

  constructor(deal: Deal) {
    this.#deal = deal;
  }

  /** One request of some client, to its end. */
  async act(): Promise<void> {
    const { random, watch } = this.#deal;
    const { running = 0, pending = 0 } = watch.shown ?? {};
    const full = running + pending >= maxReplicas - 2;
    const dice = random.below(100);
    if (dice < 4) await this.#scale(random.whole(minReplicas, minReplicas + 3));
    else if (dice < (full ? 75 : 40)) await this.#stop();
    else if (dice < (full ? 85 : 60)) await this.#again();
    else await this.#provision(this.#something());
  }

  #something(): Wanted {
    const { random } = this.#deal;
    const request = `r${++this.#asked}`;
    const key = random.chance(0.4) ? `key-of-${request}` : null;
    const wanted = { request, count: random.chance(0.3) ? random.whole(2, 8) : 1, key };
    if (key !== null) this.#keyed.push(wanted);
    if (this.#keyed.length > keysKept) this.#keyed.shift();
    return wanted;
  }

  /** The same request under the same key as before, whatever has become of that one. */
  async #again(): Promise<void> {
    const { random } = this.#deal;
    await this.#provision(this.#keyed.length > 0 ? random.pick(this.#keyed) : this.#something());
  }

  async #provision({ request, count, key }: Wanted): Promise<void> {
    const input = {
      labels: [{ key: 'asked', value: request }],
      ...(key !== null && { idempotencyKey: key }),
    };
    await this.#ask({ what: 'provision', request, count, key, engine: null }, (ask) =>
      count === 1
        ? ask(ProvisionEngine, { input }, ({ provisionEngine: result }) => outcomeOf(result))
        : ask(ProvisionEngines, { input: { ...input, count } }, ({ provisionEngines }) => ({
            engines: provisionEngines.engines.map(({ id }) => id),
            errors: provisionEngines.errors.map(({ __typename }) => __typename),
          })),
    );
  }

  async #stop(): Promise<void> {
    const { random, watch } = this.#deal;
    const engines = watch.shown?.engines ?? [];
    if (engines.length === 0) return;
    const engine = random.pick(engines);
    const request = `s${++this.#asked}`;
    await this.#ask({ what: 'stop', request, count: 1, key: null, engine: engine.id }, (ask) =>
      ask(StopEngine, { engine: { id: engine.id } }, ({ stopEngine }) => outcomeOf(stopEngine)),
    );
  }

  async #scale(to: number): Promise<void> {
    const request = `n${++this.#asked}`;
    await this.#ask({ what: 'scale', request, count: to, key: null, engine: null }, (ask) =>
      ask(ScaleEngines, { to }, () => nothing),
    );
  }

  async #ask(
    asked: Wanted & { readonly what: 'provision' | 'stop' | 'scale'; readonly engine: string | null },
    ask: (send: Send) => Promise<Outcome>,
  ): Promise<void> {
    const { client, watch, witness, random } = this.#deal;
    const service = client();
    if (!service) return;
    witness.see({ kind: 'asked', ...asked });
    const patience = new AbortController();
    // Some go away at once, some when the work has begun.
    const timer = random.chance(0.1) && setTimeout(() => patience.abort(), random.pick([2, 20, 100, 400]));
    const send: Send = async (document, variables, outcome) => {
      const { body } = await service.answer({ query: document.toString(), variables }, {}, patience.signal);
      const codes = body.errors?.map(({ extensions, message }) => String(extensions?.code ?? message));
      if (codes?.some((code) => !expected.includes(code)))
        witness.broken('answer', `request ${asked.request} was answered ${codes.join(', ')}`);
      return codes ? { engines: [], errors: codes } : outcome(body.data as never);
    };
    const { request } = asked;
    // A service that dies, and a client that goes away, leave a request without an answer.
    const outcome = await ask(send).catch(() => null);
    if (timer) clearTimeout(timer);
    await watch.untilCurrent();
    witness.hear(outcome ? { kind: 'answered', request, ...outcome } : { kind: 'left', request });
  }
}

type Send = <R, V>(
  document: TypedDocumentString<R, V>,
  variables: V,
  outcome: (answer: R) => Outcome,
) => Promise<Outcome>;

const outcomeOf = (
  result: { readonly __typename: 'Engine'; readonly id: string } | { readonly __typename: string },
): Outcome =>
  'id' in result ? { engines: [result.id], errors: [] } : { engines: [], errors: [result.__typename] };
