import type { Random } from '../support/random.ts';
import type { Driver } from './driver.ts';
import type { FairnessJudge } from './fairness.ts';
import type { Host } from './host.ts';
import type { Disk } from './memory-journal.ts';
import type { Process } from './process.ts';
import type { Trouble } from './trouble.ts';

export interface ChaosDeps {
  readonly random: Random;
  readonly trouble: Trouble;
  readonly host: Host;
  readonly disk: Disk;
  readonly process: Process;
  readonly driver: Driver;
  readonly fairness: FairnessJudge;
  readonly note: (what: string) => void;
}

/** A time in which anything may happen: what clients and operators do, and what goes wrong under the service meanwhile. */
export class Chaos {
  readonly #deps: ChaosDeps;
  readonly #does: {
    readonly calls: boolean;
    readonly events: boolean;
    readonly crashes: boolean;
    readonly disk: boolean;
  };

  constructor(deps: ChaosDeps) {
    this.#deps = deps;
    const { random } = deps;
    const crashes = random.chance(0.6);
    this.#does = {
      calls: random.chance(0.5),
      events: random.chance(0.4),
      crashes,
      disk: !crashes && random.chance(0.3),
    };
  }

  /** Milliseconds until the next act: much at once, little by little, or after all has settled. */
  get pauseMs(): number {
    const { random } = this.#deps;
    return random.pick([0, random.between(0, 50), random.between(0, 2_000), random.between(0, 8_000)]);
  }

  act(): void {
    const { random, trouble, disk, process, driver } = this.#deps;
    const does = this.#does;
    if (random.chance(0.15)) trouble.end();
    if (does.calls && random.chance(0.15)) this.#disturb();
    if (does.events && random.chance(0.15)) this.#deafen();
    if (does.disk && random.chance(0.1)) this.setDisk(!disk.full);
    if (random.chance(0.03)) this.#spoilImage();
    if (does.crashes && random.chance(0.12)) process.crash();
    if (random.chance(0.04)) process.leaveOrReturn();
    driver.act();
  }

  setDisk(full: boolean): void {
    const { disk, note } = this.#deps;
    if (full === disk.full) return;
    note(full ? 'disk: full' : 'disk: free');
    disk.full = full;
  }

  #disturb(): void {
    const { random, trouble, host, note } = this.#deps;
    const { clock } = host.core.daemon.world;
    const kind = random.pick(['calls', 'calls', 'gone', 'mute', 'slow'] as const);
    note(`Docker: ${kind}`);
    if (kind === 'calls') trouble.calls = random.between(0.05, 0.6);
    if (kind === 'slow') trouble.slow = random.between(0.1, 0.9);
    if (kind !== 'gone' && kind !== 'mute') return;
    trouble[kind] = true;
    if (kind === 'gone') host.core.events.cut();
    void clock.sleep(random.between(100, 15_000)).then(() => {
      trouble[kind] = false;
    });
  }

  #deafen(): void {
    const { random, trouble, host, fairness, note } = this.#deps;
    const kind = random.pick(['lossy', 'silent', 'cut'] as const);
    note(`events: ${kind}`);
    if (kind === 'lossy') trouble.events = random.between(0.1, 0.9);
    if (kind === 'silent') trouble.silent = true;
    if (kind !== 'cut') return;
    host.core.events.cut();
    fairness.unfairFor(1_100);
  }

  #spoilImage(): void {
    const { random, host, note } = this.#deps;
    note('image: bad');
    host.badImage = random.between(0.3, 1);
    void host.core.daemon.world.clock.sleep(random.between(1_000, 15_000)).then(() => {
      host.badImage = 0;
    });
  }
}
