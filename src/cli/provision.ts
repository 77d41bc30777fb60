import { randomUUID } from 'node:crypto';
import { engineLines, requestLabel } from './engines.ts';
import { Complaint, type ExitCode, exit } from './exit.ts';
import type { ProvisionEnginesInput, ProvisionEnginesMutation } from './gql/graphql.ts';
import { LastEvent, ProvisionEngines } from './operations.ts';
import { showProgress } from './progress.ts';
import type { Service } from './service.ts';
import { type GlobalOptions, paintFor, type Shell } from './shell.ts';
import { lasting, some } from './words.ts';

type Payload = ProvisionEnginesMutation['provisionEngines'];

export interface ProvisionOptions extends GlobalOptions {
  readonly count: number;
  readonly label: readonly { readonly key: string; readonly value: string }[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly idempotencyKey?: string;
}

/**
 * `tandem provision`: starts engines and waits for them. There is always an idempotency key, so that a lost connection is no
 * reason to ask again by hand: the same call is sent once more, and gives the same engines.
 */
export async function provision(
  shell: Shell,
  service: Service,
  options: ProvisionOptions,
): Promise<ExitCode> {
  const { count, label: labels, env, idempotencyKey = randomUUID() } = options;
  const request = { key: requestLabel, value: idempotencyKey };
  const input: ProvisionEnginesInput = { count, labels: [...labels, request], env: [...env], idempotencyKey };
  const { lastEventId } = await service.ask(LastEvent, {});
  const payload = await besideProgress(shell, service, { count, request, after: lastEventId }, () =>
    answerTo(shell, service, input),
  );
  if (options.json) shell.out.write(`${JSON.stringify(payload)}\n`);
  else tell(shell, payload, options);
  return codeFor(payload);
}

async function answerTo({ signal }: Shell, service: Service, input: ProvisionEnginesInput): Promise<Payload> {
  for await (const { provisionEngines } of service.follow(ProvisionEngines, { input }))
    return provisionEngines;
  // The work belongs to the service: it goes on, if the service was asked by then.
  const text = signal.aborted
    ? 'waits no longer; what it asked for may be made all the same'
    : 'got no answer';
  const advice = `To have the same engines listed, ask again with --idempotency-key ${input.idempotencyKey}`;
  throw new Complaint(exit.later, text, advice);
}

type Asked = Parameters<typeof showProgress>[2];

/** The bar is for people alone: a file or a pipe gets what came of it. */
async function besideProgress<T>(
  shell: Shell,
  service: Service,
  asked: Asked,
  work: () => Promise<T>,
): Promise<T> {
  if (!shell.err.isTTY) return work();
  const done = new AbortController();
  const showing = showProgress(shell, service, asked, AbortSignal.any([shell.signal, done.signal]));
  try {
    return await work();
  } finally {
    done.abort();
    await showing;
  }
}

function tell(shell: Shell, { requested, engines, errors }: Payload, options: GlobalOptions): void {
  const paint = paintFor(shell.out, shell.env, options);
  if (engines.length > 0) shell.out.write(`${engineLines(engines, paint).join('\n')}\n`);
  const reasons = Map.groupBy(errors, ({ __typename: kind, message }) => `${kind}: ${message}`);
  for (const [reason, { length, 0: first }] of reasons) {
    const again = first?.retryAfterSeconds ? ` Try again in ${lasting(first.retryAfterSeconds)}.` : '';
    shell.err.write(`tandem: ${length} of ${some(requested, 'engine')} did not start. ${reason}${again}\n`);
  }
}

function codeFor({ engines, errors }: Payload): ExitCode {
  if (errors.length === 0) return exit.ok;
  if (engines.length > 0) return exit.inPart;
  return errors.every(({ __typename: kind }) => kind === 'InvalidInputError') ? exit.usage : exit.unwell;
}
