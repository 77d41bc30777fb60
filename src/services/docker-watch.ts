import type { Docker } from '../docker/docker.ts';
import type { CensusTaker } from './census-taker.ts';
import type { VpnMonitor } from './vpn-monitor.ts';

/** Passes on Docker's hints to those who look. */
export async function watchDocker(
  docker: Docker,
  monitor: VpnMonitor,
  census: CensusTaker,
  signal: AbortSignal,
): Promise<void> {
  for await (const stirring of docker.stirrings(signal)) {
    if (stirring.kind === 'connected') {
      monitor.stirred(null);
      census.stirred();
    } else {
      monitor.stirred(stirring.name);
      if (stirring.engine) census.engineStirred(stirring.engine, stirring.action);
    }
  }
}
