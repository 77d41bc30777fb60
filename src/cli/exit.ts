import { ClientError } from '../client/error.ts';

/** What the exit code says. From 64 on they are those of sysexits.h. */
export const exit = {
  ok: 0,
  /** It was done, but the result is not what was wished for. */
  unwell: 1,
  usage: 2,
  /** Some of it was done. */
  inPart: 3,
  /** An event id that is no longer known. */
  expired: 65,
  unavailable: 69,
  mistake: 70,
  /** The same may succeed in a moment. */
  later: 75,
  key: 77,
} as const;

export type ExitCode = (typeof exit)[keyof typeof exit];

/** What is told on one line before the command ends with `code`: what was wrong, and what to do. */
export class Complaint extends Error {
  readonly code: ExitCode;
  /** null where the message says it already. */
  readonly advice: string | null;

  constructor(code: ExitCode, message: string, advice: string | null = null, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.advice = advice;
  }

  get line(): string {
    return this.advice === null ? this.message : `${this.message}. ${this.advice}.`;
  }
}

export function complaintFrom(problem: unknown): Complaint {
  if (problem instanceof Complaint) return problem;
  const options = { cause: problem };
  if (!(problem instanceof ClientError))
    return new Complaint(exit.mistake, `a mistake in tandem itself: ${stackOf(problem)}`, null, options);
  const { code, message } = problem;
  switch (code) {
    case 'UNREACHABLE':
      return new Complaint(
        exit.unavailable,
        message,
        'Start the service (npm start), or say where it is with --url or TANDEM_URL',
        options,
      );
    case 'UNAUTHENTICATED':
      return new Complaint(
        exit.key,
        'the service wants its API_KEY, and was given none or another one',
        'Set TANDEM_API_KEY (or API_KEY) to it',
        options,
      );
    case 'GRAPHQL_VALIDATION_FAILED':
      return new Complaint(
        exit.unavailable,
        `the service is of another version than this command (${message})`,
        'Use the command that came with it',
        options,
      );
    default:
      return new Complaint(codes[code] ?? exit.mistake, message, null, options);
  }
}

/** Of the service's own codes; their messages say what to do. */
const codes: Readonly<Record<string, ExitCode>> = {
  FORBIDDEN: exit.key,
  BAD_USER_INPUT: exit.usage,
  CURSOR_EXPIRED: exit.expired,
  SERVICE_UNAVAILABLE: exit.later,
  STORAGE: exit.later,
  OVERLOADED: exit.later,
};

const stackOf = (problem: unknown): string =>
  problem instanceof Error ? (problem.stack ?? problem.message) : String(problem);
