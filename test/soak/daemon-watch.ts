import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import type { WorldEngine, WorldVpn } from '../oracles/sights.ts';
import { type DockerEvent, engineFrom, vpnAfter } from './docker-event.ts';
import { Runs } from './runs.ts';
import type { Witness } from './witness.ts';

type Label = readonly [key: string, value: string];

/** Milliseconds between two looks at everything, in case an event was lost. */
const relookMs = 2_000;
/** A daemon that takes longer for one look is busy with something else. */
const patienceMs = 500;

/** What Docker has, told whenever it changes: by the daemon's own socket, on which nothing goes wrong. */
export class DaemonWatch implements AsyncDisposable {
  static async open(docker: Docker, label: Label, vpns: readonly string[], witness: Witness) {
    const watch = new DaemonWatch(docker, label, vpns, witness);
    await watch.#open();
    return watch;
  }

  readonly #docker: Docker;
  readonly #label: Label;
  readonly #witness: Witness;
  readonly #vpns: Map<string, WorldVpn>;
  readonly #engines = new Map<string, WorldEngine>();
  readonly #runs = new Runs();
  readonly #stop = new AbortController();
  readonly #underWay = new Map<string, number>();
  /** What has happened to each container or VPN: a look that began before the newest is worth nothing. */
  readonly #versions = new Map<string, number>();
  #relooking: Promise<void> = Promise.resolve();
  #lookNumber = 0;
  #last = '';

  private constructor(docker: Docker, label: Label, vpns: readonly string[], witness: Witness) {
    this.#docker = docker;
    this.#label = label;
    this.#witness = witness;
    this.#vpns = new Map(vpns.map((name) => [name, { name, health: 'down', run: null, silent: false }]));
  }

  get engines(): readonly WorldEngine[] {
    return [...this.#engines.values()];
  }

  get vpns(): readonly WorldVpn[] {
    return [...this.#vpns.values()];
  }

  /** Whether the daemon itself takes its time. */
  get slow(): boolean {
    return [...this.#underWay.values()].some((since) => Date.now() - since > patienceMs);
  }

  /** Notes that an engine was made ill, or well again. */
  setIll(containerId: string, ill: boolean): void {
    const engine = this.#engines.get(containerId);
    if (engine) this.#engines.set(containerId, { ...engine, condition: ill ? 'ill' : 'well' });
    this.#tell();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#relooking;
  }

  async #open(): Promise<void> {
    const { signal } = this.#stop;
    const stream = await this.#docker.getEvents({ filters: { type: ['container'] }, abortSignal: signal });
    const lines = createInterface({ input: stream });
    // The stream that is aborted at the end ends in an error, and readline passes it on.
    for (const emitter of [stream, lines]) emitter.on('error', () => undefined);
    lines.on('line', (line) => this.#happened(JSON.parse(line)));
    await this.#relook();
    this.#relooking = this.#keepLooking(signal);
  }

  async #keepLooking(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(relookMs, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) await this.#relook();
    }
  }

  async #relook(): Promise<void> {
    const before = new Map(this.#versions);
    await Promise.all([...this.#vpns.keys()].map((name) => this.#lookAtVpn(name)));
    const list = await this.#timed(
      this.#docker.listContainers({ all: true, filters: { label: [this.#label.join('=')] } }),
    );
    if (!list) return;
    const there = new Set(list.map(({ Id }) => Id));
    const unchanged = (id: string) => before.get(id) === this.#versions.get(id);
    for (const id of this.#engines.keys()) if (!there.has(id) && unchanged(id)) this.#engines.delete(id);
    for (const { Id, Names, Labels, State } of list) {
      if (!unchanged(Id) || Labels['tandem.engine'] === undefined) continue;
      const known = this.#engines.get(Id);
      const running = State === 'running' || State === 'paused';
      this.#engines.set(Id, { ...(known ?? engineFrom(Id, Names[0]?.slice(1) ?? '', Labels)), running });
      if (running && !known?.run) void this.#findRun(Id);
    }
    this.#tell();
  }

  #happened({ Action: action, Actor: { ID: id, Attributes: attributes } }: DockerEvent): void {
    if (action.startsWith('exec_')) return;
    const name = attributes.name ?? '';
    const vpn = this.#vpns.get(name);
    const [key, value] = this.#label;
    if (vpn) {
      this.#vpns.set(name, vpnAfter(action, id, vpn));
      this.#changed(name);
      void this.#lookAtVpn(name);
    } else if (attributes[key] === value && attributes['tandem.engine'] !== undefined) {
      this.#changed(id);
      const engine = this.#engines.get(id) ?? engineFrom(id, name, attributes);
      if (action === 'create' || action === 'die') this.#engines.set(id, { ...engine, running: false });
      if (action === 'start') {
        this.#engines.set(id, { ...engine, running: true });
        void this.#findRun(id);
      }
      if (action === 'destroy') this.#engines.delete(id);
    } else return;
    this.#tell();
  }

  #changed(what: string): void {
    this.#versions.set(what, (this.#versions.get(what) ?? 0) + 1);
  }

  async #lookAtVpn(name: string): Promise<void> {
    const version = this.#versions.get(name);
    const found = await this.#timed(this.#docker.getContainer(name).inspect());
    const vpn = this.#vpns.get(name);
    if (!vpn || found === undefined || version !== this.#versions.get(name)) return;
    if (found === null) this.#vpns.set(name, { ...vpn, health: 'down', run: null });
    else {
      const { State } = found;
      const health = State.Health?.Status;
      const serves = State.Status === 'running' && health !== 'unhealthy';
      this.#vpns.set(name, {
        ...vpn,
        health: !serves ? 'down' : health === 'starting' ? 'starting' : 'healthy',
        run: this.#runs.note(name, found),
      });
    }
    this.#tell();
  }

  async #findRun(id: string): Promise<void> {
    const found = await this.#timed(this.#docker.getContainer(id).inspect());
    const engine = this.#engines.get(id);
    if (!found || !engine) return;
    this.#engines.set(id, { ...engine, run: this.#runs.joinedBy(found, engine.vpn ?? '') });
    this.#tell();
  }

  /** Null when there is no such container; undefined when Docker did not say. */
  async #timed<T>(look: Promise<T>): Promise<T | null | undefined> {
    const number = `look ${++this.#lookNumber}`;
    this.#underWay.set(number, Date.now());
    try {
      return await look;
    } catch (problem) {
      return (problem as { statusCode?: number }).statusCode === 404 ? null : undefined;
    } finally {
      this.#underWay.delete(number);
    }
  }

  #tell(): void {
    const engines = this.engines.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const world = { kind: 'world', vpns: this.vpns, engines } as const;
    const text = JSON.stringify(world);
    if (text === this.#last) return;
    this.#last = text;
    this.#witness.see(world);
  }
}
