import type { Buffer } from 'node:buffer';
import type { ServerResponse } from 'node:http';
import { DockerError } from './errors.ts';

export const apiVersion = '1.41';

/** One call, as a route sees it. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** What the route's pattern captured, decoded. */
  readonly captured: string;
  readonly body: () => Promise<unknown>;
  /** Aborts when the caller has gone. */
  readonly gone: AbortSignal;
}

/** One call before it has found its route. */
export type Heard = Omit<Call, 'captured'>;

export type Reply =
  | { readonly kind: 'empty'; readonly status: number }
  | { readonly kind: 'json'; readonly status: number; readonly value: unknown }
  | { readonly kind: 'bytes'; readonly type: string; readonly bytes: Buffer }
  /** Headers go out at once; `write` ends when nothing more will come. */
  | {
      readonly kind: 'stream';
      readonly type: string;
      readonly write: (response: ServerResponse, gone: AbortSignal) => Promise<void>;
    };

export interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly handle: (call: Call) => Promise<Reply> | Reply;
}

export const empty = (status = 204): Reply => ({ kind: 'empty', status });
export const json = (value: unknown, status = 200): Reply => ({ kind: 'json', status, value });

/** Does what a call asks for, and says what came of it; never throws. */
export async function answer(routes: readonly Route[], call: Heard): Promise<Reply> {
  try {
    for (const route of routes) {
      const match = route.method === call.method ? route.path.exec(call.path) : null;
      if (match !== null)
        return await route.handle({ ...call, captured: decodeURIComponent(match[1] ?? '') });
    }
    return json({ message: 'page not found' }, 404);
  } catch (problem) {
    const status = problem instanceof DockerError ? problem.status : 500;
    return json({ message: problem instanceof Error ? problem.message : String(problem) }, status);
  }
}
