import { readEnginePorts } from '../../src/docker/embedded/engine-flags.ts';
import type { Healthcheck, Process, Program } from '../../src/docker/embedded/program.ts';

/** How an engine is, as far as others can tell. */
export interface Condition {
  readonly hangs: boolean;
  readonly answers500: boolean;
  readonly netdown: boolean;
}

export const wellBehaved: Condition = { hangs: false, answers500: false, netdown: false };

/** What becomes of an engine that starts. */
export interface Boot {
  readonly listensAfterMs: number;
  /** `mute`: it never serves HTTP. `sick`: it answers 500 to everything. */
  readonly fate: 'serves' | 'crashes' | 'mute' | 'sick';
}

/** An AceStream engine that serves no socket: it is asked in this process. */
export class SimulatedEngine implements Program {
  readonly #boot: () => Boot;
  condition: Condition = wellBehaved;
  /** Whether it will never serve. */
  isMute = false;
  /** The port on which it answers; null while it does not. */
  httpPort: number | null = null;

  constructor(boot: () => Boot) {
    this.#boot = boot;
  }

  async run(process: Process): Promise<void> {
    const { listensAfterMs, fate } = this.#boot();
    const ports = readEnginePorts(process.argv, process.env);
    this.condition = { ...wellBehaved, answers500: fate === 'sick' };
    this.isMute = fate === 'mute';
    this.httpPort = null;
    await process.clock.sleep(listensAfterMs, process.signal);
    if (process.signal.aborted) return;
    if (fate === 'crashes') return process.exit(1);
    for (const port of [ports.p2p, ports.api, ports.https, ports.http])
      if (!(await process.bind(port))) return process.exit(1);
    if (!this.isMute) this.httpPort = ports.http;
  }
}

/** What a control server answers. */
export interface Control {
  readonly answers: 'properly' | 'denied' | 'nonsense' | 'nothing';
  readonly tunnel: 'running' | 'stopped' | 'crashed' | 'starting';
  readonly ip: string | null;
  /** The port that the provider forwards; null for none. */
  readonly port: number | null;
}

/** A Gluetun: what its healthcheck finds, and what its control server says. Both outlive a restart. */
export class SimulatedGluetun implements Program {
  readonly healthcheck: Healthcheck;
  control: Control;
  passing = true;
  /** Whether traffic is lost, though the healthcheck passes. */
  cut = false;

  constructor(healthyAfterMs: () => number, control: Control) {
    this.control = control;
    const check: { -readonly [K in keyof Healthcheck]: Healthcheck[K] } = {
      firstProbeMs: healthyAfterMs(),
      passes: () => {
        check.firstProbeMs = healthyAfterMs();
        return this.passing;
      },
    };
    this.healthcheck = check;
  }

  async run(process: Process): Promise<void> {
    for (const port of [53, 9999, 8000]) await process.bind(port);
  }
}
