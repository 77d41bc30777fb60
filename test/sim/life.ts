import { type App, makeApp } from '../../src/app.ts';
import type { Settings } from '../../src/config.ts';
import { DockerodeDocker } from '../../src/docker/dockerode.ts';
import { variants } from '../../src/docker/variants.ts';
import type { Event } from '../../src/domain/events.ts';
import { PlainError } from '../../src/domain/plain-error.ts';
import type { Random } from '../support/random.ts';
import type { Host } from './host.ts';
import { Line } from './line.ts';
import { type Disk, MemoryJournal } from './memory-journal.ts';
import { Network, publishedHost } from './network.ts';
import type { Schedule } from './schedule.ts';
import type { Trouble } from './trouble.ts';
import type { Watcher } from './watcher.ts';

export interface LifeDeps {
  readonly settings: Settings;
  readonly schedule: Schedule;
  readonly random: Random;
  readonly trouble: Trouble;
  readonly host: Host;
  readonly disk: Disk;
  readonly watcher: Watcher;
  readonly said: (line: string) => void;
}

/** One process of the service, from its start to its end, which may come at any moment. */
export class Life {
  readonly app: App;
  readonly #deps: LifeDeps;
  readonly #stopping = new AbortController();
  #stage: 'starting' | 'serving' | 'dying' | 'dead' = 'starting';
  #following: AsyncIterableIterator<Event> | null = null;
  /** What ended it that was neither asked for nor done to it. */
  failure: unknown = null;

  constructor(deps: LifeDeps, skewMs: number) {
    this.#deps = deps;
    const { settings, schedule, random, trouble, host, disk, watcher, said } = deps;
    const clock = schedule.clockOf(this, skewMs);
    const network = new Network(host.core.containers, schedule, trouble, this);
    const line = new Line({
      core: host.core,
      schedule,
      trouble,
      life: this,
      heard: (method, path, body) => watcher.called(method, path, body),
      said,
    });
    const { engine } = settings;
    const hostOf = () => 'localhost';
    const shape = { ...engine, instance: settings.instance, variant: variants[engine.variant], hostOf };
    const log = (level: string) => (details: object, message: string) => {
      if (this.alive) said(`  log ${level}: ${message} ${JSON.stringify(details)}`);
    };
    this.app = makeApp(
      settings,
      {
        docker: new DockerodeDocker(line.api, 'the simulated Docker', shape, clock),
        journal: new MemoryJournal(disk, this),
        probe: network.probe,
        checkUp: network.checkUp,
        askControl: network.askControl,
        clock,
        newId: () => random.hex(32),
        log: { info: log('info'), warn: log('warn'), error: log('error') },
        publishedHost,
        hostOf,
      },
      this.#stopping.signal,
    );
    if (!this.#isMissing()) throw new Error('a service that begins has nothing to wait for');
    watcher.see({ kind: 'stage', stage: 'starting' });
    this.app.run().then(
      () => this.#end(null),
      (problem) => this.#end(problem ?? 'it ended with nothing'),
    );
  }

  get alive(): boolean {
    return this.#stage !== 'dead';
  }

  get stage(): 'starting' | 'serving' | 'dying' | 'dead' {
    return this.#stage;
  }

  /** Whether it takes up its work by now. */
  look(): void {
    if (this.#stage !== 'starting' || this.#isMissing()) return;
    this.#stage = 'serving';
    this.#deps.watcher.see({ kind: 'stage', stage: 'serving' });
  }

  /** That Docker or the disk gives trouble is no reason not to serve. */
  #isMissing(): boolean {
    return this.app.missing().some((what) => /was not looked at yet|are being adopted/.test(what));
  }

  /** kill -9 */
  kill(): void {
    if (!this.alive) return;
    this.#stage = 'dead';
    this.#deps.watcher.see({ kind: 'stage', stage: 'dead' });
  }

  /** SIGTERM */
  stop(): void {
    if (!this.alive || this.#stage === 'dying') return;
    this.#stage = 'dying';
    this.#deps.watcher.see({ kind: 'stage', stage: 'dying' });
    this.#stopping.abort();
  }

  /** Lets somebody follow all events, from right after `after` on, or from the next one. */
  async follow(
    after: string | null,
    seen: (event: Event) => void,
    missed: (code: string) => void,
  ): Promise<void> {
    const events = this.app.context.reader.events({ after });
    this.#following = events;
    try {
      for await (const event of events) {
        if (!this.alive) return;
        this.look();
        seen(event);
      }
    } catch (problem) {
      if (this.alive) missed(problem instanceof PlainError ? problem.code : String(problem));
    } finally {
      if (this.#following === events) this.#following = null;
    }
  }

  /** The follower goes away. */
  leave(): void {
    void this.#following?.return?.();
    this.#following = null;
  }

  /** Whether a follower who has read up to `last` has more to read. */
  isBehind(last: string | null): boolean {
    return this.alive && this.isFollowed && this.app.context.events.lastId !== last;
  }

  get isFollowed(): boolean {
    return this.#following !== null;
  }

  #end(problem: unknown): void {
    if (!this.alive) return;
    this.failure = problem;
    this.kill();
  }
}
