import type { DockerApi } from '../../src/docker/api.ts';
import type { Core } from '../../src/docker/embedded/core.ts';
import { parseFilters } from '../../src/docker/embedded/filters.ts';
import { answer, type Reply } from '../../src/docker/embedded/route.ts';
import type { Alive, Schedule } from './schedule.ts';
import type { CallFate, Trouble } from './trouble.ts';

export interface LineDeps {
  readonly core: Core;
  readonly schedule: Schedule;
  readonly trouble: Trouble;
  /** The process at this end. What it has sent arrives, even if it is dead by then. */
  readonly life: Alive;
  /** A call has come to Docker; nobody else can do anything before its effect. */
  readonly heard: (method: string, path: string, body: unknown) => void;
  readonly said: (line: string) => void;
}

/** The way between one process and Docker: what arrives when, and what does not. */
export class Line {
  readonly #deps: LineDeps;

  constructor(deps: LineDeps) {
    this.#deps = deps;
  }

  /** What dockerode would be. */
  readonly api: DockerApi = {
    createContainer: ({ abortSignal, _query, _body }) =>
      this.#call('POST', '/containers/create', { ..._query }, _body, abortSignal),
    getContainer: (name) => ({
      inspect: ({ abortSignal }) => this.#call('GET', `/containers/${name}/json`, {}, {}, abortSignal),
      start: ({ abortSignal }) => this.#call('POST', `/containers/${name}/start`, {}, {}, abortSignal),
      restart: ({ abortSignal }) => this.#call('POST', `/containers/${name}/restart`, {}, {}, abortSignal),
      remove: ({ abortSignal, force, v }) =>
        this.#call('DELETE', `/containers/${name}`, { force: `${force}`, v: `${v}` }, {}, abortSignal),
    }),
    listContainers: ({ abortSignal, all, filters }) =>
      this.#call(
        'GET',
        '/containers/json',
        { all: `${all}`, filters: JSON.stringify(filters) },
        {},
        abortSignal,
      ),
    getEvents: ({ abortSignal, filters }) => this.#listen(filters, abortSignal),
    createImage: () => Promise.reject(new Error('images are all here')),
  };

  #call(
    method: string,
    path: string,
    query: Record<string, string>,
    body: unknown,
    signal: AbortSignal,
  ): Promise<unknown> {
    const { core, schedule, trouble, life, heard, said } = this.#deps;
    // One that died in the middle of something goes on here to the end of it, unheard.
    if (!life.alive) return new Promise(() => {});
    const fate = trouble.fateOfCall();
    const what = `${method} ${path.replace(/[0-9a-f]{56}(?=[0-9a-f]{8})/, '…')}`;
    return this.#settled(signal, (resolve, reject) => {
      const early = refusalBefore(fate);
      schedule.after(trouble.latency(), async () => {
        if (fate === 'hang before') return said(`${what}: hangs`);
        if (early) {
          said(`${what}: ${fate}`);
          return schedule.after(trouble.latency(), () => reject(early));
        }
        heard(method, path, body);
        const reply = await answer(core.routes, {
          method,
          path,
          query: new URLSearchParams(query),
          body: async () => body,
          gone: new AbortController().signal,
        });
        said(`${what}: ${statusOf(reply)}${fate === 'answered' ? '' : `, ${fate}`}`);
        if (fate === 'hang after') return;
        schedule.after(trouble.latency(), () => {
          const problem = refusalAfter(fate) ?? problemIn(reply);
          if (problem) reject(problem);
          else resolve(reply.kind === 'json' ? reply.value : '');
        });
      });
    });
  }

  /** The promise of an answer, which only the living get, and which is given up when the signal aborts. */
  #settled<T>(
    signal: AbortSignal,
    work: (resolve: (value: T) => void, reject: (problem: Error) => void) => void,
  ): Promise<T> {
    const { life } = this.#deps;
    return new Promise<T>((resolve, reject) => {
      signal.addEventListener('abort', () => life.alive && reject(lost('ABORT_ERR', 'aborted')), {
        once: true,
      });
      work(
        (value) => life.alive && resolve(value),
        (problem) => life.alive && reject(problem),
      );
    });
  }

  #listen(filters: Record<string, string[]>, signal: AbortSignal): Promise<AsyncIterable<string>> {
    const { core, schedule, trouble, life, heard, said } = this.#deps;
    const fate = trouble.fateOfCall();
    return this.#settled(signal, (resolve, reject) => {
      schedule.after(trouble.latency(), () => {
        if (fate.startsWith('hang')) return said('GET /events: hangs');
        if (fate !== 'answered') {
          said(`GET /events: ${fate}`);
          return reject(refusalBefore(fate) ?? refusalAfter(fate) ?? lost('ECONNRESET', 'cut off'));
        }
        said('GET /events');
        // What the dead have asked for does not reach the living.
        if (life.alive) heard('GET', '/events', {});
        resolve(this.#stream(parseFilters(JSON.stringify(filters)), signal, core));
      });
    });
  }

  /** Lines in order, each when it has arrived; broken off when the daemon goes, or the signal aborts. */
  #stream(
    filters: ReturnType<typeof parseFilters>,
    signal: AbortSignal,
    { events }: Core,
  ): AsyncIterable<string> {
    const { schedule, trouble, life } = this.#deps;
    const arrived: string[] = [];
    let broken: Error | null = null;
    let wake = () => {};
    let last = schedule.now;
    const arrive = (line: string, ms: number) => {
      // What was sent first arrives first, and a moment later counts as later.
      last = Math.max(last, schedule.now + ms);
      schedule.after(last - schedule.now, () => {
        if (!life.alive) return;
        arrived.push(line);
        wake();
      });
    };
    const detach = events.attach({
      filters,
      line: (line) => {
        if (!life.alive) {
          detach();
          return;
        }
        const eventFate = trouble.fateOfEvent();
        if (eventFate === 'lost') return;
        arrive(line, eventFate === 'late' ? trouble.lateness() : trouble.eventLatency());
        if (eventFate === 'repeated') arrive(line, trouble.echo());
      },
      hangUp: () => end('ECONNRESET'),
    });
    const end = (code: string) => {
      detach();
      broken ??= lost(code, 'aborted');
      if (life.alive) wake();
    };
    signal.addEventListener('abort', () => end('ABORT_ERR'), { once: true });
    return {
      async *[Symbol.asyncIterator]() {
        for (;;) {
          const line = arrived.shift();
          if (line !== undefined) yield line;
          else if (broken) throw broken;
          else
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
        }
      },
    };
  }
}

