import { isAsyncIterable, type Plugin } from 'graphql-yoga';

/** What is told of subscriptions. */
export interface SubscriptionMeter {
  /** A client follows something, until it calls what is returned. */
  subscribed(): () => void;
  /** Something that is followed was executed once more. */
  executed(): void;
}

/**
 * Tells when a client begins to follow something, and when that has ended: whether the client completes it, vanishes, or what
 * it follows fails. What is executed for several clients at once, as a context of theirs says, is no client.
 */
export const countSubscribers = (
  meter: SubscriptionMeter,
  isShared: (context: unknown) => boolean = () => false,
): Plugin => ({
  onSubscribe({ args }) {
    let ended = () => {};
    return {
      onSubscribeResult({ result }) {
        if (!isAsyncIterable(result)) return;
        if (!isShared(args.contextValue)) ended = meter.subscribed();
        return { onNext: () => meter.executed(), onEnd: () => ended() };
      },
      // A source that throws has ended too, and is not told of as an end.
      onSubscribeError: () => ended(),
    };
  },
});
