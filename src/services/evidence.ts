import { isAnotherTunnel, tellsOtherwise } from '../domain/control.ts';
import { type ControlReport, hear } from '../domain/control-report.ts';
import { examined, type Finding } from '../domain/health.ts';
import type { Policy } from '../domain/policy.ts';
import { connectedWhileFailed, suspected } from '../domain/silence.ts';
import { isVpnSite } from '../domain/snapshot.ts';
import type { Vpn } from '../domain/vpn.ts';
import type { EventLog } from './event-log.ts';
import type { Fleet } from './fleet.ts';
import * as say from './messages.ts';
import { siteOf } from './sites.ts';

export interface EvidenceDeps {
  readonly fleet: Fleet;
  readonly events: EventLog;
  readonly policy: Policy;
  /** Something else than Docker has given reason to look at a VPN. */
  readonly stirred: (vpn: string) => void;
}

/**
 * Takes in what control servers say and what probes of engines find, and weighs what that says of the VPNs. No VPN fails
 * or recovers by it: it is noted, and the next look, which is asked for at once, reckons with it.
 */
export class Evidence {
  readonly #deps: EvidenceDeps;

  constructor(deps: EvidenceDeps) {
    this.#deps = deps;
  }

  /** Takes in what a VPN's control server said. */
  hear(name: string, report: ControlReport): void {
    const { fleet } = this.#deps;
    const before = fleet.vpn(name);
    const after = hear(before, report);
    if (after === before) return;
    fleet.sites.see(after, null);
    if (isAnotherTunnel(before.control, after.control)) this.#forgetWords(name);
    if (isFreed(before, after)) this.#deps.stirred(name);
    this.weigh();
    if (before.state !== after.state)
      fleet.record([[{ type: 'VPN_CHANGED', vpn: name }, say.vpnHeld(after)]]);
    else if (tellsOtherwise(before.control, after.control))
      fleet.record([[{ type: 'VPN_CHANGED', vpn: name }, say.vpnTold(after)]]);
    else if (before.control.heard !== after.control.heard) this.#deps.events.nudge();
  }

  /** That engines were cut off, they said of the tunnel before. */
  #forgetWords(vpn: string): void {
    const { fleet } = this.#deps;
    for (const engine of fleet.sites.get(vpn)?.running ?? [])
      if (engine.connected === false) fleet.put({ ...engine, connected: null });
  }

  /** Takes in what a probe of an engine found that was begun at `askedAt`. */
  examined(id: string, finding: Finding, askedAt: number): void {
    const { fleet, policy } = this.#deps;
    const engine = fleet.roster.listed(id);
    const site = engine && fleet.sites.get(siteOf(engine));
    if (engine?.state !== 'RUNNING' || !site) return;
    const { vpn, running } = site;
    // Of a failed VPN's engines nothing else counts, and of a tunnel that is back only what was asked since.
    if (vpn?.state.kind === 'FAILED') {
      const after = finding.kind === 'well' && finding.connected ? connectedWhileFailed(vpn) : vpn;
      if (after === vpn) return;
      fleet.sites.see(after, null);
      fleet.record([[{ type: 'VPN_CHANGED', vpn: vpn.name }, say.vpnConnected(after)]]);
      this.#deps.stirred(vpn.name);
      return;
    }
    if (vpn?.recoveredAt && askedAt < vpn.recoveredAt) return;
    fleet.roster.probed(id, askedAt);
    const others = running.filter((other) => other.id !== id);
    fleet.turnover.examined(engine, examined(engine, finding, askedAt, others, policy));
    this.weigh();
  }

  /** Notes what speaks against each VPN now. What follows from it, a look will say. */
  weigh(): void {
    const { fleet, policy } = this.#deps;
    const { at, sites } = fleet.snapshot();
    for (const { vpn } of sites.filter(isVpnSite)) {
      const after = suspected(vpn, sites, at, policy);
      if (after === vpn) continue;
      fleet.sites.see(after, null);
      this.#deps.stirred(vpn.name);
      fleet.record([[{ type: 'VPN_CHANGED', vpn: vpn.name }, say.vpnSuspected(after)]]);
    }
  }
}

/** Whether nothing but Docker's word is needed any longer for it to be well. */
const isFreed = (before: Vpn, after: Vpn): boolean =>
  before.state.kind === 'FAILED' &&
  after.state.kind === 'FAILED' &&
  before.state.hold !== null &&
  after.state.hold === null;
