import type { ControlReport } from './control-report.ts';
import type { Policy } from './policy.ts';
import type { Site } from './snapshot.ts';
import type { Evidence, Hold, Vpn, VpnState } from './vpn.ts';

/** Milliseconds after which a failure that engines alone spoke of counts for nothing when they speak of the next one. */
const forgottenMs = 86_400_000;

/** The VPN with what speaks against it now, of the VPNs at `sites`: it has to go on for a while to be believed. */
export function suspected(vpn: Vpn, sites: readonly Site[], at: number, policy: Policy): Vpn {
  const found = policy.silentFailureMs === 0 ? null : evidenceAgainst(vpn, sites);
  const { evidence } = vpn;
  if (found?.by === evidence?.by && found?.reason === evidence?.reason) return vpn;
  if (!found) return { ...vpn, evidence: null };
  return { ...vpn, evidence: { ...found, since: found.by === evidence?.by ? evidence.since : at } };
}

/** When what speaks against a VPN has done so for long enough; never where nothing does. */
export function believedAt({ evidence, outcries }: Vpn, policy: Policy): number {
  if (!evidence) return Number.POSITIVE_INFINITY;
  const waits = evidence.by === 'engines' ? 2 ** recent(outcries, evidence.since) : 1;
  return evidence.since + policy.silentFailureMs * waits;
}

/** A VPN that fails by its engines' word once more: the next time they are believed later. */
export const oneMore = ({ outcries }: Vpn, at: number): Vpn['outcries'] => ({
  count: recent(outcries, at) + 1,
  lastAt: at,
});

const recent = ({ count, lastAt }: Vpn['outcries'], at: number): number =>
  at - lastAt < forgottenMs ? count : 0;

/** What a failure that was found by this evidence waits for. */
export const holdFor = ({ control }: Vpn, { by }: Evidence): Hold =>
  by === 'control'
    ? { by }
    : {
        by,
        ip: control.publicAddress?.ip ?? null,
        port: control.forwardedPort?.number ?? null,
        seen: { stopped: false, addressless: false },
        told: control.tunnel !== null || control.publicAddress !== null || control.forwardedPort !== null,
      };

/**
 * When a failed VPN that is healthy in Docker's eyes may be well again though nobody has said so: never, where somebody can
 * still say it.
 */
export function releasedAt(
  { outcries }: Vpn,
  { since, hold }: VpnState & { kind: 'FAILED' },
  { silentFailureMs }: Policy,
): number {
  if (silentFailureMs === 0) return since;
  if (hold?.by !== 'engines' || hold.told) return Number.POSITIVE_INFINITY;
  return since + silentFailureMs * 2 ** recent(outcries, since);
}

function evidenceAgainst(vpn: Vpn, sites: readonly Site[]): Omit<Evidence, 'since'> | null {
  const { state, control, evidence } = vpn;
  if (state.kind !== 'READY' && state.kind !== 'STABILIZING') return null;
  switch (control.tunnel) {
    case 'stopped':
    case 'crashed':
      return { by: 'control', reason: `its control server says that the VPN is ${control.tunnel}` };
    case 'starting':
    case 'stopping':
      // One that crashes again and again is `starting` in between.
      if (evidence?.by === 'control') return evidence;
  }
  return onlyItsEnginesAreCutOff(vpn, sites)
    ? { by: 'engines', reason: 'none of its engines is connected, though those of another VPN are' }
    : null;
}

function onlyItsEnginesAreCutOff({ name }: Vpn, sites: readonly Site[]): boolean {
  const isConnected = ({ running }: Site) => running.some(({ connected }) => connected === true);
  const isCutOff = ({ running }: Site) =>
    running.some(({ connected, wasConnected }) => connected === false && wasConnected);
  const own = sites.find(({ vpn }) => vpn?.name === name);
  if (!own || isConnected(own) || !isCutOff(own)) return false;
  return sites.some((site) => site !== own && site.vpn?.state.kind !== 'FAILED' && isConnected(site));
}

/** A failed VPN after its control server was heard: what it was held for may be over. */
export function heardWhileFailed(vpn: Vpn, state: VpnState & { kind: 'FAILED' }, report: ControlReport): Vpn {
  const { hold } = state;
  if (!hold) return vpn;
  const next = hold.by === 'control' ? (runs(report) ? null : hold) : afterReport(hold, report);
  return next === hold ? vpn : { ...vpn, state: { ...state, hold: next } };
}

/** A failed VPN after one of its engines has said that it is connected. */
export function connectedWhileFailed(vpn: Vpn): Vpn {
  const { state } = vpn;
  if (state.kind !== 'FAILED' || state.hold?.by !== 'engines') return vpn;
  return { ...vpn, state: { ...state, hold: null } };
}

const runs = ({ tunnel }: ControlReport): boolean => tunnel.kind === 'told' && tunnel.value === 'running';

/** Another address or port, or the same after the tunnel was seen to be gone, is another tunnel. */
function afterReport(hold: Hold & { by: 'engines' }, report: ControlReport): Hold | null {
  const { tunnel, publicAddress, forwardedPort } = report;
  const ip = publicAddress.kind === 'told' ? (publicAddress.value?.ip ?? null) : undefined;
  const port = forwardedPort.kind === 'told' ? forwardedPort.value : undefined;
  const isOther =
    (hold.ip !== null && ip != null && ip !== hold.ip) ||
    (hold.port !== null && port != null && port !== hold.port) ||
    (hold.seen.stopped && runs(report)) ||
    (hold.seen.addressless && ip != null);
  if (isOther) return null;
  const seen = {
    stopped: hold.seen.stopped || (tunnel.kind === 'told' && !runs(report)),
    addressless: hold.seen.addressless || (hold.ip !== null && ip === null),
  };
  // What was not known when it failed is known from now on.
  const known = { ip: hold.ip ?? ip ?? null, port: hold.port ?? port ?? null };
  const told = hold.told || [tunnel, publicAddress, forwardedPort].some(({ kind }) => kind === 'told');
  const same =
    told === hold.told &&
    known.ip === hold.ip &&
    known.port === hold.port &&
    seen.stopped === hold.seen.stopped &&
    seen.addressless === hold.seen.addressless;
  return same ? hold : { by: 'engines', ...known, seen, told };
}
