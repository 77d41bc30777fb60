import { type Engine, startedAtOf } from '../domain/engine.ts';
import type { EngineChange } from '../domain/events.ts';
import type { Vpn } from '../domain/vpn.ts';

const where = ({ tunnel }: Engine): string => (tunnel ? ` on ${tunnel.vpn}` : '');

export const assigned = (engine: Engine): string =>
  `${engine.name} gets port ${engine.ports.http}${where(engine)}`;

export function engineChanged(engine: Engine, change: EngineChange, reason: string | null): string {
  const because = reason === null ? '' : `: ${reason}`;
  const what: Record<EngineChange, string> = {
    STARTED: `runs${where(engine)}, reachable at ${engine.host}:${engine.ports.http}`,
    ADOPTED: `was running already${where(engine)} and is adopted`,
    FAILED: startedAtOf(engine) === null ? `could not be started${where(engine)}` : `failed${where(engine)}`,
    HEALTHY: 'is healthy',
    UNHEALTHY: 'is unhealthy',
    STOPPED: `is being stopped${where(engine)}`,
    REMOVED: 'is gone',
  };
  return `${engine.name} ${what[change]}${because}`;
}

export function vpnChanged(before: Vpn, after: Vpn): string {
  const { state } = after;
  if (before.state.kind === state.kind)
    return `${after.name} is ${after.containerStatus ?? 'missing'}, health ${after.health}`;
  const because = state.kind === 'FAILED' ? `: ${state.reason}` : '';
  return `${after.name} is ${state.kind} (was ${before.state.kind})${because}`;
}

export function vpnTold({ name, control: { publicAddress, forwardedPort, problem } }: Vpn): string {
  if (problem !== null) return `${name}: ${problem}`;
  const address = publicAddress
    ? [publicAddress.ip, publicAddress.country].filter((word) => word !== null).join(', ')
    : 'unknown';
  return `${name} has the public address ${address}; forwarded port: ${forwardedPort ?? 'none'}`;
}
