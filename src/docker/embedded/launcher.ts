import type { Container } from './container.ts';
import { DockerError, noSuchContainer } from './errors.ts';
import { Health } from './health.ts';
import { probeHealth, watchHealth } from './health-watch.ts';
import type { Namespace } from './namespace.ts';
import { type Exit, Run } from './run.ts';
import { joinedContainer } from './spec.ts';
import { emitContainer, emitNetwork, pass, type World } from './world.ts';

/** Turns a container into a running process, and notes how that ends. Its callers hold the container's lock. */
export class Launcher {
  readonly #world: World;
  #nextPid = 1000;

  constructor(world: World) {
    this.#world = world;
  }

  /** Starts the process; a start that fails leaves its reason in the container. */
  async launch(container: Container, takesMs: number): Promise<void> {
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

  /** Watches the health of a process that was started or resumed. */
  watch(container: Container, run: Run): void {
    void watchHealth(container, run, () => this.probe(container));
  }

  /** Runs the healthcheck now, once probing has begun. */
  probe(container: Container): void {
    const status = probeHealth(container, this.#world.moments.next());
    if (status !== undefined) emitContainer(this.#world, container, `health_status: ${status}`);
  }

  async #run(container: Container, takesMs: number): Promise<void> {
    const { moments, network, clock, stopping } = this.#world;
    const joined = joinedContainer(container.networkMode);
    const namespace = joined === undefined ? await network.open(container) : this.#join(joined);
    if (joined === undefined) emitNetwork(this.#world, container, 'connect');
    await pass(this.#world, takesMs);
    if (stopping.aborted && joined === undefined) await namespace.close();
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
    emitContainer(this.#world, container, 'start');
    this.watch(container, run);
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
    if (exit.oomKilled) emitContainer(this.#world, container, 'oom');
    emitContainer(this.#world, container, 'die', { exitCode: String(exit.code) });
    if (run.ownsNamespace) {
      this.#world.network.releasePorts(container);
      emitNetwork(this.#world, container, 'disconnect');
    }
    container.exited.resolve(exit);
  }
}
