import type { Container } from './container.ts';
import { DockerError } from './errors.ts';
import { Launcher } from './launcher.ts';
import type { Exit, Run } from './run.ts';
import { emitContainer, pass, type World } from './world.ts';

export interface StopOptions {
  /** How long a process that ignores TERM is given. */
  readonly patienceMs?: number;
  readonly takesMs?: number;
}

const killed: Exit = { code: 137, oomKilled: false };

/** What can be done to a container, each with the events and refusals of the real daemon. */
export class Lifecycle {
  readonly #world: World;
  readonly #launcher: Launcher;

  constructor(world: World) {
    this.#world = world;
    this.#launcher = new Launcher(world);
  }

  /** Starts it, and says whether that was necessary. */
  start(container: Container, takesMs = 0): Promise<boolean> {
    return container.lock.runExclusive(async () => {
      if (container.state.kind === 'paused')
        throw new DockerError(409, 'cannot start a paused container, try unpause instead');
      if (container.state.kind === 'running') return false;
      await this.#launcher.launch(container, takesMs);
      return true;
    });
  }

  /** Stops it, and says whether that was necessary. */
  stop(container: Container, options: StopOptions = {}): Promise<boolean> {
    return container.lock.runExclusive(async () => {
      if (container.run === undefined) return false;
      await this.#terminate(container, container.run, options);
      this.emit(container, 'stop');
      return true;
    });
  }

  restart(container: Container, options: StopOptions = {}, takesMs = 0): Promise<void> {
    return container.lock.runExclusive(async () => {
      if (container.run !== undefined) {
        await this.#terminate(container, container.run, options);
        this.emit(container, 'stop');
      }
      await this.#launcher.launch(container, takesMs);
      this.emit(container, 'restart');
    });
  }

  kill(container: Container, signal = 9, takesMs = 0): Promise<void> {
    return container.lock.runExclusive(async () => {
      const { run } = container;
      if (run === undefined) throw new DockerError(409, `Container ${container.id} is not running`);
      this.emit(container, 'kill', { signal: String(signal) });
      await pass(this.#world, takesMs);
      if (signal === 9) await run.end(killed);
      else if (signal === 15 && !run.ignoresTerm) await run.end({ code: 0, oomKilled: false });
    });
  }

  pause(container: Container): Promise<void> {
    return container.lock.runExclusive(async () => {
      const { state } = container;
      if (state.kind === 'paused') throw new DockerError(409, `Container ${container.id} is already paused`);
      if (state.kind !== 'running') throw new DockerError(409, `Container ${container.id} is not running`);
      state.run.pause();
      container.state = { kind: 'paused', run: state.run };
      container.health?.suspend();
      this.emit(container, 'pause');
    });
  }

  unpause(container: Container): Promise<void> {
    return container.lock.runExclusive(async () => {
      const { state } = container;
      if (state.kind !== 'paused') throw new DockerError(500, `Container ${container.id} is not paused`);
      this.#resume(container, state.run);
      this.#launcher.watch(container, state.run);
    });
  }

  /** Runs the healthcheck now, once probing has begun. */
  probe(container: Container): void {
    this.#launcher.probe(container);
  }

  /** Removes it, killing what runs when `force` is given. */
  remove(container: Container, force: boolean, takesMs = 0): Promise<void> {
    return container.lock.runExclusive(async () => {
      const { run } = container;
      if (run !== undefined && !force) throw refusalToRemove(container);
      if (run !== undefined) {
        this.emit(container, 'kill', { signal: '9' });
        await pass(this.#world, takesMs);
        await run.end(killed);
      }
      this.#world.containers.remove(container);
      this.emit(container, 'destroy');
      container.removed.resolve();
    });
  }

  emit(container: Container, action: string, extra?: Readonly<Record<string, string>>): void {
    emitContainer(this.#world, container, action, extra);
  }

  async #terminate(
    container: Container,
    run: Run,
    { patienceMs = 10_000, takesMs = 0 }: StopOptions,
  ): Promise<void> {
    this.emit(container, 'kill', { signal: '15' });
    if (container.state.kind === 'paused') this.#resume(container, run);
    await pass(this.#world, takesMs);
    if (run.ignoresTerm) {
      await this.#world.clock.sleep(patienceMs, run.signal);
      if (!run.signal.aborted) this.emit(container, 'kill', { signal: '9' });
      await run.end(killed);
    } else await run.end({ code: 0, oomKilled: false });
  }

  #resume(container: Container, run: Run): void {
    container.state = { kind: 'running', run };
    run.resume();
    this.emit(container, 'unpause');
  }
}

function refusalToRemove({ id, state }: Container): DockerError {
  return new DockerError(
    409,
    state.kind === 'paused'
      ? `You cannot remove a paused container ${id}. Unpause and then stop the container before attempting removal or force remove`
      : `You cannot remove a running container ${id}. Stop the container before attempting removal or force remove`,
  );
}
