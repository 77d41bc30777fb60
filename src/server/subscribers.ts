import { isAsyncIterable, type Plugin } from 'graphql-yoga';

/**
 * Tells when a client begins to follow something, and, by what `subscribed` gives, when that has ended: whether the client
 * completes it, vanishes, or what it follows fails.
 */
export const countSubscribers = (subscribed: () => () => void): Plugin => ({
  onSubscribe() {
    let ended = () => {};
    return {
      onSubscribeResult({ result }) {
        if (!isAsyncIterable(result)) return;
        ended = subscribed();
        return { onEnd: ended };
      },
      // A source that throws has ended too, and is not told of as an end.
      onSubscribeError: () => ended(),
    };
  },
});
