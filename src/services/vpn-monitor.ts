import { Bell } from '../async/bell.ts';
import { type Clock, parseTime } from '../async/clock.ts';
import type { Docker, Reach, Stirring } from '../docker/docker.ts';
import { dueAt } from '../domain/observe.ts';
import type { Policy } from '../domain/policy.ts';
import { isGluetunPort } from '../domain/ports.ts';
import { type Look, sameIncarnation } from '../domain/vpn.ts';
import type { EmergencyMode } from './emergency.ts';
import type { Fleet } from './fleet.ts';
import type { Log } from './log.ts';
import type { Routes } from './routes.ts';

export interface MonitorDeps {
  readonly fleet: Fleet;
  readonly emergency: EmergencyMode;
  readonly docker: Docker;
  readonly routes: Routes;
  readonly clock: Clock;
  readonly log: Log;
  readonly policy: Policy;
  readonly controlPort: number;
  readonly intervalMs: number;
}

/** Something that happened to a container. */
export type Happening = Extract<Stirring, { kind: 'container' }>;

/** What a container is after what it can only be one thing after. */
const statusAfter: Readonly<Record<string, string>> = {
  die: 'exited',
  pause: 'paused',
  'health_status: unhealthy': 'running',
};

/** Milliseconds for which Docker's word of a failure that may be over again counts as a look. */
const freshMs = 1_000;

/** Milliseconds for which an event may be on its way, by which a look may be sooner. */
const onItsWayMs = 250;

/** Looks at every VPN: when Docker says that something stirred, and on a beat in any case. */
export class VpnMonitor {
  readonly #deps: MonitorDeps;
  readonly #bells: ReadonlyMap<string, Bell>;
  readonly #unseen: Set<string>;
  readonly #allSeen = Promise.withResolvers<void>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #renumbered = new Map<string, string>();
  /** When Docker's events told of each VPN last. */
  readonly #heardAt = new Map<string, number>();
  /** What Docker answered last. */
  readonly #answers = new Map<string, Look>();

  constructor(vpns: readonly string[], deps: MonitorDeps) {
    this.#deps = deps;
    this.#bells = new Map(vpns.map((name) => [name, new Bell()]));
    this.#unseen = new Set(vpns);
    if (vpns.length === 0) this.#allSeen.resolve();
  }

  /** Resolves once Docker has answered for every VPN. */
  get allSeen(): Promise<void> {
    return this.#allSeen.promise;
  }

