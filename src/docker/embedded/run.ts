import type { Clock } from '../../async/clock.ts';
import type { Micros } from './moment.ts';
import type { Namespace, RequestHandler } from './namespace.ts';
import type { Process } from './program.ts';

export interface Exit {
  readonly code: number;
  readonly oomKilled: boolean;
}

interface RunSetup {
  readonly clock: Clock;
  readonly startedAt: Micros;
  readonly pid: number;
  readonly argv: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  readonly namespace: Namespace;
  readonly ownsNamespace: boolean;
  readonly log: (line: string) => void;
  /** Called once, when everything that the process held is gone. */
  readonly onEnd: (run: Run, exit: Exit) => void;
}

/** One life of a container: from a start to the end of its process. */
export class Run implements Process {
  readonly clock: Clock;
  readonly startedAt: Micros;
  readonly pid: number;
  readonly argv: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  readonly namespace: Namespace;
  readonly ownsNamespace: boolean;
  readonly log: (line: string) => void;
  readonly #onEnd: (run: Run, exit: Exit) => void;
  readonly #ended = new AbortController();
  #ending: Promise<void> | undefined;
  #resumed: PromiseWithResolvers<void> | undefined;
  /** True between the first probe that counted and the next pause. */
  probing = false;
  /** A process that swallows TERM is killed when the stop's patience ends. */
  ignoresTerm = false;

  constructor(setup: RunSetup) {
    this.clock = setup.clock;
    this.startedAt = setup.startedAt;
    this.pid = setup.pid;
    this.argv = setup.argv;
    this.env = setup.env;
    this.namespace = setup.namespace;
    this.ownsNamespace = setup.ownsNamespace;
    this.log = setup.log;
    this.#onEnd = setup.onEnd;
  }

  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  bind(port: number, handler?: RequestHandler): Promise<boolean> {
    if (handler === undefined) return this.namespace.bind(port, this);
    return this.namespace.bind(port, this, (request, response) => {
      if (this.#resumed === undefined) handler(request, response);
      else void this.#resumed.promise.then(() => handler(request, response));
    });
  }

  pause(): void {
    this.#resumed = Promise.withResolvers();
    this.probing = false;
  }

  resume(): void {
    this.#resumed?.resolve();
    this.#resumed = undefined;
  }

  exit(code: number): void {
    void this.end({ code, oomKilled: false });
  }

  /** Ends the process. The first caller says how; the others wait for the same end. */
  end(exit: Exit): Promise<void> {
    this.#ending ??= this.#finish(exit);
    return this.#ending;
  }

  async #finish(exit: Exit): Promise<void> {
    this.#ended.abort();
    await this.namespace.release(this);
    if (this.ownsNamespace) await this.namespace.close();
    this.#onEnd(this, exit);
  }
}
