import { createHash } from 'node:crypto';
import type { Clock } from '../async/clock.ts';
import type { EngineRequest } from '../domain/input.ts';
import { invalid, isRefusal, type ProvisionRefusal } from '../domain/refusal.ts';
import type { EngineView } from '../domain/snapshot.ts';

type Results = readonly (EngineView | ProvisionRefusal)[];

interface Entry {
  readonly fingerprint: string;
  readonly until: number;
  /** The engines that came of it so far. A failure is not remembered: it is tried again. */
  engines: readonly string[];
  underWay: Promise<Results> | null;
}

const rememberedMs = 24 * 60 * 60 * 1_000;

/** The same key gives the same engines, whether the first request is done or still under way. */
export class IdempotencyKeys {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs `work` with the ids that this key has given already, unless the same request is under way. */
  async once(
    request: EngineRequest,
    what: object,
    work: (known: readonly string[]) => Promise<Results>,
  ): Promise<Results | ProvisionRefusal> {
    const key = request.idempotencyKey;
    if (key === null) return work([]);
    this.#forgetOld();

    const fingerprint = digest([
      what,
      sorted(request.labels, ({ key }) => key),
      sorted(request.env, ({ name }) => name),
    ]);
    const entry = this.#entries.get(key) ?? {
      fingerprint,
      until: this.#clock.now() + rememberedMs,
      engines: [],
      underWay: null,
    };
    if (entry.fingerprint !== fingerprint) {
      return invalid(
        'idempotencyKey',
        'This idempotencyKey was used within the last 24 h with other input. Choose a new one for a new request.',
      );
    }
    this.#entries.set(key, entry);
    entry.underWay ??= this.#run(key, entry, work);
    return entry.underWay;
  }

  async #run(
    key: string,
    entry: Entry,
    work: (known: readonly string[]) => Promise<Results>,
  ): Promise<Results> {
    try {
      const results = await work(entry.engines);
      entry.engines = results.flatMap((result) => (isRefusal(result) ? [] : [result.engine.id]));
      return results;
    } finally {
      entry.underWay = null;
      if (entry.engines.length === 0) this.#entries.delete(key);
    }
  }

  /** Entries are in the order of their age. */
  #forgetOld(): void {
    for (const [key, { until, underWay }] of this.#entries) {
      if (until > this.#clock.now()) return;
      if (!underWay) this.#entries.delete(key);
    }
  }
}

const sorted = <T>(entries: readonly T[], name: (entry: T) => string): T[] =>
  entries.toSorted((a, b) => (name(a) < name(b) ? -1 : 1));

/** Short, and nothing of what may be secret in it. */
const digest = (input: unknown): string =>
  createHash('sha256').update(JSON.stringify(input)).digest('base64url');
