/** An answer that is none: `code` is the service's own, or UNREACHABLE when nobody answered. */
export class ClientError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ClientError';
    this.code = code;
  }
}

/** What came of an operation, as the service writes it. */
export interface Result<R> {
  readonly data?: R | null;
  readonly errors?: readonly Told[];
}

interface Told {
  readonly message: string;
  readonly extensions?: { readonly code?: unknown };
}

/** The code with which a socket was closed; null for anything else. */
export const closeCodeOf = (problem: unknown): number | null =>
  problem instanceof Object && 'code' in problem && typeof problem.code === 'number' ? problem.code : null;

/** The socket's close code for a key that is missing or wrong. */
export const forbidden = 4403;

/** The data of an answer. Fails with the first error in it. */
export function dataOf<R>({ data, errors }: Result<R>): R {
  if (errors) throw asClientError(errors);
  return data as R;
}

/** What a subscription failed with: GraphQL errors, or the close of the socket. */
export function asClientError(problem: unknown): ClientError {
  if (problem instanceof ClientError) return problem;
  if (Array.isArray(problem)) {
    const [first] = problem as Told[];
    return new ClientError(String(first?.extensions?.code ?? 'UNKNOWN'), first?.message ?? 'no reason given');
  }
  const code = closeCodeOf(problem);
  if (code === forbidden)
    return new ClientError('UNAUTHENTICATED', 'the service wants a key, and this is not one');
  return new ClientError('UNREACHABLE', `the service closed the connection for good (${code})`, {
    cause: problem,
  });
}
