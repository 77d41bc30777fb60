/** A call of which somebody wants to know. */
export interface Witnessed {
  readonly method: string;
  readonly path: string;
}

/** What goes wrong with a call; `when` is relative to its effect. */
export type CallFault =
  | {
      readonly kind: 'answer';
      readonly when: 'before' | 'after';
      readonly status: number;
      readonly message: string;
    }
  | { readonly kind: 'reset'; readonly when: 'before' | 'after' }
  | { readonly kind: 'hang'; readonly when: 'before' | 'after' }
  | { readonly kind: 'delay'; readonly ms: number }
  /** The effect happens; half of the body arrives and then nothing, with the connection left open or cut. */
  | { readonly kind: 'truncate'; readonly hangUp: boolean }
  /** The effect happens; the answer is 200 with this body instead of its own. */
  | { readonly kind: 'body'; readonly text: string }
  /**
   * Somebody acts right before the effect, and after it but before the answer, however long that takes. False breaks the
   * call off there; true goes on, even if the caller has gone meanwhile, as a real daemon does.
   */
  | {
      readonly kind: 'witness';
      readonly before: (call: Witnessed) => Promise<boolean>;
      readonly after: (call: Witnessed) => Promise<boolean>;
    };

export interface FaultRule {
  readonly method?: string;
  /** Tested on the path without its version prefix and query. */
  readonly path: RegExp;
  /** How many calls it spoils; 1 unless told, Infinity until cleared. */
  readonly times?: number;
  readonly fault: CallFault;
}

interface Armed extends Disposable {
  readonly rule: FaultRule;
  hits: number;
}

/** Calls that are to fail, oldest rule first. */
export class Faults {
  #armed: Armed[] = [];

  /** Adds a rule; `hits` of what it returns counts the calls it has spoiled, and disposing of it takes the rule back. */
  next(rule: FaultRule): Disposable & { readonly hits: number } {
    const armed: Armed = { rule, hits: 0, [Symbol.dispose]: () => this.#disarm(armed) };
    this.#armed.push(armed);
    return armed;
  }

  clear(): void {
    this.#armed = [];
  }

  /** The fault for this call, used up by asking. */
  take(method: string, path: string): CallFault | undefined {
    const armed = this.#armed.find(({ rule }) => (rule.method ?? method) === method && rule.path.test(path));
    if (armed === undefined) return undefined;
    armed.hits += 1;
    if (armed.hits >= (armed.rule.times ?? 1)) this.#disarm(armed);
    return armed.rule.fault;
  }

  #disarm(armed: Armed): void {
    this.#armed = this.#armed.filter((each) => each !== armed);
  }
}
