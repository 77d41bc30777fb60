import type { EngineTarget, Probe } from '../acestream/ask.ts';
import type { Clock } from '../async/clock.ts';
import { Scope } from '../async/scope.ts';
import type { Docker, Found } from '../docker/docker.ts';
import type { ProvisioningEngine } from '../domain/engine.ts';
import { foundWell, type Health, neverAsked } from '../domain/health.ts';
import type { Log } from './log.ts';
import type { Routes } from './routes.ts';

export interface ReadinessDeps {
  readonly docker: Docker;
  readonly probe: Probe;
  readonly routes: Routes;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether an engine of another instance is known to have one of this one's ports. */
  readonly contested: (engine: ProvisioningEngine) => boolean;
}

export type Readiness =
  | { readonly kind: 'ready'; readonly health: Health }
  | { readonly kind: 'dead'; readonly message: string }
  | { readonly kind: 'late' }
  | { readonly kind: 'abandoned' };

/** Milliseconds: the longest wait for one answer, the pauses between questions, and how often the container is looked at. */
const answerMs = 2_000;
const firstPauseMs = 10;
const longestPauseMs = 250;
const lookEveryMs = 1_000;
/** Until then an engine that found its port taken has ended. */
const provenMs = 1_500;

/** Waits until a started engine answers HTTP on its port, `deadline` passes, it dies, or `signal` aborts. */
export async function untilReady(
  engine: ProvisioningEngine,
  containerId: string,
  deadline: number,
  deps: ReadinessDeps,
  signal: AbortSignal,
): Promise<Readiness> {
  const { routes, clock } = deps;
  using waiting = new Scope(signal);
  // Each way is asked by itself: one that is silent does not hold up another.
  const asked = routes
    .to(engine)
    .map((target) => untilAnswer(engine, containerId, target, deps, waiting.signal));
  const readiness = await Promise.race([
    ...asked,
    untilDead(containerId, deps, waiting.signal),
    clock
      .sleep(deadline - clock.now(), waiting.signal)
      .then((): Readiness => ({ kind: signal.aborted ? 'abandoned' : 'late' })),
  ]);
  if (readiness.kind === 'late') routes.forget(engine);
  return readiness;
}

async function untilAnswer(
  engine: ProvisioningEngine,
  containerId: string,
  target: EngineTarget,
  deps: ReadinessDeps,
  signal: AbortSignal,
): Promise<Readiness> {
  const { docker, probe, routes, clock, log } = deps;
  const begun = clock.now();
  for (let pause = firstPauseMs; !signal.aborted; pause = Math.min(pause * 1.5, longestPauseMs)) {
    const result = await probe({ target, timeoutMs: answerMs, clock, signal });
    if (result === 'healthy' && !signal.aborted && !deps.contested(engine)) {
      if (routes.worked(engine, target))
        log.info({ vpn: engine.tunnel?.vpn, via: target.host }, 'engines are reached');
      return { kind: 'ready', health: foundWell };
    }
    if (result !== 'silent' && !signal.aborted) {
      // Not an engine's word, or maybe a neighbour's. It is this one's if its container still runs when one that found its
      // port taken would have ended.
      const found = await docker.findEngine(containerId);
      const death = found.kind === 'absent' || found.kind === 'found' ? deathOf(found) : null;
      if (death !== null) return { kind: 'dead', message: death };
      if (found.kind === 'found' && clock.now() - begun >= provenMs) {
        return { kind: 'ready', health: result === 'healthy' ? foundWell : neverAsked };
      }
    }
    await clock.sleep(pause, signal);
  }
  return { kind: 'abandoned' };
}

async function untilDead(
  containerId: string,
  { docker, clock }: ReadinessDeps,
  signal: AbortSignal,
): Promise<Readiness> {
  while (!signal.aborted) {
    await clock.sleep(lookEveryMs, signal);
    if (signal.aborted) break;
    const found = await docker.findEngine(containerId);
    const death = found.kind === 'absent' || found.kind === 'found' ? deathOf(found) : null;
    if (death !== null) return { kind: 'dead', message: death };
  }
  return { kind: 'abandoned' };
}

/** Null when the container runs. */
function deathOf(found: Extract<Found, { kind: 'absent' | 'found' }>): string | null {
  if (found.kind === 'absent') return 'its container vanished';
  return found.container.running ? null : `its container is ${found.container.status}`;
}
