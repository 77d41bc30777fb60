/** What is begun with its signal ends when `outer` aborts, or when the scope is left. */
export class Scope implements Disposable {
  readonly #outer: AbortSignal;
  readonly #ending = new AbortController();
  readonly #end = () => this.#ending.abort();

  constructor(outer: AbortSignal) {
    this.#outer = outer;
    if (outer.aborted) this.#end();
    else outer.addEventListener('abort', this.#end, { once: true });
  }

  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  end(): void {
    this.#outer.removeEventListener('abort', this.#end);
    this.#end();
  }

  [Symbol.dispose](): void {
    this.end();
  }
}
