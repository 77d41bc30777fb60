/** What comes in now, read at the reader's own pace. */
export class Queue<T> {
  readonly #items: T[] = [];
  #end: { readonly problem: unknown } | null = null;
  #wake = (): void => {};

  push(item: T): void {
    this.#items.push(item);
    this.#wake();
  }

  /** What was pushed before is read first; then the reader ends, or fails with what is given. */
  end(problem: unknown = null): void {
    this.#end ??= { problem };
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      for (let item = this.#items.shift(); item !== undefined; item = this.#items.shift()) yield item;
      if (this.#end?.problem) throw this.#end.problem;
      if (this.#end) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
