import type { Container } from '../../src/docker/embedded/container.ts';
import { PlainError } from '../../src/domain/plain-error.ts';
import type { Random } from '../support/random.ts';
import type { Host } from './host.ts';
import type { Life } from './life.ts';
import { SimulatedEngine, wellBehaved } from './programs.ts';
import { firstPortOf, label } from './settings.ts';
import type { Tally } from './tally.ts';
import type { Trouble } from './trouble.ts';
import type { Watcher } from './watcher.ts';

export interface DriverDeps {
  readonly vpns: readonly string[];
  readonly random: Random;
  readonly host: Host;
  readonly trouble: Trouble;
  readonly watcher: Watcher;
  readonly tally: Tally;
  readonly life: () => Life | null;
  readonly said: (line: string) => void;
}

const everyHarm = [
  'crashes',
  'is out of memory',
  'is stopped by hand',
  'is removed by hand',
  'is paused',
  'hangs',
  'answers 500',
  'reaches nothing',
] as const;
type Harm = (typeof everyHarm)[number];

/** There are no more kinds of things that somebody does. */
const mostKinds = 32;

/** Something that somebody does. */
type Act = () => unknown;

/** Clients who want engines, and operators and accidents that take them away. */
export class Driver {
  readonly #deps: DriverDeps;
  #requests = 0;
  readonly #keys = new Map<string, string>();
  readonly #strangers: string[] = [];
  /** What nobody does in this world, by its place among all that somebody may do. The first is always done. */
  readonly #spared = new Set<number>();

  constructor(deps: DriverDeps) {
    this.#deps = deps;
    const { random } = deps;
    // Where everything happens, little lasts: in many worlds much never does.
    const share = random.pick([0, 0.3, 0.6]);
    for (let index = 1; index < mostKinds; index++) if (random.chance(share)) this.#spared.add(index);
  }

