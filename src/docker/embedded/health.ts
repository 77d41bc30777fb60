import { type Micros, rfc3339 } from './moment.ts';

export type HealthStatus = 'starting' | 'healthy' | 'unhealthy';

interface Probe {
  readonly Start: string;
  readonly End: string;
  readonly ExitCode: number;
  readonly Output: string;
}

/** What the daemon remembers of a container's healthcheck; it outlives a stop. */
export class Health {
  #status: HealthStatus = 'starting';
  #failingStreak = 0;
  #log: readonly Probe[] = [];

  get status(): HealthStatus {
    return this.#status;
  }

  get failingStreak(): number {
    return this.#failingStreak;
  }

  get log(): readonly Probe[] {
    return this.#log;
  }

  /** A start: the log stays, the verdict does not. */
  begin(): void {
    this.#status = 'starting';
    this.#failingStreak = 0;
  }

  /** Probing has ended (stopped, paused): the daemon shows `unhealthy` and tells nobody. */
  suspend(): void {
    this.#status = 'unhealthy';
  }

  /** Takes one probe in, and returns the new status when it changed. */
  observe(passed: boolean, at: Micros): HealthStatus | undefined {
    const probe = { Start: rfc3339(at), End: rfc3339(at), ExitCode: passed ? 0 : 1, Output: '' };
    this.#log = [...this.#log, probe].slice(-5);
    this.#failingStreak = passed ? 0 : this.#failingStreak + 1;
    const next = passed ? 'healthy' : 'unhealthy';
    if (next === this.#status) return undefined;
    this.#status = next;
    return next;
  }
}
