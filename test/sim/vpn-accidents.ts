import type { Container } from '../../src/docker/embedded/container.ts';
import type { AccidentsDeps } from './driver.ts';

/** What becomes of VPNs: their health, their containers, their control servers and their tunnels. */
export class VpnAccidents {
  readonly #deps: AccidentsDeps;

  constructor(deps: AccidentsDeps) {
    this.#deps = deps;
  }

  unhealthy(vpn: string): void {
    this.#vpn(vpn, 'unhealthy', () => this.#deps.host.setPassing(vpn, false));
  }

  healed(vpn: string): void {
    this.#vpn(vpn, 'healed', () => this.#deps.host.setPassing(vpn, true));
  }

  killed(vpn: string): void {
    this.#lifecycle(vpn, 'killed', (container) => this.#cycle.kill(container));
  }

  stopped(vpn: string): void {
    this.#lifecycle(vpn, 'stopped', (container) => this.#cycle.stop(container));
  }

  started(vpn: string): void {
    this.#lifecycle(vpn, 'started', (container) => this.#cycle.start(container));
  }

  paused(vpn: string): void {
    this.#lifecycle(vpn, 'paused', (container) => this.#cycle.pause(container));
  }

  unpaused(vpn: string): void {
    this.#lifecycle(vpn, 'unpaused', (container) => this.#cycle.unpause(container));
  }

  restarted(vpn: string): void {
    this.#lifecycle(vpn, 'restarted', (container) => this.#cycle.restart(container));
  }

  /** Faster than anybody looks. */
  flap(vpn: string): void {
    const { host, random } = this.#deps;
    this.#vpn(vpn, 'flaps', async () => {
      const clock = host.core.daemon.world.clock;
      for (let times = random.whole(1, 4); times > 0; times--) {
        host.setPassing(vpn, false);
        await clock.sleep(random.between(0, 200));
        host.setPassing(vpn, true);
        await clock.sleep(random.between(0, 2_000));
      }
    });
  }

  recreate(vpn: string): void {
    const { host, random } = this.#deps;
    const container = host.find(vpn);
    if (!container) return;
    this.#vpn(vpn, 'made anew', async () => {
      const { daemon } = host.core;
      try {
        await daemon.remove(container, vpn, true);
        await daemon.world.clock.sleep(random.chance(0.5) ? 0 : random.between(1, 5_000));
        if (!host.find(vpn)) await host.makeVpn(vpn);
      } catch {
        // Somebody else was at it.
      }
    });
  }

  allDown(): void {
    const { vpns, host } = this.#deps;
    this.#deps.note('VPN: all down');
    for (const vpn of vpns) host.setPassing(vpn, false);
  }

  control(vpn: string): void {
    const { host, random } = this.#deps;
    const gluetun = host.gluetun(vpn);
    if (!gluetun) return;
    const place = this.#deps.vpns.indexOf(vpn);
    const kind = random.pick([
      'denied',
      'nonsense',
      'nothing',
      'properly',
      'port',
      'no port',
      'crashed',
      'running',
    ] as const);
    this.#vpn(vpn, `control server: ${kind}`, () => {
      const { control } = gluetun;
      if (kind === 'port') gluetun.control = { ...control, port: 51_000 + 100 * place + random.below(100) };
      else if (kind === 'no port') gluetun.control = { ...control, port: null };
      else if (kind === 'crashed' || kind === 'running') gluetun.control = { ...control, tunnel: kind };
      else gluetun.control = { ...control, answers: kind };
      host.touch();
    });
  }

  /** The tunnel is cut, or another one takes its place: now and then by itself, and soon. */
  cut(vpn: string): void {
    const { host, random } = this.#deps;
    const gluetun = host.gluetun(vpn);
    if (!gluetun) return;
    const set = (cut: boolean) =>
      this.#vpn(vpn, cut ? 'cut off' : 'mended', () => {
        gluetun.cut = cut;
        if (!cut) gluetun.control = { ...gluetun.control, ip: `192.0.2.${random.whole(1, 250)}` };
        host.touch();
      });
    set(!gluetun.cut);
    if (!gluetun.cut || random.chance(0.4)) return;
    const { clock } = host.core.daemon.world;
    const patience = clock.now() + random.between(500, 20_000);
    const mend = async () => {
      while (clock.now() < patience && !this.#isMissed(vpn)) await clock.sleep(100);
      await clock.sleep(random.between(0, 1_500));
      if (gluetun.cut) set(false);
    };
    void mend();
  }

  /** Whether engines of that VPN have said that they reach nothing. */
  #isMissed(vpn: string): boolean {
    const site = this.#deps.life()?.app.context.fleet.sites.get(vpn);
    return site?.running.some(({ connected }) => connected === false) ?? false;
  }

  /** All of them are there, run and are well. */
  async mend(): Promise<void> {
    const { host, vpns, random } = this.#deps;
    for (const vpn of vpns) {
      const container = host.find(vpn);
      if (!container) {
        await host.makeVpn(vpn).catch(() => {});
        continue;
      }
      if (container.state.kind === 'paused') await this.#cycle.unpause(container).catch(() => {});
      await this.#cycle.start(container).catch(() => {});
      host.setPassing(vpn, true);
      const gluetun = host.gluetun(vpn);
      if (!gluetun) continue;
      const port = gluetun.control.port;
      // What was cut off comes back as another tunnel.
      gluetun.control = {
        answers: 'properly',
        tunnel: 'running',
        ip: `198.51.100.${random.whole(1, 250)}`,
        port,
      };
      gluetun.cut = false;
    }
  }

  #vpn(vpn: string, what: string, act: () => unknown): void {
    this.#deps.note(`VPN: ${what}`);
    this.#deps.said(`    ${vpn}`);
    act();
  }

  #lifecycle(vpn: string, what: string, act: (container: Container) => Promise<unknown>): void {
    const container = this.#deps.host.find(vpn);
    if (container) this.#vpn(vpn, what, () => act(container).catch(() => {}));
  }

  get #cycle() {
    return this.#deps.host.core.daemon.lifecycle;
  }
}
