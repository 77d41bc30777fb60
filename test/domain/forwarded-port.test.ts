import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Circuit } from '../../src/domain/circuit.ts';
import { nothingTold } from '../../src/domain/control.ts';
import type { Replaces, RunningEngine } from '../../src/domain/engine.ts';
import { neverAsked } from '../../src/domain/health.ts';
import type { Site, VpnSite } from '../../src/domain/snapshot.ts';
import type { Vpn } from '../../src/domain/vpn.ts';
import {
  aMoment,
  anEngine,
  aProvisioningEngine,
  aSite,
  aStoppingEngine,
  aVpn,
  doubted,
  failed,
  now,
  ready,
  seconds,
  stabilizing,
  unknown,
} from '../support/build.ts';
import { never } from '../support/planned.ts';
import { calm, minute, planned, running, sick } from '../support/replacing.ts';

const cooldown = seconds(300);

/** A VPN that forwards a port which nobody has, for so long, in milliseconds. */
const forwarding = (
  changes: Partial<Omit<Site, 'vpn'>>,
  { told = 0, replaced = null as number | null, vpn = {} as Partial<Vpn>, name = 'red' } = {},
): VpnSite =>
  aSite(
    aVpn(name, vpn.state ?? ready, {
      control: {
        ...nothingTold(now),
        heard: true,
        forwardedPort: { number: 51_000, since: now - told },
      },
      portReplacedAt: replaced === null ? null : now - replaced,
      ...vpn,
    }),
    { spareForwardedPort: 51_000, ...changes },
  );

const madeAt = (number: number, createdAt: number, changes: Partial<RunningEngine> = {}) =>
  anEngine(number, 'red', { createdAt, ...changes });

describe('a forwarded port that no engine has', () => {
  const former = madeAt(2, now - 9, { forwarded: true });
  const older = madeAt(1, now - 99, { forwarded: true });
  const plain = madeAt(3, now - 5);
  const plainer = madeAt(4, now - 50);
  const heir = { replaces: { id: 'engine-2', because: 'FORWARDED_PORT' } } as const;
  const [former1, plain1] = [['engine-2 FORWARDED_PORT'], ['engine-3 FORWARDED_PORT']];

  type Case = [string, Site[], string[], number];
  const cases: Case[] = [
    [
      'has changed: the engine that had the one before makes way at once',
      [forwarding({ running: [plainer, former, plain] })],
      former1,
      never,
    ],
    [
      'has changed again and again: of those that had one, the youngest makes way',
      [forwarding({ running: [older, former, plain] })],
      former1,
      never,
    ],
    [
      'has changed soon after the last time: none makes way to the last moment of the cooldown',
      [forwarding({ running: [former] }, { replaced: cooldown - 1 })],
      [],
      1,
    ],
    [
      'has changed, and the cooldown is over: one makes way',
      [forwarding({ running: [former] }, { replaced: cooldown })],
      former1,
      never,
    ],
    [
      'has appeared where none had one before: none makes way to the last moment of the cooldown',
      [forwarding({ running: [plainer, plain] }, { told: cooldown - 1 })],
      [],
      1,
    ],
    [
      'has been there for the whole cooldown: the youngest makes way',
      [forwarding({ running: [plainer, plain] }, { told: cooldown })],
      plain1,
      never,
    ],
    [
      'has been there for the whole cooldown: one that is UNHEALTHY makes way, and no younger one',
      [forwarding({ running: [sick(3, 'red', 0, { createdAt: now - 77 }), plainer] }, { told: cooldown })],
      plain1,
      never,
    ],
    [
      'has been there for the whole cooldown, but one made way for another port since: that cooldown is waited for',
      [forwarding({ running: [plain] }, { told: cooldown, replaced: seconds(100) })],
      [],
      seconds(200),
    ],
    [
      'has not been there for the whole cooldown, though none made way for so long: it has to be',
      [forwarding({ running: [plain] }, { told: seconds(100), replaced: cooldown })],
      [],
      seconds(200),
    ],
    ['is of no use without an engine', [forwarding({}, { told: cooldown })], [], never],
    [
      'may be taken by an engine that is being made: none makes way',
      [forwarding({ running: [former], provisioning: [aProvisioningEngine(5, 'red')] })],
      [],
      never,
    ],
    [
      'waits for the engine that was made for an earlier one to be found well',
      [forwarding({ running: [former, madeAt(5, now, { health: neverAsked, ...heir })] })],
      [],
      never,
    ],
    [
      'does not wait for engines that are being made elsewhere, or are being stopped',
      [
        forwarding({ running: [former], stopping: [aStoppingEngine(5, 'red')] }),
        aSite(aVpn('blue'), {
          provisioning: [aProvisioningEngine(6, 'blue', { replaces: { ...heir.replaces, id: 'engine-7' } })],
        }),
      ],
      former1,
      never,
    ],
    [
      'on two VPNs: one makes way on each',
      [
        forwarding({ running: [former] }),
        forwarding({ running: [anEngine(7, 'blue', { forwarded: true })] }, { name: 'blue' }),
      ],
      [...former1, 'engine-7 FORWARDED_PORT'],
      never,
    ],
    [
      'on two VPNs: each has its own cooldown',
      [
        forwarding({ running: [former] }, { replaced: seconds(299) }),
        forwarding({ running: [anEngine(7, 'blue', { forwarded: true })] }, { name: 'blue' }),
      ],
      ['engine-7 FORWARDED_PORT'],
      seconds(1),
    ],
    [
      'is not free, for somebody else has it: none makes way',
      [forwarding({ running: [former], spareForwardedPort: null }, { told: cooldown })],
      [],
      never,
    ],
    [
      'is none: none makes way, though one had a port before',
      [
        forwarding(
          { running: [former], spareForwardedPort: null },
          { vpn: { control: { ...nothingTold(now), heard: true } } },
        ),
      ],
      [],
      never,
    ],
    [
      'waits while its VPN stabilizes',
      [forwarding({ running: [former] }, { vpn: { state: stabilizing() } })],
      [],
      never,
    ],
    [
      'waits while its VPN is doubted',
      [forwarding({ running: [former] }, { vpn: { state: doubted } })],
      [],
      never,
    ],
    [
      'waits while its VPN is UNKNOWN',
      [forwarding({ running: [former] }, { vpn: { state: unknown } })],
      [],
      never,
    ],
    [
      'waits while its VPN, the only one, is FAILED',
      [forwarding({ running: [former] }, { vpn: { state: failed } })],
      [],
      never,
    ],
    [
      'waits for the end of an emergency',
      [forwarding({ running: [former] }), running('blue', [], failed)],
      [],
      never,
    ],
    [
      'does not wait for another VPN to be stable',
      [forwarding({ running: [former] }), running('blue', [], stabilizing())],
      former1,
      never,
    ],
  ];
  for (const [name, sites, steps, nextIn] of cases)
    test(name, () => assert.deepEqual(planned(aMoment(sites, calm)), [steps, nextIn]));

  test('waits while a start has just failed there', () => {
    const snapshot = aMoment([forwarding({ running: [former] })], calm);
    assert.deepEqual(planned(snapshot, new Set(['red'])), [[], never]);
  });

  const circuits: [Circuit, string[], number][] = [
    [{ kind: 'OPEN', until: now + 7 }, [], 7],
    [{ kind: 'OPEN', until: now }, former1, never],
    [{ kind: 'HALF_OPEN', trial: 'engine-9' }, [], never],
  ];
  for (const [circuit, steps, nextIn] of circuits)
    test(`waits for a circuit that is ${circuit.kind}${steps.length > 0 ? ' no longer than it has to' : ''}`, () => {
      const snapshot = aMoment([forwarding({ running: [former] })], calm, { circuit });
      assert.deepEqual(planned(snapshot), [steps, nextIn]);
    });

  test('has a cooldown that is configured', () => {
    const sites = [forwarding({ running: [former] }, { replaced: seconds(4) })];
    assert.deepEqual(planned(aMoment(sites, { ...calm, portCooldownMs: seconds(5) })), [[], seconds(1)]);
    assert.deepEqual(planned(aMoment(sites, { ...calm, portCooldownMs: seconds(4) })), [former1, never]);
  });
});

