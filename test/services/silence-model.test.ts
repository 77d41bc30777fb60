import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { PublicAddress, Told, TunnelStatus } from '../../src/domain/control.ts';
import { foundWell } from '../../src/domain/health.ts';
import { isRefusal } from '../../src/domain/refusal.ts';
import type { Look, Vpn } from '../../src/domain/vpn.ts';
import { aLook, anyPlace, aPolicy, aWorld, firstRun, hours, now, seconds } from '../support/build.ts';
import { FakeClock } from '../support/fake-clock.ts';

const names = ['red', 'blue'];
const day = hours(24);

type Seeing = 'healthy' | 'unanswered' | 'unhealthy' | 'restarted' | 'paused';
type Answer<T> = T | null | 'denied' | 'failed';

interface Said {
  readonly tunnel: Answer<TunnelStatus>;
  readonly ip: Answer<'203.0.113.7' | '198.51.100.4'>;
  readonly port: Answer<51_000 | 40_648>;
}

const told = <T>(answer: Answer<T>): Told<T> => {
  if (answer === 'denied') return { kind: 'denied', routes: ['/v1/vpn/status'] };
  if (answer === 'failed') return { kind: 'failed', why: 'gave no answer in time' };
  return { kind: 'told', value: answer };
};

const publicAddress = (ip: Answer<string>): Answer<PublicAddress> =>
  ip === null || ip === 'denied' || ip === 'failed' ? ip : { ip, country: null, region: null, city: null };

/** How often what is worth testing came up, so that a model in which nothing happens does not pass. */
const tally = {
  byEngines: 0,
  again: 0,
  byControl: 0,
  byDocker: 0,
  released: 0,
  unanswered: 0,
  denied: 0,
  restored: 0,
};

/** Two VPNs, and a Tandem that is told of them by Docker, by their control servers and by their engines. */
class Model {
  readonly #clock = new FakeClock(now);
  readonly #policy;
  readonly #world;
  readonly #runs = new Map(names.map((name) => [name, 0]));
  /** When it was last seen that a VPN's engines alone did not speak against it. */
  readonly #quiet = new Map(names.map((name) => [name, now]));
  readonly #lastFailed = new Map<string, number>();
  /** When a VPN failed by the word of its engines, each time within a day of the last. */
  readonly #outcries = new Map<string, readonly number[]>();

  constructor(failureConfirmMs: number) {
    const policy = { failureConfirmMs, stabilizationMs: seconds(20) };
    this.#policy = aPolicy(policy);
    this.#world = aWorld({ vpns: names, clock: this.#clock, policy });
  }

