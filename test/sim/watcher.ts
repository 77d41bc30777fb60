import type { App } from '../../src/app.ts';
import { desired } from '../../src/domain/capacity.ts';
import { circuitShown } from '../../src/domain/circuit.ts';
import { containerIdOf, type Engine } from '../../src/domain/engine.ts';
import type { Event } from '../../src/domain/events.ts';
import {
  healthOf,
  isForwarded,
  isVpnSite,
  listEngines,
  type Snapshot,
  vpnNamed,
} from '../../src/domain/snapshot.ts';
import { pendingOf, runningOf } from '../../src/domain/status.ts';
import { isReady } from '../../src/domain/vpn.ts';
import type { Shown, Sight, ToldEngine, ToldEvent, ToldVpn, World } from '../oracles/sights.ts';
import type { Host } from './host.ts';

type Seen = Sight extends infer S ? (S extends Sight ? Omit<S, 'at'> : never) : never;

/** What clients, subscribers and Docker see, told to whoever judges it. */
export class Watcher {
  readonly #host: Host;
  readonly #see: (seen: Seen) => void;
  #shown: Snapshot | null = null;

  constructor(host: Host, see: (seen: Seen) => void) {
    this.#host = host;
    this.#see = see;
  }

  see(seen: Seen): void {
    this.#see(seen);
  }

  told(event: Event, late: boolean): void {
    this.#see({ kind: 'told', late, event: eventAs(event) });
  }

  called(method: string, path: string, body: unknown): void {
    const [, ref = '', verb = ''] = /^\/containers\/([^/]+)\/?(.*)$/.exec(path) ?? [];
    if (path === '/events') this.#see({ kind: 'called', verb: 'listen', container: null });
    if (method === 'GET') return;
    if (ref === 'create') {
      const labels = (body as { Labels?: Record<string, string> }).Labels ?? {};
      this.#see({ kind: 'called', verb: 'create', container: { name: '', labels } });
      return;
    }
    const container = this.#host.find(ref);
    const known = container && { name: container.name, labels: container.labels };
    const isKnownVerb = verb === 'start' || verb === 'restart';
    this.#see({
      kind: 'called',
      verb: method === 'DELETE' ? 'remove' : isKnownVerb ? verb : 'other',
      container: known,
    });
  }

  /** What Docker has and what the API shows, where either has changed. */
  look(app: App | null): void {
    if (this.#host.changed) {
      this.#host.changed = false;
      const world: World = { kind: 'world', vpns: this.#host.seeVpns(), engines: this.#host.seeEngines() };
      this.#see(world);
    }
    if (!app) return;
    const snapshot = app.context.fleet.snapshot();
    const before = this.#shown;
    const same =
      before?.sites === snapshot.sites &&
      before.emergency === snapshot.emergency &&
      before.circuit === snapshot.circuit &&
      before.scaledTo === snapshot.scaledTo;
    this.#shown = snapshot;
    if (!same) this.#see(shownAs(snapshot));
  }

  /** The next process shows everything anew. */
  forget(): void {
    this.#shown = null;
  }
}

const engineAs = ({ id, name, tunnel, labels }: Engine): ToldEngine => ({
  id,
  name,
  vpn: tunnel?.vpn ?? null,
  labels: Object.fromEntries(labels.map(({ key, value }) => [key, value])),
});

const vpnAs = (snapshot: Snapshot, name: string): ToldVpn => ({
  name,
  state: vpnNamed(snapshot, name)?.site.vpn.state.kind ?? 'UNKNOWN',
});

function eventAs(event: Event): ToldEvent {
  const { id, at: happened, message, snapshot } = event;
  const base = { id, happened, message };
  switch (event.type) {
    case 'ENGINE_ASSIGNED':
      return {
        ...base,
        type: event.type,
        engine: engineAs(event.engine),
        vpn: vpnAs(snapshot, event.engine.tunnel?.vpn ?? ''),
        loads: snapshot.sites.filter(isVpnSite).map(({ vpn, running, provisioning }) => ({
          vpn: vpn.name,
          running: running.length,
          pending: provisioning.length,
        })),
      };
    case 'ENGINE_CHANGED':
      return {
        ...base,
        type: event.type,
        change: event.change,
        reason: event.reason,
        engine: engineAs(event.engine),
      };
    case 'EMERGENCY_MODE_CHANGED': {
      const { emergency } = snapshot;
      return {
        ...base,
        type: event.type,
        change: event.change,
        episodeId: event.episodeId,
        vpn: vpnAs(snapshot, event.vpn),
        active: emergency.kind === 'ACTIVE',
        failed: emergency.kind === 'ACTIVE' ? emergency.failed : [],
        removed: event.removedEngines.map((engine) => engine.id),
      };
    }
    case 'VPN_CHANGED':
      return { ...base, type: event.type, vpn: vpnAs(snapshot, event.vpn) };
    case 'SCALING':
    case 'CIRCUIT_CHANGED':
      return { ...base, type: event.type };
  }
}

function shownAs(snapshot: Snapshot): Shown {
  const states = ['PROVISIONING', 'RUNNING', 'STOPPING'] as const;
  const sites = snapshot.sites.filter(isVpnSite);
  const all = sites.flatMap(({ vpn }) => listEngines(snapshot, { vpn: vpn.name, states }));
  return {
    kind: 'shown',
    engines: all.map((view) => {
      const { engine } = view;
      return {
        ...engineAs(engine),
        state: engine.state === 'REMOVED' ? 'STOPPING' : engine.state,
        health: healthOf(engine),
        containerId: containerIdOf(engine),
        ports: Object.values(engine.ports),
        forwarded: isForwarded(view),
      };
    }),
    offered: listEngines(snapshot).map(({ engine }) => engine.id),
    vpns: sites.map(({ vpn, running, provisioning, ports }) => ({
      name: vpn.name,
      state: vpn.state.kind,
      accepts: isReady(vpn) && (ports?.free ?? 0) > 0,
      running: running.length,
      pending: provisioning.length,
      free: ports?.free ?? null,
      forwardedPort: vpn.control.forwardedPort?.number ?? null,
    })),
    running: runningOf(snapshot),
    pending: pendingOf(snapshot),
    desired: desired(snapshot),
    emergency: snapshot.emergency.kind === 'ACTIVE' ? snapshot.emergency.failed : [],
    circuit: circuitShown(snapshot.circuit, snapshot.at),
  };
}
