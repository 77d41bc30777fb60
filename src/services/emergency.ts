import { condemned } from '../domain/condemn.ts';
import { tellsOtherwise } from '../domain/control.ts';
import { type ControlReport, hear } from '../domain/control-report.ts';
import { nextEmergency } from '../domain/emergency.ts';
import type { Event, EventOf } from '../domain/events.ts';
import { examined, type Finding, isUntried, neverAsked, notAskedYet } from '../domain/health.ts';
import { observe } from '../domain/observe.ts';
import type { Policy } from '../domain/policy.ts';
import { connectedWhileFailed, suspected } from '../domain/silence.ts';
import { isVpnSite, type Snapshot } from '../domain/snapshot.ts';
import { type Look, sameIncarnation, type Vpn } from '../domain/vpn.ts';
import type { EventLog, Saying } from './event-log.ts';
import type { Fleet } from './fleet.ts';
import * as say from './messages.ts';
import { siteOf } from './sites.ts';

export interface EmergencyDeps {
  readonly fleet: Fleet;
  readonly events: EventLog;
  readonly policy: Policy;
  readonly newId: () => string;
  /** Something else than Docker has given reason to look at a VPN. */
  readonly stirred: (vpn: string) => void;
}

/**
 * Takes in what is seen, heard and probed of the VPNs and their engines, and does what follows from it, in one step: the states, the episode, and the engines
 * that are condemned. Nothing comes between a failure and the hiding of its engines.
 */
export class EmergencyMode {
  readonly #deps: EmergencyDeps;

  constructor(deps: EmergencyDeps) {
    this.#deps = deps;
  }

  /** All VPNs now, with the emergency. */
  status(): Snapshot {
    return this.#deps.fleet.snapshot();
  }

  /** The same now, then again at every change. Changes that come faster than they are read count as one. */
  statusChanges(): AsyncIterableIterator<Snapshot> {
    return this.#deps.events.latest(() => this.status());
  }

  /** What becomes of the emergency, from right after the event of the id `after`, or from now on. */
  changes(after: string | null): AsyncIterableIterator<EventOf<'EMERGENCY_MODE_CHANGED'>> {
    return this.#deps.events.follow({ after, types: ['EMERGENCY_MODE_CHANGED'], pick: isTurn });
  }

  /**
   * Takes in one look at a VPN, and the HTTP ports that its container offers (null: not shown). True when a client would
   * see a difference.
   */
  observe(name: string, look: Look, ports: readonly number[] | null): boolean {
    const { fleet, policy } = this.#deps;
    // Those who spoke against a VPN, or for another one, may be gone by now.
    if (fleet.sites.all.some(({ vpn }) => vpn?.evidence)) this.#weigh();
    const before = fleet.vpn(name);
    const inhabited = (fleet.sites.get(name)?.running.length ?? 0) > 0;
    const after = observe(before, look, policy, inhabited);
    if (after === before) return false;

    fleet.sites.see(after, ports);
    if (before.state.kind === 'FAILED' && after.state.kind !== 'FAILED') this.#offerAgain(after);
    const changed = showsOtherwise(before, after);
    fleet.record([
      ...(changed ? [[{ type: 'VPN_CHANGED', vpn: name }, say.vpnChanged(before, after)] as const] : []),
      ...this.#consequences(),
    ]);
    return changed;
  }

  /** Takes in what a VPN's control server said. */
  hear(name: string, report: ControlReport): void {
    const { fleet } = this.#deps;
    const before = fleet.vpn(name);
    const after = hear(before, report);
    if (after === before) return;
    fleet.sites.see(after, null);
    if (isFreed(before, after)) this.#deps.stirred(name);
    this.#weigh();
    if (before.state !== after.state)
      fleet.record([[{ type: 'VPN_CHANGED', vpn: name }, say.vpnHeld(after)]]);
    else if (tellsOtherwise(before.control, after.control))
      fleet.record([[{ type: 'VPN_CHANGED', vpn: name }, say.vpnTold(after)]]);
    else if (before.control.heard !== after.control.heard) this.#deps.events.nudge();
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
    this.#weigh();
  }

  /** Notes what speaks against each VPN now. What follows from it, a look will say. */
  #weigh(): void {
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

  /** Notes that Tandem is about to restart a VPN's container. */
  restarting(name: string): void {
    const { fleet } = this.#deps;
    fleet.sites.see({ ...fleet.vpn(name), restartedAt: fleet.snapshot().at }, null);
    fleet.record([[{ type: 'VPN_CHANGED', vpn: name }, say.vpnRestarting(name)]]);
  }

  /** Draws the consequences of what is so now: of all looks at boot, or of an engine that was adopted. */
  settle(): void {
    this.#deps.fleet.record(this.#consequences());
  }

  /** Boot decides nothing before every VPN was looked at and the engines that run are known. */
  #consequences(): Saying[] {
    const { fleet, newId } = this.#deps;
    if (fleet.phase === 'RECOVERING') return [];
    const { at, sites } = fleet.snapshot();
    const vpns = sites.filter(isVpnSite).map(({ vpn }) => vpn);
    const { emergency, turn } = nextEmergency(fleet.emergency, vpns, at, newId);
    fleet.emergency = emergency;
    const stopped = condemned(sites).flatMap(({ vpn, engines }) =>
      fleet.turnover.retireAll(engines, 'STOPPED', say.condemned(vpn), 'vpn-failed'),
    );
    const removedEngines = stopped.map(([{ engine }]) => engine);
    return [
      ...(turn
        ? [
            [
              { type: 'EMERGENCY_MODE_CHANGED', ...turn, removedEngines },
              say.emergency(turn, fleet.snapshot(), removedEngines.length),
            ] as const,
          ]
        : []),
      ...stopped,
    ];
  }

  /**
   * Engines that were kept come back with their tunnel; how they are, nobody has asked since. What the circuit has yet to
   * hear of one, it still has.
   */
  #offerAgain({ name, incarnation }: Vpn): void {
    const { fleet } = this.#deps;
    for (const engine of fleet.sites.get(name)?.running ?? [])
      if (sameIncarnation(engine.tunnel?.incarnation ?? null, incarnation))
        fleet.put({
          ...engine,
          health: isUntried(engine.health) ? neverAsked : notAskedYet,
          connected: null,
        });
  }
}

/** Whether nothing but Docker's word is needed any longer for it to be well. */
const isFreed = (before: Vpn, after: Vpn): boolean =>
  before.state.kind === 'FAILED' &&
  after.state.kind === 'FAILED' &&
  before.state.hold !== null &&
  after.state.hold === null;

const isTurn = (event: Event): event is EventOf<'EMERGENCY_MODE_CHANGED'> =>
  event.type === 'EMERGENCY_MODE_CHANGED';

/** Whether a client would see a difference, clocks aside. */
const showsOtherwise = (a: Vpn, b: Vpn): boolean =>
  a.state.kind !== b.state.kind ||
  a.health !== b.health ||
  a.containerStatus !== b.containerStatus ||
  a.provider !== b.provider ||
  !sameIncarnation(a.incarnation, b.incarnation);