describe('an engine that should make way for two reasons', () => {
  const recoveredAt = now - seconds(1);
  const old = { createdAt: now - minute, forwarded: true };
  const reasons: [string, RunningEngine, Partial<Vpn>, string][] = [
    ['is UNHEALTHY and had another port', sick(1, 'red', minute, old), {}, 'engine-1 FORWARDED_PORT'],
    [
      'outlived a failure of the single VPN and had another port',
      anEngine(1, 'red', old),
      { recoveredAt },
      'engine-1 FORWARDED_PORT',
    ],
    [
      'outlived a failure of the single VPN and is UNHEALTHY',
      sick(1, 'red', minute, { createdAt: now - minute }),
      { recoveredAt, control: { ...nothingTold(now), heard: true } },
      'engine-1 RECONNECTED',
    ],
    [
      'outlived a failure of the single VPN, had another port and is UNHEALTHY',
      sick(1, 'red', minute, old),
      { recoveredAt },
      'engine-1 FORWARDED_PORT',
    ],
  ];
  for (const [name, engine, vpn, step] of reasons)
    test(`makes way once: ${name}`, () =>
      assert.deepEqual(planned(aMoment([forwarding({ running: [engine] }, { vpn })], calm)), [
        [step],
        never,
      ]));

  test('makes way once: one reason is there now, and the other would be later', () => {
    const engine = sick(1, 'red', 0, { ...old, createdAt: now - minute });
    const snapshot = aMoment([forwarding({ running: [engine] })], calm);
    assert.deepEqual(planned(snapshot), [['engine-1 FORWARDED_PORT'], never]);
  });

  const heirs: [string, Replaces['because'], RunningEngine, Partial<Vpn>][] = [
    ['is UNHEALTHY', 'FORWARDED_PORT', sick(1, 'red', minute), {}],
    ['had another port', 'UNHEALTHY', anEngine(1, 'red', { forwarded: true }), {}],
    ['outlived a failure', 'UNHEALTHY', anEngine(1, 'red', { createdAt: now - minute }), { recoveredAt }],
    ['is UNHEALTHY', 'RECONNECTED', sick(1, 'red', minute), {}],
  ];
  for (const [name, because, engine, vpn] of heirs)
    test(`makes way once: it ${name}, and the one that replaces it because ${because} was not found well yet`, () => {
      const heir = madeAt(2, now, { health: neverAsked, replaces: { id: engine.id, because } });
      const site = forwarding({ running: [engine, heir] }, { vpn });
      const [steps] = planned(aMoment([site], calm));
      assert.ok(!steps.some((step) => step.startsWith('engine-1 ')), String(steps));
    });
});
