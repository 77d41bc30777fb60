import { GraphQLError } from 'graphql';
import type { Update } from './update.ts';

/** Bytes of memory that may be taken by what waits for one client, whatever it follows. */
export const mostWaiting = 1_048_576;

/** Where one subscription's updates go. */
export interface Outlet {
  /** Nothing reaches the client any more. */
  readonly gone: boolean;
  /** Bytes that its socket has not taken yet. */
  readonly waiting: number;
  /** Its socket asks to be given no more for now. */
  readonly clogged: boolean;
  /** Calls `then` once, when the socket has taken all that it was given; never if it is closed before. */
  whenDrained(then: () => void): void;
  /** Gives the update to the socket. */
  put(update: Update): void;
  /** The bytes of an update. */
  size(update: Update): number;
  /** Ends what a client is too slow for, so that it comes back for what it has missed. */
  cutOff(): void;
  /** Nothing more comes: it is complete, or, unless `problem` is null, it failed. */
  finish(problem: unknown): void;
}

/** What sockets and responses have in common. */
interface Drainable {
  readonly writableNeedDrain: boolean;
  once(event: 'drain', listener: () => void): unknown;
}

/** Whoever waits for one stream to drain, behind one listener however many they are. */
export class Drain {
  readonly #stream: Drainable;
  #waiting: (() => void)[] = [];

  constructor(stream: Drainable) {
    this.#stream = stream;
  }

  wait(then: () => void): void {
    if (!this.#stream.writableNeedDrain) {
      then();
      return;
    }
    if (this.#waiting.push(then) > 1) return;
    this.#stream.once('drain', () => {
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const each of waiting) each();
    });
  }
}

/** What a client is told of a failure: errors of GraphQL have passed the mask already. */
export const told = (problem: unknown): GraphQLError =>
  problem instanceof GraphQLError ? problem : new GraphQLError('The subscription failed inside Tandem.');
