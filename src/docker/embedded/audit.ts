/** One call that was answered, or broken off (status 0). */
export interface AuditEntry {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly status: number;
}

export interface Gauge {
  readonly now: number;
  readonly most: number;
}

/** Every call that reached the daemon, in the order of their ends, and how many ran at once. */
export class Audit {
  readonly #entries: AuditEntry[] = [];
  #starts: Gauge = { now: 0, most: 0 };
  #creations: Gauge = { now: 0, most: 0 };

  get entries(): readonly AuditEntry[] {
    return this.#entries;
  }

  /** `POST /containers/x/start` in flight. */
  get starts(): Gauge {
    return this.#starts;
  }

  /** Creates and starts in flight, together. */
  get createsAndStarts(): Gauge {
    return this.#creations;
  }

  /** Calls that match, in order. */
  calls(method: string, path: RegExp): AuditEntry[] {
    return this.#entries.filter((entry) => entry.method === method && path.test(entry.path));
  }

  /** Notes a call that begins; the function returned notes its end. */
  begin(method: string, path: string, query: string): (at: number, status: number) => void {
    const isStart = method === 'POST' && /^\/containers\/[^/]+\/start$/.test(path);
    const isCreation = isStart || (method === 'POST' && path === '/containers/create');
    const count = (by: number) => {
      if (isStart) this.#starts = moved(this.#starts, by);
      if (isCreation) this.#creations = moved(this.#creations, by);
    };
    count(1);
    return (at, status) => {
      count(-1);
      this.#entries.push({ at, method, path, query, status });
    };
  }
}

function moved({ now, most }: Gauge, by: number): Gauge {
  return { now: now + by, most: Math.max(most, now + by) };
}
