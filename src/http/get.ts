import { get } from 'node:http';

/** An HTTP answer, or why there is none, in words that follow upon the name of who was asked. */
export type Reply =
  | {
      readonly kind: 'reply';
      readonly status: number;
      readonly body: string;
      readonly location: string | undefined;
    }
  | { readonly kind: 'none'; readonly why: string };

export interface Question {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** No honest answer to what is asked here is longer. */
const longestAnswer = 65_536;

/**
 * GETs over plain HTTP on a connection of its own, until `signal` aborts; never throws. Not with fetch: on a connection
 * that is accepted and closed at once, as Docker's proxy does before anybody listens, it waits for its time-out, where
 * node:http fails within milliseconds.
 */
export async function getOnce({ headers = {}, ...target }: Question, signal: AbortSignal): Promise<Reply> {
  const none = (why: string) =>
    ({ kind: 'none', why: signal.aborted ? 'gave no answer in time' : why }) as const;
  const brokenOff = `hangs up before GET ${withoutQuery(target.path)} is answered`;
  const asked = new Promise<Reply>((resolve) => {
    const request = get({ ...target, headers, agent: false, signal }, (response) => {
      const { statusCode: status = 0, headers: answered } = response;
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
        if (body.length <= longestAnswer) return;
        resolve(none(`answers GET ${withoutQuery(target.path)} at too great length`));
        request.destroy();
      });
      response.on('end', () => resolve({ kind: 'reply', status, body, location: answered.location }));
      response.on('error', () => resolve(none(brokenOff)));
      response.on('close', () => resolve(none(brokenOff)));
    });
    request.on('error', (problem) => resolve(none(`cannot be reached (${codeOf(problem)})`)));
    request.on('close', () => resolve(none(brokenOff)));
  });
  return asked.catch((problem: unknown) => none(`cannot be asked (${codeOf(problem)})`));
}

/** Undefined for what is no JSON. */
export function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const withoutQuery = (path: string): string => path.replace(/\?.*/, '');

const codeOf = (problem: unknown): string =>
  problem instanceof Error && 'code' in problem ? String(problem.code) : 'an error';
