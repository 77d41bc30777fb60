import { AcestreamEngine, type EngineFaults, noFaults } from './acestream.ts';
import type { Container } from './container.ts';
import type { Daemon } from './daemon.ts';
import { Gluetun } from './gluetun.ts';
import type { ControlState } from './gluetun-control.ts';
import { inspectJson } from './json.ts';
import type { Run } from './run.ts';

/** A container in the hands of an operator: what is done here takes no time and is not a call. */
export class ContainerHandle {
  readonly #daemon: Daemon;
  readonly #ref: string;

  constructor(daemon: Daemon, ref: string) {
    this.#daemon = daemon;
    this.#ref = ref;
  }

  get id(): string {
    return this.container.id;
  }

  get name(): string {
    return this.container.name;
  }

  get state(): Container['state']['kind'] {
    return this.container.state.kind;
  }

  inspect(): object {
    return inspectJson(this.container, this.#daemon.world.network);
  }

  start(): Promise<boolean> {
    return this.#daemon.lifecycle.start(this.container);
  }

  stop(): Promise<boolean> {
    return this.#daemon.lifecycle.stop(this.container);
  }

  kill(): Promise<void> {
    return this.#daemon.lifecycle.kill(this.container);
  }

  restart(): Promise<void> {
    return this.#daemon.lifecycle.restart(this.container);
  }

  pause(): Promise<void> {
    return this.#daemon.lifecycle.pause(this.container);
  }

  unpause(): Promise<void> {
    return this.#daemon.lifecycle.unpause(this.container);
  }

  remove(): Promise<void> {
    return this.#daemon.remove(this.container, this.#ref, true);
  }

  /** Removes it and runs a new one of the same name and settings: another id, another namespace. */
  async recreate(): Promise<void> {
    const { name, spec } = this.container;
    await this.remove();
    await this.#daemon.lifecycle.start(await this.#daemon.create(name, spec));
  }

  /** The process ends by itself. */
  async crash(code = 1): Promise<void> {
    await this.process.end({ code, oomKilled: false });
  }

  /** The kernel ends it for want of memory. */
  async oom(): Promise<void> {
    await this.process.end({ code: 137, oomKilled: true });
  }

  /** From now on this process only dies when it is killed. */
  ignoreTerm(): void {
    this.process.ignoresTerm = true;
  }

  protected get container(): Container {
    return this.#daemon.world.containers.get(this.#ref);
  }

  protected get process(): Run {
    const { run, name } = this.container;
    if (run === undefined) throw new Error(`${name} does not run`);
    return run;
  }

  protected probe(): void {
    this.#daemon.lifecycle.probe(this.container);
  }
}

/** An engine, and how it misbehaves until it is restarted. */
export class EngineHandle extends ContainerHandle {
  hang(): void {
    this.misbehave({ hang: true });
  }

  slow(ms: number): void {
    this.misbehave({ slowMs: ms });
  }

  http500(): void {
    this.misbehave({ http500: true });
  }

  netdown(): void {
    this.misbehave({ netdown: true });
  }

  misbehave(faults: Partial<EngineFaults>): void {
    this.#engine.faults = { ...this.#engine.faults, ...faults };
  }

  /** Behaves again; what hung meanwhile stays unanswered. */
  recover(): void {
    this.#engine.faults = noFaults;
  }

  get #engine(): AcestreamEngine {
    const { program, name } = this.container;
    if (!(program instanceof AcestreamEngine)) throw new Error(`${name} is not an engine`);
    return program;
  }
}

/** A VPN container: its health as Docker sees it, and its control server. */
export class VpnHandle extends ContainerHandle {
  /** The healthcheck fails from now on: `unhealthy` at once, if it was being probed. */
  fail(): void {
    this.#gluetun.passing = false;
    this.probe();
  }

  heal(): void {
    this.#gluetun.passing = true;
    this.probe();
  }

  get control(): ControlState {
    return this.#gluetun.control;
  }

  setControl(change: Partial<ControlState>): void {
    this.#gluetun.control = { ...this.#gluetun.control, ...change };
  }

  get #gluetun(): Gluetun {
    const { program, name } = this.container;
    if (!(program instanceof Gluetun)) throw new Error(`${name} is not a VPN`);
    return program;
  }
}
