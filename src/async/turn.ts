/** Lets whatever else waits have its turn: sockets, timers and other requests. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
