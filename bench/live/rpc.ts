import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { end } from '../harness/child.ts';
import { undoLater } from '../harness/cleanup.ts';

type Handlers = Readonly<Record<string, (argument: never) => unknown>>;

/** What is asked of a process, and what it answers. */
interface Question {
  readonly id: number;
  readonly what: string;
  readonly argument: unknown;
}
interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly problem?: string;
}

/** A process of its own that does what it is asked. */
export class Worker<H extends Handlers> implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #asked = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #end: () => Promise<void>;
  #last = 0;

  constructor(program: string) {
    this.#child = fork(join(import.meta.dirname, program), { execArgv: ['--expose-gc'] });
    this.#end = undoLater(() => end(this.#child));
    this.#child.on('message', ({ id, value, problem }: Answer) => {
      const asked = this.#asked.get(id);
      this.#asked.delete(id);
      if (problem === undefined) asked?.resolve(value);
      else asked?.reject(new Error(`${program}: ${problem}`));
    });
    this.#child.on('exit', (code) => {
      for (const { reject } of this.#asked.values()) reject(new Error(`${program} ended with ${code}`));
    });
  }

  ask<K extends keyof H & string>(
    what: K,
    ...[argument]: Parameters<H[K]>
  ): Promise<Awaited<ReturnType<H[K]>>> {
    const asked = Promise.withResolvers<unknown>();
    this.#asked.set(++this.#last, asked);
    this.#child.send({ id: this.#last, what, argument } satisfies Question);
    return asked.promise as Promise<Awaited<ReturnType<H[K]>>>;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end();
  }
}

/** Does what this process is asked. */
export function serveQuestions(handlers: Handlers): void {
  process.once('disconnect', () => process.exit());
  process.on('message', async ({ id, what, argument }: Question) => {
    const answer = (rest: Omit<Answer, 'id'>) => process.send?.({ id, ...rest } satisfies Answer);
    try {
      answer({ value: await handlers[what]?.(argument as never) });
    } catch (problem) {
      answer({ problem: String(problem) });
    }
  });
}

/** Milliseconds on a clock that all processes of this machine share. */
export const sharedNow = (): number => Number(process.hrtime.bigint()) / 1e6;