  get states(): string {
    return names.map((name) => this.#vpn(name).state.kind).join(' ');
  }

  pass(ms: number): void {
    void this.#clock.advance(ms);
  }

  populate(name: string): void {
    const { fleet } = this.#world;
    const reservation = fleet.reserve({ ...anyPlace, on: name });
    if (isRefusal(reservation)) return;
    using made = reservation;
    made.made(`container of ${made.engine.id}`);
    const engine = made.fill(`container of ${made.engine.id}`, foundWell);
    fleet.put({ ...engine, wasConnected: true });
  }

  /** So many engines of a VPN say this of their connection; undefined: they give no answer. */
  speak(name: string, connected: boolean | null | undefined, most = 99): void {
    const { fleet, evidence } = this.#world;
    const heard = fleet.sites.get(name)?.running.slice(0, most) ?? [];
    this.#unmoved(() => {
      const ill = { kind: 'ill', problem: 'it gave no answer in time' } as const;
      const finding = connected === undefined ? ill : ({ kind: 'well', connected } as const);
      for (const { id } of heard) evidence.examined(id, finding, this.#clock.now());
    });
    if (heard.length > 0 && this.#vpn(name).state.kind !== 'FAILED') this.#note();
  }

  stopAll(name: string): void {
    const { fleet } = this.#world;
    for (const engine of fleet.sites.get(name)?.running ?? []) fleet.turnover.retire(engine, 'STOPPED', null);
    this.#bury();
  }

  hear(name: string, { tunnel, ip, port }: Said): void {
    const before = this.#vpn(name);
    this.#unmoved(() =>
      this.#world.evidence.hear(name, {
        incarnation: before.incarnation ?? firstRun,
        askedAt: this.#clock.now(),
        tunnel: told(tunnel),
        publicAddress: told(publicAddress(ip)),
        forwardedPort: told(port),
        problem: null,
      }),
    );
    const after = this.#vpn(name);
    if ([tunnel, ip, port].every((answer) => answer === 'denied' || answer === 'failed')) {
      tally.denied++;
      assert.deepEqual(after.state, before.state, 'what could not be read changed a state');
    } else if (isHeld(before) && !isHeld(after)) tally.released++;
  }

  look(name: string, seeing: Seeing): void {
    this.#note();
    const before = this.#vpn(name);
    const silenced = this.#onlyItsEnginesAreCutOff(name);
    if (seeing === 'restarted') this.#runs.set(name, (this.#runs.get(name) ?? 0) + 1);
    this.#world.emergency.observe(name, this.#seen(name, seeing), null);
    const after = this.#vpn(name);
    if (seeing === 'unanswered') {
      tally.unanswered++;
      assert.deepEqual(after.state, before.state, 'an unanswered look changed a state');
    }
    if (after.state.kind === 'FAILED' && before.state.kind !== 'FAILED')
      this.#checkFailure(before, after, silenced);
    this.#checkRecovery(before, after, seeing);
    this.#bury();
  }

  /** Nothing but a look changes what a VPN is. */
  #unmoved(act: () => void): void {
    const before = this.states;
    act();
    assert.equal(this.states, before, 'something else than a look changed a state');
  }

  #checkFailure(past: Vpn, { name, state }: Vpn, silenced: boolean): void {
    assert.ok(state.kind === 'FAILED' && past.state.kind !== 'FAILED');
    const at = this.#clock.now();
    if (state.hold === null) return void tally.byDocker++;
    if (state.hold.by === 'control') return void tally.byControl++;
    assert.ok(silenced, 'it failed by the word of its engines, though no other engine is connected');
    const { silentFailureMs, failureConfirmMs } = this.#policy;
    const since = past.evidence?.since ?? at;
    const last = this.#outcries.get(name) ?? [];
    const recent = since - (last.at(-1) ?? 0) < day ? last : [];
    assert.ok(since >= (this.#quiet.get(name) ?? at), 'what they said before counted for what they say now');
    assert.ok(at - since >= silentFailureMs * 2 ** recent.length, `believed after ${at - since} ms`);
    assert.ok(at - (past.state.doubtedSince ?? at) >= failureConfirmMs, 'it was not confirmed');
    const within = last.filter((each) => each > at - day).length;
    assert.ok(within <= Math.log2(day / silentFailureMs), `${within} times within a day`);
    tally[recent.length > 0 ? 'again' : 'byEngines']++;
    this.#outcries.set(name, [...(at - (last.at(-1) ?? 0) < day ? last : []), at]);
  }

  /** Nobody has ever told anything of its tunnel, and so nobody will say that there is another one. */
  #isLetGo({ name, state }: Vpn): boolean {
    if (state.kind !== 'FAILED' || state.hold?.by !== 'engines' || state.hold.told) return false;
    const times = this.#outcries.get(name)?.length ?? 0;
    return this.#clock.now() - state.since >= this.#policy.silentFailureMs * 2 ** times;
  }

  #checkRecovery(before: Vpn, after: Vpn, seeing: Seeing): void {
    const at = this.#clock.now();
    if (isHeld(before)) {
      if (seeing !== 'healthy' || !this.#isLetGo(before)) {
        if (seeing === 'healthy') assert.equal(after.state, before.state, 'a look set free what is held');
        assert.equal(after.state.kind, 'FAILED');
      }
    }
    if (after.state.kind === 'FAILED') this.#lastFailed.set(after.name, at);
    if (after.state.kind !== 'READY' || before.state.kind === 'READY') return;
    const since = at - (this.#lastFailed.get(after.name) ?? 0);
    assert.ok(since >= this.#policy.stabilizationMs, `READY only ${since} ms after a failure`);
    tally.restored++;
  }

  #onlyItsEnginesAreCutOff(name: string): boolean {
    const { sites } = this.#world.fleet.snapshot();
    const words = (is: (vpn: Vpn) => boolean) =>
      sites
        .filter(({ vpn }) => vpn && is(vpn))
        .flatMap(({ running }) => running.map(({ connected }) => connected));
    const own = words((vpn) => vpn.name === name);
    const others = words((vpn) => vpn.name !== name && vpn.state.kind !== 'FAILED');
    return own.includes(false) && !own.includes(true) && others.includes(true);
  }

  #note(): void {
    for (const name of names)
      if (!this.#onlyItsEnginesAreCutOff(name)) this.#quiet.set(name, this.#clock.now());
  }

  #seen(name: string, seeing: Seeing): Look {
    const at = this.#clock.now();
    const run = this.#runs.get(name) ?? 0;
    const incarnation = run === 0 ? firstRun : { ...firstRun, startedAt: `run ${run}` };
    switch (seeing) {
      case 'healthy':
      case 'restarted':
        return aLook(at, { incarnation });
      case 'unanswered':
        return { kind: 'unanswered', at };
      case 'unhealthy':
        return aLook(at, { incarnation, health: 'unhealthy' });
      case 'paused':
        return aLook(at, { incarnation, status: 'paused' });
    }
  }

  #vpn(name: string): Vpn {
    return this.#world.fleet.vpn(name);
  }

  #bury(): void {
    const { fleet } = this.#world;
    for (const engine of fleet.leaving) fleet.gone(engine);
  }
}

