import { untilAborted } from '../async/all-or-nothing.ts';
import type { Clock } from '../async/clock.ts';
import { type Lane, Turns } from '../async/turns.ts';
import type { Trouble } from '../docker/docker.ts';
import type { StartOutcome } from '../domain/circuit.ts';
import type { RunningEngine } from '../domain/engine.ts';
import type { EnvVariable } from '../domain/input.ts';
import { dockerUnavailable, type ProvisionRefusal, type StartPhase, startFailed } from '../domain/refusal.ts';
import { Images } from './images.ts';
import { type ReadinessDeps, untilReady } from './readiness.ts';
import type { Reservation } from './reservation.ts';

type Abandoned = { readonly kind: 'abandoned' };

export type StartResult =
  | { readonly kind: 'running'; readonly engine: RunningEngine }
  /** `outcome` is what it says about the image. */
  | { readonly kind: 'refused'; readonly refusal: ProvisionRefusal; readonly outcome: StartOutcome }
  /** The container ended by itself before it answered. */
  | { readonly kind: 'dead'; readonly message: string }
  /** The VPN is not what it was when it was chosen: the request deserves another place. */
  | { readonly kind: 'vpn-trouble'; readonly message: string }
  | Abandoned;

type Made = { readonly kind: 'made'; readonly containerId: string; readonly deadline: number };
type Step = Made | Exclude<StartResult, { kind: 'running' }> | { readonly kind: 'no-image' };

export interface StarterOptions {
  readonly startupTimeoutMs: number;
  readonly maxConcurrentStarts: number;
}

/** Milliseconds: before an unknown outcome is looked into again, and until a turn is given on. */
const retryMs = 250;
const longestTurnMs = 5_000;

/** Makes a reserved engine run: create, start, and wait until it answers. It touches no promise; its caller's scope does. */
export class Starter {
  readonly #options: StarterOptions;
  readonly #deps: ReadinessDeps;
  readonly #clock: Clock;
  readonly #turns: Turns;
  readonly #images: Images;

  constructor(options: StarterOptions, deps: ReadinessDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#clock = deps.clock;
    this.#turns = new Turns(options.maxConcurrentStarts, deps.clock);
    this.#images = new Images(deps.docker, deps.clock, deps.log);
  }

  async start(reservation: Reservation, env: readonly EnvVariable[], lane: Lane): Promise<StartResult> {
    const abandoned = untilAborted(reservation.signal).then((): Abandoned => ({ kind: 'abandoned' }));
    let made = await this.#inTurn(reservation, env, lane, abandoned);
    if (made.kind === 'no-image') {
      const pulled = await Promise.race([this.#images.pull(), abandoned]);
      if (pulled.kind === 'abandoned') return pulled;
      if (pulled.kind !== 'pulled')
        return this.#refused('PULL', `The image ${this.#deps.docker.image} cannot be pulled`, pulled);
      made = await this.#inTurn(reservation, env, lane, abandoned);
    }
    if (made.kind === 'no-image') {
      return refusedFor(
        'PULL',
        `The image ${this.#deps.docker.image} was pulled, but Docker still does not know it.`,
      );
    }
    return made.kind === 'made' ? this.#untilReady(reservation, made) : made;
  }

  /** Goes on where a process that is no more left off: a container that runs may still become an engine; another one not. */
  async resume(reservation: Reservation): Promise<StartResult> {
    const { docker } = this.#deps;
    const deadline = this.#clock.now() + this.#options.startupTimeoutMs;
    for (;;) {
      if (reservation.signal.aborted) return { kind: 'abandoned' };
      const { id, name } = reservation.engine;
      // Among all, for its name may have turned out to be taken after it was written down.
      const listing = await docker.listEngines();
      if (listing.kind === 'listed') {
        const own = listing.containers.find(({ engineId }) => engineId === id);
        if (!own) return { kind: 'dead', message: `${name} was not made yet when Tandem ended.` };
        const { containerId, running, status, engine } = own;
        reservation.made(containerId);
        if (!running || engine?.name !== name)
          return { kind: 'dead', message: `${name} was half-made when Tandem ended: ${status}.` };
        return this.#untilReady(reservation, { kind: 'made', containerId, deadline });
      }
      if (this.#clock.now() >= deadline)
        return this.#refused('CREATE', 'Docker does not say whether there is a container', listing);
      await this.#clock.sleep(retryMs, reservation.signal);
    }
  }

  /**
   * Creates and starts within one turn; waiting for readiness holds none. A turn in which Docker says nothing for long is
   * given on, so that a few hung calls do not stop everything; what comes of them is waited for all the same.
   */
  async #inTurn(
    reservation: Reservation,
    env: readonly EnvVariable[],
    lane: Lane,
    abandoned: Promise<Abandoned>,
  ): Promise<Step> {
    let work: Promise<Step> | null = null;
    const turn = this.#turns.take(lane, async () => {
      if (reservation.signal.aborted) return;
      const refusal = reservation.refusedNow();
      if (refusal) work = Promise.resolve({ kind: 'refused', refusal, outcome: 'neutral' });
      else work = this.#make(reservation, env, this.#clock.now() + this.#options.startupTimeoutMs);
      const waiting = new AbortController();
      const step = await Promise.race([work, this.#clock.sleep(longestTurnMs, waiting.signal)]);
      waiting.abort();
      if (step?.kind === 'refused') reservation.failed(step.refusal.message, step.outcome);
    });
    // Who is given up while it waits for its turn need not wait; from the first call on, what Docker made of it must be known.
    await Promise.race([turn, abandoned.then(() => (work ? turn : undefined))]);
    return work ?? { kind: 'abandoned' };
  }

  async #make(reservation: Reservation, env: readonly EnvVariable[], deadline: number): Promise<Step> {
    const created = await this.#create(reservation, env, deadline);
    return created.kind === 'made' ? this.#start(reservation, created) : created;
  }

  /** The name makes the outcome knowable: Docker gives it to one container, and that one's label says whether it is ours. */
  async #create(reservation: Reservation, env: readonly EnvVariable[], deadline: number): Promise<Step> {
    const { docker } = this.#deps;
    for (;;) {
      if (reservation.signal.aborted) return { kind: 'abandoned' };
      const created = await docker.createEngine(reservation.engine, env);
      switch (created.kind) {
        case 'created':
          reservation.made(created.containerId);
          return { kind: 'made', containerId: created.containerId, deadline };
        case 'no-image':
        case 'vpn-trouble':
          return created;
        case 'unreachable':
        case 'refused':
          return this.#refused('CREATE', 'Docker did not create the container', created);
        case 'unknown':
        case 'errored':
          reservation.mayBeMade();
      }
      const found = await docker.findEngine(reservation.engine.name);
      if (found.kind === 'found' && found.container.engineId === reservation.engine.id) {
        reservation.made(found.container.containerId);
        return { kind: 'made', containerId: found.container.containerId, deadline };
      }
      // Renamed only when Docker has said whose it is: else this engine might have a container under each name.
      if (created.kind === 'name-taken' && (found.kind === 'found' || found.kind === 'absent')) {
        const taken = await docker.takenNames('acestream-');
        reservation.rename(taken.kind === 'names' ? taken.names : []);
        continue;
      }
      const settled = found.kind === 'absent' && created.kind === 'errored';
      if (settled || this.#clock.now() >= deadline) {
        const trouble: Trouble =
          created.kind === 'name-taken' ? { kind: 'unknown', message: 'its name is taken' } : created;
        return this.#refused('CREATE', 'Docker did not create the container', trouble);
      }
      await this.#clock.sleep(retryMs, reservation.signal);
    }
  }