const lost = (code: string, message: string): Error => Object.assign(new Error(message), { code });

const refused = (status: number, message: string): Error =>
  Object.assign(new Error(message), { statusCode: status, json: { message } });

function refusalBefore(fate: CallFate): Error | null {
  switch (fate) {
    case 'refused':
      return lost('ECONNREFUSED', 'connect ECONNREFUSED');
    case '500 before':
      return refused(500, 'something went wrong');
    case 'reset before':
      return lost('ECONNRESET', 'socket hang up');
    default:
      return null;
  }
}

function refusalAfter(fate: CallFate): Error | null {
  switch (fate) {
    case '500 after':
      return refused(500, 'something went wrong');
    case 'reset after':
      return lost('ECONNRESET', 'socket hang up');
    case 'truncated':
      return new SyntaxError('Unexpected end of JSON input');
    default:
      return null;
  }
}

const statusOf = (reply: Reply): number => ('status' in reply ? reply.status : 200);

/** dockerode throws whatever is no success, 304 too. */
function problemIn(reply: Reply): Error | null {
  const status = statusOf(reply);
  if (status < 300) return null;
  const message =
    reply.kind === 'json' &&
    typeof reply.value === 'object' &&
    reply.value !== null &&
    'message' in reply.value
      ? String(reply.value.message)
      : `status ${status}`;
  return refused(status, message);
}
