import { createHash } from 'node:crypto';
import { toIso } from '../../src/async/clock.ts';
import { desired } from '../../src/domain/capacity.ts';
import { Oracles } from '../oracles/oracles.ts';
import type { Fairness, Rules, Sight, Violation } from '../oracles/sights.ts';
import { Random } from '../support/random.ts';
import { Driver } from './driver.ts';
import { Host } from './host.ts';
import { Life } from './life.ts';
import { Disk } from './memory-journal.ts';
import { Schedule } from './schedule.ts';
import { drawSettings } from './settings.ts';
import { Tally } from './tally.ts';
import { Trouble } from './trouble.ts';
import { Watcher } from './watcher.ts';

export interface Options {
  readonly seed: number;
  /** Given every line of the story, where somebody wants to read it. */
  readonly tell?: (line: string) => void;
}

export interface Outcome {
  readonly violations: readonly Violation[];
  readonly tally: ReadonlyMap<string, number>;
  /** The same for the same seed, or there is something in it that is left to chance. */
  readonly digest: string;
  readonly steps: number;
  /** Milliseconds of its own time. */
  readonly lasted: number;
}

/** Milliseconds after which every call of Docker is given up, and what hung is known to. */
const longestCallMs = 31_000;

/** Milliseconds until what has failed is tried again, if it was not its first failure. */
const settlingMs = 6_000;

/** Milliseconds in which nothing may happen at the end. */
const quietMs = 10_000;

/** One service, one Docker, one seed: all that happens in a world of which every moment is chosen by chance. */
export async function simulate({ seed, tell }: Options): Promise<Outcome> {
  return new Simulation(seed, tell ?? null).run();
}

class Simulation {
  readonly #random: Random;
  readonly #schedule: Schedule;
  readonly #tally = new Tally();
  readonly #trouble: Trouble;
  readonly #host: Host;
  readonly #disk: Disk;
  readonly #watcher: Watcher;
  readonly #driver: Driver;
  readonly #oracles: Oracles;
  readonly #rules: Rules;
  readonly #settings: ReturnType<typeof drawSettings>['settings'];
  readonly #digest = createHash('sha256');
  readonly #tell: ((line: string) => void) | null;
  readonly #began: number;
  readonly #violations: Violation[] = [];
  #life: Life | null = null;
  #last: string | null = null;
  #skewMs = 0;
  #steps = 0;
  #fairness: Fairness['fairness'] = 'unfair';
  #unfairUntil = 0;
  #deafUntil = 0;
  /** Called before every step, where something is to happen at a step that chance has chosen. */
  #ambush: { left: number; act: () => void } | null = null;

