import { Buffer } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';

export type ControlAuth =
  | { readonly kind: 'none' }
  /** What newer versions do without a role: every route is refused. */
  | { readonly kind: 'deny' }
  | { readonly kind: 'apikey'; readonly key: string }
  | { readonly kind: 'basic'; readonly user: string; readonly password: string };

export type VpnStatus = 'starting' | 'running' | 'stopping' | 'stopped' | 'crashed' | 'completed';

export interface ControlState {
  readonly status: VpnStatus;
  readonly ports: readonly number[];
  readonly ip: string;
  readonly country: string;
  readonly auth: ControlAuth;
  /** `single` is what versions before 3.41.2 answer: one `port`, or `ports` when there are several. */
  readonly portShape: 'both' | 'single';
  /** Requests are accepted and never answered. */
  readonly hang: boolean;
  readonly http500: boolean;
  /** Answers, but not as Gluetun does. */
  readonly nonsense: boolean;
}

interface ControlContext {
  readonly control: ControlState;
  readonly passing: boolean;
  readonly change: (status: VpnStatus) => void;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

type Route = (context: ControlContext, body: string) => Answer;

const json = (value: unknown): Answer => ({ status: 200, body: `${JSON.stringify(value)}\n` });
const text = (status: number, body: string): Answer => ({ status, body: `${body}\n` });

const vpnStatus: Route = ({ control }) => json({ status: control.status });
const toForwardedPort: Route = () => ({ status: 301, body: '', headers: { location: '/v1/portforward' } });

const routes: Readonly<Record<string, Readonly<Record<string, Route>>>> = {
  '/v1/version': {
    GET: () => json({ version: 'v3.41.2', commit: 'embedded', created: '2026-07-29T00:00:00Z' }),
  },
  '/v1/vpn/status': { GET: vpnStatus, PUT: setStatus },
  '/v1/openvpn/status': { GET: vpnStatus, PUT: setStatus },
  '/v1/openvpn/portforwarded': { GET: toForwardedPort },
  '/v1/portforward': { GET: forwardedPort },
  '/v1/publicip/ip': { GET: publicAddress },
  '/v1/dns/status': { GET: () => json({ status: 'running' }) },
  '/v1/updater/status': { GET: () => json({ status: 'completed' }) },
};

/** Answers as Gluetun's control server 3.41.2 does. */
export function answerControl(
  request: IncomingMessage,
  response: ServerResponse,
  context: ControlContext,
): void {
  const { control } = context;
  if (control.hang) return;
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => {
    body += chunk;
  });
  request.on('end', () => {
    const { status, body: answer, headers } = misbehaviour(control) ?? route(request, body, context);
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers }).end(answer);
  });
}

function misbehaviour({ http500, nonsense }: ControlState): Answer | undefined {
  if (http500) return text(500, 'internal error');
  return nonsense ? text(200, '<html>It works!</html>') : undefined;
}

function route(request: IncomingMessage, body: string, context: ControlContext): Answer {
  const methods = routes[request.url ?? ''];
  if (methods === undefined) return text(404, 'Not Found');
  const handler = methods[request.method ?? ''];
  if (handler === undefined) return text(405, 'Method Not Allowed');
  return refusal(request, context.control.auth) ?? handler(context, body);
}

function refusal(request: IncomingMessage, auth: ControlAuth): Answer | undefined {
  const unauthorized = text(401, 'Unauthorized');
  switch (auth.kind) {
    case 'none':
      return undefined;
    case 'deny':
      return unauthorized;
    case 'apikey':
      return request.headers['x-api-key'] === auth.key ? undefined : unauthorized;
    case 'basic': {
      const expected = `Basic ${Buffer.from(`${auth.user}:${auth.password}`).toString('base64')}`;
      if (request.headers.authorization === expected) return undefined;
      return {
        ...unauthorized,
        headers: { 'www-authenticate': 'Basic realm="restricted", charset="UTF-8"' },
      };
    }
  }
}

function tunnelIsUp({ control, passing }: ControlContext): boolean {
  return control.status === 'running' && passing;
}

function forwardedPort(context: ControlContext): Answer {
  const ports = tunnelIsUp(context) ? context.control.ports : [];
  const port = ports[0] ?? 0;
  if (context.control.portShape === 'single') return json(ports.length > 1 ? { ports } : { port });
  return json({ port, ports });
}

function publicAddress(context: ControlContext): Answer {
  if (!tunnelIsUp(context)) return json({ public_ip: '' });
  const { ip, country } = context.control;
  return json({ public_ip: ip, country, organization: 'Embedded' });
}

function setStatus({ control, change }: ControlContext, body: string): Answer {
  const wanted = /"status"\s*:\s*"([^"]*)"/.exec(body)?.[1];
  if (wanted === undefined) return text(400, 'EOF');
  if (wanted !== 'running' && wanted !== 'stopped')
    return text(400, `invalid status: ${wanted}: possible values are: stopped, running`);
  if (control.status === wanted || control.status === 'crashed')
    return json({ outcome: `already ${control.status}` });
  change(wanted);
  return json({ outcome: wanted });
}
