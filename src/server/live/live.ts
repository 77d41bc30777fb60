import type { DocumentNode, ExecutionResult } from 'graphql';
import type { Place } from '../../async/place.ts';
import type { Viewer } from '../../context.ts';
import type { Metrics } from '../../metrics/metrics.ts';
import { Hub, type Source } from './hub.ts';
import type { Outlet } from './outlet.ts';
import { type Asked, Shareable, type Sharing } from './sharing.ts';
import { Subscriber } from './subscriber.ts';

export interface LiveDeps {
  readonly metrics: Metrics;
  /** Milliseconds. */
  readonly now: () => number;
}

/** Subscribes as a viewer, the ordinary way; null where that is refused. */
export type Begin = (asked: Asked, viewer: Viewer) => Promise<Source | null>;

/** A subscription that was begun the ordinary way, and what it needs to be handed on. */
export interface Begun {
  readonly asked: Asked;
  readonly viewer: Viewer;
  readonly results: AsyncIterable<ExecutionResult>;
  readonly place: Place;
}

/** All subscriptions under way, over whatever transport: equal ones share one execution. */
export class Live {
  readonly #deps: LiveDeps;
  readonly #begin: Begin;
  readonly #shareable = new Shareable();
  readonly #hubs = new Map<DocumentNode, Map<string, Promise<Hub | null>>>();

  constructor(begin: Begin, deps: LiveDeps) {
    this.#begin = begin;
    this.#deps = deps;
  }

  /** Hands on what was begun. What is returned ends it. */
  deliver({ asked, viewer, results, place }: Begun, outlet: Outlet): Subscriber {
    const subscriber = new Subscriber(results[Symbol.asyncIterator](), place, outlet, this.#deps);
    const sharing = this.#shareable.sharing(asked, viewer);
    void subscriber.run(async () => sharing && this.#hub(asked, viewer, sharing));
    return subscriber;
  }

  /** The hub for what is asked, which is begun where there is none. */
  #hub(asked: Asked, viewer: Viewer, sharing: Sharing): Promise<Hub | null> {
    const { document } = asked;
    const { broadcast, key } = sharing;
    const ofDocument = this.#hubs.get(document) ?? new Map<string, Promise<Hub | null>>();
    this.#hubs.set(document, ofDocument);
    const known = ofDocument.get(key);
    if (known) return known;
    const forget = () => {
      ofDocument.delete(key);
      if (ofDocument.size === 0) this.#hubs.delete(document);
    };
    const beginning = this.#begin(
      { ...asked, document: sharing.document, variableValues: sharing.variables },
      viewer,
    )
      // Whoever asked for it has begun by itself already, and goes on so.
      .catch(() => null)
      .then((source) => {
        if (!source) forget();
        return source && new Hub(broadcast, source, this.#deps, forget);
      });
    ofDocument.set(key, beginning);
    return beginning;
  }
}
