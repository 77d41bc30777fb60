import { z } from 'zod';
import { until } from '../../test/support/docker/until.ts';
import { DockerEvents } from './docker-events.ts';
import type { Arrival } from './inbox.ts';
import type { VpnPlace } from './real-vpn.ts';
import { Subscription } from './subscription.ts';
import { Tandem } from './tandem.ts';
import type { RealWorld } from './world.ts';

const turnShape = z.object({
  emergencyModeChanged: z.object({
    change: z.enum(['ENTERED', 'UPDATED', 'EXITED']),
    vpn: z.object({ name: z.string() }),
    removedEngines: z.array(z.object({ id: z.string() })),
  }),
});
type Turn = z.infer<typeof turnShape>['emergencyModeChanged'];

/** A Tandem on the real daemon, a client that follows the emergency, and beside it what Docker says itself. */
export class Watched implements AsyncDisposable {
  readonly tandem: Tandem;
  readonly docker: DockerEvents;
  readonly #turns: Subscription<z.infer<typeof turnShape>>;

  private constructor(tandem: Tandem, docker: DockerEvents, turns: Subscription<z.infer<typeof turnShape>>) {
    this.tandem = tandem;
    this.docker = docker;
    this.#turns = turns;
  }

  /** A VPN that recovers is READY again at once, so that the next try need not wait. */
  static async start(world: RealWorld): Promise<Watched> {
    const tandem = await Tandem.start(world, { env: { VPN_STABILIZATION_S: '0.2' } });
    const query = 'subscription { emergencyModeChanged { change vpn { name } removedEngines { id } } }';
    const turns = await Subscription.open(tandem.address, query, turnShape);
    return new Watched(tandem, await DockerEvents.open(world.docker), turns);
  }

  /** Forgets what was heard so far: a new try begins. */
  begin(): void {
    this.docker.inbox.empty();
    this.#turns.inbox.empty();
  }

  /** The event with which Docker says of a VPN that it is down. */
  async down(vpn: VpnPlace, action: 'die' | 'health_status: unhealthy'): Promise<Arrival<unknown>> {
    return this.docker.inbox.first(
      `Docker says ${action}`,
      (event) => event.name === vpn.name && event.action === action,
    );
  }

  /** The message that emergency mode was entered for a VPN. */
  async entered(vpn: VpnPlace): Promise<Arrival<Turn>> {
    const { at, value } = await this.#turns.inbox.first(
      `emergency mode is entered for ${vpn.name}`,
      ({ emergencyModeChanged: turn }) => turn.change === 'ENTERED' && turn.vpn.name === vpn.name,
    );
    return { at, value: value.emergencyModeChanged };
  }

  /** Waits until both VPNs are READY and no engine is being removed. */
  async recovered(): Promise<void> {
    await until('both VPNs are READY', async () => {
      const { data } = await this.tandem.ask(
        statusShape,
        '{ vpnStatus { vpns { state } } engines(filter: { states: [STOPPING] }) { id } }',
      );
      return data.engines.length === 0 && data.vpnStatus.vpns.every(({ state }) => state === 'READY');
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turns[Symbol.asyncDispose]();
    await this.docker[Symbol.asyncDispose]();
    await this.tandem[Symbol.asyncDispose]();
  }
}

const statusShape = z.object({
  data: z.object({
    vpnStatus: z.object({ vpns: z.array(z.object({ state: z.string() })) }),
    engines: z.array(z.object({})),
  }),
});
