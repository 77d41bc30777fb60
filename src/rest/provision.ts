import { z } from 'zod';
import { containerIdOf } from '../domain/engine.ts';
import { isRefusal, type ProvisionRefusal } from '../domain/refusal.ts';
import type { EngineView } from '../domain/snapshot.ts';
import { type Answer, ok, problem, unprocessable } from './answer.ts';
import { detailOf, statusOf, waitOf } from './refusals.ts';

/** Scripts write numbers where Docker wants text. */
const pairs = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean()], 'Input should be a string').transform(String),
);

const asLabel = ([key, value]: [string, string]) => ({ key, value });
const asVariable = ([name, value]: [string, string]) => ({ name, value });

/** What is asked for besides, a port of one's own or an image, Tandem chooses itself, as the original does behind a VPN. */
export const provisionInput = z.object({
  body: z
    .object({
      labels: pairs.prefault({}).transform((labels) => Object.entries(labels).map(asLabel)),
      env: pairs.prefault({}).transform((env) => Object.entries(env).map(asVariable)),
    })
    .prefault({}),
});

export function provisioned(result: EngineView | ProvisionRefusal): Answer {
  if (!isRefusal(result)) {
    const { engine } = result;
    const { http, https } = engine.ports;
    return ok({
      container_id: containerIdOf(engine),
      container_name: engine.name,
      host_http_port: http,
      container_http_port: http,
      container_https_port: https,
    });
  }
  if (result.kind === 'InvalidInputError')
    return unprocessable({ type: 'value_error', loc: ['body', result.field], msg: result.message });
  return { ...problem(statusOf(result), detailOf(result)), retryAfterSeconds: waitOf(result) };
}
