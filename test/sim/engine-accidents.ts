import type { AccidentsDeps } from './driver.ts';
import { SimulatedEngine, wellBehaved } from './programs.ts';
import { firstPortOf, label } from './settings.ts';

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

/** What becomes of engines, and what else there is on the same host. */
export class EngineAccidents {
  readonly #deps: AccidentsDeps;
  readonly #strangers: string[] = [];

  constructor(deps: AccidentsDeps) {
    this.#deps = deps;
  }

  /** Several at once. */
  harmSeveral(): void {
    for (let count = this.#deps.random.whole(2, 4); count > 0; count--) this.harm(['hangs', 'answers 500']);
  }

  harm(kinds: readonly Harm[] | null = null): void {
    const { host, random } = this.#deps;
    const engines = host.engines().filter(({ run }) => run !== undefined);
    if (engines.length === 0) return;
    const container = random.pick(engines);
    const { program } = container;
    if (!(program instanceof SimulatedEngine)) return;
    const daemon = host.core.daemon;
    const harms: Record<Harm, () => unknown> = {
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
    this.#deps.note(`engine: ${what}`);
    this.#deps.said(`    ${container.name}`);
    harms[what]();
    host.touch();
  }

  /** Containers of others, next to the service's own: on its VPNs, with its ports, or with its label alone. */
  stranger(): void {
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
    this.#deps.note('a stranger comes');
    this.#strangers.push(name);
    void host.makeStranger(name, labels, random.chance(0.5) ? (vpns[place] ?? null) : null).catch(() => {});
  }

  async sendStrangersAway(): Promise<void> {
    const { host } = this.#deps;
    for (const name of this.#strangers) {
      const container = host.find(name);
      if (container) await host.core.daemon.remove(container, name, true);
    }
  }

  /** Those that run reach the network again. */
  async mend(): Promise<void> {
    const { host } = this.#deps;
    for (const { program } of host.engines())
      if (program instanceof SimulatedEngine && program.condition.netdown) program.condition = wellBehaved;
    for (const container of host.engines())
      if (container.state.kind === 'paused')
        await host.core.daemon.lifecycle.unpause(container).catch(() => {});
  }
}