  get unseen(): readonly string[] {
    return [...this.#unseen];
  }

  /** Something happened to the container of that name, or (null) anything may have. */
  stirred(name: string | null): void {
    for (const [vpn, bell] of this.#bells) if (name === null || name === vpn) bell.ring();
  }

  /** Docker's events come from now on; what there was before, nobody was told of. */
  connected(): void {
    for (const vpn of this.#bells.keys()) this.#heardAt.set(vpn, this.#deps.clock.now());
    this.stirred(null);
  }

  /** Docker has told of something that happened to a container. */
  happened(happening: Happening): void {
    if (this.#bells.has(happening.name)) this.#heardAt.set(happening.name, this.#deps.clock.now());
    this.#failed(happening);
    this.stirred(happening.name);
  }

  /**
   * A container failed at `at`, by Docker's clock. If it is the run of a VPN that is known, that is as good as a look at it,
   * and sooner: Docker tells of a death before it gives the published ports back, and answers no question about
   * the container until it has, which takes up to seconds; and none at all about one that was paused in a health check.
   */
  #failed({ containerId, name, action, at }: Happening): void {
    const { fleet, emergency, clock } = this.#deps;
    const status = statusAfter[action];
    if (!status || fleet.phase === 'RECOVERING' || !this.#bells.has(name)) return;
    const { incarnation, provider, lookedAt } = fleet.vpn(name);
    // A start is known to the millisecond: what happened in the same one was before it.
    if (incarnation?.containerId !== containerId || parseTime(incarnation.startedAt) >= Math.floor(at))
      return;
    const now = clock.now();
    // A run that died stays dead; of what can be over by now, only news counts: fresh by both clocks, and newer than any look.
    if (action !== 'die' && (Math.abs(now - at) > freshMs || at < lookedAt)) return;
    const seen = { kind: 'seen', incarnation, status, health: 'unhealthy', provider } as const;
    emergency.observe(name, { ...seen, at: now, answeredAt: now }, null);
  }

  /** Runs until `signal` aborts, then waits for the looks it began. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.#bells].map(([name, bell]) => this.#watch(name, bell, signal)));
    await Promise.all(this.#underWay);
  }

  /** Looks now. */
  async lookAgain(name: string): Promise<void> {
    await this.#look(name);
  }

  /** Gives what Docker answered before, where it answers something else now that it has events for. */
  async #look(name: string): Promise<Look | null> {
    const { fleet, emergency, docker, routes } = this.#deps;
    const { look, reach } = await docker.lookAtVpn(name);
    // One look each counts at boot: a second one might find well what the first found failed, before anything followed from it.
    if (fleet.phase === 'RECOVERING' && !this.#unseen.has(name)) return null;
    if (reach) {
      routes.learn(name, reach);
      this.#reportRenumbered(name, reach);
    }
    const changed = emergency.observe(name, look, reach?.publishedPorts ?? null);
    // What changed may already be over (a restart is), and the next moment to look may have moved.
    if (changed) this.stirred(name);
    if (look.kind === 'unanswered') return null;
    if (this.#unseen.delete(name) && this.#unseen.size === 0) this.#allSeen.resolve();
    const before = this.#answers.get(name) ?? null;
    if (before && look.at < before.at) return null;
    this.#answers.set(name, look);
    return before && isNews(before, look) ? before : null;
  }

  /** A look has seen what Docker's events, since the look before at `since`, did not tell of, or have not told of yet. */
  async #doubtEvents(name: string, since: number, signal: AbortSignal): Promise<void> {
    const { docker, clock, log } = this.#deps;
    await clock.sleep(onItsWayMs, signal);
    if (signal.aborted) return;
    if ((this.#heardAt.get(name) ?? 0) >= since) return;
    log.warn({ vpn: name }, "Docker's events did not tell of a change; listening anew");
    docker.listenAnew();
  }

  /** Says once which mappings change the number: an engine would listen on one port and be looked for on another. */
  #reportRenumbered(vpn: string, reach: Reach): void {
    const { log, controlPort } = this.#deps;
    const ports = reach.renumbered
      .filter(({ inside }) => !isGluetunPort(inside, controlPort))
      .map(({ inside, outside }) => `${outside}:${inside}`)
      .join(', ');
    if (ports === (this.#renumbered.get(vpn) ?? '')) return;
    this.#renumbered.set(vpn, ports);
    log.warn({ vpn, ports }, 'ports published under another number are of no use to engines');
  }

  /** `hinted`: there was a reason to look, so that a change is none that Docker's events have kept silent about. */
  async #watchOnce(name: string, hinted: boolean, signal: AbortSignal): Promise<void> {
    const before = await this.#look(name);
    if (before && !hinted) await this.#doubtEvents(name, before.at, signal);
  }

  /** The loop waits for no look: one that hangs must not delay the next. */
  async #watch(name: string, bell: Bell, signal: AbortSignal): Promise<void> {
    const { fleet, clock, policy, intervalMs } = this.#deps;
    for (let hinted = true; !signal.aborted; ) {
      // Asked before the look begins: a timer may end early, and a look that came too soon must have another one follow it.
      const due = dueAt(fleet.vpn(name), policy) - clock.now();
      const look = this.#watchOnce(name, hinted, signal).finally(() => this.#underWay.delete(look));
      this.#underWay.add(look);
      hinted = await bell.sleep(clock, Math.min(intervalMs, due > 0 ? due : intervalMs), signal);
    }
  }
}

/** What Docker has events for, of two answers: what time alone brings is none of it. */
function isNews(before: Look, after: Look): boolean {
  if (before.kind !== 'seen' || after.kind !== 'seen') return before.kind !== after.kind;
  return (
    before.status !== after.status ||
    (before.health !== after.health && before.health !== 'starting' && after.health !== 'starting') ||
    !sameIncarnation(before.incarnation, after.incarnation)
  );
}