  constructor(seed: number, tell: ((line: string) => void) | null) {
    this.#tell = tell;
    const random = new Random(seed);
    this.#random = random;
    this.#schedule = new Schedule(random);
    this.#began = this.#schedule.now;
    this.#trouble = new Trouble(random, this.#schedule, this.#tally);
    const { settings, rules } = drawSettings(random);
    this.#settings = settings;
    this.#rules = rules;
    this.#host = new Host(this.#schedule, random, rules.vpns);
    this.#disk = new Disk(random.hex(8));
    this.#oracles = new Oracles(rules);
    this.#watcher = new Watcher(this.#host, (seen) => this.#see({ ...seen, at: this.#schedule.now }));
    this.#driver = new Driver({
      vpns: rules.vpns,
      random,
      host: this.#host,
      trouble: this.#trouble,
      watcher: this.#watcher,
      tally: this.#tally,
      life: () => (this.#life?.alive ? this.#life : null),
      said: (line) => this.#say(line),
    });
  }

  async run(): Promise<Outcome> {
    const random = this.#random;
    this.#say(`settings ${JSON.stringify(this.#rules)}`);
    // Some VPNs come up before the service, some later, some not at all.
    for (const vpn of this.#rules.vpns) {
      if (random.chance(0.8)) await this.#host.makeVpn(vpn);
      else
        this.#schedule.after(
          random.between(0, 20_000),
          () => void (this.#host.find(vpn) ?? this.#host.makeVpn(vpn).catch(() => {})),
        );
    }
    await this.#pass(random.chance(0.7) ? 1_000 : random.between(0, 300));
    this.#rise();
    await this.#chaos();
    await this.#calm();
    this.#life?.kill();
    return {
      violations: [...this.#oracles.violations, ...this.#violations],
      tally: this.#tally.counts,
      digest: this.#digest.digest('hex'),
      steps: this.#steps,
      lasted: this.#schedule.now - this.#began,
    };
  }

  /** A time in which anything may happen. */
  async #chaos(): Promise<void> {
    const random = this.#random;
    const callFaults = random.chance(0.5);
    const eventFaults = random.chance(0.4);
    const crashes = random.chance(0.6);
    const diskFaults = !crashes && random.chance(0.3);
    for (let acts = random.whole(5, 40); acts > 0; acts--) {
      // Much at once, little by little, or after all has settled.
      await this.#pass(
        random.pick([0, random.between(0, 50), random.between(0, 2_000), random.between(0, 8_000)]),
      );
      this.#judgeFairness();
      if (random.chance(0.15)) this.#trouble.end();
      if (callFaults && random.chance(0.15)) this.#disturb();
      if (eventFaults && random.chance(0.15)) this.#deafen();
      if (diskFaults && random.chance(0.1)) this.#setDisk(!this.#disk.full);
      if (random.chance(0.03)) this.#spoilImage();
      if (crashes && random.chance(0.12)) this.#crash();
      if (random.chance(0.04)) this.#leaveOrReturn();
      this.#driver.act();
      this.#look();
      this.#judgeFairness();
    }
  }

  /** All is put right: after a while everything has to be as it was promised, and stay so. */
  async #calm(): Promise<void> {
    const { stabilizationMs, beatMs, lookMs, healthMs, graceMs, cooldownMs } = this.#rules;
    const { circuitRecoveryMs, portCooldownMs, silentFailureMs } = this.#settings.policy;
    this.#ambush = null;
    this.#disk.written = () => {};
    this.#trouble.end();
    this.#setDisk(false);
    this.#say('! all is put right');
    await this.#during(this.#driver.heal());
    if (!this.#life?.alive) this.#rise();
    if (!this.#life?.isFollowed) this.#follow();
    await this.#pass(1);
    this.#judgeFairness();
    await this.#pass(Math.max(0, this.#unfairUntil - this.#schedule.now) + 1);
    await this.#during(this.#driver.heal());
    this.#judgeFairness();
    const engines = this.#host.engines().length;
    const end =
      this.#schedule.now +
      stabilizationMs +
      2 * beatMs +
      3 * lookMs +
      4 * healthMs +
      circuitRecoveryMs +
      2 * portCooldownMs +
      4 * silentFailureMs +
      graceMs +
      engines * (cooldownMs + healthMs + 500) +
      15_000;
    // At rest, it has to be so for a round of looks and probes before it counts.
    for (let since = this.#schedule.now; this.#schedule.now < end; ) {
      await this.#pass(200);
      if (!this.#atRest()) since = this.#schedule.now;
      if (this.#schedule.now - since > Math.max(lookMs, healthMs) + 1_500) break;
    }
    // Where Docker cannot start a VPN again, there is no rest.
    const possible = this.#host.seeVpns().every(({ health }) => health === 'healthy');
    if (possible && !this.#atRest()) this.#broken('L2', 'it has not come to rest in the time that there was');
    this.#setFairness('quiet');
    await this.#pass(quietMs);
    this.#setFairness('quiet');
  }

  /** Whether everything is as it is wanted. */
  #atRest(): boolean {
    const snapshot = this.#life?.stage === 'serving' ? this.#life.app.context.fleet.snapshot() : null;
    if (!snapshot) return false;
    const { sites } = snapshot;
    return (
      sites.reduce((count, { running }) => count + running.length, 0) >=
        Math.max(desired(snapshot), this.#rules.minReplicas) &&
      sites.every(
        ({ vpn, provisioning, running, stopping, spareForwardedPort }) =>
          vpn?.state.kind === 'READY' &&
          vpn.control.heard &&
          vpn.evidence === null &&
          provisioning.length + stopping.length === 0 &&
          running.every(({ health, replaces }) => health.kind === 'HEALTHY' && replaces === null) &&
          (running.length === 0 || spareForwardedPort === null),
      ) &&
      this.#host.seeEngines().every(({ condition, running }) => running && condition !== 'ill')
    );
  }

  #disturb(): void {
    const random = this.#random;
    const { clock } = this.#host.core.daemon.world;
    const kind = random.pick(['calls', 'calls', 'gone', 'mute', 'slow'] as const);
    this.#note(`Docker: ${kind}`);
    if (kind === 'calls') this.#trouble.calls = random.between(0.05, 0.6);
    if (kind === 'slow') this.#trouble.slow = random.between(0.1, 0.9);
    if (kind !== 'gone' && kind !== 'mute') return;
    this.#trouble[kind] = true;
    if (kind === 'gone') this.#host.core.events.cut();
    void clock.sleep(random.between(100, 15_000)).then(() => {
      this.#trouble[kind] = false;
    });
  }

  #deafen(): void {
    const random = this.#random;
    const kind = random.pick(['lossy', 'silent', 'cut'] as const);
    this.#note(`events: ${kind}`);
    if (kind === 'lossy') this.#trouble.events = random.between(0.1, 0.9);
    if (kind === 'silent') this.#trouble.silent = true;
    if (kind === 'cut') this.#host.core.events.cut();
    if (kind === 'cut') this.#unfairUntil = Math.max(this.#unfairUntil, this.#schedule.now + 1_100);
  }

  #setDisk(full: boolean): void {
    if (full === this.#disk.full) return;
    this.#note(full ? 'disk: full' : 'disk: free');
    this.#disk.full = full;
  }

  #spoilImage(): void {
    const random = this.#random;
    this.#note('image: bad');
    this.#host.badImage = random.between(0.3, 1);
    void this.#host.core.daemon.world.clock.sleep(random.between(1_000, 15_000)).then(() => {
      this.#host.badImage = 0;
    });
  }

  /** The process ends: at once, in a while, right after it has written something, or because it was asked to. */
  #crash(): void {
    const random = this.#random;
    const how = random.pick(['at a step', 'after a write', 'politely'] as const);
    this.#note(`process: ends ${how}`);
    if (how === 'politely') {
      const life = this.#life;
      life?.stop();
      this.#schedule.after(random.between(100, 11_000), () => {
        if (life === this.#life) this.#kill();
      });
      return;
    }
    const ambush = { left: random.below(how === 'at a step' ? 400 : 12), act: () => this.#kill() };
    if (how === 'at a step') this.#ambush = ambush;
    else
      this.#disk.written = () => {
        if (ambush.left-- > 0) return;
        this.#disk.written = () => {};
        this.#kill();
      };
  }

  #kill(): void {
    const life = this.#life;
    if (!life) return;
    this.#say('! the process is dead');
    life.kill();
    this.#life = null;
    // What it waited for nobody waits for any longer.
    this.#trouble.hungAt = null;
    this.#watcher.forget();
    const random = this.#random;
    const pause = random.pick([0, random.between(0, 100), random.between(0, 8_000)]);
    this.#schedule.after(pause, () => this.#rise());
  }

  #rise(): void {
    if (this.#life?.alive) return;
    const random = this.#random;
    // The machine's clock may have been set back meanwhile.
    if (random.chance(0.1)) {
      this.#skewMs -= random.pick([1, 1_000, 3_600_000]);
      this.#note('clock: set back');
    }
    this.#say('! the process begins');
    this.#watcher.forget();
    this.#life = new Life(
      {
        settings: this.#settings,
        schedule: this.#schedule,
        random,
        trouble: this.#trouble,
        host: this.#host,
        disk: this.#disk,
        watcher: this.#watcher,
        said: (line) => this.#say(line),
      },
      this.#skewMs,
    );
    this.#follow();
    if (random.chance(0.2)) this.#schedule.after(random.between(0, 8), () => this.#driver.knock());
  }

  #follow(): void {
    const life = this.#life;
    if (!life?.alive) return;
    const { lastId } = life.app.context.events;
    this.#last ??= lastId;
    void life.follow(
      this.#last,
      (event) => {
        this.#last = event.id;
        this.#watcher.told(event, event.id <= lastId);
      },
      (code) => {
        this.#last = life.app.context.events.lastId;
        this.#watcher.see({ kind: 'missed', code });
      },
    );
  }

  #leaveOrReturn(): void {
    if (this.#life?.isFollowed) {
      this.#note('subscriber: leaves');
      this.#life.leave();
    } else {
      this.#note('subscriber: comes back');
      this.#follow();
    }
  }

  #judgeFairness(): void {
    // What nobody is told of, nobody can judge by.
    const unseen = !this.#life?.isFollowed;
    if (unseen || this.#trouble.disturbs || this.#disk.full || this.#host.badImage > 0) {
      const { circuitRecoveryMs } = this.#settings.policy;
      const badMs = this.#host.badImage > 0 ? circuitRecoveryMs + this.#rules.startupTimeoutMs : 0;
      this.#unfairUntil = Math.max(
        this.#unfairUntil,
        this.#schedule.now + settlingMs + this.#rules.beatMs + badMs,
      );
    }
    const { hungAt } = this.#trouble;
    if (hungAt !== null)
      this.#unfairUntil = Math.max(this.#unfairUntil, hungAt + longestCallMs + this.#rules.beatMs);
    // What was not told of is found on the beat.
    const { lookMs, beatMs } = this.#rules;
    if (this.#trouble.deafens) this.#deafUntil = this.#schedule.now + Math.max(lookMs, beatMs) + 1_000;
    if (this.#schedule.now < this.#unfairUntil) this.#setFairness('unfair');
    else this.#setFairness(this.#schedule.now < this.#deafUntil ? 'deaf' : 'fair');
  }

  #setFairness(fairness: Fairness['fairness']): void {
    if (fairness !== this.#fairness) this.#say(`  (${fairness})`);
    this.#fairness = fairness;
    this.#watcher.see({ kind: 'fairness', fairness });
  }

  /** Lets so much time pass, one thing after the other. */
  #pass(ms: number): Promise<void> {
    const end = this.#schedule.now + ms;
    return new Promise((resolve, reject) => {
      const turn = () => {
        try {
          // A reader with much to read pauses in between: what is told comes before what is shown.
          if (this.#life?.isBehind(this.#last)) {
            setImmediate(turn);
            return;
          }
          this.#look();
          if (this.#ambush && this.#ambush.left-- <= 0) {
            const { act } = this.#ambush;
            this.#ambush = null;
            act();
          }
          this.#steps++;
          if (this.#schedule.step(end)) setImmediate(turn);
          else
            setImmediate(() => {
              this.#look();
              resolve();
            });
        } catch (problem) {
          reject(problem);
        }
      };
      setImmediate(turn);
    });
  }

  /** Lets as much time pass as some work needs. */
  async #during(work: Promise<void>): Promise<void> {
    let over = false;
    const end = () => {
      over = true;
    };
    work.then(end, end);
    do await this.#pass(10);
    while (!over);
    await work;
  }

  #look(): void {
    const life = this.#life;
    if (life && !life.alive) {
      if (life.failure)
        this.#see({ kind: 'missed', code: `the process ended: ${life.failure}`, at: this.#schedule.now });
      this.#kill();
    }
    this.#life?.look();
    this.#watcher.look(this.#life?.app ?? null);
    if (this.#fairness !== 'unfair' && (this.#trouble.disturbs || this.#disk.full)) this.#judgeFairness();
  }

  #broken(promise: string, what: string): void {
    this.#violations.push({ promise, what, at: this.#schedule.now });
    this.#say(`BROKEN ${promise}: ${what}`);
  }

  #note(what: string): void {
    this.#tally.count(what);
    this.#say(`! ${what}`);
  }

  #see(sight: Sight): void {
    if (sight.kind === 'told') {
      this.#digest.update(`${sight.at} ${sight.event.id} ${sight.event.message}\n`);
      this.#say(`  ${sight.event.type} ${sight.event.message}`);
      if (sight.event.type === 'EMERGENCY_MODE_CHANGED')
        this.#tally.count(`emergency: ${sight.event.change}`);
    }
    if (sight.kind === 'stage') this.#say(`  (${sight.stage})`);
    if (sight.kind === 'asked') this.#say(`  ${sight.request} asks: ${sight.what} ${sight.count}`);
    if (sight.kind === 'answered') {
      this.#say(`  ${sight.request} is answered: ${[...sight.engines, ...sight.errors].join(', ')}`);
      for (const error of sight.errors) this.#tally.count(`refusal: ${error}`);
      this.#tally.count('engines given', sight.engines.length);
    }
    const before = this.#oracles.violations.length;
    this.#oracles.see(sight);
    if (this.#tell)
      for (const { promise, what } of this.#oracles.violations.slice(before))
        this.#say(`BROKEN ${promise}: ${what}`);
  }

  #say(line: string): void {
    this.#tell?.(`${toIso(this.#schedule.now).slice(11, 23)} ${line}`);
  }
}
