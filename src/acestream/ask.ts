import type { Clock } from '../async/clock.ts';
import { Scope } from '../async/scope.ts';
import type { Finding } from '../domain/health.ts';
import { fromJson, getOnce } from '../http/get.ts';

export interface EngineTarget {
  readonly host: string;
  readonly port: number;
}

export interface EngineQuestion {
  readonly target: EngineTarget;
  /** Milliseconds for all of it. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** `answering`: HTTP is served, but what came is not an engine's good word. `silent`: nothing usable came in time. */
export type ProbeResult = 'healthy' | 'answering' | 'silent';

/** Asks an engine whether it is up. Ends within the time given, or when the signal aborts; never throws. */
export type Probe = (question: EngineQuestion) => Promise<ProbeResult>;

/** Asks a running engine how it is: its status, then whether it is connected. Ends and behaves like a probe. */
export type CheckUp = (question: EngineQuestion) => Promise<Finding>;

const method = (name: string): string => `/server/api?api_version=3&method=${name}`;

export const probeEngine: Probe = async ({ target, timeoutMs, clock, signal }) => {
  using scope = within(timeoutMs, clock, signal);
  const reply = await getOnce({ ...target, path: method('get_status') }, scope.signal);
  // A 5xx is an engine that is not up yet; any other answer means that HTTP works.
  if (reply.kind === 'none' || reply.status >= 500) return 'silent';
  return reply.status === 200 && resultIn(reply.body) !== null ? 'healthy' : 'answering';
};

export const checkUpEngine: CheckUp = async ({ target, timeoutMs, clock, signal }) => {
  using scope = within(timeoutMs, clock, signal);
  const status = await getOnce({ ...target, path: method('get_status') }, scope.signal);
  if (status.kind === 'none') return { kind: 'ill', problem: `it ${status.why}` };
  if (status.status !== 200) return { kind: 'ill', problem: `it answers ${status.status} to get_status` };
  if (resultIn(status.body) === null) return { kind: 'ill', problem: 'it answers nonsense to get_status' };

  const network = await getOnce({ ...target, path: method('get_network_connection_status') }, scope.signal);
  if (network.kind === 'none') return { kind: 'ill', problem: `it ${network.why}` };
  const result = network.status === 200 ? resultIn(network.body) : null;
  const connected = result && 'connected' in result ? result.connected : null;
  return { kind: 'well', connected: typeof connected === 'boolean' ? connected : null };
};

function within(ms: number, clock: Clock, signal: AbortSignal): Scope {
  const scope = new Scope(signal);
  void clock.sleep(ms, scope.signal).then(() => scope.end());
  return scope;
}

function resultIn(body: string): object | null {
  const answer = fromJson(body);
  if (typeof answer !== 'object' || answer === null || !('result' in answer)) return null;
  return typeof answer.result === 'object' ? answer.result : null;
}