const isHeld = ({ state }: Vpn): boolean => state.kind === 'FAILED' && state.hold !== null;

type Command = (model: Model) => void;

/** A command that a counterexample shows by name. */
const named = (name: string, run: Command): Command =>
  Object.assign(run, { [fc.toStringMethod]: () => name });

const vpn = fc.constantFrom(...names);
const other = (name: string): string => names.find((each) => each !== name) ?? name;
const unread = ['denied', 'failed'] as const;

const forSoLong = fc.constantFrom(seconds(30) - 1, seconds(30), seconds(60), seconds(120));

const aReport: fc.Arbitrary<Said> = fc.oneof(
  fc.record({
    tunnel: fc.constantFrom<Answer<TunnelStatus>[]>(
      'running',
      'running',
      'stopped',
      'crashed',
      'starting',
      null,
      ...unread,
    ),
    ip: fc.constantFrom<Said['ip'][]>('203.0.113.7', '203.0.113.7', '198.51.100.4', null, ...unread),
    port: fc.constantFrom<Said['port'][]>(51_000, 51_000, 40_648, null, ...unread),
  }),
  fc.constantFrom(...unread).map((answer): Said => ({ tunnel: answer, ip: answer, port: answer })),
);

const cutOff = (model: Model, name: string, ms: number, before?: TunnelStatus): void => {
  for (const each of names) model.populate(each);
  if (before) {
    model.hear(name, { tunnel: before, ip: null, port: null });
    model.pass(seconds(15));
    model.hear(name, { tunnel: 'running', ip: '203.0.113.7', port: 51_000 });
  }
  model.speak(other(name), true);
  model.speak(name, false);
  model.pass(ms);
};

const haveNewTunnel = (model: Model, name: string): void => {
  model.hear(name, { tunnel: 'stopped', ip: null, port: null });
  model.hear(name, { tunnel: 'running', ip: '203.0.113.7', port: 51_000 });
  model.look(name, 'healthy');
  model.pass(seconds(20));
  model.look(name, 'healthy');
};

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .constantFrom(1, seconds(5), seconds(15), seconds(30), seconds(60), hours(1), day)
      .map((ms) => named(`pass ${ms}`, (model) => model.pass(ms))),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        vpn,
        fc.constantFrom<Seeing[]>(
          'healthy',
          'healthy',
          'healthy',
          'healthy',
          'unanswered',
          'unhealthy',
          'restarted',
          'paused',
        ),
      )
      .map(([name, seeing]) => named(`${seeing} ${name}`, (model) => model.look(name, seeing))),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(vpn, fc.constantFrom(true, false, false, null, undefined), fc.constantFrom(1, 99))
      .map(([name, word, most]) =>
        named(`${most} of ${name} say ${word}`, (model) => model.speak(name, word, most)),
      ),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(vpn, aReport)
      .map(([name, said]) =>
        named(`${name} tells ${JSON.stringify(said)}`, (model) => model.hear(name, said)),
      ),
  },
  { weight: 3, arbitrary: vpn.map((name) => named(`populate ${name}`, (model) => model.populate(name))) },
  { weight: 1, arbitrary: vpn.map((name) => named(`stop all of ${name}`, (model) => model.stopAll(name))) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(vpn, forSoLong, fc.constantFrom<(TunnelStatus | undefined)[]>(undefined, 'stopped'))
      .map(([name, ms, before]) =>
        named(`${name} is cut off for ${ms}, ${before} before`, (model) => cutOff(model, name, ms, before)),
      ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(vpn, forSoLong, forSoLong).map(([name, ...times]) =>
      named(`${name} fails and recovers after ${times}`, (model) => {
        for (const ms of times) {
          cutOff(model, name, ms);
          model.look(name, 'healthy');
          haveNewTunnel(model, name);
        }
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: vpn.map((name) => named(`${name} has a new tunnel`, (model) => haveNewTunnel(model, name))),
  },
);

describe('VPNs that Docker, their control servers and their engines speak of, in any order', () => {
  for (const [confirming, failureConfirmMs] of [
    ['what is believed counts at once', 0],
    ['what is believed waits to be confirmed', seconds(20)],
  ] as const) {
    test(`${confirming}: every rule holds at every step, and all is well in the end`, () => {
      fc.assert(
        fc.property(fc.array(command, { minLength: 5, maxLength: 80, size: 'max' }), (commands) => {
          const model = new Model(failureConfirmMs);
          for (const run of commands) run(model);

          for (const name of names) {
            model.stopAll(name);
            model.look(name, 'restarted');
          }
          for (const ms of [1, seconds(20)]) {
            model.pass(ms);
            for (const name of names) model.look(name, 'healthy');
          }
          assert.equal(model.states, 'READY READY');
        }),
        { numRuns: 500 },
      );
    });
  }

  test('all of that did happen', () => {
    for (const [what, count] of Object.entries(tally)) assert.ok(count > 0, `${what}: ${count}`);
  });
});
