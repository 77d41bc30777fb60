import type Docker from 'dockerode';
import type { WorldEngine } from '../oracles/sights.ts';
import { request } from '../support/docker/request.ts';
import type { Random } from '../support/random.ts';
import type { DaemonWatch } from './daemon-watch.ts';

/** Seconds that Docker gives a container to end by itself. */
const t = 1;

/** What befalls engines from outside: they crash, somebody stops or removes them by hand, and some hang. */
export class EngineTroubles {
  readonly #docker: Docker;
  readonly #watch: DaemonWatch;
  readonly #random: Random;
  readonly #hung = new Map<string, WorldEngine>();
  count = 0;

  constructor(docker: Docker, watch: DaemonWatch, random: Random) {
    this.#docker = docker;
    this.#watch = watch;
    this.#random = random;
  }

  async act(): Promise<void> {
    const engines = this.#watch.engines.filter(({ running }) => running);
    if (engines.length === 0) return;
    const engine = this.#random.pick(engines);
    this.count++;
    const container = this.#docker.getContainer(engine.containerId);
    // Whatever it was, it may be gone by now.
    await this.#befall(engine, container).catch(() => undefined);
  }

  /** Those that hang answer again. */
  async heal(): Promise<void> {
    for (const engine of this.#hung.values()) await this.#set(engine, 'DELETE').catch(() => undefined);
    this.#hung.clear();
  }

  async #befall(engine: WorldEngine, container: Docker.Container): Promise<void> {
    switch (this.#random.below(4)) {
      case 0:
        return await container.kill();
      case 1:
        return await container.remove({ force: true });
      case 2:
        return await container.stop({ t });
      default:
        this.#hung.set(engine.containerId, engine);
        await this.#set(engine, 'PUT');
    }
  }

  async #set(engine: WorldEngine, method: 'PUT' | 'DELETE'): Promise<void> {
    const { NetworkSettings } = await this.#docker.getContainer(engine.vpn ?? '').inspect();
    const [network] = Object.values(NetworkSettings.Networks);
    const [port = 0] = engine.ports;
    if (method === 'PUT') this.#watch.setIll(engine.containerId, true);
    await request({ host: network?.IPAddress ?? '', port }, method, '/_test/hang', { timeoutMs: 2_000 });
    if (method === 'DELETE') this.#watch.setIll(engine.containerId, false);
  }
}
