import { containerIdOf, type Engine, type ListedEngine, type RemovedEngine } from '../domain/engine.ts';
import type { EngineRef } from '../domain/engine-ref.ts';
import type { Departed } from './departed.ts';

/** Who is who among the engines: those that are listed, and those that are gone. */
export class Roster {
  readonly #listed = new Map<string, ListedEngine>();
  readonly #departed: Departed;
  /** Beside the engines and not in them: what is new in an engine is written down, and this is new all the time. */
  readonly #probedAt = new Map<string, number>();

  constructor(departed: Departed) {
    this.#departed = departed;
  }

  get all(): readonly ListedEngine[] {
    return [...this.#listed.values()];
  }

  get size(): number {
    return this.#listed.size;
  }

  listed(id: string): ListedEngine | undefined {
    return this.#listed.get(id);
  }

  list(engine: ListedEngine): void {
    this.#listed.set(engine.id, engine);
  }

  unlist(id: string): void {
    this.#listed.delete(id);
  }

  bury(engine: RemovedEngine): void {
    this.unlist(engine.id);
    this.#probedAt.delete(engine.id);
    this.#departed.add(engine);
  }

  /** A probe of an engine, begun at that moment, was answered or given up. */
  probed(id: string, at: number): void {
    this.#probedAt.set(id, at);
  }

  /** When the last probe of an engine was begun, by this process. */
  probedAt(id: string): number | null {
    return this.#probedAt.get(id) ?? null;
  }

  /** The engine of that id, removed ones included for as long as they are remembered. */
  engine(id: string): Engine | undefined {
    return this.#listed.get(id) ?? this.#departed.byId(id);
  }

  /** By whole id. A removed engine is still found by its own id and its container's; its name may be another's by now. */
  find(ref: EngineRef): Engine | undefined {
    if (ref.id != null) return this.engine(ref.id);
    if (ref.name != null) return this.all.find((engine) => engine.name === ref.name);
    if (ref.containerId == null) return undefined;
    const listed = this.all.find((engine) => containerIdOf(engine) === ref.containerId);
    return listed ?? this.#departed.byContainerId(ref.containerId);
  }

  /** The engines that were asked for under an idempotency key, oldest first. */
  underKey(key: string): readonly Engine[] {
    const listed = this.all.filter(({ request }) => request?.key === key);
    return [...this.#departed.underKey(key), ...listed].toSorted((a, b) => a.createdAt - b.createdAt);
  }
}
