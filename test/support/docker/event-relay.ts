import type { IncomingMessage, ServerResponse } from 'node:http';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Faults } from './faults.ts';

/** One subscription to the daemon's events on its way to the service. */
export class EventRelay {
  readonly #upstream: IncomingMessage;
  readonly #outgoing: ServerResponse;
  readonly #faults: Faults;
  readonly #speaks: () => Promise<void>;
  /** Open, and nothing is delivered any more. */
  silent: boolean;

  constructor(
    upstream: IncomingMessage,
    outgoing: ServerResponse,
    faults: Faults,
    speaks: () => Promise<void>,
    silent: boolean,
  ) {
    this.#upstream = upstream;
    this.#outgoing = outgoing;
    this.#faults = faults;
    this.#speaks = speaks;
    this.silent = silent;
  }

  cut(): void {
    this.#outgoing.destroy();
    this.#upstream.destroy();
  }

  /** Resolves when either side has ended it. It reads on whatever happens: a reader that stalls slows the whole daemon. */
  async run(): Promise<void> {
    this.#outgoing.writeHead(200, { 'content-type': 'application/json' });
    this.#outgoing.flushHeaders();
    this.#outgoing.on('close', () => this.#upstream.destroy());
    this.#upstream.on('error', () => undefined);
    // Whoever asked may have gone before the daemon answered.
    if (this.#outgoing.destroyed) this.#upstream.destroy();
    const lines = createInterface({ input: this.#upstream });
    lines.on('error', () => undefined);
    let last = Promise.resolve();
    lines.on('line', (line) => {
      last = last.then(() => this.#pass(`${line}\n`));
    });
    await new Promise((resolve) => this.#upstream.once('close', resolve));
    await last;
    this.#outgoing.destroy();
  }

  async #pass(line: string): Promise<void> {
    await this.#speaks();
    if (this.silent || this.#outgoing.destroyed) return;
    switch (this.#faults.ofEvent()) {
      case 'event lost':
        return;
      case 'event repeated':
        this.#outgoing.write(line);
        break;
      case 'event delayed':
        await sleep(this.#faults.delay());
        break;
      case 'stream cut':
        this.cut();
        return;
      case 'stream silenced':
        this.silent = true;
        return;
    }
    this.#outgoing.write(line);
  }
}
