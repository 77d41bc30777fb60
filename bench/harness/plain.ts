import { randomBytes } from 'node:crypto';
import { Semaphore } from 'async-mutex';
import { probeEngine } from '../../src/acestream/ask.ts';
import { systemClock } from '../../src/async/clock.ts';
import { containerFor } from '../../src/docker/engine-container.ts';
import { variants } from '../../src/docker/variants.ts';
import { interrupted } from './cleanup.ts';
import { expect } from './http.ts';
import type { World } from './world.ts';

/** What Tandem is measured against: it creates, starts and asks until it is answered, and thinks of nothing else. */
export class PlainScript {
  readonly #world: World;
  #made = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Starts `count` engines, `width` creates and starts at once; waiting for an answer is outside of that, as in Tandem. Gives the milliseconds until the first answered. */
  async start(count: number, width: number): Promise<number> {
    const slots = new Semaphore(width);
    const first = this.#made;
    this.#made += count;
    const begin = performance.now();
    let firstAfter = Number.POSITIVE_INFINITY;
    await Promise.all(
      Array.from({ length: count }, async (_, index) => {
        await this.#one(first + index, slots);
        firstAfter = Math.min(firstAfter, performance.now() - begin);
      }),
    );
    return firstAfter;
  }

  /** Removes them, and begins at the first port again. */
  async clear(): Promise<void> {
    await this.#world.clear(this.#world.theirs);
    this.#made = 0;
  }

  async #one(index: number, slots: Semaphore): Promise<void> {
    const { docker, vpns, engineImage, theirs } = this.#world;
    const vpn = vpns[index % vpns.length];
    if (!vpn) throw new Error('there is no VPN');
    const place = Math.floor(index / vpns.length);
    const port = vpn.firstPort + place;
    const inner = 20_000 + 3 * place;
    const [key = '', value = ''] = theirs.split('=');
    const name = `tandem-bench-${randomBytes(6).toString('hex')}`;
    const spec = containerFor(
      {
        state: 'PROVISIONING',
        id: name,
        name,
        tunnel: { vpn: vpn.name, incarnation: vpn },
        host: vpn.host,
        ports: { http: port, https: inner, p2p: inner + 1, api: inner + 2 },
        forwarded: false,
        image: engineImage,
        labels: [],
        request: null,
        createdAt: 0,
        replaces: null,
      },
      [],
      {
        instance: { key, value },
        variant: variants['nano-ace'],
        image: engineImage,
        memoryLimit: null,
        network: null,
        hostOf: () => vpn.host,
      },
    );
    // Without Tandem's own labels, by which it would keep clear of these containers' ports.
    const body = { ...spec, Labels: { [key]: value } };
    await slots.runExclusive(async () => {
      interrupted.throwIfAborted();
      await expect([201], docker, 'POST', `/containers/create?name=${name}`, body);
      await expect([204], docker, 'POST', `/containers/${name}/start`);
    });
    await answers(vpn.host, port);
  }
}

/** Asks as Tandem does: at once, then after pauses that grow from 10 ms by half each time. */
async function answers(host: string, port: number): Promise<void> {
  const question = {
    target: { host, port },
    timeoutMs: 2_000,
    clock: systemClock,
    signal: interrupted,
  };
  for (let pause = 10; (await probeEngine(question)) === 'silent'; pause = Math.min(pause * 1.5, 250)) {
    await systemClock.sleep(pause);
  }
}
