import { Buffer } from 'node:buffer';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Clock } from '../../async/clock.ts';
import type { Audit } from './audit.ts';
import { DockerError } from './errors.ts';
import type { CallFault, Faults } from './faults.ts';
import { answer, apiVersion, type Heard, json, type Reply, type Route } from './route.ts';

interface ServeOptions {
  readonly routes: readonly Route[];
  readonly faults: Faults;
  readonly audit: Audit;
  readonly clock: Clock;
}

/** The daemon's HTTP server: version prefix, routes, faults, audit. */
export function createDaemonServer({ routes, faults, audit, clock }: ServeOptions): Server {
  return createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://docker');
    const method = request.method ?? 'GET';
    const path = url.pathname.replace(/^\/v\d+\.\d+(?=\/)/, '');
    const gone = new AbortController();
    const ended = audit.begin(method, path, url.search.slice(1));
    response.once('close', () => {
      gone.abort();
      ended(clock.now(), response.headersSent ? response.statusCode : 0);
    });

    // What was heard whole can be done, even for a caller that goes away.
    const heard = await readAll(request);
    if (heard === null) return;
    const body = async () => parseJson(heard);
    const call = { method, path, query: url.searchParams, body, gone: gone.signal };
    const fault = faults.take(method, path);
    if (fault !== undefined && (await spoilBefore(fault, call, response, clock))) return;
    const reply = newer(url.pathname) ?? (await answer(routes, call));
    if (fault !== undefined && (await spoilAfter(fault, call, reply, response))) return;
    await send(reply, response, method, gone.signal);
  });
}

/** Does what happens before the effect, and says whether that was all. */
async function spoilBefore(fault: CallFault, call: Heard, response: ServerResponse, clock: Clock) {
  if (fault.kind === 'witness' && !(await fault.before(call))) {
    response.destroy();
    return true;
  }
  if (fault.kind === 'delay') await clock.sleep(fault.ms, call.gone);
  if (!('when' in fault) || fault.when !== 'before') return false;
  spoil(fault, response);
  return true;
}

/** Answers wrongly after the effect, and says whether it did. */
async function spoilAfter(fault: CallFault, call: Heard, reply: Reply, response: ServerResponse) {
  if (fault.kind === 'witness') {
    if (await fault.after(call)) return false;
    response.destroy();
    return true;
  }
  if (fault.kind === 'delay' || ('when' in fault && fault.when === 'before')) return false;
  if (fault.kind === 'body') {
    response.writeHead(200, { 'content-type': 'application/json' }).end(fault.text);
  } else if (fault.kind === 'truncate') {
    const whole = Buffer.from(reply.kind === 'json' ? `${JSON.stringify(reply.value)}\n` : '{"half":');
    response.writeHead(reply.kind === 'json' ? reply.status : 200, {
      'content-type': 'application/json',
      'content-length': whole.length,
    });
    response.write(whole.subarray(0, whole.length / 2), () => {
      if (fault.hangUp) response.destroy();
    });
  } else spoil(fault, response);
  return true;
}

function spoil(fault: CallFault, response: ServerResponse): void {
  if (fault.kind === 'reset') response.destroy();
  if (fault.kind === 'answer')
    response
      .writeHead(fault.status, { 'content-type': 'application/json' })
      .end(JSON.stringify({ message: fault.message }));
}

/** The refusal of a client that speaks a newer version. */
function newer(path: string): Reply | null {
  const [, major, minor] = /^\/v(\d+)\.(\d+)\//.exec(path) ?? [];
  if (minor === undefined || Number(minor) <= Number(apiVersion.split('.')[1])) return null;
  const message = `client version ${major}.${minor} is too new. Maximum supported API version is ${apiVersion}`;
  return json({ message }, 400);
}

async function send(
  reply: Reply,
  response: ServerResponse,
  method: string,
  gone: AbortSignal,
): Promise<void> {
  response.setHeader('Api-Version', apiVersion);
  response.setHeader('Ostype', 'linux');
  response.setHeader('Server', 'Docker/embedded (linux)');
  switch (reply.kind) {
    case 'empty':
      response.writeHead(reply.status).end();
      return;
    case 'json':
      response.writeHead(reply.status, { 'content-type': 'application/json' });
      response.end(`${JSON.stringify(reply.value)}\n`);
      return;
    case 'bytes':
      response.writeHead(200, { 'content-type': reply.type, 'content-length': reply.bytes.length });
      response.end(method === 'HEAD' ? undefined : reply.bytes);
      return;
    case 'stream':
      response.writeHead(200, { 'content-type': reply.type });
      response.flushHeaders();
      await reply.write(response, gone);
      response.end();
  }
}

/** Null when the caller went away before it had said everything. */
async function readAll(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
  } catch {
    return null;
  }
  return Buffer.concat(chunks).toString();
}

function parseJson(text: string): unknown {
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch (problem) {
    throw new DockerError(400, String(problem));
  }
}
