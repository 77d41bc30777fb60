import { createHash } from 'node:crypto';
import type { Clock } from '../../async/clock.ts';
import { DockerError } from './errors.ts';
import type { Events } from './events.ts';
import type { Program } from './program.ts';

/** What an image does when it runs. */
export type ImageKind = 'gluetun' | 'acestream';

export interface ImageEntry {
  readonly name: string;
  readonly kind: ImageKind;
  /** `local` images can be run; `registry` ones must be pulled first. */
  readonly place: 'local' | 'registry';
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly env?: readonly string[];
  /** True when the image's own healthcheck asks port 6878, whoever listens there. */
  readonly checks6878?: boolean;
  readonly pull?: { readonly layers?: number; readonly takesMs?: number; readonly error?: string };
}

export interface Image {
  readonly id: string;
  readonly name: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly env: readonly string[];
  readonly createProgram: (containerName: string) => Program;
}

export type CreateProgram = (entry: ImageEntry, containerName: string) => Program;

/** Docker's spelling of an image name: with a tag, without the default registry. */
export function normaliseName(name: string): string {
  const short = name.replace(/^docker\.io\/(library\/)?/, '');
  return /:[^/]+$/.test(short) || short.includes('@') ? short : `${short}:latest`;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const digestOf = (name: string) => `sha256:${sha256(`manifest ${name}`)}`;
const denied = 'denied: requested access to the resource is denied';
const bytesPerLayer = 12_000_000;

/** The images that are here, and those that a pull would find. */
export class Images {
  readonly #entries = new Map<string, ImageEntry>();
  readonly #createProgram: CreateProgram;
  readonly #clock: Clock;
  readonly #events: Events;

  constructor(createProgram: CreateProgram, clock: Clock, events: Events) {
    this.#createProgram = createProgram;
    this.#clock = clock;
    this.#events = events;
  }

  /** Adds an image, or replaces the one of that name. */
  put(entry: ImageEntry): void {
    this.#entries.set(normaliseName(entry.name), entry);
  }

  /** Forgets an image: it is neither here nor to be had. */
  remove(name: string): void {
    this.#entries.delete(normaliseName(name));
  }

  list(): Image[] {
    return [...this.#entries]
      .filter(([, entry]) => entry.place === 'local')
      .map(([name, entry]) => this.#image(name, entry));
  }

  find(ref: string): Image | undefined {
    const name = normaliseName(ref);
    const entry = this.#entries.get(name);
    if (entry !== undefined) return entry.place === 'local' ? this.#image(name, entry) : undefined;
    const bare = ref.replace(/^sha256:/, '');
    return /^[0-9a-f]{6,64}$/.test(bare)
      ? this.list().find((image) => image.id.startsWith(`sha256:${bare}`))
      : undefined;
  }

  /** The progress of a pull, one JSON object a line; throws when there is no such image anywhere. */
  pull(fromImage: string, tag: string): AsyncGenerator<object> {
    const name = normaliseName(tag === '' ? fromImage : `${fromImage}:${tag}`);
    const entry = this.#entries.get(name);
    const repository = name.replace(/:[^:/]*$/, '');
    if (entry === undefined)
      throw new DockerError(
        404,
        `pull access denied for ${repository}, repository does not exist or may require 'docker login': ${denied}`,
      );
    return this.#progress(name, repository, entry);
  }

  /** What the registry has under that name; throws when it has nothing. */
  digest(ref: string): string {
    const name = normaliseName(ref);
    if (!this.#entries.has(name))
      throw new DockerError(401, `errors:\n${denied}\nunauthorized: authentication required\n`);
    return digestOf(name);
  }

  async *#progress(name: string, repository: string, entry: ImageEntry): AsyncGenerator<object> {
    const { layers = 3, takesMs = 0, error } = entry.pull ?? {};
    yield { status: `Pulling from ${repository}`, id: name.slice(repository.length + 1) };
    const digest = digestOf(name);
    if (entry.place === 'registry') {
      const ids = Array.from({ length: layers }, (_, n) => sha256(`${name} ${n}`).slice(0, 12));
      for (const id of ids) yield { status: 'Pulling fs layer', progressDetail: {}, id };
      for (const [n, id] of ids.entries()) {
        for (const share of [0.5, 1]) {
          if (takesMs > 0) await this.#clock.sleep(takesMs / layers / 2);
          const current = bytesPerLayer * share;
          yield {
            status: 'Downloading',
            progressDetail: { current, total: bytesPerLayer },
            progress: `${current / 1e6}MB/${bytesPerLayer / 1e6}MB`,
            id,
          };
        }
        if (error !== undefined && n === ids.length - 1) {
          yield { errorDetail: { message: error }, error };
          return;
        }
        yield { status: 'Download complete', progressDetail: {}, id };
      }
      for (const id of ids) yield { status: 'Pull complete', progressDetail: {}, id };
      if (this.#entries.get(name) === entry) this.#entries.set(name, { ...entry, place: 'local' });
    }
    yield { status: `Digest: ${digest}` };
    const news = entry.place === 'registry' ? 'Downloaded newer image for' : 'Image is up to date for';
    this.#events.emit('image', 'pull', name, { name: repository });
    yield { status: `Status: ${news} ${name}` };
  }

  #image(name: string, entry: ImageEntry): Image {
    return {
      id: `sha256:${sha256(`image ${name}`)}`,
      name,
      entrypoint: entry.entrypoint ?? [],
      command: entry.command ?? [],
      env: entry.env ?? [],
      createProgram: (containerName) => this.#createProgram(entry, containerName),
    };
  }
}
