import type { Clock } from '../async/clock.ts';
import type { Docker, Trouble } from '../docker/docker.ts';
import type { Log } from './log.ts';

/** Milliseconds between two lines of progress in the log. */
const sayEveryMs = 2_000;

/** Pulls the engine image when it is missing: once, for all that wait for it. */
export class Images {
  readonly #docker: Docker;
  readonly #clock: Clock;
  readonly #log: Log;
  #pulling: Promise<{ kind: 'pulled' } | Trouble> | null = null;

  constructor(docker: Docker, clock: Clock, log: Log) {
    this.#docker = docker;
    this.#clock = clock;
    this.#log = log;
  }

  pull(): Promise<{ kind: 'pulled' } | Trouble> {
    this.#pulling ??= this.#pull().finally(() => {
      this.#pulling = null;
    });
    return this.#pulling;
  }

  async #pull(): Promise<{ kind: 'pulled' } | Trouble> {
    const { image } = this.#docker;
    let said = this.#clock.now();
    this.#log.info({ image }, 'the engine image is missing and is being pulled');
    const result = await this.#docker.pullImage((status) => {
      if (this.#clock.now() - said < sayEveryMs) return;
      said = this.#clock.now();
      this.#log.info({ image, status }, 'pulling');
    });
    if (result.kind === 'pulled') this.#log.info({ image }, 'pulled');
    else this.#log.warn({ image, reason: result.message }, 'the engine image cannot be had');
    return result;
  }
}
