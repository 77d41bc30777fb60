import { Mutex } from 'async-mutex';
import type { Health } from './health.ts';
import type { Image } from './images.ts';
import type { Micros } from './moment.ts';
import type { Program } from './program.ts';
import type { Exit, Run } from './run.ts';
import { type ContainerSpec, networkModeOf } from './spec.ts';

export type ContainerState =
  | { readonly kind: 'created'; readonly error: string }
  | { readonly kind: 'running'; readonly run: Run }
  | { readonly kind: 'paused'; readonly run: Run }
  | {
      readonly kind: 'exited';
      readonly startedAt: Micros;
      readonly finishedAt: Micros;
      readonly exit: Exit;
      readonly error: string;
    };

interface ContainerSetup {
  readonly id: string;
  readonly name: string;
  readonly created: Micros;
  readonly spec: ContainerSpec;
  readonly image: Image;
  readonly program: Program;
}

/** Log lines kept per container. */
const keptLines = 1000;

/** A container as the daemon holds it. Its state is changed by the lifecycle alone. */
export class Container {
  readonly id: string;
  readonly created: Micros;
  readonly spec: ContainerSpec;
  readonly image: Image;
  readonly program: Program;
  /** Serialises start, stop, kill, restart, pause and the effect of a removal. */
  readonly lock = new Mutex();
  readonly logs: string[] = [];
  name: string;
  networkMode: string;
  state: ContainerState = { kind: 'created', error: '' };
  /** Set by the first start of a container that has a healthcheck. */
  health: Health | undefined;
  removing = false;
  /** Settles when the present process, or the next one, has ended. */
  exited = Promise.withResolvers<Exit>();
  removed = Promise.withResolvers<void>();

  constructor(setup: ContainerSetup) {
    this.id = setup.id;
    this.name = setup.name;
    this.created = setup.created;
    this.spec = setup.spec;
    this.image = setup.image;
    this.program = setup.program;
    this.networkMode = networkModeOf(setup.spec);
  }

  /** The process, paused or not. */
  get run(): Run | undefined {
    return this.state.kind === 'running' || this.state.kind === 'paused' ? this.state.run : undefined;
  }

  get labels(): Readonly<Record<string, string>> {
    return this.spec.Labels ?? {};
  }

  get argv(): readonly string[] {
    return [...this.entrypoint, ...this.command];
  }

  get entrypoint(): readonly string[] {
    return this.spec.Entrypoint.length > 0 ? this.spec.Entrypoint : this.image.entrypoint;
  }

  get command(): readonly string[] {
    return this.spec.Cmd.length > 0 ? this.spec.Cmd : this.image.command;
  }

  get env(): ReadonlyMap<string, string> {
    return new Map(
      [...this.image.env, ...(this.spec.Env ?? [])].map((line) => {
        const cut = line.indexOf('=');
        return cut < 0 ? [line, ''] : [line.slice(0, cut), line.slice(cut + 1)];
      }),
    );
  }

  /** The healthcheck that counts: the image's, unless the caller overrode it with NONE. */
  get healthcheck() {
    return this.spec.Healthcheck?.Test?.[0] === 'NONE' ? undefined : this.program.healthcheck;
  }

  log(line: string): void {
    this.logs.push(line);
    if (this.logs.length > keptLines) this.logs.shift();
  }
}
