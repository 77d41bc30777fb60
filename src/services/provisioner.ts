import { Lane } from '../async/turns.ts';
import {
  type Because,
  type Engine,
  type Label,
  type ProvisioningEngine,
  type Replaces,
  type RunningEngine,
  startedAtOf,
} from '../domain/engine.ts';
import { checkRef, type EngineRef, engineNotFound } from '../domain/engine-ref.ts';
import { checkCount, checkRequest, type EngineRequest, type EnvVariable } from '../domain/input.ts';
import {
  type BatchResult,
  dockerUnavailable,
  isRefusal,
  type ProvisionRefusal,
  type RefusalOf,
  type StopRefusal,
  startFailed,
  unavailable,
} from '../domain/refusal.ts';
import { type EngineView, type Snapshot, vpnsOf } from '../domain/snapshot.ts';
import { pendingOf, runningOf } from '../domain/status.ts';
import { isReady, sameIncarnation } from '../domain/vpn.ts';
import type { Wish } from './fleet.ts';
import type { IdempotencyKeys } from './idempotency.ts';
import { type Meter, metered } from './meter.ts';
import type { Removal } from './removal.ts';
import { siteOf } from './sites.ts';
import type { Starter, StartResult } from './starter.ts';
import { type UntilEngineDeps, untilEngine } from './until-engine.ts';

export interface ProvisionerDeps extends UntilEngineDeps {
  readonly starter: Starter;
  readonly removal: Removal;
  readonly keys: IdempotencyKeys;
  readonly meter: Meter;
  /** Looks at a VPN now and resolves when that look has counted. */
  readonly lookAgain: (vpn: string) => Promise<void>;
  /** Looks whether an engine of another instance has one of an engine's ports. */
  readonly neighbourHolds: (engine: Engine) => Promise<boolean>;
  /** Why Docker cannot be used before it was ever reached; null when it can. */
  readonly dockerTrouble: () => string | null;
  readonly instanceKey: string;
}

/** An engine's wishes as clients state them: all may be left out. */
export type AskedFor = { readonly [K in keyof EngineRequest]?: EngineRequest[K] | null | undefined };

/**
 * What came of an engine that nobody asked for. `moot`: what is so now was in the way, and says so by itself. `refused`: for
 * now nothing can be started anywhere, whichever VPN it is.
 */
export type Outcome = 'running' | 'moot' | 'refused' | 'failed';

/** Refusals that say nothing about the VPN that was chosen. */
const general: readonly ProvisionRefusal['kind'][] = [
  'DockerUnavailableError',
  'ServiceUnavailableError',
  'CircuitOpenError',
  'OverloadedError',
];

/** A request whose VPN failed while its engine was being made is placed once more, and then refused. */
const placements = 2;

/** Milliseconds that a caller waits to see a stopped engine's container gone, and a failed one's. */
const stopMs = 20_000;
const cleanUpMs = 5_000;

/** Milliseconds that a repeated request waits for an engine that was half-made when Tandem started. */
const resumeMs = 60_000;

/** Starts and stops engines on request. The work belongs to the service: a client that goes away does not cancel it. */
export class Provisioner {
  readonly #deps: ProvisionerDeps;
  /** Engines that nobody asked for take turns with those that somebody waits for. */
  readonly #ownLane = new Lane();
  readonly #underWay = new Set<Promise<unknown>>();
  /** Engines that have made way, and in whose place `replace` is to start one. */
  readonly #owed = new Set<RunningEngine>();
  /** Starts in the places of those, because fewer were left than are wanted. One that fails has taken none. */
  readonly #taken = new Set<object>();

  constructor(deps: ProvisionerDeps) {
    this.#deps = deps;
  }

  async provisionEngine(asked: AskedFor): Promise<EngineView | ProvisionRefusal> {
    const [result] = await this.#provision(requestFrom(asked), 1, 'one');
    if (!result) throw new Error('one engine was asked for and nothing came of it');
    return result;
  }

  async provisionEngines({ count, ...asked }: AskedFor & { readonly count: number }): Promise<BatchResult> {
    const wrong = checkCount(count);
    const results = wrong ? [wrong] : await this.#provision(requestFrom(asked), count, 'batch');
    return {
      requested: count,
      engines: results.filter((result): result is EngineView => !isRefusal(result)),
      errors: results.filter(isRefusal),
    };
  }

  /** Resolves when no engine is being made. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  /** Gives up every engine that is being made. */
  abandonAll(reason: string): void {
    const { fleet } = this.#deps;
    for (const engine of fleet.roster.all)
      if (engine.state === 'PROVISIONING') fleet.turnover.retire(engine, 'STOPPED', reason);
  }

  /** Lets starts through to Docker again. */
  resetCircuit(): Snapshot {
    const { fleet } = this.#deps;
    fleet.breaker.reset();
    return fleet.snapshot();
  }

