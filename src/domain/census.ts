import type { RunningEngine } from './engine.ts';

/** A container that carries this instance's label. `engine` is null when its other labels make no sense. */
export interface OwnContainer {
  readonly containerId: string;
  readonly running: boolean;
  /** Docker's own words, such as "exited (1)". */
  readonly status: string;
  readonly engineId: string | null;
  readonly engine: RunningEngine | null;
}

/** What a complete listing says about the engines that are listed. */
export interface Census {
  readonly adopt: readonly RunningEngine[];
  /** Containers of ours that are no engine's and never will be one: half-made, left behind, unreadable. */
  readonly orphans: readonly OwnContainer[];
  readonly lost: readonly { readonly engine: RunningEngine; readonly reason: string }[];
}

/** What is known of a container's engine: it is listed with this container, it was removed for good or has another container, or nobody here has heard of it. */
export type Standing = 'listed' | 'departed' | 'unknown';

/**
 * Compares what Docker listed with the engines known. `known` are those that ran before the listing was begun and still
 * do: an engine that was filled in meanwhile is not missed. One that was removed never comes back.
 */
export function takeCensus(
  containers: readonly OwnContainer[],
  known: readonly RunningEngine[],
  standing: (container: OwnContainer) => Standing,
  hasPlace: (engine: RunningEngine) => boolean,
): Census {
  const byId = new Map(containers.map((container) => [container.containerId, container]));
  const strangers = containers.filter((container) => standing(container) !== 'listed');
  const adopt = new Map<string, OwnContainer & { readonly engine: RunningEngine }>();
  for (const container of strangers) {
    const { running, engine } = container;
    const welcome = running && engine && standing(container) === 'unknown' && hasPlace(engine);
    // A copy of a container, labels and all, is no second engine.
    if (welcome && !adopt.has(engine.id)) adopt.set(engine.id, { ...container, engine });
  }
  const adopted = new Set([...adopt.values()].map(({ containerId }) => containerId));
  return {
    adopt: [...adopt.values()].map(({ engine }) => engine),
    orphans: strangers.filter(({ containerId }) => !adopted.has(containerId)),
    lost: known.flatMap((engine) => {
      const reason = lossOf(engine, byId.get(engine.containerId));
      return reason === null ? [] : [{ engine, reason }];
    }),
  };
}

/** Why a running engine is lost, or null when its container is there and runs. */
export function lossOf(engine: RunningEngine, container: OwnContainer | undefined): string | null {
  if (container?.containerId !== engine.containerId) return 'its container is gone';
  return container.running ? null : `its container is ${container.status}`;
}
