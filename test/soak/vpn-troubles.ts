import { until } from '../support/docker/until.ts';
import type { Random } from '../support/random.ts';
import type { RealVpn } from '../support/real.ts';

/** Ways in which a VPN goes down until it is helped up again. */
const lasting = ['unhealthy', 'killed', 'stopped', 'paused'] as const;
/** Ways in which it is gone for a moment only. */
const passing = ['restarted', 'recreated'] as const;

export type VpnTrouble = (typeof lasting)[number] | (typeof passing)[number];

/** Seconds that Docker gives a container to end by itself. */
const t = 1;
const patienceMs = 30_000;

/** One VPN that fails in every way there is, and comes back. */
export class TroubledVpn {
  readonly vpn: RealVpn;
  readonly #random: Random;
  #down: (typeof lasting)[number] | null = null;
  /** How often it failed in each way. */
  readonly counts = new Map<VpnTrouble, number>();

  constructor(vpn: RealVpn, random: Random) {
    this.vpn = vpn;
    this.#random = random;
  }

  get isDown(): boolean {
    return this.#down !== null;
  }

  /** It goes down, or was gone for a moment when this resolves. */
  async fail(): Promise<void> {
    const trouble = this.#random.pick([...lasting, ...passing]);
    this.counts.set(trouble, (this.counts.get(trouble) ?? 0) + 1);
    const { vpn } = this;
    switch (trouble) {
      case 'restarted':
        await vpn.container.restart({ t });
        return;
      case 'recreated':
        await vpn.recreate();
        return;
      case 'unhealthy':
        await vpn.fail();
        break;
      case 'killed':
        await vpn.container.kill();
        break;
      case 'stopped':
        await vpn.container.stop({ t });
        break;
      case 'paused':
        // The kernel cannot always freeze a container in which a health check is just being started.
        if (
          !(await vpn.pause().then(
            () => true,
            () => false,
          ))
        )
          return;
    }
    this.#down = trouble;
  }

  /** Undoes what took it down, if anything has. */
  async heal(): Promise<void> {
    const { vpn } = this;
    switch (this.#down) {
      case 'unhealthy':
        await vpn.heal();
        break;
      case 'killed':
      case 'stopped':
        await vpn.container.start();
        break;
      case 'paused':
        await vpn.container.unpause();
    }
    this.#down = null;
  }

  /** Resolves when Docker calls it healthy. */
  async untilHealthy(): Promise<void> {
    await until(
      `${this.vpn.name} is healthy`,
      async () => (await this.vpn.container.inspect()).State.Health?.Status === 'healthy',
      patienceMs,
    );
  }
}
