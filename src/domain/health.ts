import type { RunningEngine } from './engine.ts';
import type { Policy } from './policy.ts';

/** How an engine is, as far as it was asked. */
export type Health =
  /** `fresh` until it was found well once: what comes of it says something about its image. */
  | { readonly kind: 'UNKNOWN'; readonly fresh: boolean; readonly failures: number }
  | { readonly kind: 'HEALTHY'; readonly failures: number }
  | {
      readonly kind: 'UNHEALTHY';
      readonly fresh: boolean;
      readonly since: number;
      /** What the last probe found. */
      readonly problem: string;
    };

/** What one probe of an engine found. */
export type Finding =
  /** `connected` is the engine's own word on whether it reaches the Internet; null when it says nothing of it. */
  | { readonly kind: 'well'; readonly connected: boolean | null }
  | { readonly kind: 'ill'; readonly problem: string };

/** Of an engine whose tunnel, or whose watcher, has just come back. */
export const notAskedYet: Health = { kind: 'UNKNOWN', fresh: false, failures: 0 };
export const neverAsked: Health = { kind: 'UNKNOWN', fresh: true, failures: 0 };
export const foundWell: Health = { kind: 'HEALTHY', failures: 0 };

/** Whether nobody knows yet that its image makes engines that work. */
export const isFresh = (health: Health): boolean => health.kind !== 'HEALTHY' && health.fresh;

/** Whether it has only just been made, and nobody knows how it is. */
export const isUntried = (health: Health): boolean => health.kind === 'UNKNOWN' && health.fresh;

export const isUnhealthy = ({ health }: { readonly health: Health }): boolean => health.kind === 'UNHEALTHY';

/** Why it is UNHEALTHY; null when it is not. */
export const problemOf = (health: Health): string | null =>
  health.kind === 'UNHEALTHY' ? health.problem : null;

/**
 * The engine after a probe that was begun at `askedAt`; the same one where nothing about it has changed, for what is new is
 * written down. `others` share its network.
 */
export function examined(
  engine: RunningEngine,
  finding: Finding,
  askedAt: number,
  others: readonly RunningEngine[],
  policy: Policy,
): RunningEngine {
  const connected = finding.kind === 'well' ? finding.connected : null;
  const problem = problemIn(finding, others);
  const health = problem === null ? foundWell : illness(engine.health, problem, askedAt, policy);
  const wasConnected = engine.wasConnected || connected === true;
  const isSame =
    isAsGood(engine.health, health) && engine.connected === connected && engine.wasConnected === wasConnected;
  return isSame ? engine : { ...engine, health, connected, wasConnected };
}

/** What a process that has just started may believe of an engine: a clock that was set back has made none ill in the future. */
export const rememberedEngine = (engine: RunningEngine, now: number): RunningEngine =>
  engine.health.kind === 'UNHEALTHY' && engine.health.since > now
    ? { ...engine, health: { ...engine.health, since: now } }
    : engine;

/** Whether one is as the other, with nothing that counts against it. */
const isAsGood = (a: Health, b: Health): boolean =>
  a === b || (a.kind === 'HEALTHY' && b.kind === 'HEALTHY' && a.failures === b.failures);

/** One that reaches nothing is ill where another one in the same network does; where none does, it is the network. */
function problemIn(finding: Finding, others: readonly RunningEngine[]): string | null {
  if (finding.kind === 'ill') return finding.problem;
  return finding.connected === false && others.some(({ connected }) => connected === true)
    ? 'it says that it is not connected, though others of its VPN are'
    : null;
}

function illness(health: Health, problem: string, at: number, policy: Policy): Health {
  if (health.kind === 'UNHEALTHY') return health.problem === problem ? health : { ...health, problem };
  const failures = health.failures + 1;
  if (failures < policy.healthFailureThreshold) return { ...health, failures };
  return { kind: 'UNHEALTHY', fresh: isFresh(health), since: at, problem };
}