  async #start(reservation: Reservation, made: Made): Promise<Step> {
    const { docker } = this.#deps;
    for (;;) {
      if (reservation.signal.aborted) return { kind: 'abandoned' };
      const started = await docker.startEngine(made.containerId);
      if (started.kind === 'started') return made;
      if (started.kind === 'vpn-trouble') return started;
      if (started.kind === 'refused' || started.kind === 'unreachable') {
        return this.#refused('START', 'Docker did not start the container', started);
      }
      const found = await docker.findEngine(made.containerId);
      if (found.kind === 'found' && found.container.running) return made;
      const settled = found.kind === 'absent' || (found.kind === 'found' && started.kind === 'errored');
      if (settled || this.#clock.now() >= made.deadline)
        return this.#refused('START', 'Docker did not start the container', started);
      await this.#clock.sleep(retryMs, reservation.signal);
    }
  }

  async #untilReady(reservation: Reservation, { containerId, deadline }: Made): Promise<StartResult> {
    const { engine, signal } = reservation;
    const readiness = await untilReady(engine, containerId, deadline, this.#deps, signal);
    // Nothing may come between this answer and `fill`: a VPN that fails right now has to find the engine in one of the two.
    if (signal.aborted) return { kind: 'abandoned' };
    switch (readiness.kind) {
      case 'ready':
        return { kind: 'running', engine: reservation.fill(containerId, readiness.health) };
      case 'abandoned':
        return readiness;
      case 'dead':
        return { kind: 'dead', message: `${engine.name} ended before it answered: ${readiness.message}.` };
      case 'late':
        return refusedFor(
          'READINESS',
          `${engine.name} did not answer HTTP on port ${engine.ports.http} within ${this.#options.startupTimeoutMs / 1_000} s (STARTUP_TIMEOUT_S).`,
        );
    }
  }

  #refused(phase: StartPhase, what: string, trouble: Trouble): StartResult & { kind: 'refused' } {
    if (trouble.kind === 'refused' || trouble.kind === 'errored')
      return refusedFor(phase, `${what}: ${trouble.message}.`);
    const refusal = dockerUnavailable(
      `${what}: it does not answer properly at ${this.#deps.docker.address} (${trouble.message}).`,
    );
    return { kind: 'refused', refusal, outcome: 'neutral' };
  }
}

/** Docker's refusal, or the image's fault. */
const refusedFor = (phase: StartPhase, message: string): StartResult & { kind: 'refused' } => ({
  kind: 'refused',
  refusal: startFailed(phase, message),
  outcome: 'failure',
});
