import type { ExecutionResult } from 'graphql';
import type { Place } from '../../async/place.ts';
import { turn } from '../../async/turn.ts';
import { end } from './end.ts';
import type { LiveDeps } from './live.ts';
import { mostWaiting, type Outlet } from './outlet.ts';
import type { Broadcast } from './sharing.ts';
import { Update } from './update.ts';

/** What a hub executes for all: one subscription like any other, and how far it has come. */
export interface Source {
  readonly results: AsyncIterator<ExecutionResult>;
  readonly place: Place;
}

/** One who is told what a hub has. */
export interface Member {
  readonly outlet: Outlet;
  /** It was told everything up to here. */
  since: number;
  /** It is not told of states until its socket has drained. */
  behind: boolean;
  /** The hub has nothing more for it. */
  over(problem: unknown): void;
}

/** Members that are served before others have their turn. At some 13 µs each, most of it the kernel's, a long row would be felt. */
const row = 100;

/**
 * One execution for all who follow the same. It begins with the first and ends with the last. What comes is given to the
 * members in rows; who joins or leaves between two rows is told neither twice nor too little, because each member knows how
 * far it was told.
 */
export class Hub {
  readonly broadcast: Broadcast;
  readonly #source: Source;
  readonly #deps: LiveDeps;
  readonly #near = new Set<object>();
  readonly #members = new Set<Member>();
  readonly #emptied: () => void;
  #newest: Update | null = null;
  #at: number;
  #runs = false;
  #ended = false;

  constructor(broadcast: Broadcast, source: Source, deps: LiveDeps, emptied: () => void) {
    this.broadcast = broadcast;
    this.#source = source;
    this.#deps = deps;
    this.#emptied = emptied;
    this.#at = source.place.at;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** What it gives from now on comes after this. */
  get at(): number {
    return this.#at;
  }

  get newest(): Update | null {
    return this.#newest;
  }

  /** A member has looked at the state itself: those who join next need not. */
  refresh(update: Update): void {
    if (this.broadcast === 'STATE' && (!this.#newest || update.at >= this.#newest.at)) this.#newest = update;
  }

  /**
   * Keeps it alive for somebody who has yet to catch up, and has it go on meanwhile: one who is slow at that would hold it back,
   * and whoever joins next would wait for all that it had not read.
   */
  approach(who: object): void {
    this.#near.add(who);
    if (this.#runs) return;
    this.#runs = true;
    void this.#run();
  }

  /** Tells the member, who has approached, everything after its `since`, which must not be before `at`. */
  join(member: Member): void {
    this.#members.add(member);
  }

  leave(member: Member): void {
    this.#near.delete(member);
    this.#members.delete(member);
    if (this.#near.size === 0 && this.#members.size === 0) this.#end();
  }

  async #run(): Promise<void> {
    try {
      for (;;) {
        const { value, done } = await this.#source.results.next();
        if (this.#ended) return;
        if (done) return this.#finish(null);
        await this.#tell(new Update(value, this.#source.place.at, this.#deps.now()));
      }
    } catch (problem) {
      this.#finish(problem);
    }
  }

  async #tell(update: Update): Promise<void> {
    this.#newest = update;
    this.#at = update.at;
    let served = 0;
    for (const member of this.#members) {
      this.#give(member, update);
      if (++served % row === 0) await turn();
    }
  }

  #give(member: Member, update: Update): void {
    const { outlet } = member;
    if (update.at <= member.since || outlet.gone) return;
    if (this.broadcast === 'STATE' ? outlet.clogged : isTooMuch(update, outlet)) this.#spare(member);
    else {
      member.since = update.at;
      outlet.put(update);
      this.#deps.metrics.delivered();
    }
  }

  /**
   * A client is too slow. It is kept no state: when there is room again, the newest is given instead. Of events it is not
   * told that it has missed some, but sent away.
   */
  #spare(member: Member): void {
    const { outlet } = member;
    if (this.broadcast === 'EVENTS') {
      this.#deps.metrics.cutOff();
      outlet.cutOff();
      return;
    }
    this.#deps.metrics.skipped();
    if (member.behind) return;
    member.behind = true;
    outlet.whenDrained(() => {
      member.behind = false;
      if (this.#newest && this.#members.has(member)) this.#give(member, this.#newest);
    });
  }

  #finish(problem: unknown): void {
    const members = [...this.#members];
    this.#end();
    for (const member of members) member.over(problem);
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#members.clear();
    this.#emptied();
    end(this.#source.results);
  }
}

/** Bytes of memory that an update takes while it waits, beside its own: as much as a small event once more, and then some. */
const bytesToWait = 300;

/** One update alone may be of any size. Those that wait are taken to be like the one that comes. */
function isTooMuch(update: Update, outlet: Outlet): boolean {
  const size = outlet.size(update);
  return outlet.waiting > 0 && (outlet.waiting + size) * (1 + bytesToWait / size) > mostWaiting;
}
