import { readFileSync } from 'node:fs';
import { type Client, clientOf, type Following, type Typed } from '../client/client.ts';
import type { Environment } from '../config/mistakes.ts';
import { Complaint, exit } from './exit.ts';
import type { GlobalOptions, Shell } from './shell.ts';

/** The service, as the commands ask it. */
export interface Service extends AsyncDisposable {
  readonly url: string;
  /** Asks once, and waits for the answer for so many milliseconds. */
  ask<R, V>(document: Typed<R, V>, variables: V, patienceMs?: number): Promise<R>;
  /** Follows until the command is asked to end. */
  follow<R, V extends object>(
    document: Typed<R, V>,
    variables: V,
    resume?: (told: R) => string,
    signal?: AbortSignal,
  ): AsyncGenerator<R, void, undefined>;
}

/** What Tandem answers at once; all but the making and removing of containers. */
const answersWithinMs = 15_000;

/** `onSocket` is told when what is followed is lost, and when it is there again. */
export function connect(
  { env, signal, clock }: Shell,
  options: GlobalOptions,
  onSocket: (standing: boolean) => void = () => {},
): Service {
  const url = urlFrom(options, env);
  const client: Client = clientOf({ url, key: keyFrom(options, env), onSocket });
  return {
    url,
    async ask(document, variables, patienceMs = answersWithinMs) {
      const late = new AbortController();
      const over = new AbortController();
      void clock.sleep(patienceMs, over.signal).then(() => late.abort());
      try {
        return await client.ask(document, variables, AbortSignal.any([signal, late.signal]));
      } catch (problem) {
        if (!late.signal.aborted || signal.aborted) throw problem;
        const text = `${url} has not answered for ${patienceMs / 1_000} s`;
        throw new Complaint(exit.unavailable, text, 'Its log may say why', { cause: problem });
      } finally {
        over.abort();
      }
    },
    follow<R, V extends object>(
      document: Typed<R, V>,
      variables: V,
      resume?: (told: R) => string,
      until: AbortSignal = signal,
    ) {
      const following: Following<R> = { signal: until, ...(resume && { resume }) };
      return client.follow(document, variables, following);
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

/** Where the service is: as it was told, or where one listens that has the same settings. */
export function urlFrom({ url: told }: Pick<GlobalOptions, 'url'>, env: Environment): string {
  const host = env.HOST && !['0.0.0.0', '::'].includes(env.HOST) ? env.HOST : 'localhost';
  const url =
    told || env.TANDEM_URL || `http://${host.includes(':') ? `[${host}]` : host}:${env.APP_PORT || 8_000}`;
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return new URL(url).origin;
  throw new Complaint(exit.usage, `${JSON.stringify(url)} is no address`, 'Say it as http://localhost:8000');
}

/** The key to show: as it was told, or the one that a service with the same settings asks for. */
function keyFrom({ key }: Pick<GlobalOptions, 'key'>, env: Environment): string | null {
  const told = key || env.TANDEM_API_KEY || env.API_KEY;
  if (told || !env.API_KEY_FILE) return told || null;
  try {
    return readFileSync(env.API_KEY_FILE, 'utf8').trim() || null;
  } catch (problem) {
    const text = `API_KEY_FILE names a file that cannot be read (${codeOf(problem)})`;
    throw new Complaint(exit.key, text, 'Correct it, or set TANDEM_API_KEY', { cause: problem });
  }
}

const codeOf = (problem: unknown): string => (problem as NodeJS.ErrnoException).code ?? 'an error';
