import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from '../support/child.ts';
import { type Client, clientOf } from '../support/client.ts';
import { until } from '../support/docker/until.ts';
import type { Witness } from './witness.ts';

/** Milliseconds in which it is ready whatever went wrong before, and in which it ends when it is told to. */
const readyMs = 40_000;
const endsMs = 15_000;

/** Characters of its log. */
const memory = 60_000;

/** One start of the service: how long it took to be ready, and whether anything kept it from it. */
export interface Recovery {
  readonly after: 'kill -9' | 'SIGTERM' | 'nothing';
  /** Milliseconds from its start. */
  readonly listening: number;
  readonly ready: number;
  readonly troubled: boolean;
}

/** The service as a process of its own, which is killed and started again on the same journal. */
export class Service implements AsyncDisposable {
  static async prepare(
    env: Readonly<Record<string, string>>,
    disturbed: (since: number) => boolean,
    witness: Witness,
  ) {
    const folder = await mkdtemp(join(tmpdir(), 'tandem-soak-'));
    return new Service(folder, env, disturbed, witness);
  }

  readonly recoveries: Recovery[] = [];
  kills = 0;
  endings = 0;
  readonly #folder: string;
  readonly #child: Child;
  readonly #disturbed: (since: number) => boolean;
  readonly #witness: Witness;
  #untilDeaf: () => Promise<void> = async () => {};
  /** Which of its lives it is. */
  #life = 0;
  #stage: 'starting' | 'serving' | 'dying' | 'dead' = 'dead';
  #after: Recovery['after'] = 'nothing';

  private constructor(
    folder: string,
    env: Readonly<Record<string, string>>,
    disturbed: (since: number) => boolean,
    witness: Witness,
  ) {
    this.#folder = folder;
    this.#child = new Child(folder, { DATA_DIR: join(folder, 'data'), ...env });
    this.#child.memory = memory;
    this.#disturbed = disturbed;
    this.#witness = witness;
  }

  get stage() {
    return this.#stage;
  }

  /** Null while nobody listens. */
  get client(): Client | null {
    const { url } = this.#child;
    return url === null ? null : clientOf(url);
  }

  /** All that it wrote lately. */
  get said(): string {
    return this.#child.said.slice(-memory);
  }

  /** Who is to have heard everything before it counts as dead. */
  heardBy(untilDeaf: () => Promise<void>): void {
    this.#untilDeaf = untilDeaf;
  }

  /** Starts it, and resolves when it is ready or was killed again. */
  async start(): Promise<void> {
    const life = ++this.#life;
    const since = Date.now();
    this.#enter('starting');
    const begun = performance.now();
    let listening = 0;
    try {
      await this.#child.start();
      listening = performance.now() - begun;
      await until('it is ready', () => this.#life !== life || this.#isReady(), readyMs);
    } catch (problem) {
      if (this.#life !== life) return;
      throw new Error(`the service does not start: ${problem}\n${this.said}`, { cause: problem });
    }
    if (this.#life !== life) return;
    const ready = performance.now() - begun;
    this.recoveries.push({ after: this.#after, listening, ready, troubled: this.#disturbed(since) });
    this.#enter('serving');
  }

  async kill(): Promise<void> {
    this.#life++;
    this.kills++;
    this.#after = 'kill -9';
    await this.#child.kill();
    await this.#dead();
  }

  /** Asks it to end, and waits until it has. */
  async end(): Promise<void> {
    this.#life++;
    this.endings++;
    this.#after = 'SIGTERM';
    this.#enter('dying');
    const begun = performance.now();
    const { code } = await this.#child.stop();
    const took = performance.now() - begun;
    if (code !== 0) this.#witness.broken('exit', `it ended with ${code}`);
    if (took > endsMs) this.#witness.broken('exit', `it ended after ${Math.round(took)} ms`);
    await this.#child.kill();
    await this.#dead();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#life++;
    await this.#child.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** It is dead once all is heard that it said before. */
  async #dead(): Promise<void> {
    await this.#untilDeaf();
    this.#enter('dead');
  }

  #enter(stage: 'starting' | 'serving' | 'dying' | 'dead'): void {
    this.#stage = stage;
    this.#witness.hear({ kind: 'stage', stage });
  }

  async #isReady(): Promise<boolean> {
    try {
      return (await this.client?.ready())?.status === 200;
    } catch {
      return false;
    }
  }
}
