import type { Container } from './container.ts';
import { DockerError, noSuchContainer } from './errors.ts';

/** The containers that exist, by id and by name. */
export class Registry {
  readonly #byId = new Map<string, Container>();
  readonly #idByName = new Map<string, string>();

  /** Newest first, as the daemon lists them. */
  all(): Container[] {
    return [...this.#byId.values()].reverse();
  }

  get size(): number {
    return this.#byId.size;
  }

  add(container: Container): void {
    this.refuseTaken(container.name);
    this.#byId.set(container.id, container);
    this.#idByName.set(container.name, container.id);
  }

  refuseTaken(name: string): void {
    const owner = this.#idByName.get(name);
    if (owner !== undefined)
      throw new DockerError(
        409,
        `Conflict. The container name "/${name}" is already in use by container "${owner}". You have to remove (or rename) that container to be able to reuse that name.`,
      );
  }

  rename(container: Container, name: string): void {
    this.refuseTaken(name);
    this.#idByName.delete(container.name);
    this.#idByName.set(name, container.id);
    container.name = name;
  }

  remove(container: Container): void {
    this.#byId.delete(container.id);
    this.#idByName.delete(container.name);
  }

  /** By id, else by name, else by the beginning of an id that only one has. */
  find(ref: string): Container | undefined {
    const exact = this.#byId.get(ref) ?? this.#byId.get(this.#idByName.get(ref.replace(/^\//, '')) ?? '');
    if (exact !== undefined || !/^[0-9a-f]+$/.test(ref)) return exact;
    const candidates = [...this.#byId.keys()].filter((id) => id.startsWith(ref));
    if (candidates.length > 1) throw new DockerError(400, `Multiple IDs found with provided prefix: ${ref}`);
    return this.#byId.get(candidates[0] ?? '');
  }

  get(ref: string): Container {
    const found = this.find(ref);
    if (found === undefined) throw noSuchContainer(ref);
    return found;
  }
}
