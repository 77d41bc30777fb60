import type { Container } from './container.ts';
import type { HealthStatus } from './health.ts';
import type { Micros } from './moment.ts';
import type { Run } from './run.ts';

/** Probes once, if probing has begun, and returns the new status when it changed. */
export function probeHealth({ run, health, healthcheck }: Container, at: Micros): HealthStatus | undefined {
  if (run === undefined || health === undefined || healthcheck === undefined || !run.probing)
    return undefined;
  return health.observe(healthcheck.passes(run), at);
}

/** Probes from the first moment that counts until the run ends or pauses. */
export async function watchHealth(container: Container, run: Run, probe: () => void): Promise<void> {
  const { healthcheck } = container;
  if (healthcheck === undefined) return;
  if (healthcheck.firstProbeMs > 0) await run.clock.sleep(healthcheck.firstProbeMs, run.signal);
  // The signal too: a process that is ending still counts as running until its ports are closed.
  while (!run.signal.aborted && container.state.kind === 'running' && container.run === run) {
    run.probing = true;
    probe();
    if (healthcheck.intervalMs === undefined) return;
    await run.clock.sleep(healthcheck.intervalMs, run.signal);
  }
}
