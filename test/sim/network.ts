import type { CheckUp, EngineTarget, Probe, ProbeResult } from '../../src/acestream/ask.ts';
import type { Container } from '../../src/docker/embedded/container.ts';
import type { Registry } from '../../src/docker/embedded/registry.ts';
import type { Finding } from '../../src/domain/health.ts';
import type { AskControl, ControlAnswer } from '../../src/gluetun/control.ts';
import { type Control, SimulatedEngine, SimulatedGluetun } from './programs.ts';
import type { Alive, Schedule } from './schedule.ts';
import type { Trouble } from './trouble.ts';

/** Where Docker publishes ports; the addresses of its containers are out of reach. */
export const publishedHost = '127.0.0.1';

/** The host's port that leads to the control server of the VPN in that place. */
export const controlPortOf = (place: number): number => 18_000 + place;

type Answered<T> = { readonly kind: 'answered'; readonly value: T };
type Outcome<T> = Answered<T> | { readonly kind: 'refused' } | { readonly kind: 'silent' };

interface Question {
  readonly target: EngineTarget;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The way from one process to engines and control servers. */
export class Network {
  readonly #containers: Registry;
  readonly #schedule: Schedule;
  readonly #trouble: Trouble;
  readonly #life: Alive;

  constructor(containers: Registry, schedule: Schedule, trouble: Trouble, life: Alive) {
    this.#containers = containers;
    this.#schedule = schedule;
    this.#trouble = trouble;
    this.#life = life;
  }

  readonly probe: Probe = async (question): Promise<ProbeResult> => {
    const outcome = await this.#ask(question, () => this.#behind(question.target).engine);
    if (outcome.kind !== 'answered' || !outcome.value) return 'silent';
    return outcome.value.condition.answers500 ? 'answering' : 'healthy';
  };

  readonly checkUp: CheckUp = async (question): Promise<Finding> => {
    const outcome = await this.#ask(question, () => this.#behind(question.target));
    if (outcome.kind === 'refused') return { kind: 'ill', problem: 'it refuses the connection' };
    if (outcome.kind === 'silent') return { kind: 'ill', problem: 'it gave no answer in time' };
    const { engine, gluetun } = outcome.value;
    if (engine?.condition.answers500) return { kind: 'ill', problem: 'it answers 500 to get_status' };
    const connected = !engine?.condition.netdown && gluetun !== null && gluetun.passing && !gluetun.cut;
    return { kind: 'well', connected };
  };

  readonly askControl: AskControl = async (question): Promise<ControlAnswer> => {
    const outcome = await this.#ask(question, () => this.#behind(question.target).gluetun);
    if (outcome.kind === 'refused') return { kind: 'failed', why: 'refuses the connection' };
    if (outcome.kind === 'silent' || !outcome.value)
      return { kind: 'failed', why: 'gives no answer in time' };
    return answerOf(outcome.value.control, outcome.value);
  };

  /** What is there when the question arrives answers it; that what is paused, hangs, or is gone by then does not. */
  #ask<T>({ target, timeoutMs, signal }: Question, look: () => T): Promise<Outcome<T>> {
    return new Promise((resolve) => {
      const end = (outcome: Outcome<T>) => {
        callOff();
        signal.removeEventListener('abort', giveUp);
        if (this.#life.alive) resolve(outcome);
      };
      const giveUp = () => end({ kind: 'silent' });
      const callOff = this.#schedule.after(timeoutMs, giveUp);
      signal.addEventListener('abort', giveUp, { once: true });
      if (signal.aborted) return giveUp();
      this.#schedule.after(this.#trouble.latency(), () => {
        const { listens, hangs } = this.#behind(target);
        if (hangs) return;
        const outcome: Outcome<T> = listens ? { kind: 'answered', value: look() } : { kind: 'refused' };
        this.#schedule.after(this.#trouble.latency(), () => end(outcome));
      });
    });
  }

  #behind({ host, port }: EngineTarget): {
    readonly engine: SimulatedEngine | null;
    readonly gluetun: SimulatedGluetun | null;
    readonly listens: boolean;
    readonly hangs: boolean;
  } {
    const nobody = { engine: null, gluetun: null, listens: false, hangs: false };
    if (host !== publishedHost) return nobody;
    const all = this.#containers.all();
    const vpn = all.find(
      ({ run }) => run?.ownsNamespace && run.namespace.published.some(({ hostPort }) => hostPort === port),
    );
    const namespace = vpn?.run?.namespace;
    if (!vpn || !namespace?.alive) return nobody;
    const gluetun = vpn.program instanceof SimulatedGluetun ? vpn.program : null;
    const inside = namespace.published.find(({ hostPort }) => hostPort === port)?.port;
    if (inside === 8_000)
      return {
        engine: null,
        gluetun,
        listens: true,
        hangs: isPaused(vpn) || gluetun?.control.answers === 'nothing',
      };
    const holder = all.find(
      ({ run, program }) =>
        run?.namespace === namespace && program instanceof SimulatedEngine && program.httpPort === inside,
    );
    if (!holder || !(holder.program instanceof SimulatedEngine)) return { ...nobody, gluetun };
    const { program: engine } = holder;
    return { engine, gluetun, listens: true, hangs: isPaused(holder) || engine.condition.hangs };
  }
}

const isPaused = ({ state }: Container): boolean => state.kind === 'paused';

function answerOf({ answers, tunnel, ip, port }: Control, { passing, cut }: SimulatedGluetun): ControlAnswer {
  switch (answers) {
    case 'denied': {
      const denied = { kind: 'denied', routes: ['/v1/vpn/status'] } as const;
      return { kind: 'answered', tunnel: denied, publicAddress: denied, forwardedPort: denied };
    }
    case 'nonsense':
    case 'nothing':
      return { kind: 'failed', why: 'answers nonsense' };
    case 'properly': {
      const up = passing && tunnel === 'running';
      const address = ip === null || !(up || cut) ? null : { ip, country: null, region: null, city: null };
      return {
        kind: 'answered',
        tunnel: { kind: 'told', value: tunnel },
        publicAddress: { kind: 'told', value: address },
        forwardedPort: { kind: 'told', value: up ? port : null },
      };
    }
  }
}
