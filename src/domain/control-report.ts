import type { Control, ForwardedPort, PublicAddress, Told, TunnelStatus } from './control.ts';
import { heardWhileFailed } from './silence.ts';
import { type Incarnation, sameIncarnation, type Vpn } from './vpn.ts';

/** The answers to one round of questions. */
export interface ControlReport {
  /** Who was asked. */
  readonly incarnation: Incarnation;
  /** When it was asked, not when it answered. */
  readonly askedAt: number;
  readonly tunnel: Told<TunnelStatus>;
  readonly publicAddress: Told<PublicAddress>;
  readonly forwardedPort: Told<number>;
  readonly problem: string | null;
}

/**
 * The run of a VPN's container that can be asked now; null while the VPN is only remembered to be up, and while it is down
 * in Docker's own eyes.
 */
export function askable({ state, incarnation, lastSeenAt }: Vpn): Incarnation | null {
  if (lastSeenAt === null || state.kind === 'UNKNOWN') return null;
  return state.kind === 'FAILED' && !state.hold ? null : incarnation;
}

/** The VPN after a report. One of another run, or asked before the VPN failed, changes nothing. */
export function hear(vpn: Vpn, report: ControlReport): Vpn {
  const { control, state } = vpn;
  const asked = askable(vpn);
  if (!asked || !sameIncarnation(asked, report.incarnation) || report.askedAt < control.askedAt) return vpn;
  if (state.kind === 'FAILED') return heardWhileFailed(vpn, state, report);
  return {
    ...vpn,
    control: {
      askedAt: report.askedAt,
      heard: true,
      // What was so at another moment must not speak against it now.
      tunnel: valueOr(report.tunnel, null),
      publicAddress: valueOr(report.publicAddress, control.publicAddress),
      forwardedPort: portAfter(control, report),
      problem: report.problem,
    },
  };
}

/** What could not be read is taken to be as it was. */
const valueOr = <T>(told: Told<T>, known: T | null): T | null => (told.kind === 'told' ? told.value : known);

function portAfter(
  { forwardedPort: known }: Control,
  { forwardedPort, askedAt }: ControlReport,
): ForwardedPort | null {
  const number = valueOr(forwardedPort, known?.number ?? null);
  if (number === null) return null;
  return number === known?.number ? known : { number, since: askedAt };
}
