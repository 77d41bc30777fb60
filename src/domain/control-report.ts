import type { PublicAddress, Told } from './control.ts';
import { type Incarnation, sameIncarnation, type Vpn } from './vpn.ts';

/** The answers to one round of questions. */
export interface ControlReport {
  /** Who was asked. */
  readonly incarnation: Incarnation;
  /** When it was asked, not when it answered. */
  readonly askedAt: number;
  readonly publicAddress: Told<PublicAddress>;
  readonly forwardedPort: Told<number>;
  readonly problem: string | null;
}

/** The run of a VPN's container that can be asked now; null while the VPN is not up, or is only remembered to be. */
export const askable = ({ state, incarnation, lastSeenAt }: Vpn): Incarnation | null =>
  lastSeenAt !== null && (state.kind === 'READY' || state.kind === 'STABILIZING') ? incarnation : null;

/** The VPN after a report. One of another run, or asked before the VPN failed, changes nothing. */
export function hear(vpn: Vpn, report: ControlReport): Vpn {
  const { control } = vpn;
  const asked = askable(vpn);
  if (!asked || !sameIncarnation(asked, report.incarnation) || report.askedAt < control.askedAt) return vpn;
  return {
    ...vpn,
    control: {
      askedAt: report.askedAt,
      publicAddress: valueOr(report.publicAddress, control.publicAddress),
      forwardedPort: valueOr(report.forwardedPort, control.forwardedPort),
      problem: report.problem,
    },
  };
}

/** What could not be read is taken to be as it was. */
const valueOr = <T>(told: Told<T>, known: T | null): T | null => (told.kind === 'told' ? told.value : known);
