/** Ends what is read. Should it fail at that, nobody is left who wants to know. */
export function end(results: AsyncIterator<unknown>): void {
  Promise.resolve(results.return?.()).catch(() => undefined);
}
