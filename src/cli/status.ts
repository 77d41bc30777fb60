import { type ExitCode, exit } from './exit.ts';
import type { StatusQuery } from './gql/graphql.ts';
import { Status } from './operations.ts';
import type { Service } from './service.ts';
import { type GlobalOptions, type Paint, paintFor, type Shell } from './shell.ts';
import { columns } from './table.ts';
import { lasting, orDash, some } from './words.ts';

type Vpn = StatusQuery['vpnStatus']['vpns'][number];

/** `tandem status`: how everything is, once. */
export async function status(shell: Shell, service: Service, options: GlobalOptions): Promise<ExitCode> {
  const told = await service.ask(Status, {});
  if (options.json) shell.out.write(`${JSON.stringify(told)}\n`);
  else {
    const lines = statusLines(told, 0, paintFor(shell.out, shell.env, options));
    shell.out.write(`${lines.join('\n')}\n`);
  }
  return isWell(told) ? exit.ok : exit.unwell;
}

/** Nothing wants an operator's eye: a VPN that is STABILIZING is on its way by itself. */
export const isWell = ({ fleet, vpnStatus }: StatusQuery): boolean =>
  fleet.circuit === 'CLOSED' &&
  vpnStatus.vpns.every(({ state }) => state === 'READY' || state === 'STABILIZING');

/** The status for people, `elapsed` seconds after it was told. */
export function statusLines(told: StatusQuery, elapsed: number, paint: Paint): string[] {
  const { fleet, vpnStatus } = told;
  const vpns = vpnStatus.vpns.map((vpn) => vpnCells(vpn, elapsed, paint));
  const notes = vpnStatus.vpns.flatMap((vpn) => notesOn(vpn).map((note) => `${vpn.name}: ${note}`));
  return [
    ...headline(told, elapsed, paint),
    '',
    ...(vpns.length === 0 ? [] : [...columns([vpnHead.map((name) => paint('dim', name)), ...vpns]), '']),
    ...(notes.length === 0 ? [] : [...notes, '']),
    `Engines  ${fleet.running} running, ${fleet.pending} being made; ${fleet.desired} are kept (${fleet.minReplicas} to ${fleet.maxReplicas})`,
    `Circuit  ${paint(fleet.circuit === 'CLOSED' ? 'green' : 'red', fleet.circuit)}`,
    ...(fleet.pausedReason === null ? [] : [`Paused   ${fleet.pausedReason}`]),
    ...(fleet.simulated ? [paint('yellow', 'SIMULATED: no real container exists.')] : []),
  ];
}

const vpnHead = ['VPN', 'STATE', 'HEALTH', 'ENGINES', 'FREE PORTS', 'FORWARDED', 'ADDRESS', 'COUNTRY'];

function vpnCells(vpn: Vpn, elapsed: number, paint: Paint): string[] {
  return [
    vpn.name,
    paint(stateStyles[vpn.state], stateOf(vpn, elapsed)),
    vpn.health,
    vpn.pendingEngineCount === 0 ? String(vpn.engineCount) : `${vpn.engineCount} + ${vpn.pendingEngineCount}`,
    orDash(vpn.portRange?.free),
    orDash(vpn.forwardedPort),
    orDash(vpn.publicIp),
    orDash([vpn.city, vpn.country].filter(Boolean).join(', ')),
  ];
}

const stateStyles = { READY: 'green', STABILIZING: 'yellow', UNKNOWN: 'yellow', FAILED: 'red' } as const;

function stateOf({ state, stabilizationRemainingSeconds }: Vpn, elapsed: number): string {
  if (state !== 'STABILIZING') return state;
  return `${state}, ${lasting(stabilizationRemainingSeconds - elapsed)} to go`;
}

function notesOn({ state, failedSince, failureReason, suspectedSince, controlProblem }: Vpn): string[] {
  return [
    ...(state === 'FAILED' ? [`FAILED since ${failedSince}: ${failureReason}`] : []),
    ...(suspectedSince === null ? [] : [`suspected since ${suspectedSince}: it FAILS if that goes on`]),
    ...(controlProblem === null ? [] : [controlProblem]),
  ];
}

function headline({ fleet, vpnStatus }: StatusQuery, elapsed: number, paint: Paint): string[] {
  const { emergencyMode: emergency, vpns, mode } = vpnStatus;
  if (emergency.active) {
    const failed = emergency.failedVpns.map(({ name }) => name).join(', ');
    const left = emergency.healthyVpns.map(({ name }) => name).join(', ');
    const long = lasting(emergency.durationSeconds + elapsed);
    return emergency.outage
      ? [paint(['bold', 'red'], `OUTAGE for ${long}: every VPN has FAILED (${failed}). Nothing is served.`)]
      : [paint(['bold', 'red'], `EMERGENCY for ${long}: ${failed} FAILED. ${left || 'No VPN'} carries on.`)];
  }
  const down = vpns.filter(({ state }) => state === 'FAILED' || state === 'UNKNOWN');
  if (down.length > 0)
    return [
      paint(['bold', 'red'], `NOT WELL: ${down.map((vpn) => `${vpn.name} is ${vpn.state}`).join(', ')}.`),
    ];
  if (fleet.circuit !== 'CLOSED')
    return [paint(['bold', 'red'], `NOT WELL: the circuit is ${fleet.circuit}, starts fail.`)];
  const what = mode === 'DISABLED' ? 'no VPN' : some(vpns.length, 'VPN');
  return [paint(['bold', 'green'], `All is well: ${what}, ${some(fleet.running, 'engine')}.`)];
}
