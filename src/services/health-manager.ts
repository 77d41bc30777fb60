import type { CheckUp } from '../acestream/ask.ts';
import type { Clock } from '../async/clock.ts';
import { Scope } from '../async/scope.ts';
import type { RunningEngine } from '../domain/engine.ts';
import { type Finding, isUnhealthy } from '../domain/health.ts';
import type { EventLog } from './event-log.ts';
import type { Evidence } from './evidence.ts';
import type { Fleet } from './fleet.ts';
import type { Routes } from './routes.ts';
import { siteOf } from './sites.ts';

export interface HealthManagerDeps {
  readonly fleet: Fleet;
  readonly evidence: Evidence;
  readonly events: EventLog;
  readonly routes: Routes;
  readonly checkUp: CheckUp;
  readonly clock: Clock;
  /** Milliseconds between two probes of one engine. */
  readonly intervalMs: number;
}

/** Milliseconds that one probe may take: no more than an interval, unless that is shorter than a busy engine needs. */
const longestAnswerMs = 5_000;
const shortestPatienceMs = 1_000;

/** Probes begun at once, and the milliseconds until the next ones: more would keep everybody else waiting. */
const slice = 50;
const slicePauseMs = 50;

/** Probes every engine that runs, each by itself: one that hangs delays no other. */
export class HealthManager {
  readonly #deps: HealthManagerDeps;
  readonly #asking = new Map<string, Promise<void>>();

  constructor(deps: HealthManagerDeps) {
    this.#deps = deps;
  }

  /** Runs until `signal` aborts, then waits for the probes it began. */
  async run(signal: AbortSignal): Promise<void> {
    const { events, fleet, clock, intervalMs } = this.#deps;
    for await (const phase of events.latest(() => fleet.phase, signal)) if (phase === 'SERVING') break;
    const greeting = this.#greet(signal);
    while (!signal.aborted) {
      const due = clock.now() + intervalMs;
      await this.#beginAll(this.#running(), signal);
      await clock.sleep(due - clock.now(), signal);
    }
    await greeting;
    await Promise.all(this.#asking.values());
  }

  /**
   * Probes each engine soon after it runs, for whether it is connected is not known before; though not while others are being
   * made, which need the processor more.
   */
  async #greet(signal: AbortSignal): Promise<void> {
    const { events, fleet } = this.#deps;
    let known = new Set<string>();
    for await (const sites of events.latest(() => fleet.sites.all, signal)) {
      if (sites.some(({ provisioning }) => provisioning.length > 0)) continue;
      const running = sites.flatMap((site) => site.running);
      const strangers = running.filter(({ id }) => !known.has(id));
      known = new Set(running.map(({ id }) => id));
      await this.#beginAll(strangers, signal);
    }
  }

  #running(): RunningEngine[] {
    return this.#deps.fleet.sites.all.flatMap(({ running }) => running);
  }

  async #beginAll(engines: readonly RunningEngine[], signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    for (let begun = 0; begun < engines.length; begun += slice) {
      if (begun > 0) await clock.sleep(slicePauseMs, signal);
      for (const engine of engines.slice(begun, begun + slice)) this.#begin(engine, signal);
    }
  }

  #begin(engine: RunningEngine, signal: AbortSignal): void {
    if (signal.aborted || this.#asking.has(engine.id)) return;
    const asking = this.#examine(engine, signal).finally(() => this.#asking.delete(engine.id));
    this.#asking.set(engine.id, asking);
  }

  async #examine(engine: RunningEngine, signal: AbortSignal): Promise<void> {
    const { fleet, evidence, routes, clock } = this.#deps;
    const askedAt = clock.now();
    const finding = await this.#ask(engine, signal);
    if (signal.aborted) return;
    evidence.examined(engine.id, finding, askedAt);
    // Where no engine of a VPN can be reached, it may be the way to them that is gone.
    const neighbours = fleet.sites.get(siteOf(engine))?.running ?? [];
    if (finding.kind === 'ill' && neighbours.every(isUnhealthy)) routes.forget(engine);
  }

  /** By all ways at once where none is known to work: a silent one delays no other. */
  async #ask(engine: RunningEngine, signal: AbortSignal): Promise<Finding> {
    const { routes, checkUp, clock, intervalMs } = this.#deps;
    const timeoutMs = Math.max(shortestPatienceMs, Math.min(longestAnswerMs, intervalMs));
    using scope = new Scope(signal);
    const questions = routes.to(engine).map(async (target) => {
      const finding = await checkUp({ target, timeoutMs, clock, signal: scope.signal });
      if (finding.kind === 'well') routes.worked(engine, target);
      return finding;
    });
    const wells = questions.map(async (question) => {
      const finding = await question;
      if (finding.kind === 'ill') throw new Error(finding.problem);
      return finding;
    });
    const well = await Promise.any(wells).catch(() => null);
    scope.end();
    const [first = { kind: 'ill', problem: 'there is no way to reach it' }] = await Promise.all(questions);
    return well ?? first;
  }
}
