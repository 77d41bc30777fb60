import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { condemned } from '../../src/domain/condemn.ts';
import { type Emergency, nextEmergency, noEmergency, type Turn } from '../../src/domain/emergency.ts';
import { observe } from '../../src/domain/observe.ts';
import type { VpnSite } from '../../src/domain/snapshot.ts';
import {
  type Incarnation,
  isReady,
  type Look,
  remembered,
  sameIncarnation,
  unseenVpn,
  type Vpn,
} from '../../src/domain/vpn.ts';
import {
  anEngine,
  aPolicy,
  aProvisioningEngine,
  aSite,
  hours,
  now,
  range,
  seconds,
} from '../support/build.ts';

const names = ['red', 'blue', 'green'];
const patient = aPolicy({ failureConfirmMs: seconds(20) });

type Fate =
  | 'healthy'
  | 'unhealthy'
  | 'starting'
  | 'exited'
  | 'paused'
  | 'restarted'
  | 'recreated'
  | 'missing';
type Seen = Extract<Look, { kind: 'seen' }>;

/** A VPN's container as it really is. */
class Container {
  #runs = 0;
  #ids = 1;
  #exists = true;
  #status = 'running';
  #health: Seen['health'] = 'healthy';

  suffer(fate: Fate): void {
    switch (fate) {
      case 'healthy':
        if (this.#status === 'exited') this.suffer('restarted');
        this.#status = 'running';
        this.#health = 'healthy';
        return;
      case 'unhealthy':
        if (this.#status === 'running') this.#health = 'unhealthy';
        return;
      case 'starting':
        this.suffer('restarted');
        this.#health = 'starting';
        return;
      case 'paused':
        if (this.#status === 'running') this.#status = 'paused';
        return;
      case 'exited':
        this.#status = 'exited';
        return;
      case 'restarted':
        if (!this.#exists) this.#ids++;
        this.#exists = true;
        this.#runs++;
        this.#status = 'running';
        this.#health = 'healthy';
        return;
      case 'recreated':
        this.#exists = false;
        this.suffer('restarted');
        return;
      case 'missing':
        this.#exists = false;
        this.#status = 'exited';
    }
  }

  get #incarnation(): Incarnation {
    return { containerId: `id ${this.#ids}`, startedAt: `run ${this.#runs}` };
  }

  /** Whether the network namespace of that run is still there. */
  holds(incarnation: Incarnation | undefined): boolean {
    return this.#status !== 'exited' && sameIncarnation(incarnation ?? null, this.#incarnation);
  }

  look(at: number): Look {
    if (!this.#exists) return { kind: 'missing', at };
    return {
      kind: 'seen',
      at,
      answeredAt: at,
      incarnation: this.#incarnation,
      status: this.#status,
      health: this.#health,
      provider: null,
    };
  }
}

/** How often what is worth testing came up, so that a model in which nothing happens does not pass. */
const tally = {
  entered: 0,
  updated: 0,
  exited: 0,
  kept: 0,
  condemned: 0,
  restored: 0,
  older: 0,
  doubted: 0,
  reboots: 0,
};

/** VPNs, Docker, and a Tandem that sees what it is shown and is checked at every step. */
class Model {
  readonly containers: readonly Container[];
  readonly told: Turn[] = [];
  readonly #policy;
  sites: readonly VpnSite[];
  emergency: Emergency = noEmergency;
  /** What the process takes the time to be. */
  clock = now;
  /** How far the clock was set back in all: what really went by is the clock and this. */
  #setBack = 0;
  #engines = 0;
  #episodes = 0;
  #pending: { readonly vpn: number; readonly look: Look }[] = [];
  /** When each was seen to be FAILED last, in time that really went by. */
  readonly #lastFailed: number[];

  constructor(count: number, policy = patient) {
    this.#policy = policy;
    this.containers = range(1, count).map(() => new Container());
    this.sites = names.slice(0, count).map((name) => aSite(unseenVpn(name, now)));
    this.#lastFailed = this.containers.map(() => Number.NEGATIVE_INFINITY);
  }

  get vpns(): readonly Vpn[] {
    return this.sites.map(({ vpn }) => vpn);
  }

  get states(): string {
    return this.vpns.map(({ state }) => state.kind).join(' ');
  }

  suffer(vpn: number, fate: Fate): void {
    this.containers[vpn]?.suffer(fate);
  }

  begin(vpn: number): void {
    const look = this.#look(vpn);
    if (look) this.#pending.push({ vpn, look });
  }

  /** Any look that is under way, in whichever order, may be answered. */
  answer(which: number, answered: boolean): void {
    const [pending] = this.#pending.splice(which % Math.max(1, this.#pending.length), 1);
    if (!pending) return;
    const { vpn, look } = pending;
    this.#take(vpn, answered ? look : { kind: 'unanswered', at: look.at });
  }

  look(vpn: number): void {
    const look = this.#look(vpn);
    if (look) this.#take(vpn, look);
  }

  /** No two looks begin in one moment. */
  #look(vpn: number): Look | undefined {
    return this.containers[vpn]?.look(this.clock++);
  }

  lookAtAll(): void {
    for (const vpn of this.containers.keys()) this.look(vpn);
  }

  /** Two engines on a VPN that takes some, one of them still being made. */
  populate(vpn: number): void {
    const site = this.sites[vpn];
    if (!site || !isReady(site.vpn) || !site.vpn.incarnation || !this.#serving) return;
    const tunnel = { vpn: site.vpn.name, incarnation: site.vpn.incarnation };
    const [first, second] = [++this.#engines, ++this.#engines];
    this.#put(vpn, {
      ...site,
      running: [...site.running, anEngine(first, site.vpn.name, { tunnel })],
      provisioning: [...site.provisioning, aProvisioningEngine(second, site.vpn.name, { tunnel })],
    });
  }

  pass(ms: number): void {
    this.clock += ms;
  }

  /** The process ends at once, and another one goes on from what was written down. */
  crash(setBack: number): void {
    this.#pending = [];
    this.clock -= setBack;
    this.#setBack += setBack;
    this.sites = this.sites.map((site) => ({
      ...site,
      vpn: remembered(site.vpn, this.clock, this.#policy),
    }));
    for (const { state } of this.vpns)
      if (state.kind === 'STABILIZING') assert.ok(state.until - this.clock <= this.#policy.stabilizationMs);
  }

  /** The host itself is restarted: nothing runs in it as it did. */
  reboot(): void {
    tally.reboots++;
    for (const container of this.containers) container.suffer('starting');
    this.sites = this.sites.map((site) => ({ ...site, running: [], provisioning: [] }));
    this.crash(0);
  }

  /** Nothing is decided before every VPN was looked at. */
  get #serving(): boolean {
    return this.vpns.every(({ lastSeenAt }) => lastSeenAt !== null);
  }

  #take(index: number, look: Look): void {
    const site = this.sites[index];
    if (!site) return;
    const before = site.vpn;
    const after = observe(before, look, this.#policy, site.running.length > 0);
    if (look.at < before.lookedAt) {
      tally.older++;
      assert.equal(after, before, 'an older look overruled a newer one');
      return;
    }
    this.#put(index, { ...site, vpn: after });
    this.#checkStability(index, before, after, look.at + this.#setBack);
    const [emergency, gone] = [this.emergency, this.#settle()];
    if (look.kind !== 'unanswered') return;

    if (before.lastSeenAt !== null || before.state.kind !== 'UNKNOWN')
      assert.deepEqual(after.state, before.state, 'an unanswered look changed a state');
    assert.equal(after.state.kind, before.state.kind);
    assert.equal(this.emergency, emergency, 'an unanswered look changed the emergency');
    assert.equal(gone, 0, 'an unanswered look condemned');
  }

  #checkStability(index: number, before: Vpn, after: Vpn, at: number): void {
    if (after.state.kind === 'FAILED') this.#lastFailed[index] = at;
    if (after.state.kind === 'READY' && before.state.kind !== 'READY') {
      const since = at - (this.#lastFailed[index] ?? 0);
      assert.ok(since >= this.#policy.stabilizationMs, `READY only ${since} ms after a failure`);
      if (since !== Number.POSITIVE_INFINITY) tally.restored++;
    }
    if (after.state.kind !== 'FAILED' && after.state.doubtedSince !== null) tally.doubted++;
  }

  /** What follows from the states. How many are condemned. */
  #settle(): number {
    if (!this.#serving) return 0;
    const { emergency, turn } = nextEmergency(
      this.emergency,
      this.vpns,
      this.clock,
      () => `episode ${++this.#episodes}`,
    );
    this.#checkTurn(this.emergency, turn);
    this.emergency = emergency;
    const down = this.vpns.filter(({ state }) => state.kind === 'FAILED').map(({ name }) => name);
    const active = emergency.kind === 'ACTIVE' ? emergency.failed : [];
    assert.deepEqual(active.toSorted(), down.toSorted(), 'the emergency is not what the VPNs are');

    const gone = condemned(this.sites).map((each) => each.engines);
    for (const [index, engines] of gone.entries()) {
      const site = this.sites[index];
      if (!site) continue;
      for (const engine of engines)
        this.#checkCondemned(index, site, engine.state, engine.tunnel?.incarnation);
      const stays = (engine: { readonly id: string }): boolean => !engines.some(({ id }) => id === engine.id);
      const kept = {
        ...site,
        running: site.running.filter(stays),
        provisioning: site.provisioning.filter(stays),
      };
      this.#put(index, kept);
      this.#checkKept(kept);
    }
    const count = gone.flat().length;
    tally.condemned += count;
    return count;
  }

  /** ENTERED and EXITED alternate, with an id for the two and whatever is UPDATED in between. */
  #checkTurn(before: Emergency, turn: Turn | null): void {
    if (!turn) return;
    const last = this.told.at(-1);
    const open = last && last.change !== 'EXITED' ? last.episodeId : null;
    if (turn.change === 'ENTERED') {
      assert.equal(open, null, 'ENTERED within an episode');
      assert.ok(this.told.every(({ episodeId }) => episodeId !== turn.episodeId));
    } else {
      assert.equal(turn.episodeId, open, `${turn.change} of no episode that goes on`);
      assert.ok(before.kind === 'ACTIVE');
    }
    if (this.#setBack === 0) assert.ok(turn.episodeMs >= 0);
    assert.ok(names.includes(turn.vpn));
    tally[turn.change === 'ENTERED' ? 'entered' : turn.change === 'UPDATED' ? 'updated' : 'exited']++;
    this.told.push(turn);
  }

  /** `state` and `incarnation` are those of an engine that must go. */
  #checkCondemned(
    index: number,
    { vpn }: VpnSite,
    state: 'RUNNING' | 'PROVISIONING',
    incarnation: Incarnation | undefined,
  ): void {
    const failed = vpn.state.kind === 'FAILED';
    const standIn = this.vpns.some((other) => other.name !== vpn.name && other.state.kind === 'READY');
    const alive = this.containers[index]?.holds(incarnation) ?? false;
    if (vpn.state.kind === 'READY' || vpn.state.kind === 'STABILIZING')
      assert.ok(!sameIncarnation(vpn.incarnation, incarnation ?? null), 'condemned on a VPN that is up');
    if (state === 'RUNNING' && alive)
      assert.ok(failed && standIn, 'condemned in a namespace that lives, with nobody to stand in');
    if (state === 'PROVISIONING' && alive) assert.ok(failed);
  }

  /** `site` after the condemned ones are gone. */
  #checkKept(site: VpnSite): void {
    const { vpn, running, provisioning } = site;
    for (const { tunnel } of [...running, ...provisioning])
      assert.ok(
        sameIncarnation(tunnel?.incarnation ?? null, vpn.incarnation),
        'an engine of an earlier run stays',
      );
    if (vpn.state.kind !== 'FAILED') return;
    assert.equal(provisioning.length, 0, 'an engine is still being made on a VPN that failed');
    if (this.vpns.some(({ state }) => state.kind === 'READY'))
      assert.equal(running.length, 0, 'an engine of a failed VPN stays although another is READY');
    tally.kept += running.length;
  }

  #put(index: number, site: VpnSite): void {
    this.sites = this.sites.with(index, site);
  }
}

type Command = (model: Model) => void;

const commandsFor = (count: number) => {
  const vpn = fc.nat(count - 1);
  const fate = fc.constantFrom<Fate[]>(
    'healthy',
    'healthy',
    'healthy',
    'unhealthy',
    'starting',
    'exited',
    'paused',
    'restarted',
    'recreated',
    'missing',
  );
  const command = fc.oneof(
    {
      weight: 5,
      arbitrary: fc
        .tuple(vpn, fate)
        .map(([index, what]) => named(`${what} ${index}`, (model) => model.suffer(index, what))),
    },
    { weight: 8, arbitrary: vpn.map((index) => named(`look ${index}`, (model) => model.look(index))) },
    { weight: 3, arbitrary: vpn.map((index) => named(`begin ${index}`, (model) => model.begin(index))) },
    {
      weight: 3,
      arbitrary: fc
        .tuple(fc.nat(5), fc.integer({ min: 0, max: 3 }))
        .map(([which, luck]) =>
          named(`answer ${which} ${luck > 0}`, (model) => model.answer(which, luck > 0)),
        ),
    },
    {
      weight: 3,
      arbitrary: vpn.map((index) => named(`populate ${index}`, (model) => model.populate(index))),
    },
    {
      weight: 4,
      arbitrary: fc
        .constantFrom(1, seconds(5), seconds(20), seconds(60), seconds(120))
        .map((ms) => named(`pass ${ms}`, (model) => model.pass(ms))),
    },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom(0, 0, seconds(30), hours(1))
        .map((setBack) => named(`crash ${setBack}`, (model) => model.crash(setBack))),
    },
    { weight: 1, arbitrary: fc.constant(named('reboot', (model) => model.reboot())) },
  );
  return fc.array(command, { maxLength: 80, size: 'max' });
};

/** A command that a counterexample shows by name. */
const named = (name: string, run: Command): Command =>
  Object.assign(run, { [fc.toStringMethod]: () => name });

describe('VPNs that fail and recover in any order, looked at in any order, by processes that crash', () => {
  for (const count of [2, 3]) {
    for (const [confirming, policy] of [
      ['an unhealthy look fails at once', aPolicy()],
      ['an unhealthy look waits to be confirmed', patient],
    ] as const) {
      test(`${count} VPNs, ${confirming}: every rule holds at every step, and all is well in the end`, () => {
        fc.assert(
          fc.property(commandsFor(count), (commands) => {
            const model = new Model(count, policy);
            for (const command of commands) command(model);

            for (const vpn of model.containers.keys()) model.suffer(vpn, 'healthy');
            // What the last look saw is out of date, and what was restarted takes two looks.
            for (const ms of [1, 1, policy.stabilizationMs]) {
              model.pass(ms);
              model.lookAtAll();
            }
            assert.equal(
              model.states,
              range(1, count)
                .map(() => 'READY')
                .join(' '),
            );
            assert.equal(model.emergency, noEmergency);
            assert.ok(model.told.length === 0 || model.told.at(-1)?.change === 'EXITED');
          }),
          { numRuns: 1_000 },
        );
      });
    }
  }

  test('all of that did happen', () => {
    for (const [what, count] of Object.entries(tally)) assert.ok(count >= 100, `${what}: ${count}`);
  });
});

describe('both VPNs fail and recover, in every order', () => {
  const turns = ({ told }: Model): string[] =>
    told.map(({ change, episodeId, vpn }) => `${change} ${episodeId} ${vpn}`);
  const running = ({ sites }: Model): number[] => sites.map((site) => site.running.length);
  const at = (model: Model, vpn: number, fate: Fate): void => {
    model.pass(seconds(10));
    model.suffer(vpn, fate);
    model.lookAtAll();
  };
  const begun = (): Model => {
    const model = new Model(2);
    model.lookAtAll();
    for (const vpn of [0, 1, 0, 1]) model.populate(vpn);
    return model;
  };

  for (const failing of [0, 1]) {
    for (const recovering of [0, 1]) {
      for (const meanwhile of ['STABILIZING', 'READY']) {
        const [first, second] = [failing, 1 - failing];
        const [back, later] = [recovering, 1 - recovering];
        const name = (vpn: number): string => names[vpn] ?? '';

        test(`${name(first)} fails, ${name(second)} fails, ${name(back)} recovers, ${name(later)} recovers while ${name(back)} is ${meanwhile}`, () => {
          const model = begun();
          at(model, first, 'paused');
          assert.deepEqual(
            running(model).with(first, 0),
            running(model),
            'what a READY one stands in for goes',
          );
          assert.deepEqual(running(model)[second], 2);
          at(model, second, 'paused');
          assert.equal(model.states, 'FAILED FAILED');
          assert.equal(running(model)[second], 2, 'with none to stand in, they are kept');

          at(model, back, 'healthy');
          assert.equal(model.vpns[back]?.state.kind, 'STABILIZING');
          assert.equal(running(model)[second], 2, 'one that only stabilizes stands in for none');
          if (meanwhile === 'READY') {
            model.pass(patient.stabilizationMs);
            model.lookAtAll();
          }
          assert.equal(model.vpns[back]?.state.kind, meanwhile);
          const replaced = meanwhile === 'READY' && back === first;
          assert.equal(
            running(model)[second],
            replaced ? 0 : 2,
            'they go once the other is READY and theirs is not',
          );

          at(model, later, 'healthy');
          assert.equal(model.emergency, noEmergency);
          model.pass(patient.stabilizationMs);
          model.lookAtAll();
          assert.equal(model.states, 'READY READY');
          assert.equal(running(model)[second], replaced ? 0 : 2);
          assert.deepEqual(turns(model), [
            `ENTERED episode 1 ${name(first)}`,
            `UPDATED episode 1 ${name(second)}`,
            `UPDATED episode 1 ${name(back)}`,
            `EXITED episode 1 ${name(later)}`,
          ]);
        });
      }
    }

    for (const meanwhile of ['STABILIZING', 'READY']) {
      const [first, second] = [failing, 1 - failing];
      const [early, late] = [names[first], names[second]];
      test(`${early} fails and recovers, ${late} fails while ${early} is ${meanwhile}, and recovers: two episodes`, () => {
        const model = begun();
        at(model, first, 'paused');
        at(model, first, 'healthy');
        if (meanwhile === 'READY') {
          model.pass(patient.stabilizationMs);
          model.lookAtAll();
        }
        assert.equal(model.vpns[first]?.state.kind, meanwhile);
        at(model, second, 'paused');
        assert.equal(running(model)[second], meanwhile === 'READY' ? 0 : 2);
        at(model, second, 'healthy');
        assert.deepEqual(turns(model), [
          `ENTERED episode 1 ${early}`,
          `EXITED episode 1 ${early}`,
          `ENTERED episode 2 ${late}`,
          `EXITED episode 2 ${late}`,
        ]);
      });
    }
  }

  test('a VPN that fails again while it stabilizes, the other being READY, is two episodes', () => {
    const model = begun();
    for (const fate of ['paused', 'healthy', 'paused', 'healthy'] as const) at(model, 0, fate);
    assert.deepEqual(turns(model), [
      'ENTERED episode 1 red',
      'EXITED episode 1 red',
      'ENTERED episode 2 red',
      'EXITED episode 2 red',
    ]);
  });

  test('a restart between two looks is an episode of its own, although nobody saw the VPN down', () => {
    const model = begun();
    at(model, 0, 'restarted');
    assert.equal(model.states, 'FAILED READY');
    assert.deepEqual(running(model), [0, 2]);
    model.lookAtAll();
    assert.equal(model.states, 'STABILIZING READY');
    assert.deepEqual(turns(model), ['ENTERED episode 1 red', 'EXITED episode 1 red']);
  });

  test('a crash in the middle of an episode tells nothing twice and forgets nothing', () => {
    const model = begun();
    at(model, 0, 'paused');
    for (const setBack of [0, hours(1)]) {
      model.crash(setBack);
      model.lookAtAll();
    }
    assert.deepEqual(turns(model), ['ENTERED episode 1 red']);
    at(model, 0, 'healthy');
    model.crash(0);
    model.lookAtAll();
    assert.equal(model.states, 'STABILIZING READY');
    assert.deepEqual(turns(model), ['ENTERED episode 1 red', 'EXITED episode 1 red']);
  });

  test('what recovered while no process ran is told of by the next one, once every VPN was looked at', () => {
    const model = begun();
    at(model, 0, 'paused');
    model.suffer(0, 'healthy');
    model.crash(0);
    model.look(0);
    assert.deepEqual(turns(model), ['ENTERED episode 1 red']);
    model.look(1);
    assert.deepEqual(turns(model), ['ENTERED episode 1 red', 'EXITED episode 1 red']);
  });

  test('a restarted host is no emergency: what comes up within its grace is READY at once', () => {
    const model = begun();
    model.reboot();
    model.lookAtAll();
    assert.equal(model.states, 'UNKNOWN UNKNOWN');
    model.pass(patient.startGraceMs - seconds(1));
    for (const vpn of [0, 1]) model.suffer(vpn, 'healthy');
    model.lookAtAll();
    assert.equal(model.states, 'READY READY');
    assert.deepEqual(turns(model), []);
  });
});
