import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Event } from '../domain/events.ts';
import type { Step } from '../domain/plan.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { Journal } from '../journal/journal.ts';
import type { Meter, Provisioned } from '../services/meter.ts';
import { gauges, type Sample } from './gauges.ts';
import { outcomes, phases, stepKinds } from './label-values.ts';

export interface MetricsDeps {
  readonly snapshot: () => Snapshot;
  readonly journal: Journal;
  /** Why the journal cannot be written; null when it can. */
  readonly storageTrouble: () => string | null;
}

/** Seconds: what is there already takes fractions of one, a start up to STARTUP_TIMEOUT_S, a pull minutes. */
const buckets = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60, 120, 300];

/** All that Prometheus is told. A scrape reads what is known here already, and asks Docker nothing. */
export class Metrics implements Meter {
  readonly #own = new Registry();
  /** Apart, for what prom-client watches the process with never ends, and must not keep all the rest alive. */
  readonly #process = new Registry();
  readonly #subscriptions = new Set<symbol>();
  readonly #episodes = new Counter({
    name: 'tandem_emergency_episodes_total',
    help: 'Emergencies that began since Tandem started.',
    registers: [this.#own],
  });
  readonly #provisions = new Counter({
    name: 'tandem_provisions_total',
    help: 'Engines that a caller or the plan wished for, by what became of them; bad input is not counted.',
    labelNames: ['outcome', 'phase'],
    registers: [this.#own],
  });
  readonly #durations = new Histogram({
    name: 'tandem_provision_duration_seconds',
    help: 'From the wish for an engine to its outcome, its turn included.',
    labelNames: ['outcome'],
    buckets,
    registers: [this.#own],
  });
  readonly #steps = new Counter({
    name: 'tandem_reconcile_steps_total',
    help: 'Steps that the plan began by itself, by kind.',
    labelNames: ['kind'],
    registers: [this.#own],
  });

  readonly #executions = new Counter({
    name: 'tandem_subscription_executions_total',
    help: 'Times that something was executed for subscribers; equal subscriptions share one.',
    registers: [this.#own],
  });
  /** Counted by hand: there are many, and a counter looks its labels up each time. */
  #delivered = 0;
  readonly #skips = new Counter({
    name: 'tandem_subscription_skips_total',
    help: 'States that a slow subscriber was not sent, because a newer one was to come.',
    registers: [this.#own],
  });
  readonly #cutOffs = new Counter({
    name: 'tandem_subscription_cutoffs_total',
    help: 'Subscribers that were too slow for a stream of events, and were sent away to come back with "after".',
    registers: [this.#own],
  });

  constructor({ snapshot, journal, storageTrouble }: MetricsDeps) {
    for (const outcome of outcomes)
      for (const phase of outcome === 'EngineStartError' ? phases : [''])
        this.#provisions.inc({ outcome, phase }, 0);
    this.#durations.zero({ outcome: 'success' });
    for (const kind of stepKinds) this.#steps.inc({ kind }, 0);

    const delivered = () => this.#delivered;
    new Counter({
      name: 'tandem_subscription_deliveries_total',
      help: 'Results that were sent to subscribers.',
      registers: [this.#own],
      collect() {
        this.reset();
        this.inc(delivered());
      },
    });
    for (const { name, help, labelNames = [], read } of gauges)
      this.#gauge(name, help, labelNames, () => read(snapshot()));
    const one = (name: string, help: string, read: () => number) =>
      this.#gauge(name, help, [], () => [[read()]]);
    one(
      'tandem_graphql_subscribers',
      'GraphQL subscriptions under way, over WebSocket and server-sent events.',
      () => this.#subscriptions.size,
    );
    one('tandem_journal_events', 'Events that the journal keeps.', () => journal.size().events);
    one(
      'tandem_journal_bytes',
      'What the journal takes on the disk; not a number when that cannot be read.',
      () => journal.size().bytes ?? Number.NaN,
    );
    one('tandem_journal_writable', '1 while the journal can be written, else 0.', () =>
      storageTrouble() === null ? 1 : 0,
    );
  }

  /** Watches the process too, from now on until it ends. */
  watchProcess(): void {
    // Watched more closely, the event loop would take a percent of a processor for being watched.
    collectDefaultMetrics({ register: this.#process, eventLoopMonitoringPrecision: 250 });
  }

  get contentType(): string {
    return this.#own.contentType;
  }

  /** Everything, as Prometheus reads it. */
  async scrape(): Promise<string> {
    return [await this.#own.metrics(), await this.#process.metrics()].join('\n');
  }

  provisioned(result: Provisioned, ms: number): void {
    const outcome = !('kind' in result) || result.kind === 'running' ? 'success' : result.kind;
    this.#provisions.inc({ outcome, phase: 'phase' in result ? result.phase : '' });
    this.#durations.observe({ outcome }, ms / 1_000);
  }

  stepped(kind: Step['kind']): void {
    this.#steps.inc({ kind });
  }

  told(event: Event): void {
    if (event.type === 'EMERGENCY_MODE_CHANGED' && event.change === 'ENTERED') this.#episodes.inc();
  }

  /** A client follows something, until it calls what is returned. */
  subscribed(): () => void {
    const subscription = Symbol();
    this.#subscriptions.add(subscription);
    return () => void this.#subscriptions.delete(subscription);
  }

  /** Something that is followed was executed once more. */
  executed(): void {
    this.#executions.inc();
  }

  /** A subscriber was sent a result. */
  delivered(): void {
    this.#delivered++;
  }

  /** A subscriber was too slow for a state, and gets a newer one later. */
  skipped(): void {
    this.#skips.inc();
  }

  /** A subscriber was too slow for events. */
  cutOff(): void {
    this.#cutOffs.inc();
  }

  #gauge(name: string, help: string, labelNames: readonly string[], read: () => Iterable<Sample>): void {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [this.#own],
      collect() {
        this.reset();
        for (const [value, labels = {}] of read()) this.set(labels, value);
      },
    });
  }
}
