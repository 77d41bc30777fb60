import { createHash } from 'node:crypto';
import type { Clock } from '../async/clock.ts';
import { type Engine, type KeyedRequest, rememberedMs, startedAtOf } from '../domain/engine.ts';
import type { EngineRequest } from '../domain/input.ts';
import { invalid, type ProvisionRefusal } from '../domain/refusal.ts';
import type { EngineView } from '../domain/snapshot.ts';
import type { Fleet } from './fleet.ts';

type Results = readonly (EngineView | ProvisionRefusal)[];

interface UnderWay {
  readonly fingerprint: string;
  readonly results: Promise<Results>;
}

/**
 * The same key gives the same engines, whether the first request is done or still under way. What came of a key is on the
 * engines themselves, which carry it: so it is journaled with their promise, and a failure is not remembered.
 */
export class IdempotencyKeys {
  readonly #fleet: Fleet;
  readonly #clock: Clock;
  readonly #underWay = new Map<string, UnderWay>();

  constructor(fleet: Fleet, clock: Clock) {
    this.#fleet = fleet;
    this.#clock = clock;
  }

  /** Runs `work` with the engines that this key has given already, unless the same request is under way. */
  async once(
    asked: EngineRequest,
    what: object,
    work: (request: KeyedRequest | null, known: readonly Engine[]) => Promise<Results>,
  ): Promise<Results | ProvisionRefusal> {
    if (asked.idempotencyKey === null) return work(null, []);
    const request: KeyedRequest = {
      key: digest(asked.idempotencyKey),
      fingerprint: digest([
        what,
        sorted(asked.labels, ({ key }) => key),
        sorted(asked.env, ({ name }) => name),
      ]),
    };
    const { key, fingerprint } = request;
    const underWay = this.#underWay.get(key);
    const known = this.#knownUnder(key);
    const others = [underWay?.fingerprint, ...known.map((engine) => engine.request?.fingerprint)];
    if (others.some((other) => other !== undefined && other !== fingerprint)) {
      return invalid(
        'idempotencyKey',
        'This idempotencyKey was used within the last 24 h with other input. Choose a new one for a new request.',
      );
    }
    if (underWay) return underWay.results;
    const results = work(request, known).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, { fingerprint, results });
    return results;
  }

  /** Those that ran, and those that are being made. */
  #knownUnder(key: string): Engine[] {
    const since = this.#clock.now() - rememberedMs;
    return this.#fleet.roster
      .underKey(key)
      .filter((engine) => engine.createdAt > since)
      .filter((engine) => engine.state === 'PROVISIONING' || startedAtOf(engine) !== null);
  }
}

const sorted = <T>(entries: readonly T[], name: (entry: T) => string): T[] =>
  entries.toSorted((a, b) => (name(a) < name(b) ? -1 : 1));

/** Short, and nothing of what may be secret in it. */
const digest = (input: unknown): string =>
  createHash('sha256').update(JSON.stringify(input)).digest('base64url');
