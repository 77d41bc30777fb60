import type { Clock } from './clock.ts';

/** Wakes one sleeper. A ring while nobody sleeps is remembered once, so that nothing slips between a look and the sleep. */
export class Bell {
  #rung = false;
  #wake: (() => void) | null = null;

  ring(): void {
    if (this.#wake) this.#wake();
    else this.#rung = true;
  }

  /** Sleeps until the bell rings, `ms` milliseconds pass, or `signal` aborts. True when it rang. */
  async sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
    const waking = new AbortController();
    const wake = () => waking.abort();
    let rang = this.#rung;
    if (rang || signal.aborted) wake();
    this.#wake = () => {
      rang = true;
      wake();
    };
    signal.addEventListener('abort', wake, { once: true });
    await clock.sleep(ms, waking.signal);
    signal.removeEventListener('abort', wake);
    this.#wake = null;
    this.#rung = false;
    return rang;
  }
}
