import type { Clock } from '../async/clock.ts';
import { Scope } from '../async/scope.ts';
import type { ControlTarget } from '../domain/control.ts';
import { askable, type ControlReport } from '../domain/control-report.ts';
import { vpnsOf } from '../domain/snapshot.ts';
import type { Incarnation, Vpn } from '../domain/vpn.ts';
import type { AskControl, ControlAccess, ControlAnswer } from '../gluetun/control.ts';
import { openProblem, type Unheard, unheardProblem } from './control-problem.ts';
import type { EventLog } from './event-log.ts';
import type { Evidence } from './evidence.ts';
import type { Fleet } from './fleet.ts';
import type { Routes } from './routes.ts';

export interface ControlReaderDeps {
  readonly fleet: Fleet;
  readonly evidence: Evidence;
  readonly events: EventLog;
  readonly routes: Routes;
  readonly clock: Clock;
  readonly askControl: AskControl;
  readonly access: ControlAccess;
  readonly controlPort: number;
  readonly intervalMs: number;
}

/** Milliseconds: the longest wait for an answer. */
const answerMs = 2_000;

type Answered = { readonly target: ControlTarget } & Extract<ControlAnswer, { kind: 'answered' }>;

/** Asks the control server of every VPN that is up: as soon as it is, when it becomes READY, and then on a beat. */
export class ControlReader {
  readonly #deps: ControlReaderDeps;
  readonly #asking = new Map<string, { readonly period: string; readonly ending: AbortController }>();
  readonly #underWay = new Set<Promise<void>>();

  constructor(deps: ControlReaderDeps) {
    this.#deps = deps;
  }

  /** Runs until `signal` aborts, then waits for the questions it began. */
  async run(signal: AbortSignal): Promise<void> {
    const { events, fleet } = this.#deps;
    for await (const snapshot of events.latest(() => fleet.snapshot(), signal)) {
      for (const { site } of vpnsOf(snapshot)) this.#see(site.vpn);
    }
    for (const { ending } of this.#asking.values()) ending.abort();
    await Promise.all(this.#underWay);
  }

  /** Begins to ask where a VPN came up, and ends what was asked of a tunnel that is no more. */
  #see(vpn: Vpn): void {
    const incarnation = askable(vpn);
    const period = incarnation && [vpn.state.kind, incarnation.containerId, incarnation.startedAt].join(' ');
    const before = this.#asking.get(vpn.name);
    if (period === (before?.period ?? null)) return;
    before?.ending.abort();
    this.#asking.delete(vpn.name);
    if (!incarnation || !period) return;
    const ending = new AbortController();
    this.#asking.set(vpn.name, { period, ending });
    const asking = this.#keepAsking(vpn.name, incarnation, ending.signal).finally(() =>
      this.#underWay.delete(asking),
    );
    this.#underWay.add(asking);
  }

  async #keepAsking(name: string, incarnation: Incarnation, signal: AbortSignal): Promise<void> {
    const { evidence, clock, access, intervalMs } = this.#deps;
    let worked: ControlTarget | null = null;
    while (!signal.aborted) {
      const askedAt = clock.now();
      const heard: Answered | readonly Unheard[] = await this.#ask(name, worked, signal);
      if (signal.aborted) return;
      if ('target' in heard) worked = heard.target;
      evidence.hear(name, { incarnation, askedAt, ...reportOf(heard, access) });
      await clock.sleep(intervalMs, signal);
    }
  }

  /** Asks where it worked last, and everywhere else only if that fails: so the same way is told of each time. */
  async #ask(
    name: string,
    worked: ControlTarget | null,
    signal: AbortSignal,
  ): Promise<Answered | readonly Unheard[]> {
    const targets = this.#deps.routes.toControl(name, this.#deps.controlPort);
    const isWorked = ({ host, port }: ControlTarget) => worked?.host === host && worked.port === port;
    const first = await this.#askAll(targets.filter(isWorked), signal);
    if ('target' in first) return first;
    const second = await this.#askAll(
      targets.filter((target) => !isWorked(target)),
      signal,
    );
    return 'target' in second ? second : [...first, ...second];
  }

  /** The first answer, all targets being asked at once. A silent one delays no other. */
  async #askAll(
    targets: readonly ControlTarget[],
    signal: AbortSignal,
  ): Promise<Answered | readonly Unheard[]> {
    const { askControl, access, clock } = this.#deps;
    using scope = new Scope(signal);
    const questions = targets.map(async (target) => ({
      target,
      answer: await askControl({ target, access, timeoutMs: answerMs, clock, signal: scope.signal }),
    }));
    const answers = questions.map(async (question): Promise<Answered> => {
      const { target, answer } = await question;
      if (answer.kind === 'failed') throw new Error(answer.why);
      return { target, ...answer };
    });
    const first = await Promise.any(answers).catch(() => null);
    scope.end();
    const all = await Promise.all(questions);
    return (
      first ??
      all.flatMap(({ target, answer }) => (answer.kind === 'failed' ? [{ target, why: answer.why }] : []))
    );
  }
}

function reportOf(
  heard: Answered | readonly Unheard[],
  access: ControlAccess,
): Omit<ControlReport, 'incarnation' | 'askedAt'> {
  if ('target' in heard) {
    const { target, tunnel, publicAddress, forwardedPort } = heard;
    return { tunnel, publicAddress, forwardedPort, problem: openProblem(target, heard, access) };
  }
  const problem = unheardProblem(heard);
  const nothing = { kind: 'failed', why: problem } as const;
  return { tunnel: nothing, publicAddress: nothing, forwardedPort: nothing, problem };
}
