import { createHash } from 'node:crypto';
import { toIso } from '../../src/async/clock.ts';
import { desired } from '../../src/domain/capacity.ts';
import { plan } from '../../src/domain/plan.ts';
import { Oracles } from '../oracles/oracles.ts';
import type { Rules, Sight, Violation } from '../oracles/sights.ts';
import { Random } from '../support/random.ts';
import { Chaos } from './chaos.ts';
import { Driver } from './driver.ts';
import { type Fair, FairnessJudge } from './fairness.ts';
import { Host } from './host.ts';
import { Disk } from './memory-journal.ts';
import { Process } from './process.ts';
import { Schedule } from './schedule.ts';
import { drawSettings } from './settings.ts';
import { inWords } from './story.ts';
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

/** Milliseconds in which nothing may happen at the end. */
const quietMs = 10_000;

/** Turns of the event loop in which a subscriber gets all that there is. */
const mostTurns = 10_000;

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
  readonly #watcher: Watcher;
  readonly #driver: Driver;
  readonly #oracles: Oracles;
  readonly #rules: Rules;
  readonly #settings: ReturnType<typeof drawSettings>['settings'];
  readonly #process: Process;
  readonly #fairness: FairnessJudge;
  readonly #chaos: Chaos;
  readonly #digest = createHash('sha256');
  readonly #tell: ((line: string) => void) | null;
  readonly #began: number;
  readonly #violations: Violation[] = [];
  #steps = 0;
  #turnsBehind = 0;
  #said: Fair | null = null;

  constructor(seed: number, tell: ((line: string) => void) | null) {
    this.#tell = tell;
    const random = new Random(seed);
    this.#random = random;
    this.#schedule = new Schedule(random);
    this.#began = this.#schedule.now;
    this.#trouble = new Trouble(random, this.#schedule, this.#tally);
    const { settings, rules, portsEach } = drawSettings(random);
    this.#settings = settings;
    this.#rules = rules;
    this.#host = new Host(this.#schedule, random, rules.vpns, portsEach);
    const disk = new Disk(random.hex(8));
    this.#oracles = new Oracles(rules);
    this.#watcher = new Watcher(this.#host, (seen) => this.#see({ ...seen, at: this.#schedule.now }));
    const said = (line: string) => this.#say(line);
    const note = (what: string) => this.#note(what);
    const world = {
      ...{ settings, rules, random, said, note, disk },
      schedule: this.#schedule,
      trouble: this.#trouble,
      host: this.#host,
      watcher: this.#watcher,
    };
    this.#driver = new Driver({
      ...world,
      vpns: rules.vpns,
      tally: this.#tally,
      life: () => this.#process.life,
    });
    this.#process = new Process({ ...world, begun: () => this.#driver.knock() });
    this.#fairness = new FairnessJudge({
      ...world,
      policy: settings.policy,
      isFollowed: () => this.#process.isFollowed,
      judged: (fairness) => this.#judged(fairness),
    });
    this.#chaos = new Chaos({
      ...world,
      process: this.#process,
      driver: this.#driver,
      fairness: this.#fairness,
    });
  }

  async run(): Promise<Outcome> {
    this.#say(`settings ${JSON.stringify(this.#rules)}`);
    await this.#begin();
    for (let acts = this.#random.whole(5, 40); acts > 0; acts--) {
      await this.#pass(this.#chaos.pauseMs);
      this.#fairness.judge();
      this.#chaos.act();
      this.#look();
      this.#fairness.judge();
    }
    await this.#calm();
    this.#process.life?.kill();
    return {
      violations: [...this.#oracles.violations, ...this.#violations],
      tally: this.#tally.counts,
      digest: this.#digest.digest('hex'),
      steps: this.#steps,
      lasted: this.#schedule.now - this.#began,
    };
  }

  /** Some VPNs come up before the service, some later, some not at all. */
  async #begin(): Promise<void> {
    const random = this.#random;
    for (const vpn of this.#rules.vpns) {
      if (random.chance(0.8)) await this.#host.makeVpn(vpn);
      else
        this.#schedule.after(
          random.between(0, 20_000),
          () => void (this.#host.find(vpn) ?? this.#host.makeVpn(vpn).catch(() => {})),
        );
    }
    await this.#pass(random.chance(0.7) ? 1_000 : random.between(0, 300));
    this.#process.rise();
  }

  /** All is put right: after a while everything has to be as it was promised, and stay so. */
  async #calm(): Promise<void> {
    const { stabilizationMs, beatMs, lookMs, healthMs, graceMs, cooldownMs } = this.#rules;
    const { circuitRecoveryMs, portCooldownMs, silentFailureMs } = this.#settings.policy;
    this.#process.spare();
    this.#trouble.end();
    this.#chaos.setDisk(false);
    this.#say('! all is put right');
    await this.#during(this.#driver.heal());
    this.#process.rise();
    if (!this.#process.isFollowed) this.#process.follow();
    await this.#pass(1);
    this.#fairness.judge();
    await this.#pass(this.#fairness.remainingMs + 1);
    await this.#during(this.#driver.heal());
    this.#fairness.judge();
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
    // At rest, it has to be so for a round of looks and probes before it counts, and a question to a control server that was
    // mute when it was asked takes some seconds more, by each of two ways.
    for (let since = this.#schedule.now; this.#schedule.now < end; ) {
      await this.#pass(200);
      if (!this.#atRest()) since = this.#schedule.now;
      if (this.#schedule.now - since > Math.max(lookMs, healthMs) + 6_000) break;
    }
    if (!this.#atRest()) this.#broken('L2', 'it has not come to rest in the time that there was');
    this.#fairness.set('quiet');
    await this.#pass(quietMs);
    this.#fairness.set('quiet');
  }

  /** Whether everything is as it is wanted, and nothing is left to be done by the passing of time. */
  #atRest(): boolean {
    const { life } = this.#process;
    const snapshot = life?.stage === 'serving' ? life.app.context.fleet.snapshot() : null;
    if (!snapshot) return false;
    const { sites } = snapshot;
    const nobody = new Set<string>();
    const { steps, next } = plan({ snapshot, held: nobody, avoided: nobody, orphans: [] });
    if (steps.length > 0 || next !== Number.POSITIVE_INFINITY) return false;
    const wanted = Math.max(desired(snapshot), this.#rules.minReplicas);
    const running = sites.reduce((count, site) => count + site.running.length, 0);
    return (
      (running >= wanted || sites.every(({ ports }) => ports?.free === 0)) &&
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

  /** Lets so much time pass, one thing after the other. */
  #pass(ms: number): Promise<void> {
    const end = this.#schedule.now + ms;
    return new Promise((resolve, reject) => {
      const turn = () => {
        try {
          if (this.#process.isBehind && this.#turnsBehind++ < mostTurns) {
            setImmediate(turn);
            return;
          }
          if (this.#turnsBehind > mostTurns) {
            this.#broken('S9', 'a subscriber is not told of what has happened');
            this.#process.skip();
          }
          this.#turnsBehind = 0;
          this.#look();
          this.#process.step();
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
    this.#process.look();
    if (this.#fairness.now !== 'unfair' && this.#trouble.disturbs) this.#fairness.judge();
  }

  #judged(fairness: Fair): void {
    if (fairness !== this.#said) this.#say(`  (${fairness})`);
    this.#said = fairness;
    this.#watcher.see({ kind: 'fairness', fairness });
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
    if (sight.kind === 'told') this.#digest.update(`${sight.at} ${sight.event.id} ${sight.event.message}\n`);
    this.#tally.see(sight);
    const line = inWords(sight);
    if (line !== null) this.#say(`  ${line}`);
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
