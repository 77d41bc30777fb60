import type { Container } from '../../src/docker/embedded/container.ts';
import { type Core, makeCore } from '../../src/docker/embedded/core.ts';
import type { ContainerSpecInput } from '../../src/docker/embedded/spec.ts';
import type { WorldEngine, WorldVpn } from '../oracles/sights.ts';
import type { Random } from '../support/random.ts';
import { controlPortOf, publishedHost } from './network.ts';
import { type Boot, SimulatedEngine, SimulatedGluetun, wellBehaved } from './programs.ts';
import type { Schedule } from './schedule.ts';
import { firstPortOf, label } from './settings.ts';

/** The machine: Docker, and what runs on it, in the hands of somebody who means no good. */
export class Host {
  readonly core: Core;
  readonly #random: Random;
  readonly #vpns: readonly string[];
  readonly #portsEach: number;
  readonly #specs = new Map<string, ContainerSpecInput>();
  /** Whether something has changed since somebody looked. */
  changed = true;
  /** The share of engines whose start fails by their own fault. */
  badImage = 0;

  constructor(schedule: Schedule, random: Random, vpns: readonly string[], portsEach: number) {
    this.#random = random;
    this.#vpns = vpns;
    this.#portsEach = portsEach;
    this.core = makeCore({
      clock: schedule.clockOf({ alive: true }, 0),
      newId: () => random.hex(64),
      networks: [],
      pace: {
        get createMs() {
          return random.between(2, 20);
        },
        get startMs() {
          return random.between(10, 60);
        },
        get stopMs() {
          return random.between(2, 30);
        },
      },
      createProgram: ({ kind }, name) =>
        kind === 'gluetun' ? this.#gluetun(name) : new SimulatedEngine(() => this.#boot()),
      stopping: new AbortController().signal,
    });
    this.#listen();
  }

  /** Whoever else listens may be cut off. */
  #listen(): void {
    this.core.events.attach({
      filters: new Map(),
      line: () => this.touch(),
      hangUp: () => queueMicrotask(() => this.#listen()),
    });
  }

  touch(): void {
    this.changed = true;
  }

  async makeVpn(name: string): Promise<void> {
    const spec = vpnSpec(this.#vpns.indexOf(name), this.#portsEach);
    this.#specs.set(name, spec);
    const { daemon } = this.core;
    await daemon.lifecycle.start(await daemon.create(name, spec));
  }

  /** A container that is none of the service's business, or that of another instance. */
  async makeStranger(name: string, labels: Record<string, string>, vpn: string | null): Promise<void> {
    const { daemon } = this.core;
    const own = vpn === null ? null : this.find(vpn);
    const mode = own ? { HostConfig: { NetworkMode: `container:${own.id}` } } : {};
    await daemon.create(name, { Image: engineImage, Labels: labels, ...mode });
  }

  find(name: string): Container | null {
    return this.core.containers.find(name) ?? null;
  }

  gluetun(name: string): SimulatedGluetun | null {
    const program = this.find(name)?.program;
    return program instanceof SimulatedGluetun ? program : null;
  }

  /** The service's own, running or not. */
  engines(): Container[] {
    return this.core.containers
      .all()
      .filter(({ labels }) => labels[label[0]] === label[1] && labels['tandem.engine'] !== undefined);
  }

  /** Changes what a VPN's check finds, and lets Docker find it. */
  setPassing(name: string, passing: boolean): void {
    const [container, gluetun] = [this.find(name), this.gluetun(name)];
    if (!container || !gluetun) return;
    gluetun.passing = passing;
    this.core.daemon.lifecycle.probe(container);
    this.touch();
  }

  seeVpns(): WorldVpn[] {
    return this.#vpns.map((name) => {
      const container = this.find(name);
      const gluetun = this.gluetun(name);
      const run = container?.run ? `${container.id} ${container.run.startedAt}` : null;
      const status = container?.health?.status;
      const up = container?.state.kind === 'running' && status !== 'unhealthy';
      const silent =
        gluetun !== null &&
        (gluetun.cut ||
          !['running', 'starting'].includes(gluetun.control.tunnel) ||
          this.engines().some(
            ({ labels, program }) =>
              labels['tandem.vpn'] === name &&
              program instanceof SimulatedEngine &&
              program.condition.netdown,
          ));
      return { name, health: up ? (status === 'starting' ? 'starting' : 'healthy') : 'down', run, silent };
    });
  }

  seeEngines(): WorldEngine[] {
    return this.engines().map(({ id, name, labels, run, program, networkMode, state }) => {
      const vpn = this.core.containers.find(networkMode.replace('container:', ''));
      const owner = this.core.containers
        .all()
        .find((each) => each.run?.ownsNamespace && each.run.namespace === run?.namespace);
      const condition = program instanceof SimulatedEngine ? program.condition : wellBehaved;
      return {
        id: labels['tandem.engine'] ?? '',
        name,
        containerId: id,
        running: run !== undefined,
        vpn: labels['tandem.vpn'] ?? vpn?.name ?? null,
        // One whose network's owner has ended is in a network that is nobody's.
        run: run === undefined ? null : owner?.run ? `${owner.id} ${owner.run.startedAt}` : 'a dead one',
        ports: ['http', 'https', 'p2p', 'api'].map((port) => Number(labels[`tandem.port.${port}`])),
        condition:
          condition.hangs ||
          condition.answers500 ||
          (program instanceof SimulatedEngine && program.isMute) ||
          state.kind === 'paused'
            ? 'ill'
            : condition.netdown
              ? 'cut off'
              : 'well',
      };
    });
  }

  #gluetun(name: string): SimulatedGluetun {
    const place = this.#vpns.indexOf(name);
    const random = this.#random;
    return new SimulatedGluetun(() => random.between(1, 400), {
      answers: 'properly',
      tunnel: 'running',
      ip: `203.0.113.${random.whole(1, 250)}`,
      port: random.chance(0.7) ? 51_000 + 100 * place + random.below(100) : null,
    });
  }

  #boot(): Boot {
    const random = this.#random;
    const bad = this.badImage > 0 && random.chance(this.badImage);
    const fate = bad ? random.pick(['crashes', 'crashes', 'mute', 'sick', 'sick'] as const) : 'serves';
    return { listensAfterMs: random.between(1, 80), fate };
  }
}

const engineImage = 'ghcr.io/krinkuto11/nano-ace:latest';

function vpnSpec(place: number, portsEach: number): ContainerSpecInput {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {
    '8000/tcp': [{ HostIp: publishedHost, HostPort: String(controlPortOf(place)) }],
  };
  for (let port = firstPortOf(place); port < firstPortOf(place) + portsEach; port++)
    bindings[`${port}/tcp`] = [{ HostIp: publishedHost, HostPort: String(port) }];
  return {
    Image: 'qmcgaw/gluetun',
    ExposedPorts: Object.fromEntries(Object.keys(bindings).map((key) => [key, {}])),
    HostConfig: { NetworkMode: 'default', PortBindings: bindings },
  };
}
