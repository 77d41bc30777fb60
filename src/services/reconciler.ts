import { Bell } from '../async/bell.ts';
import type { Clock } from '../async/clock.ts';
import { Scope } from '../async/scope.ts';
import type { Docker } from '../docker/docker.ts';
import { isDown } from '../domain/capacity.ts';
import { plan, type Step } from '../domain/plan.ts';
import { isReady } from '../domain/vpn.ts';
import type { EmergencyMode } from './emergency.ts';
import type { EventLog } from './event-log.ts';
import type { Fleet } from './fleet.ts';
import type { Log } from './log.ts';
import type { Meter } from './meter.ts';
import type { Orphans } from './orphans.ts';
import type { Outcome, Provisioner } from './provisioner.ts';

export interface ReconcilerDeps {
  readonly fleet: Fleet;
  readonly events: EventLog;
  readonly provisioner: Provisioner;
  readonly emergency: EmergencyMode;
  readonly orphans: Orphans;
  readonly docker: Docker;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  readonly beatMs: number;
}

type Executors = {
  readonly [K in Step['kind']]: (step: Extract<Step, { kind: K }>, signal: AbortSignal) => Promise<void>;
};

/**
 * Brings about what the plan says, without waiting for it: what is begun shows at once in what is planned with, so that
 * planning again never asks twice. Every change makes a new plan; a start that failed waits for the beat.
 */
export class Reconciler {
  readonly #deps: ReconcilerDeps;
  readonly #bell = new Bell();
  /** The VPNs on which a start has failed, until the beat. */
  readonly #held = new Map<string | null, Scope>();
  /** Starts that have failed, and what they have left is still being removed. */
  readonly #failing = new Set<{ readonly vpn: string | null }>();
  /** Failed starts in a row, by VPN, those of one moment counted as one. */
  readonly #failures = new Map<string | null, number>();
  readonly #underWay = new Set<Promise<void>>();
  /** Replacements under way, by what may happen only once at a time. */
  readonly #replacing = new Set<string>();

  constructor(deps: ReconcilerDeps) {
    this.#deps = deps;
  }

  /**
   * Runs until `outer` aborts, then waits for the steps it began. A step that throws is a mistake in the program, and would
   * be planned again and again: this throws the same at once.
   */
  async run(outer: AbortSignal): Promise<void> {
    const { clock, beatMs } = this.#deps;
    using scope = new Scope(outer);
    const { signal } = scope;
    const listening = this.#listen(signal);
    while (!signal.aborted) {
      const next = this.#reconcile(scope);
      await this.#bell.sleep(clock, Math.min(beatMs, next - clock.now()), signal);
    }
    await listening;
    await Promise.all(this.#underWay);
  }

  async #listen(signal: AbortSignal): Promise<void> {
    for await (const _ of this.#deps.events.latest(() => true, signal)) this.#bell.ring();
  }

  /** Gives the moment at which there is something to be done even if nothing changes. */
  #reconcile(scope: Scope): number {
    const { fleet, orphans, clock, meter, beatMs } = this.#deps;
    if (fleet.phase !== 'SERVING') return Number.POSITIVE_INFINITY;
    // With its recovery a VPN begins anew.
    for (const { vpn } of fleet.sites.all.filter(isDown)) this.#forget(vpn?.name ?? null);
    const held = new Set([
      ...this.#held.keys(),
      ...[...this.#failing].map(({ vpn }) => vpn),
      ...fleet.unsteady.since(clock.now() - beatMs),
    ]);
    const avoided = new Set([...this.#held.keys()].filter((vpn) => (this.#failures.get(vpn) ?? 0) > 1));
    const { steps, next } = plan({ snapshot: fleet.snapshot(), held, avoided, orphans: orphans.waiting });
    for (const step of steps) {
      if (step.kind === 'REPLACE' && this.#replacing.has(turnOf(step))) continue;
      meter.stepped(step.kind);
      const work = this.#carryOut(step, scope.signal).then(() => void this.#underWay.delete(work));
      this.#underWay.add(work);
      // It stays among those under way, where `run` finds it.
      work.catch(() => scope.end());
    }
    return next;
  }

  #forget(vpn: string | null): void {
    this.#held.get(vpn)?.end();
    this.#failures.delete(vpn);
    this.#deps.fleet.unsteady.forget(vpn);
  }

  async #carryOut<K extends Step['kind']>(
    step: Extract<Step, { kind: K }>,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#executors[step.kind as K](step, signal);
  }

  readonly #executors: Executors = {
    START: async ({ vpn }, signal) => {
      const since = this.#recoveredAt(vpn);
      const failure = { vpn };
      const failed = () => void this.#failing.add(failure);
      const outcome = await this.#deps.provisioner.startOn(vpn, null, [], failed);
      this.#failing.delete(failure);
      await this.#learn(vpn, since, outcome, signal);
    },

    REPLACE: async (step, signal) => {
      const turn = turnOf(step);
      const since = this.#recoveredAt(vpnOf(step));
      const failure = { vpn: vpnOf(step) };
      const failed = () => void this.#failing.add(failure);
      this.#replacing.add(turn);
      const outcome = await this.#deps.provisioner.replace(step.engine, step.because, failed);
      this.#failing.delete(failure);
      this.#replacing.delete(turn);
      await this.#learn(vpnOf(step), since, outcome, signal);
    },

    RESTART_VPN: async ({ vpn, containerId }) => {
      const { emergency, docker, log } = this.#deps;
      emergency.restarting(vpn);
      const result = await docker.restartVpn(containerId);
      if (result.kind !== 'restarted')
        log.warn({ vpn, reason: result.message }, 'a VPN could not be restarted');
    },

    CLEAR: ({ orphan }) => this.#deps.orphans.remove(orphan),
  };

  #recoveredAt(vpn: string | null): number | null {
    return vpn === null ? null : this.#deps.fleet.vpn(vpn).recoveredAt;
  }

  /**
   * A VPN on which a start failed is held until the beat. If it has failed itself, its recovery counts and not the beat, though
   * it may be over by now: `since` is what it was when the start began.
   */
  async #learn(
    vpn: string | null,
    since: number | null,
    outcome: Outcome,
    signal: AbortSignal,
  ): Promise<void> {
    const { fleet, clock, beatMs } = this.#deps;
    if (outcome === 'running') this.#failures.delete(vpn);
    const failed = vpn !== null && (!isReady(fleet.vpn(vpn)) || this.#recoveredAt(vpn) !== since);
    if (outcome === 'running' || outcome === 'moot' || failed || this.#held.has(vpn))
      return this.#bell.ring();
    using hold = new Scope(signal);
    this.#held.set(vpn, hold);
    if (outcome === 'failed') this.#failures.set(vpn, (this.#failures.get(vpn) ?? 0) + 1);
    await clock.sleep(beatMs, hold.signal);
    this.#held.delete(vpn);
    this.#bell.ring();
  }
}

type Replace = Extract<Step, { kind: 'REPLACE' }>;

const vpnOf = ({ engine }: Replace): string | null => engine.tunnel?.vpn ?? null;

/** Of all that are ill one goes at a time, and of each VPN's engines one for any other reason. */
const turnOf = (step: Replace): string =>
  step.because === 'UNHEALTHY' ? step.because : `another reason, on ${vpnOf(step)}`;
