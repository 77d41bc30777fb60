import type { Circuit } from '../domain/circuit.ts';
import type { Turn } from '../domain/emergency.ts';
import { type Engine, startedAtOf } from '../domain/engine.ts';
import type { EngineChange } from '../domain/events.ts';
import { type Snapshot, vpnNamed } from '../domain/snapshot.ts';
import { failedVpns, healthyVpns } from '../domain/status.ts';
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

export function vpnTold({ name, control: { tunnel, publicAddress, forwardedPort, problem } }: Vpn): string {
  if (problem !== null) return `${name}: ${problem}`;
  const address = publicAddress
    ? [publicAddress.ip, publicAddress.country].filter((word) => word !== null).join(', ')
    : 'unknown';
  const port = forwardedPort?.number ?? 'none';
  return `${name} has the public address ${address}; forwarded port: ${port}; its tunnel is ${tunnel ?? 'unknown'}`;
}

export const scaled = (to: number): string => `${to} engines are wanted from now on`;

/** What its control server has shown of a VPN that failed by another's word than Docker's. */
export const vpnHeld = ({ name, state }: Vpn): string =>
  state.kind === 'FAILED' && state.hold
    ? `the control server of ${name} shows more of the tunnel that failed`
    : `the control server of ${name} speaks for it again: it is looked at`;

export const vpnConnected = ({ name }: Vpn): string =>
  `an engine of ${name} is connected again: it is looked at`;

export const vpnSuspected = ({ name, evidence }: Vpn): string =>
  evidence
    ? `${name} is healthy in Docker's eyes, but ${evidence.reason}: it FAILS if that goes on`
    : `nothing speaks against ${name} any longer`;

export const vpnRestarting = (name: string): string =>
  `${name} has been FAILED for VPN_UNHEALTHY_RESTART_TIMEOUT_S: its container is being restarted`;

export function circuit(circuit: Circuit, now: number): string {
  switch (circuit.kind) {
    case 'CLOSED':
      return 'starts are let through again';
    case 'OPEN':
      return `starts failed several times in a row: none is tried for ${((circuit.until - now) / 1_000).toFixed(0)} s`;
    case 'HALF_OPEN':
      return 'one start is tried, and the next ones wait for what comes of it';
  }
}

/** Why a VPN's engines have to go. */
export const condemned = ({ name, state }: Vpn): string =>
  state.kind === 'FAILED'
    ? `its VPN ${name} failed: ${state.reason}`
    : `the network of its VPN ${name} is gone: the VPN was restarted`;

/** Why an engine has to go whose place is no more. */
export const evicted = ({ tunnel }: Engine): string =>
  tunnel ? `its VPN ${tunnel.vpn} is configured no longer` : 'VPN_MODE is no longer disabled';

/** Which VPN, how many engines, how long. */
export function emergency({ change, vpn, episodeMs }: Turn, snapshot: Snapshot, removed: number): string {
  const lasted = `${(episodeMs / 1_000).toFixed(1)} s`;
  const going = removed === 0 ? '' : ` ${engines(removed)} ${removed === 1 ? 'is' : 'are'} being removed.`;
  switch (change) {
    case 'ENTERED':
      return `EMERGENCY MODE ENTERED: ${vpn} FAILED (${reasonOf(snapshot, vpn)}).${going} ${whatIsLeft(snapshot)}`;
    case 'UPDATED':
      return `EMERGENCY MODE GOES ON after ${lasted}: ${vpn} is ${stateOf(snapshot, vpn)}.${going} ${whatIsLeft(snapshot)}`;
    case 'EXITED':
      return vpnNamed(snapshot, vpn)
        ? `EMERGENCY MODE EXITED: ${vpn} has recovered after ${lasted}. The full capacity is restored when it is READY.`
        : `EMERGENCY MODE EXITED after ${lasted}: ${vpn} is configured no longer.`;
  }
}

function whatIsLeft(snapshot: Snapshot): string {
  const failed = failedVpns(snapshot).map(({ site }) => site.vpn.name);
  const left = healthyVpns(snapshot);
  if (left.length === 0) return `Every VPN that was up has FAILED (${failed.join(', ')}): nothing is served.`;
  const serving = left.reduce((count, { site }) => count + site.running.length, 0);
  return `${engines(serving)} on ${left.map(({ site }) => site.vpn.name).join(', ')} ${serving === 1 ? 'goes' : 'go'} on, with reduced capacity until recovery.`;
}

const engines = (count: number): string => `${count} engine${count === 1 ? '' : 's'}`;
const stateOf = (snapshot: Snapshot, name: string) =>
  vpnNamed(snapshot, name)?.site.vpn.state.kind ?? 'configured no longer';
function reasonOf(snapshot: Snapshot, name: string): string {
  const state = vpnNamed(snapshot, name)?.site.vpn.state;
  return state?.kind === 'FAILED' ? state.reason : 'it was FAILED for a moment';
}
