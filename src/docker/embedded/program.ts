import type { Clock } from '../../async/clock.ts';
import type { Namespace, RequestHandler } from './namespace.ts';

/** What the process of a container may do. */
export interface Process {
  readonly clock: Clock;
  /** The entry point and command, in one list. */
  readonly argv: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  readonly namespace: Namespace;
  /** Aborts when the process ends, for whatever reason. */
  readonly signal: AbortSignal;
  log(line: string): void;
  exit(code: number): void;
  /** Binds a port in the namespace; a paused process answers nothing until it is resumed. */
  bind(port: number, handler?: RequestHandler): Promise<boolean>;
}

/** What an image does when it runs; one per container, so that it can outlive a restart. */
export interface Program {
  run(process: Process): Promise<void>;
  /** What the image's healthcheck would find; absent when the image has none. */
  readonly healthcheck?: Healthcheck;
}

export interface Healthcheck {
  /** From a start, or a resume, to the first probe that counts. */
  readonly firstProbeMs: number;
  /** From each probe to the next; absent when the program itself says that something changed. */
  readonly intervalMs?: number;
  readonly passes: (process: Process) => boolean;
}
