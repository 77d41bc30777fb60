import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerEngineApi } from './acestream-api.ts';
import { type EnginePorts, readEnginePorts } from './engine-flags.ts';
import type { Healthcheck, Process, Program } from './program.ts';

/** How an engine misbehaves; a restart cures it. */
export interface EngineFaults {
  /** Connections are accepted and never answered. */
  readonly hang: boolean;
  readonly slowMs: number;
  readonly http500: boolean;
  /** Answers, but not as an engine does. */
  readonly nonsense: boolean;
  /** The engine says that it has no Internet. */
  readonly netdown: boolean;
  /** No content can be loaded. */
  readonly noload: boolean;
}

/** What the next engines that start will do, before anybody can reach them. */
export interface EngineStart {
  readonly listensAfterMs?: number;
  /** Exits with 1 instead of listening. */
  readonly crashAtBoot?: boolean;
  readonly crashAfterMs?: number;
  readonly faults?: Partial<EngineFaults>;
}

export const noFaults: EngineFaults = {
  hang: false,
  slowMs: 0,
  http500: false,
  nonsense: false,
  netdown: false,
  noload: false,
};

/** An AceStream engine: takes its ports, answers its HTTP API, fails on request. */
export class AcestreamEngine implements Program {
  readonly #nextStart: () => EngineStart;
  readonly #listensAfterMs: number;
  readonly healthcheck?: Healthcheck;
  faults: EngineFaults = noFaults;
  readonly #sessions = new Set<string>();

  constructor(options: { nextStart: () => EngineStart; listensAfterMs: number; checks6878: boolean }) {
    this.#nextStart = options.nextStart;
    this.#listensAfterMs = options.listensAfterMs;
    if (options.checks6878)
      this.healthcheck = {
        firstProbeMs: 30_000,
        intervalMs: 30_000,
        passes: (process) => process.namespace.isBound(6878),
      };
  }

  async run(process: Process): Promise<void> {
    const start = this.#nextStart();
    const ports = readEnginePorts(process.argv, process.env);
    this.faults = { ...noFaults, ...start.faults };
    this.#sessions.clear();
    const delay = start.listensAfterMs ?? this.#listensAfterMs;
    if (delay > 0) await process.clock.sleep(delay, process.signal);
    if (process.signal.aborted) return;
    if (start.crashAtBoot) {
      process.log('Segmentation fault');
      return process.exit(1);
    }
    if (!(await this.#bindAll(process, ports))) return process.exit(1);
    process.log(`VideoServer|start: addr=0.0.0.0 port=${ports.http}`);
    if (start.crashAfterMs !== undefined) {
      await process.clock.sleep(start.crashAfterMs, process.signal);
      process.exit(1);
    }
  }

  async #bindAll(process: Process, ports: EnginePorts): Promise<boolean> {
    // The HTTP port last: who can reach it may rely on the others.
    for (const port of [ports.p2p, ports.api, ports.https, ports.http]) {
      const handler = port === ports.http ? this.#answer(process) : undefined;
      if (await process.bind(port, handler)) continue;
      process.log(`failed to bind port ${port}: address already in use`);
      return false;
    }
    return true;
  }

  #answer = (process: Process) => async (request: IncomingMessage, response: ServerResponse) => {
    const { faults } = this;
    if (faults.hang) return;
    if (faults.slowMs > 0) await process.clock.sleep(faults.slowMs, process.signal);
    if (faults.http500) {
      response.writeHead(500, { 'content-type': 'text/plain' }).end('Internal Server Error\n');
      return;
    }
    if (faults.nonsense) {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>It works!</html>\n');
      return;
    }
    answerEngineApi(request, response, { faults, sessions: this.#sessions, process });
  };
}