  /** Stops every engine that runs. */
  stopAll(reason: string): void {
    const { fleet } = this.#deps;
    for (const engine of fleet.roster.all)
      if (engine.state === 'RUNNING') fleet.turnover.retire(engine, 'STOPPED', reason);
  }

  /**
   * Starts an engine on one VPN, unasked. Its place is promised before this returns. `failed` is called in the moment in which
   * it comes to nothing, before anybody is told and what is left is removed.
   */
  async startOn(
    vpn: string | null,
    replaces: Replaces | null,
    labels: readonly Label[] = [],
    failed: () => void = () => undefined,
  ): Promise<Outcome> {
    const taking = {};
    if (replaces === null && this.#taken.size < this.#owed.size) this.#taken.add(taking);
    const outcome = await this.#startUnasked({ labels, request: null, on: vpn, replaces }, failed);
    if (outcome !== 'running') this.#taken.delete(taking);
    return outcome;
  }

  async #startUnasked(wish: Wish, failed: () => void): Promise<Outcome> {
    const result = await this.#tracked(metered(this.#attempt(wish, [], this.#ownLane, failed), this.#deps));
    if (isRefusal(result)) {
      if (result.kind === 'CapacityReachedError') return 'moot';
      return general.includes(result.kind) ? 'refused' : 'failed';
    }
    if (result.kind === 'stopped') return 'moot';
    if (result.kind === 'vpn-trouble') return result.vpn === null ? 'moot' : 'failed';
    return result.kind === 'running' ? 'running' : 'failed';
  }

