import type { Label } from './engine.ts';
import { invalid, quote, type RefusalOf } from './refusal.ts';

export interface EnvVariable {
  readonly name: string;
  readonly value: string;
}

/** What a caller asks for one engine, or for each of a batch. */
export interface EngineRequest {
  readonly labels: readonly Label[];
  readonly env: readonly EnvVariable[];
  readonly idempotencyKey: string | null;
}

export const largestBatch = 1_000;

const limits = {
  entries: 64,
  key: 128,
  labelValue: 4_096,
  envValue: 32_768,
  envTotal: 131_072,
  idempotencyKey: 255,
};

/** Prefixes under which Tandem and Docker keep their own labels. */
const reservedLabels = ['tandem.', 'com.docker.', 'io.docker.', 'org.dockerproject.'];

/** How the engine images take their ports: set by a caller, these would undo the ports that were promised. */
const reservedEnv = ['ACESTREAM_ARGS', 'EXTRA_FLAGS', 'ALLOW_REMOTE_ACCESS'];

const control = /\p{Cc}/u;
const controlButWhitespace = /(?![\t\n\r])\p{Cc}/u;

/** What is wrong with a request, or null. `instanceKey` is the label by which this instance knows its own. */
export function checkRequest(
  request: EngineRequest,
  instanceKey: string,
): RefusalOf<'InvalidInputError'> | null {
  return (
    checkLabels(request.labels, instanceKey) ?? checkEnv(request.env) ?? checkKey(request.idempotencyKey)
  );
}

export function checkCount(count: number): RefusalOf<'InvalidInputError'> | null {
  if (Number.isInteger(count) && count >= 1 && count <= largestBatch) return null;
  return invalid('count', `count is ${count}; it takes a whole number from 1 to ${largestBatch}.`);
}

function checkLabels(labels: readonly Label[], instanceKey: string) {
  if (labels.length > limits.entries)
    return invalid('labels', `${labels.length} labels are too many; at most ${limits.entries}.`);
  const seen = new Set<string>();
  for (const [index, { key, value }] of labels.entries()) {
    const field = `labels[${index}]`;
    const complaint =
      checkText(key, 'key', limits.key, control) ??
      (key === '' ? 'key is empty' : null) ??
      (isReserved(key, instanceKey)
        ? `key ${quote(key)} is reserved for Tandem or Docker; choose another`
        : null) ??
      (key === '__proto__' ? 'key is one that programs lose; choose another' : null) ??
      (seen.has(key) ? `key ${quote(key)} is given twice` : null) ??
      checkText(value, 'value', limits.labelValue, control);
    if (complaint) return invalid(field, `${field}: ${complaint}.`);
    seen.add(key);
  }
  return null;
}

function checkEnv(env: readonly EnvVariable[]) {
  if (env.length > limits.entries)
    return invalid('env', `${env.length} variables are too many; at most ${limits.entries}.`);
  const seen = new Set<string>();
  let total = 0;
  for (const [index, { name, value }] of env.entries()) {
    const field = `env[${index}]`;
    const complaint =
      checkText(name, 'name', limits.key, control) ??
      (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
        ? null
        : `name ${quote(name)} is not a variable's name (letters, digits and "_", not starting with a digit)`) ??
      (reservedEnv.includes(name)
        ? `name ${quote(name)} carries the engine's ports and is set by Tandem`
        : null) ??
      (seen.has(name) ? `name ${quote(name)} is given twice` : null) ??
      checkText(value, 'value', limits.envValue, controlButWhitespace);
    if (complaint) return invalid(field, `${field}: ${complaint}.`);
    seen.add(name);
    total += name.length + value.length;
  }
  if (total > limits.envTotal)
    return invalid('env', `env holds ${total} characters in all; at most ${limits.envTotal}.`);
  return null;
}

function checkKey(key: string | null) {
  if (key === null) return null;
  const complaint =
    key === '' ? 'is empty; leave it out to have none' : checkText(key, '', limits.idempotencyKey, control);
  return complaint ? invalid('idempotencyKey', `idempotencyKey ${complaint.trim()}.`) : null;
}

/** Length and forbidden characters; the value itself is not repeated, for it may be huge or secret. */
function checkText(text: string, what: string, longest: number, forbidden: RegExp): string | null {
  if (text.length > longest) return `${what} has ${text.length} characters; at most ${longest}`;
  if (forbidden.test(text)) return `${what} contains a control character`;
  return text.isWellFormed() ? null : `${what} contains half a character`;
}

const isReserved = (key: string, instanceKey: string) =>
  key === instanceKey || reservedLabels.some((prefix) => key.toLowerCase().startsWith(prefix));
