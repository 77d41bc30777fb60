import { setTimeout as sleep } from 'node:timers/promises';
import type { ToldEventsSubscription } from '../api/gql/graphql.ts';
import { ShownState, ToldEvents, ToldPage } from '../api/operations.ts';
import type { Shown } from '../oracles/sights.ts';
import type { Client } from '../support/client.ts';
import { shownFrom, toldFrom } from './told.ts';
import type { Witness } from './witness.ts';

type Said = ToldEventsSubscription['events'];

/** Milliseconds between two questions, and from an event to the next one. */
const pollMs = 250;
const burstMs = 30;
const pauseMs = 20;

/** A subscriber to all events, who comes back after every end of the service, and somebody who asks what there is all the time. */
export class ApiWatch implements AsyncDisposable {
  readonly #client: () => Client | null;
  readonly #vpns: readonly [string, string];
  readonly #witness: Witness;
  readonly #stop = new AbortController();
  readonly #loops: Promise<unknown>;
  /** The id of the newest event that was told; null before the first. */
  #last: string | null = null;
  #listening = false;
  #stirred = Promise.withResolvers<void>();
  /** An answer that already knows events which were not told yet: it is shown after the newest of them. */
  #early: { readonly after: string; readonly shown: Shown } | null = null;
  shown: Shown | null = null;
  /** How often an answer was shown, and how often it came when more had been told already. */
  readonly polls = { shown: 0, late: 0 };

  /** `client` gives null while nobody listens. */
  constructor(client: () => Client | null, vpns: readonly [string, string], witness: Witness) {
    this.#client = client;
    this.#vpns = vpns;
    this.#witness = witness;
    const { signal } = this.#stop;
    this.#loops = Promise.all([this.#keep(signal, this.#follow), this.#keep(signal, this.#ask)]);
  }

  /** Resolves when all that a service which is no more has said was heard. */
  async untilDeaf(): Promise<void> {
    while (this.#listening) await sleep(1);
  }

  /** Resolves when all is told that has happened by now: answers and events come by ways of their own. */
  async untilCurrent(): Promise<void> {
    const asked = await this.#client()
      ?.ask(ToldPage, { first: 0 })
      .catch(() => null);
    while (asked && this.#client() && (this.#last ?? '') < asked.lastEventId) await sleep(1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#loops;
  }

  /** A service that dies breaks whatever was under way with it. */
  async #keep(signal: AbortSignal, act: (client: Client, signal: AbortSignal) => Promise<void>) {
    while (!signal.aborted) {
      const client = this.#client();
      try {
        if (client) await act.call(this, client, signal);
      } catch (problem) {
        const code = /"code":"([A-Z_]+)"/.exec(problem instanceof Error ? problem.message : '')?.[1];
        if (code) this.#missed(code);
      }
      await sleep(pauseMs);
    }
  }

  #missed(code: string): void {
    this.#witness.hear({ kind: 'missed', code });
    this.#last = null;
  }

  async #follow(client: Client, signal: AbortSignal): Promise<void> {
    if (this.#last === null) await this.#catchUp(client);
    // Up to there it happened while nobody listened.
    const { lastEventId: newest } = await client.ask(ToldPage, { first: 0 });
    await using events = await client.follow(ToldEvents, { after: this.#last });
    const leave = () => void events[Symbol.asyncDispose]();
    signal.addEventListener('abort', leave);
    this.#listening = true;
    try {
      for await (const { events: event } of events) this.#tell(event, event.id <= newest);
    } finally {
      this.#listening = false;
      signal.removeEventListener('abort', leave);
    }
  }

  /** What was said before anybody could listen. */
  async #catchUp(client: Client): Promise<void> {
    for (let more = true; more; ) {
      const { events, lastEventId } = await client.ask(ToldPage, { first: 500, after: this.#last });
      for (const event of events.nodes) this.#tell(event, true);
      this.#last ??= lastEventId;
      more = events.pageInfo.hasNextPage;
    }
  }

  #tell(event: Said, late: boolean): void {
    this.#last = event.id;
    this.#witness.hear({ kind: 'told', late, event: toldFrom(event) });
    if (this.#early && this.#early.after <= event.id) {
      if (this.#early.after === event.id) this.#show(this.#early.shown);
      this.#early = null;
    }
    this.#stirred.resolve();
  }

  async #ask(client: Client): Promise<void> {
    const [first, second] = this.#vpns;
    const answer = await client.ask(ShownState, { first, second });
    const { lastEventId } = answer;
    if (this.#last !== null && lastEventId >= this.#last) {
      if (lastEventId === this.#last) this.#show(shownFrom(answer));
      else this.#early = { after: lastEventId, shown: shownFrom(answer) };
    } else this.polls.late++;
    this.#stirred = Promise.withResolvers();
    const polled = new AbortController();
    await Promise.race([
      sleep(pollMs, undefined, { signal: polled.signal }),
      this.#stirred.promise.then(() => sleep(burstMs)),
    ]);
    polled.abort();
  }

  #show(shown: Shown): void {
    this.polls.shown++;
    this.shown = shown;
    this.#witness.hear(shown);
  }
}
