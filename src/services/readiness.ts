import type { Probe, ProbeResult, ProbeTarget } from '../acestream/probe.ts';
import type { Clock } from '../async/clock.ts';
import type { Docker } from '../docker/docker.ts';
import type { ProvisioningEngine, RunningEngine } from '../domain/engine.ts';
import type { Log } from './log.ts';
import type { Routes } from './routes.ts';

export interface ReadinessDeps {
  readonly docker: Docker;
  readonly probe: Probe;
  readonly routes: Routes;
  readonly clock: Clock;
  readonly log: Log;
}

export type Readiness =
  | { readonly kind: 'ready'; readonly health: RunningEngine['health'] }
  | { readonly kind: 'dead'; readonly message: string }
  | { readonly kind: 'late' }
  | { readonly kind: 'abandoned' };

/** Milliseconds: the longest wait for one answer, the pauses between rounds, and how often the container is looked at. */
const answerMs = 2_000;
const firstPauseMs = 10;
const longestPauseMs = 250;
const lookEveryMs = 1_000;

/** Waits until a started engine answers HTTP on its port, `deadline` passes, it dies, or `signal` aborts. */
export async function untilReady(
  engine: ProvisioningEngine,
  containerId: string,
  deadline: number,
  deps: ReadinessDeps,
  signal: AbortSignal,
): Promise<Readiness> {
  const { docker, routes, clock, log } = deps;
  let pause = firstPauseMs;
  let looked = clock.now();
  const aborted = new Promise<null>((resolve) =>
    signal.addEventListener('abort', () => resolve(null), { once: true }),
  );
  while (!signal.aborted) {
    const left = deadline - clock.now();
    if (left <= 0) return { kind: 'late' };

    const answer = await Promise.race([
      firstAnswer(routes.to(engine), Math.min(answerMs, left), deps.probe),
      aborted,
    ]);
    if (signal.aborted) break;
    if (answer) {
      if (routes.worked(engine, answer.target)) {
        log.info({ vpn: engine.tunnel?.vpn, via: answer.target.host }, 'engines are reached');
      }
      return { kind: 'ready', health: answer.result === 'healthy' ? 'HEALTHY' : 'UNKNOWN' };
    }

    if (clock.now() - looked >= lookEveryMs) {
      looked = clock.now();
      const found = await docker.findEngine(containerId);
      if (found.kind === 'absent') return { kind: 'dead', message: 'its container vanished' };
      if (found.kind === 'found' && !found.container.running)
        return { kind: 'dead', message: `its container is ${found.container.status}` };
    }
    await clock.sleep(Math.min(pause, left), signal);
    pause = Math.min(pause * 1.5, longestPauseMs);
  }
  return { kind: 'abandoned' };
}

/** The first target that answers, all being asked at once; null when none does. A silent one delays no other. */
async function firstAnswer(
  targets: readonly ProbeTarget[],
  timeoutMs: number,
  probe: Probe,
): Promise<{ target: ProbeTarget; result: Exclude<ProbeResult, 'silent'> } | null> {
  const asked = targets.map(async (target) => {
    const result = await probe(target, timeoutMs);
    if (result === 'silent') throw new Error('silent');
    return { target, result };
  });
  return Promise.any(asked).catch(() => null);
}
