import type { Clock } from '../../async/clock.ts';
import type { Container } from './container.ts';
import { DockerError, noSuchContainer } from './errors.ts';
import type { Events } from './events.ts';
import { Health } from './health.ts';
import { probeHealth, watchHealth } from './health-watch.ts';
import type { HostNetwork } from './host-network.ts';
import type { Moments } from './moment.ts';
import type { Namespace } from './namespace.ts';
import type { Registry } from './registry.ts';
import { type Exit, Run } from './run.ts';
import { joinedContainer } from './spec.ts';

export interface World {
  readonly clock: Clock;
  readonly moments: Moments;
  readonly events: Events;
  readonly network: HostNetwork;
  readonly containers: Registry;
}

export interface StopOptions {
  /** How long a process that ignores TERM is given. */
  readonly patienceMs?: number;
  readonly takesMs?: number;
}

const killed: Exit = { code: 137, oomKilled: false };

/** What can be done to a container, each with the events and refusals of the real daemon. */
export class Lifecycle {
  readonly #world: World;
  #nextPid = 1000;

  constructor(world: World) {
    this.#world = world;
  }

  /** Starts it, and says whether that was necessary. */
  start(container: Container, takesMs = 0): Promise<boolean> {
    return container.lock.runExclusive(async () => {
      if (container.state.kind === 'paused')
        throw new DockerError(409, 'cannot start a paused container, try unpause instead');
      if (container.state.kind === 'running') return false;
      await this.#launch(container, takesMs);
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
      await this.#launch(container, takesMs);
      this.emit(container, 'restart');
    });
  }

  kill(container: Container, signal = 9, takesMs = 0): Promise<void> {
    return container.lock.runExclusive(async () => {
      const { run } = container;
      if (run === undefined) throw new DockerError(409, `Container ${container.id} is not running`);
      this.emit(container, 'kill', { signal: String(signal) });
      await this.#pass(takesMs);
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
      void this.#watch(container, state.run);
    });
  }

  /** Runs the healthcheck now, once probing has begun. */
  probe(container: Container): void {
    const status = probeHealth(container, this.#world.moments.next());
    if (status !== undefined) this.emit(container, `health_status: ${status}`);
  }

  /** Removes it, killing what runs when `force` is given. */
  remove(container: Container, force: boolean, takesMs = 0): Promise<void> {
    return container.lock.runExclusive(async () => {
      const { run } = container;
      if (run !== undefined && !force) throw refusalToRemove(container);
      if (run !== undefined) {
        this.emit(container, 'kill', { signal: '9' });
        await this.#pass(takesMs);
        await run.end(killed);
      }
      this.#world.containers.remove(container);
      this.emit(container, 'destroy');
      container.removed.resolve();
    });
  }

  emit(container: Container, action: string, extra: Readonly<Record<string, string>> = {}): void {
    this.#world.events.emit('container', action, container.id, {
      ...container.labels,
      ...extra,
      image: container.spec.Image,
      name: container.name,
    });
  }

  async #terminate(
    container: Container,
    run: Run,
    { patienceMs = 10_000, takesMs = 0 }: StopOptions,
  ): Promise<void> {
    this.emit(container, 'kill', { signal: '15' });
    if (container.state.kind === 'paused') this.#resume(container, run);
    await this.#pass(takesMs);
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

  async #launch(container: Container, takesMs: number): Promise<void> {
    if (container.removing)
      throw new DockerError(409, 'container is marked for removal and cannot be started');
    try {
      await this.#run(container, takesMs);
    } catch (problem) {
      const error = problem instanceof Error ? problem.message : String(problem);
      container.state =
        container.state.kind === 'exited'
          ? { ...container.state, exit: { code: 128, oomKilled: false }, error }
          : { kind: 'created', error };
      throw problem;
    }
  }

  async #run(container: Container, takesMs: number): Promise<void> {
    const { moments, network, clock } = this.#world;
    const joined = joinedContainer(container.networkMode);
    const namespace = joined === undefined ? await network.open(container) : this.#join(joined);
    if (joined === undefined) this.#emitNetwork(container, 'connect');
    await this.#pass(takesMs);
    if (!namespace.alive)
      throw new DockerError(
        500,
        'failed to create shim task: OCI runtime create failed: runc create failed: cannot join the network namespace path: lstat /proc/0/ns/net: no such file or directory: unknown',
      );
    this.#nextPid += 1;
    const run = new Run({
      clock,
      startedAt: moments.next(),
      pid: this.#nextPid,
      argv: container.argv,
      env: container.env,
      namespace,
      ownsNamespace: joined === undefined,
      log: (line) => container.log(line),
      onEnd: (ended, exit) => this.#ended(container, ended, exit),
    });
    container.exited = Promise.withResolvers();
    container.state = { kind: 'running', run };
    if (container.healthcheck !== undefined) container.health ??= new Health();
    container.health?.begin();
    this.emit(container, 'start');
    void this.#watch(container, run);
    void container.program.run(run).catch((problem) => {
      run.log(String(problem));
      run.exit(1);
    });
  }

  #join(ref: string): Namespace {
    const parent = this.#world.containers.find(ref);
    if (parent === undefined) throw noSuchContainer(ref);
    if (parent.run === undefined)
      throw new DockerError(409, `cannot join network of a non running container: ${parent.id}`);
    return parent.run.namespace;
  }

  #ended(container: Container, run: Run, exit: Exit): void {
    container.health?.suspend();
    const finishedAt = this.#world.moments.next();
    container.state = { kind: 'exited', startedAt: run.startedAt, finishedAt, exit, error: '' };
    if (exit.oomKilled) this.emit(container, 'oom');
    this.emit(container, 'die', { exitCode: String(exit.code) });
    if (run.ownsNamespace) {
      this.#world.network.releasePorts(container);
      this.#emitNetwork(container, 'disconnect');
    }
    container.exited.resolve(exit);
  }

  #emitNetwork(container: Container, action: 'connect' | 'disconnect'): void {
    const { id, name, driver } = this.#world.network.of(container);
    this.#world.events.emit('network', action, id, { container: container.id, name, type: driver });
  }

  #watch(container: Container, run: Run): Promise<void> {
    return watchHealth(container, run, () => this.probe(container));
  }

  async #pass(ms: number): Promise<void> {
    if (ms > 0) await this.#world.clock.sleep(ms);
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