  /** Puts a new engine in the place of one that runs: it goes when the new one is well, or before where there is no room for both. */
  async replace(engine: RunningEngine, because: Because, failed: () => void): Promise<Outcome> {
    const { fleet, removal, clock } = this.#deps;
    const vpn = engine.tunnel?.vpn ?? null;
    if (because === 'FORWARDED_PORT' && vpn !== null)
      fleet.sites.see({ ...fleet.vpn(vpn), portReplacedAt: clock.now() }, null);
    const snapshot = fleet.snapshot();
    const owedHere = [...this.#owed].filter((other) => siteOf(other) === siteOf(engine)).length;
    const room = snapshot.policy.maxReplicas - runningOf(snapshot) - pendingOf(snapshot) - this.#owed.size;
    const ports = (fleet.sites.get(siteOf(engine))?.ports?.free ?? 0) - owedHere;
    const { labels } = engine;
    if (Math.min(room, ports) > 0) return this.startOn(vpn, { id: engine.id, because }, labels, failed);
    fleet.turnover.makeWay(engine, because);
    this.#owed.add(engine);
    await removal.untilGone(engine.id, stopMs);
    this.#owed.delete(engine);
    const [taking] = this.#taken;
    if (taking) {
      this.#taken.delete(taking);
      return 'moot';
    }
    return this.#startUnasked({ labels, request: null, on: vpn, replaces: null }, failed);
  }

  /** Finishes or removes the engines that a process which is no more was making. */
  resume(): void {
    for (const engine of this.#deps.fleet.halfMade) void this.#tracked(this.#finish(engine));
  }

  /** Stops an engine and removes its container. Stopping one that is gone already gives it once more, as REMOVED. */
  async stopEngine(ref: EngineRef): Promise<EngineView | StopRefusal> {
    const { fleet, removal } = this.#deps;
    const wrong = checkRef(ref);
    if (wrong) return wrong;
    if (fleet.phase === 'RECOVERING') return this.#recovering();
    const engine = fleet.roster.find(ref);
    if (!engine) return engineNotFound(ref);

    if (engine.state === 'PROVISIONING' || engine.state === 'RUNNING')
      fleet.turnover.retire(engine, 'STOPPED', 'on request');
    const now = await removal.untilGone(engine.id, stopMs);
    if (now.state === 'REMOVED') return { snapshot: fleet.snapshot(), engine: now };
    return dockerUnavailable(
      `${engine.name} is being stopped, but Docker has not removed its container yet; Tandem keeps trying.`,
    );
  }

  async #provision(
    request: EngineRequest,
    count: number,
    kind: 'one' | 'batch',
  ): Promise<readonly (EngineView | ProvisionRefusal)[]> {
    const { fleet, keys, instanceKey } = this.#deps;
    const wrong = checkRequest(request, instanceKey);
    if (wrong) return repeat(count, () => wrong);

    const results = await keys.once(request, { kind, count }, async (keyed, known) => {
      const isMade = ({ state }: Engine) => state !== 'PROVISIONING';
      const settled = await Promise.all(known.map(({ id }) => untilEngine(id, isMade, resumeMs, this.#deps)));
      const engines = settled
        .filter((engine) => startedAtOf(engine) !== null)
        .map((engine): EngineView => ({ snapshot: fleet.snapshot(), engine }));
      const wish: Wish = { labels: request.labels, request: keyed, replaces: null };
      const lane = new Lane();
      const missing = repeat(count - engines.length, () =>
        this.#tracked(metered(this.#place(wish, request.env, lane), this.#deps)),
      );
      return [...engines, ...(await Promise.all(missing))];
    });
    return isRefusal(results) ? repeat(count, () => results) : results;
  }

  #tracked<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work);
    return work.finally(() => this.#underWay.delete(work));
  }

  async #finish(engine: ProvisioningEngine): Promise<void> {
    const { fleet, starter } = this.#deps;
    using reservation = fleet.resume(engine);
    const vpn = engine.tunnel && fleet.vpn(engine.tunnel.vpn);
    if (vpn && !(isReady(vpn) && sameIncarnation(vpn.incarnation, engine.tunnel?.incarnation ?? null)))
      return reservation.failed(`${vpn.name} is no longer what it was when Tandem ended`, 'neutral');
    const result = await starter.resume(reservation);
    if (result.kind !== 'running' && result.kind !== 'abandoned')
      reservation.failed(result.kind === 'refused' ? result.refusal.message : result.message, 'neutral');
  }

  async #place(wish: Wish, env: readonly EnvVariable[], lane: Lane): Promise<EngineView | ProvisionRefusal> {
    const { fleet, lookAgain } = this.#deps;
    let problem = '';
    for (let placement = 1; placement <= placements; ) {
      const result = await this.#attempt(wish, env, lane);
      if (isRefusal(result)) return result;
      if (result.kind === 'running') return { snapshot: fleet.snapshot(), engine: result.engine };
      // The port is known to be a neighbour's now, so the next choice is another one.
      if (result.kind === 'port-taken') continue;
      if (result.kind === 'stopped') return startFailed('START', result.message);
      problem = result.message;
      // Docker knows more of that VPN than the last look: the next choice waits for a new one.
      if (result.vpn !== null && placement < placements) await lookAgain(result.vpn);
      placement++;
    }
    const snapshot = fleet.snapshot();
    return {
      kind: 'NoHealthyVpnError',
      vpns: vpnsOf(snapshot),
      message: `The VPN failed while the engine was being started, on another attempt too: ${problem}.`,
      retryable: true,
      retryAfterSeconds: null,
    };
  }

  async #attempt(
    wish: Wish,
    env: readonly EnvVariable[],
    lane: Lane,
    failed: () => void = () => undefined,
  ): Promise<
    | ProvisionRefusal
    | { kind: 'running'; engine: RunningEngine }
    | { kind: 'port-taken' }
    | { kind: 'stopped'; message: string }
    | { kind: 'vpn-trouble'; vpn: string | null; message: string }
  > {
    const { fleet, starter, removal, neighbourHolds } = this.#deps;
    if (fleet.phase === 'RECOVERING') return this.#recovering();
    const reserved = fleet.reserve(wish);
    if (isRefusal(reserved)) return reserved;

    const { id, name, tunnel } = reserved.engine;
    let refusal: ProvisionRefusal;
    {
      using reservation = reserved;
      const result = await starter.start(reservation, env, lane);
      if (result.kind === 'running') return result;
      if (reservation.abandoned?.kind === 'vpn-failed') {
        return { kind: 'vpn-trouble', vpn: null, message: reservation.abandoned.reason };
      }
      if (result.kind === 'abandoned')
        return { kind: 'stopped', message: `${name} was stopped before it ran.` };
      if (result.kind === 'vpn-trouble') {
        reservation.failed(result.message, 'neutral');
        return { kind: 'vpn-trouble', vpn: tunnel?.vpn ?? null, message: result.message };
      }
      if (result.kind === 'dead' && (await neighbourHolds(reservation.engine))) {
        reservation.failed(`${result.message} A neighbour has one of its ports`, 'neutral');
        return { kind: 'port-taken' };
      }
      refusal = refusalOf(result);
      failed();
      reservation.failed(
        refusal.message,
        result.kind === 'refused' ? result.outcome : result.kind === 'dead' ? 'failure' : 'neutral',
      );
    }
    // The refusal tells of an engine that left nothing behind, where Docker lets that be known soon.
    await removal.untilGone(id, cleanUpMs);
    return refusal;
  }

  #recovering(): RefusalOf<'DockerUnavailableError' | 'ServiceUnavailableError'> {
    const trouble = this.#deps.dockerTrouble();
    if (trouble !== null) return dockerUnavailable(trouble);
    return unavailable(
      'RECOVERING',
      'Tandem has just started and is still adopting engines and looking at the VPNs.',
    );
  }
}

const requestFrom = ({ labels, env, idempotencyKey }: AskedFor): EngineRequest => ({
  labels: labels ?? [],
  env: env ?? [],
  idempotencyKey: idempotencyKey ?? null,
});

const repeat = <T>(times: number, make: () => T): T[] => Array.from({ length: Math.max(0, times) }, make);

function refusalOf(
  result: Exclude<StartResult, { kind: 'running' | 'vpn-trouble' | 'abandoned' }>,
): ProvisionRefusal {
  switch (result.kind) {
    case 'refused':
      return result.refusal;
    case 'dead':
      return startFailed('READINESS', result.message);
  }
}
