import type { Place } from '../async/place.ts';
import { condemned } from '../domain/condemn.ts';
import { nextEmergency } from '../domain/emergency.ts';
import type { Event, EventOf } from '../domain/events.ts';
import { isUntried, neverAsked, notAskedYet } from '../domain/health.ts';
import { observe } from '../domain/observe.ts';
import type { Policy } from '../domain/policy.ts';
import { isVpnSite, type Snapshot } from '../domain/snapshot.ts';
import { type Look, sameIncarnation, type Vpn } from '../domain/vpn.ts';
import type { EventLog, Saying } from './event-log.ts';
import type { Evidence } from './evidence.ts';
import type { Fleet } from './fleet.ts';
import * as say from './messages.ts';

export interface EmergencyDeps {
  readonly fleet: Fleet;
  readonly events: EventLog;
  readonly evidence: Evidence;
  readonly policy: Policy;
  readonly newId: () => string;
}

/**
 * Takes in looks at the VPNs, and does what follows from each in one step: the states, the episode, and the engines that
 * are condemned. Nothing comes between a failure and the hiding of its engines.
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
  statusChanges(place?: Place): AsyncIterableIterator<Snapshot> {
    return this.#deps.events.latest(() => this.status(), undefined, place);
  }

  /** What becomes of the emergency, from right after the event of the id `after`, or from now on. */
  changes(after: string | null, place?: Place): AsyncIterableIterator<EventOf<'EMERGENCY_MODE_CHANGED'>> {
    return this.#deps.events.follow({ after, types: ['EMERGENCY_MODE_CHANGED'], pick: isTurn, place });
  }

  /**
   * Takes in one look at a VPN, and the HTTP ports that its container offers (null: not shown). True when a client would
   * see a difference.
   */
  observe(name: string, look: Look, ports: readonly number[] | null): boolean {
    const { fleet, policy } = this.#deps;
    // Those who spoke against a VPN, or for another one, may be gone by now.
    if (fleet.sites.all.some(({ vpn }) => vpn?.evidence)) this.#deps.evidence.weigh();
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

const isTurn = (event: Event): event is EventOf<'EMERGENCY_MODE_CHANGED'> =>
  event.type === 'EMERGENCY_MODE_CHANGED';

/** Whether a client would see a difference, clocks aside. */
const showsOtherwise = (a: Vpn, b: Vpn): boolean =>
  a.state.kind !== b.state.kind ||
  a.health !== b.health ||
  a.containerStatus !== b.containerStatus ||
  a.provider !== b.provider ||
  !sameIncarnation(a.incarnation, b.incarnation);
