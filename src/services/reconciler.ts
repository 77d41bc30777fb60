import { Bell } from '../async/bell.ts';
import type { Clock } from '../async/clock.ts';
import type { Docker } from '../docker/docker.ts';
import { plan, type Step } from '../domain/plan.ts';
import type { EmergencyMode } from './emergency.ts';
import type { EventLog } from './event-log.ts';
import type { Fleet } from './fleet.ts';
import type { Log } from './log.ts';
import type { Meter } from './meter.ts';
import type { Outcome, Provisioner } from './provisioner.ts';

export interface ReconcilerDeps {
  readonly fleet: Fleet;
  readonly events: EventLog;
  readonly provisioner: Provisioner;
  readonly emergency: EmergencyMode;
  readonly docker: Docker;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  readonly beatMs: number;
}

/**
 * Brings about what the plan says, without waiting for it: what is begun shows in the fleet at once, so that planning again
 * never asks twice. Every change makes a new plan; a start that failed waits for the beat.
 */
export class Reconciler {
  readonly #deps: ReconcilerDeps;
  readonly #bell = new Bell();
  readonly #held = new Set<string | null>();
  /** Failed starts in a row, by VPN, those of one moment counted as one. */
  readonly #failures = new Map<string | null, number>();
  readonly #underWay = new Set<Promise<void>>();
  #replacing = false;

  constructor(deps: ReconcilerDeps) {
    this.#deps = deps;
  }

  /** Runs until `signal` aborts, then waits for the steps it began. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, beatMs } = this.#deps;
    const listening = this.#listen(signal);
    while (!signal.aborted) {
      this.#reconcile(signal);
      await this.#bell.sleep(clock, beatMs, signal);
    }
    await listening;
    await Promise.all(this.#underWay);
  }

  async #listen(signal: AbortSignal): Promise<void> {
    for await (const _ of this.#deps.events.latest(() => true, signal)) this.#bell.ring();
  }

  #reconcile(signal: AbortSignal): void {
    const { fleet, clock, beatMs } = this.#deps;
    if (fleet.phase !== 'SERVING') return;
    const held = new Set([...this.#held, ...fleet.unsteady.since(clock.now() - beatMs)]);
    const avoided = new Set([...this.#held].filter((vpn) => (this.#failures.get(vpn) ?? 0) > 1));
    for (const step of plan(fleet.snapshot(), held, avoided)) {
      const work = this.#carryOut(step, signal).finally(() => this.#underWay.delete(work));
      this.#underWay.add(work);
    }
  }

  async #carryOut(step: Step, signal: AbortSignal): Promise<void> {
    const { provisioner, emergency, docker, log, meter } = this.#deps;
    if (step.kind === 'REPLACE' && this.#replacing) return;
    meter.stepped(step.kind);
    switch (step.kind) {
      case 'START':
        return this.#learn(step.vpn, await provisioner.startOn(step.vpn, null), signal);
      case 'REPLACE': {
        this.#replacing = true;
        const outcome = await provisioner.replace(step.engine).finally(() => {
          this.#replacing = false;
        });
        return this.#learn(step.engine.tunnel?.vpn ?? null, outcome, signal);
      }
      case 'RESTART_VPN': {
        emergency.restarting(step.vpn);
        const result = await docker.restartVpn(step.containerId);
        if (result.kind !== 'restarted')
          log.warn({ vpn: step.vpn, reason: result.message }, 'a VPN could not be restarted');
      }
    }
  }

  /** A VPN on which a start failed is held until the beat. What a failure of the VPN itself means, its state says. */
  async #learn(vpn: string | null, outcome: Outcome, signal: AbortSignal): Promise<void> {
    const { clock, beatMs } = this.#deps;
    if (outcome === 'running') this.#failures.delete(vpn);
    if (outcome !== 'failed' || this.#held.has(vpn)) return this.#bell.ring();
    this.#held.add(vpn);
    this.#failures.set(vpn, (this.#failures.get(vpn) ?? 0) + 1);
    await clock.sleep(beatMs, signal);
    this.#held.delete(vpn);
    this.#bell.ring();
  }
}