  /** Does something, whatever it is. */
  act(): void {
    const { random, vpns } = this.#deps;
    const vpn = random.pick(vpns);
    const kinds: readonly (readonly [weight: number, act: Act])[] = [
      [8, () => this.#provision(1, null)],
      [3, () => this.#burst()],
      [2, () => this.#provision(random.whole(2, 6), null)],
      [3, () => this.#provision(1, `key ${random.below(4)}`)],
      [4, () => this.#stop()],
      [1, () => this.#scale()],
      [4, () => this.#vpn(vpn, 'unhealthy', () => this.#deps.host.setPassing(vpn, false))],
      [5, () => this.#vpn(vpn, 'healed', () => this.#deps.host.setPassing(vpn, true))],
      [2, () => this.#flap(vpn)],
      [2, () => this.#lifecycle(vpn, 'killed', (container) => this.#cycle.kill(container))],
      [2, () => this.#lifecycle(vpn, 'stopped', (container) => this.#cycle.stop(container))],
      [5, () => this.#lifecycle(vpn, 'started', (container) => this.#cycle.start(container))],
      [2, () => this.#lifecycle(vpn, 'paused', (container) => this.#cycle.pause(container))],
      [3, () => this.#lifecycle(vpn, 'unpaused', (container) => this.#cycle.unpause(container))],
      [3, () => this.#lifecycle(vpn, 'restarted', (container) => this.#cycle.restart(container))],
      [2, () => this.#recreate(vpn)],
      [1, () => this.#allVpns()],
      [2, () => this.#control(vpn)],
      [3, () => this.#cut(vpn)],
      [5, () => this.#harmEngine()],
      [2, () => this.#harmEngines()],
      [1, () => this.#pose()],
      [1, () => this.#stranger()],
    ];
    const done = kinds.filter((_, index) => !this.#spared.has(index));
    let left = random.below(done.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, act] of done) {
      left -= weight;
      if (left < 0) return void act();
    }
  }

  /** Somebody has waited for the service to begin. */
  knock(): void {
    this.#burst();
  }

  /** Puts everything right that somebody would put right. */
  async heal(): Promise<void> {
    const { host, vpns, random } = this.#deps;
    for (const name of this.#strangers) {
      const container = host.find(name);
      if (container) await host.core.daemon.remove(container, name, true);
    }
    host.badImage = 0;
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
    for (const { program } of host.engines())
      if (program instanceof SimulatedEngine && program.condition.netdown) program.condition = wellBehaved;
    for (const container of host.engines())
      if (container.state.kind === 'paused') await this.#cycle.unpause(container).catch(() => {});
    host.touch();
  }

  get #cycle() {
    return this.#deps.host.core.daemon.lifecycle;
  }

  #note(what: string): void {
    this.#deps.tally.count(what);
    this.#deps.said(`! ${what}`);
  }

  #burst(): void {
    const count = this.#deps.random.whole(2, 8);
    for (let asked = 0; asked < count; asked++) this.#provision(1, null);
  }

  #provision(count: number, name: string | null): void {
    const { watcher, life, random } = this.#deps;
    const app = life()?.app;
    if (!app) return;
    const request = `r${++this.#requests}`;
    const batch = count > 1 || random.chance(0.05);
    // The same key has to come with the same wishes.
    const key = name && (batch ? `${name} of ${count}` : name);
    const label = key ? this.#requestOf(key, request) : request;
    const asked = {
      labels: [{ key: 'asked', value: label }],
      ...(key && { idempotencyKey: key }),
    };
    this.#note(`request: ${batch ? 'a batch' : 'one engine'}${key ? ' under a key' : ''}`);
    watcher.see({ kind: 'asked', request: label, what: 'provision', count, key, engine: null });
    const { provisioner } = app.context;
    this.#answer(
      label,
      batch
        ? provisioner
            .provisionEngines({ ...asked, count })
            .then(({ engines, errors }) => [...engines, ...errors])
        : provisioner.provisionEngine(asked).then((result) => [result]),
    );
  }

  /** The request that a key was used for first: the same one is the same request. */
  #requestOf(key: string, request: string): string {
    const first = this.#keys.get(key) ?? request;
    this.#keys.set(key, first);
    return first;
  }

  #answer(
    request: string,
    work: Promise<
      readonly (Awaited<ReturnType<Life['app']['context']['provisioner']['stopEngine']>> | { kind: string })[]
    >,
  ): void {
    const { watcher, life } = this.#deps;
    const asked = life();
    work.then(
      (results) => {
        if (!asked?.alive) return;
        watcher.look(asked.app);
        const engines = results.flatMap((result) => ('engine' in result ? [result.engine.id] : []));
        const errors = results.flatMap((result) => ('kind' in result ? [result.kind] : []));
        watcher.see({ kind: 'answered', request, engines, errors });
      },
      (problem) => {
        if (asked?.alive) watcher.see({ kind: 'answered', request, engines: [], errors: [String(problem)] });
      },
    );
  }

  #stop(): void {
    const { random, watcher, life } = this.#deps;
    const app = life()?.app;
    const engines = app?.context.fleet.roster.all ?? [];
    if (!app || engines.length === 0) return;
    const engine = random.pick(engines);
    const request = `r${++this.#requests}`;
    this.#note('request: a stop');
    watcher.see({ kind: 'asked', request, what: 'stop', count: 1, key: null, engine: engine.id });
    this.#answer(
      request,
      app.context.provisioner.stopEngine({ id: engine.id }).then((result) => [result]),
    );
  }

  #scale(): void {
    const { random, watcher, life } = this.#deps;
    const app = life()?.app;
    if (!app) return;
    const { minReplicas, maxReplicas } = app.context.fleet.snapshot().policy;
    const request = `r${++this.#requests}`;
    this.#note('request: to scale');
    const to = random.whole(minReplicas, maxReplicas);
    watcher.see({ kind: 'asked', request, what: 'scale', count: to, key: null, engine: null });
    const errors: string[] = [];
    try {
      app.context.autoscaler.scaleEngines(to);
    } catch (problem) {
      errors.push(problem instanceof PlainError ? problem.code : String(problem));
    }
    watcher.see({ kind: 'answered', request, engines: [], errors });
  }

  #vpn(vpn: string, what: string, act: Act): void {
    this.#note(`VPN: ${what}`);
    this.#deps.said(`    ${vpn}`);
    act();
  }

  #lifecycle(vpn: string, what: string, act: (container: Container) => Promise<unknown>): void {
    const container = this.#deps.host.find(vpn);
    if (container) this.#vpn(vpn, what, () => act(container).catch(() => {}));
  }

  /** Faster than anybody looks. */
  #flap(vpn: string): void {
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

  #recreate(vpn: string): void {
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

  #allVpns(): void {
    const { vpns, host } = this.#deps;
    this.#note('VPN: all down');
    for (const vpn of vpns) host.setPassing(vpn, false);
  }

  #control(vpn: string): void {
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
  #cut(vpn: string): void {
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

  /** Somebody asks for an engine with labels that are not theirs to give. */
  #pose(): void {
    const { random, watcher, life } = this.#deps;
    const app = life()?.app;
    if (!app) return;
    const request = `r${++this.#requests}`;
    const key = random.pick(['tandem.engine', 'tandem.owner', 'tandem.vpn', 'tandem.port.http', label[0]]);
    this.#note('request: with a label of ours');
    watcher.see({ kind: 'asked', request, what: 'provision', count: 1, key: null, engine: null });
    const labels = [
      { key: 'asked', value: request },
      { key, value: random.pick(this.#deps.vpns) },
    ];
    this.#answer(
      request,
      app.context.provisioner.provisionEngine({ labels }).then((result) => [result]),
    );
  }

  /** Several at once. */
  #harmEngines(): void {
    for (let count = this.#deps.random.whole(2, 4); count > 0; count--)
      this.#harmEngine(['hangs', 'answers 500']);
  }

  #harmEngine(kinds: readonly Harm[] | null = null): void {
    const { host, random } = this.#deps;
    const engines = host.engines().filter(({ run }) => run !== undefined);
    if (engines.length === 0) return;
    const container = random.pick(engines);
    const { program } = container;
    if (!(program instanceof SimulatedEngine)) return;
    const daemon = host.core.daemon;
    const harms: Record<Harm, Act> = {
      crashes: () => container.run?.end({ code: 1, oomKilled: false }),
      'is out of memory': () => container.run?.end({ code: 137, oomKilled: true }),
      'is stopped by hand': () => daemon.lifecycle.stop(container).catch(() => {}),
      'is removed by hand': () => daemon.remove(container, container.id, true).catch(() => {}),
      'is paused': () => daemon.lifecycle.pause(container).catch(() => {}),
      hangs: () => {
        program.condition = { ...wellBehaved, hangs: true };
      },
      'answers 500': () => {
        program.condition = { ...wellBehaved, answers500: true };
      },
      'reaches nothing': () => {
        program.condition = { ...wellBehaved, netdown: true };
      },
    };
    const what = random.pick(kinds ?? everyHarm);
    this.#note(`engine: ${what}`);
    this.#deps.said(`    ${container.name}`);
    harms[what]();
    host.touch();
  }

  /** Containers of others, next to the service's own: on its VPNs, with its ports, or with its label alone. */
  #stranger(): void {
    const { host, random, vpns } = this.#deps;
    const place = random.below(vpns.length);
    const name = `acestream-${random.whole(1, 20)}`;
    const http = firstPortOf(place) + random.below(6);
    const neighbour = {
      'tandem.owner': 'tandem.sim=another',
      'tandem.sim': 'another',
      'tandem.engine': random.hex(32),
      'tandem.created-at': '0',
      'tandem.label-keys': '[]',
      'tandem.forwarded': 'false',
      'tandem.vpn': vpns[place] ?? '',
      'tandem.port.http': String(http),
      'tandem.port.https': '20000',
      'tandem.port.p2p': '20001',
      'tandem.port.api': '20002',
    };
    const labels = random.pick<Record<string, string>>([{}, { [label[0]]: label[1] }, neighbour]);
    if (host.find(name)) return;
    this.#note('a stranger comes');
    this.#strangers.push(name);
    void host.makeStranger(name, labels, random.chance(0.5) ? (vpns[place] ?? null) : null).catch(() => {});
  }
}
