import type { ExecutionResult } from 'graphql';
import { isAsyncIterable } from 'graphql-yoga';
import type { Place } from '../../src/async/place.ts';
import type { Viewer } from '../../src/context.ts';
import type { Metrics } from '../../src/metrics/metrics.ts';
import { Live } from '../../src/server/live/live.ts';
import type { Outlet } from '../../src/server/live/outlet.ts';
import type { Subscriber } from '../../src/server/live/subscriber.ts';
import type { Update } from '../../src/server/live/update.ts';
import { beginShared, makeYoga } from '../../src/server/yoga.ts';
import type { World } from './build.ts';
import { metricsOf, servicesOf, silent } from './serving.ts';

/** A client without a socket: it takes what it is given, or takes nothing. */
export class Recorder implements Outlet {
  readonly taken: ExecutionResult[] = [];
  /** Those that were given but not taken yet. */
  readonly held: ExecutionResult[] = [];
  problem: unknown;
  wasCutOff = false;
  gone = false;
  waiting = 0;
  #stalled = false;
  #draining: (() => void)[] = [];

  get clogged(): boolean {
    return this.waiting > 0;
  }

  stall(): void {
    this.#stalled = true;
  }

  drain(): void {
    this.#stalled = false;
    this.waiting = 0;
    this.taken.push(...this.held.splice(0));
    for (const then of this.#draining.splice(0)) then();
  }

  whenDrained(then: () => void): void {
    if (this.clogged) this.#draining.push(then);
    else then();
  }

  put(update: Update): void {
    if (this.gone) throw new Error('something was sent to a client that is gone');
    const result = JSON.parse(/^event: next\ndata: (.*)\n\n$/.exec(String(update.event))?.[1] ?? '');
    if (this.#stalled) {
      this.held.push(result);
      this.waiting += this.size(update);
    } else this.taken.push(result);
  }

  size(update: Update): number {
    return update.event.length;
  }

  cutOff(): void {
    this.wasCutOff = true;
    this.gone = true;
  }

  finish(problem: unknown): void {
    this.problem = problem;
    this.gone = true;
  }
}

export interface Audience {
  readonly metrics: Metrics;
  /** Milliseconds on the clock of those who deliver. */
  now: number;
  follow(
    query: string,
    variables?: object,
    viewer?: Viewer,
    to?: Recorder,
  ): Promise<{ to: Recorder; subscriber: Subscriber }>;
}

/** Those who follow what happens in a world, by the ordinary way up to where bytes are written. */
export function audience(world: World): Audience {
  const metrics = metricsOf(world);
  const yoga = makeYoga(
    servicesOf(world),
    silent,
    () => 'an-id',
    metrics,
    { introspection: true, simulated: false },
    async () => undefined,
    () => false,
    () => true,
  );
  const live = new Live(beginShared(yoga), { metrics, now: () => all.now });
  const all: Audience = {
    metrics,
    now: 0,
    follow: async (query, variables = {}, viewer = { role: 'ALL' }, to = new Recorder()) => {
      const { schema, parse, validate, contextFactory, subscribe } = yoga.getEnveloped({ viewer });
      const document = parse(query);
      const errors = validate(schema, document);
      if (errors.length > 0) throw errors[0];
      const contextValue = await contextFactory();
      const { place } = contextValue as unknown as { place: Place };
      const asked = { schema, document, variableValues: { ...variables } };
      const results = await subscribe({ ...asked, contextValue });
      if (!isAsyncIterable<ExecutionResult>(results)) throw new Error(JSON.stringify(results));
      return { to, subscriber: live.deliver({ asked, viewer, results, place }, to) };
    },
  };
  return all;
}
