import type { Sight } from '../oracles/sights.ts';

/** Counts what has happened, and how long a VPN's failure took to be told. */
export class Tally {
  readonly asked = { provisions: 0, stops: 0, scales: 0 };
  assigned = 0;
  started = 0;
  stopped = 0;
  adopted = 0;
  episodes = 0;
  updates = 0;
  events = 0;
  /** Requests that were answered with each error. */
  readonly refused = new Map<string, number>();
  /** Milliseconds from Docker's event of a VPN's failure to the subscriber, while nothing else was wrong. */
  readonly toldMs: number[] = [];
  #fair = false;
  #serving = false;
  readonly #takesEngines = new Set<string>();
  readonly #downAt = new Map<string, number>();
  readonly #well = new Map<string, boolean>();

  see(sight: Sight): void {
    switch (sight.kind) {
      case 'asked':
        if (sight.what === 'provision') this.asked.provisions += sight.count;
        else if (sight.what === 'stop') this.asked.stops++;
        else this.asked.scales++;
        break;
      case 'answered':
        for (const error of sight.errors) this.refused.set(error, (this.refused.get(error) ?? 0) + 1);
        break;
      case 'stage':
        this.#serving = sight.stage === 'serving';
        this.#downAt.clear();
        break;
      case 'fairness':
        this.#fair = sight.fairness === 'fair' || sight.fairness === 'quiet';
        if (!this.#fair) this.#downAt.clear();
        break;
      case 'world':
        for (const { name, health } of sight.vpns) {
          const well = health === 'healthy';
          if (!well && this.#well.get(name) && this.#fair && this.#serving && this.#takesEngines.has(name))
            this.#downAt.set(name, sight.at);
          this.#well.set(name, well);
        }
        break;
      case 'told':
        this.#told(sight);
    }
  }

  #told({ at, event }: Extract<Sight, { kind: 'told' }>): void {
    this.events++;
    switch (event.type) {
      case 'ENGINE_ASSIGNED':
        this.assigned++;
        break;
      case 'ENGINE_CHANGED':
        if (event.change === 'STARTED') this.started++;
        if (event.change === 'ADOPTED') this.adopted++;
        if (event.change === 'STOPPED') this.stopped++;
        break;
      case 'EMERGENCY_MODE_CHANGED':
        if (event.change === 'ENTERED') this.episodes++;
        if (event.change === 'UPDATED') this.updates++;
        break;
      case 'VPN_CHANGED': {
        const { name, state } = event.vpn;
        const down = this.#downAt.get(name);
        if (state === 'FAILED' && down !== undefined) this.toldMs.push(at - down);
        if (state === 'FAILED') this.#downAt.delete(name);
        if (state === 'FAILED' || state === 'UNKNOWN') this.#takesEngines.delete(name);
        else this.#takesEngines.add(name);
      }
    }
  }
}
