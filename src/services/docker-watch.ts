import type { Docker } from '../docker/docker.ts';
import type { CensusTaker } from './census-taker.ts';
import type { Log } from './log.ts';
import type { VpnMonitor } from './vpn-monitor.ts';

/** Passes on Docker's hints to those who look, and says when there are none to be had. */
export async function watchDocker(
  docker: Docker,
  monitor: VpnMonitor,
  census: CensusTaker,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  let deafness: string | null = null;
  for await (const stirring of docker.stirrings(signal)) {
    switch (stirring.kind) {
      case 'connected':
        deafness = null;
        monitor.connected();
        census.stirred();
        break;
      case 'deaf':
        if (stirring.reason !== deafness)
          log.warn({ reason: stirring.reason }, "Docker's events cannot be had; looking on the beat alone");
        deafness = stirring.reason;
        break;
      case 'container':
        monitor.happened(stirring);
        if (stirring.engine) census.engineStirred(stirring.engine, stirring.action);
    }
  }
}
