import { createInterface } from 'node:readline';
import type Docker from 'dockerode';
import { until } from './until.ts';

export interface SeenEvent {
  readonly type: string;
  readonly action: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** The events that match `filters`, from now on, without the noise that probes make on a real daemon. */
export class EventLog implements AsyncDisposable {
  readonly #seen: SeenEvent[] = [];
  readonly #stop = new AbortController();

  static async open(docker: Docker, filters: Record<string, string[]>): Promise<EventLog> {
    const log = new EventLog();
    const stream = await docker.getEvents({ filters, abortSignal: log.#stop.signal });
    const lines = createInterface({ input: stream });
    // The stream that this object aborts ends in an error, and readline passes it on.
    for (const emitter of [stream, lines]) emitter.on('error', () => undefined);
    lines.on('line', (line) => {
      const { Type, Action, Actor } = JSON.parse(line);
      if (!Action.startsWith('exec_'))
        log.#seen.push({ type: Type, action: Action, id: Actor.ID, attributes: Actor.Attributes });
    });
    return log;
  }

  get seen(): readonly SeenEvent[] {
    return this.#seen;
  }

  get actions(): readonly string[] {
    return this.#seen.map(({ type, action }) => (type === 'container' ? action : `${type} ${action}`));
  }

  /** The actions seen so far, once `last` is the newest of them. */
  async upTo(last: string): Promise<readonly string[]> {
    await until(`"${last}" after [${this.actions}]`, () => this.actions.at(-1) === last);
    return this.actions;
  }

  /** Forgets what was seen. */
  clear(): void {
    this.#seen.length = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
  }
}
