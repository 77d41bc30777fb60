import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  examined,
  type Finding,
  foundWell,
  type Health,
  isFresh,
  isUnhealthy,
  isUntried,
  neverAsked,
  notAskedYet,
  problemOf,
  rememberedEngine,
} from '../../src/domain/health.ts';
import { anEngine, aPolicy, now, seconds, unwell } from '../support/build.ts';

const well: Finding = { kind: 'well', connected: null };
const ill: Finding = { kind: 'ill', problem: 'it gave no answer in time' };
const nonsense: Finding = { kind: 'ill', problem: 'it answers nonsense to get_status' };

/** When the first, second, third probe is begun. */
const probe = (number: number): number => now + seconds(20 * number);

/** How an engine is after probes that found this, one after the other. */
const after = (health: Health, findings: readonly Finding[], threshold = 3): Health => {
  const policy = aPolicy({ healthFailureThreshold: threshold });
  return findings.reduce(
    (engine, finding, index) => examined(engine, finding, probe(index + 1), [], policy),
    anEngine(1, 'red', { health }),
  ).health;
};

const healthy = (failures: number): Health => ({ kind: 'HEALTHY', failures });
const freshUnknown = (failures: number): Health => ({ kind: 'UNKNOWN', fresh: true, failures });
const knownUnknown = (failures: number): Health => ({ kind: 'UNKNOWN', fresh: false, failures });
const unhealthySince = (since: number, changes: Partial<typeof unwell> = {}): Health => ({
  ...unwell,
  since,
  ...changes,
});

describe('HEALTH_FAILURE_THRESHOLD=3', () => {
  const cases: [string, Health, Finding[], Health][] = [
    ['HEALTHY -> HEALTHY when it is found well', foundWell, [well], foundWell],
    ['HEALTHY -> HEALTHY, one failure noted, when it is found ill', foundWell, [ill], healthy(1)],
    ['HEALTHY -> HEALTHY, two failures noted, when it is found ill twice', foundWell, [ill, ill], healthy(2)],
    [
      'HEALTHY -> UNHEALTHY, since the third probe, when it is found ill three times in a row',
      foundWell,
      [ill, ill, ill],
      unhealthySince(probe(3)),
    ],
    [
      'HEALTHY -> HEALTHY, failures forgotten, when it is found well in between',
      foundWell,
      [ill, ill, well],
      foundWell,
    ],
    [
      'HEALTHY -> HEALTHY when it is found ill four times, and well in the middle',
      foundWell,
      [ill, ill, well, ill, ill],
      healthy(2),
    ],
    [
      'HEALTHY -> UNHEALTHY when the three in a row come after it was found well',
      foundWell,
      [ill, ill, well, ill, ill, ill],
      unhealthySince(probe(6)),
    ],
    [
      'HEALTHY -> UNHEALTHY for what the last probe found, whatever the first ones did',
      foundWell,
      [ill, ill, nonsense],
      unhealthySince(probe(3), { problem: nonsense.problem }),
    ],
    [
      'UNHEALTHY -> UNHEALTHY, since the same moment, for what is found now',
      unwell,
      [ill, nonsense],
      { ...unwell, problem: nonsense.problem },
    ],
    ['UNHEALTHY -> HEALTHY when it is found well once', unwell, [well], foundWell],
    [
      'UNHEALTHY -> HEALTHY -> HEALTHY when it is found ill again less than three times',
      unwell,
      [well, ill, ill],
      healthy(2),
    ],
    [
      'UNHEALTHY -> HEALTHY -> UNHEALTHY, since the later moment',
      unwell,
      [well, ill, ill, ill],
      unhealthySince(probe(4)),
    ],
    ['UNKNOWN -> HEALTHY when it is found well once', notAskedYet, [well], foundWell],
    ['UNKNOWN -> UNKNOWN when it is found ill twice', notAskedYet, [ill, ill], knownUnknown(2)],
    [
      'UNKNOWN -> UNHEALTHY when it is found ill three times in a row',
      notAskedYet,
      [ill, ill, ill],
      unhealthySince(probe(3)),
    ],
  ];
  for (const [name, health, findings, expected] of cases)
    test(name, () => assert.deepEqual(after(health, findings), expected));
});

describe('HEALTH_FAILURE_THRESHOLD=1', () => {
  const cases: [string, Health, Finding[], Health][] = [
    ['HEALTHY -> UNHEALTHY when it is found ill once', foundWell, [ill], unhealthySince(probe(1))],
    ['UNHEALTHY -> HEALTHY when it is found well once', unwell, [well], foundWell],
    [
      'HEALTHY -> UNHEALTHY again when it is found ill, well and ill',
      foundWell,
      [ill, well, ill],
      unhealthySince(probe(3)),
    ],
    [
      'UNKNOWN -> UNHEALTHY when it is found ill once',
      neverAsked,
      [ill],
      unhealthySince(probe(1), { fresh: true }),
    ],
  ];
  for (const [name, health, findings, expected] of cases)
    test(name, () => assert.deepEqual(after(health, findings, 1), expected));
});

describe('an engine that was never found well', () => {
  const cases: [string, Health, Finding[], Health][] = [
    ['is fresh while its failures are counted', neverAsked, [ill, ill], freshUnknown(2)],
    [
      'is fresh when it turns UNHEALTHY',
      neverAsked,
      [ill, ill, ill],
      unhealthySince(probe(3), { fresh: true }),
    ],
    [
      'is fresh for as long as it is UNHEALTHY',
      neverAsked,
      [ill, ill, ill, nonsense],
      unhealthySince(probe(3), { fresh: true, problem: nonsense.problem }),
    ],
    ['is fresh no longer when it is found well', neverAsked, [ill, ill, well], foundWell],
    [
      'is not fresh when it turns UNHEALTHY after it was found well',
      neverAsked,
      [well, ill, ill, ill],
      unhealthySince(probe(4)),
    ],
    [
      'is not fresh when it turns UNHEALTHY once more after it got well',
      neverAsked,
      [ill, ill, ill, well, ill, ill, ill],
      unhealthySince(probe(7)),
    ],
  ];
  for (const [name, health, findings, expected] of cases)
    test(name, () => assert.deepEqual(after(health, findings), expected));
});

describe('what a health says', () => {
  const sick = unhealthySince(now, { fresh: true });
  const cases: [string, Health, { fresh: boolean; untried: boolean; unhealthy: boolean }][] = [
    ['just made', neverAsked, { fresh: true, untried: true, unhealthy: false }],
    ['just made, and found ill once', freshUnknown(1), { fresh: true, untried: true, unhealthy: false }],
    ['ill from the start', sick, { fresh: true, untried: false, unhealthy: true }],
    ['ill after it was well', unwell, { fresh: false, untried: false, unhealthy: true }],
    ['well', foundWell, { fresh: false, untried: false, unhealthy: false }],
    ['not asked since it came back', notAskedYet, { fresh: false, untried: false, unhealthy: false }],
  ];
  for (const [name, health, expected] of cases)
    test(name, () =>
      assert.deepEqual(
        { fresh: isFresh(health), untried: isUntried(health), unhealthy: isUnhealthy({ health }) },
        expected,
      ),
    );

  test('the problem is told of one that is UNHEALTHY, and of no other', () => {
    assert.equal(problemOf(unwell), 'it gave no answer in time');
    for (const health of [foundWell, healthy(2), notAskedYet, freshUnknown(2)])
      assert.equal(problemOf(health), null);
  });
});

type Word = boolean | null;

/** An engine that was asked whether it is connected, where others of its VPN have said this. */
const askedAmong = (connected: Word, others: readonly Word[], threshold = 1) =>
  examined(
    anEngine(1, 'red'),
    { kind: 'well', connected },
    probe(1),
    others.map((word, index) => anEngine(2 + index, 'red', { connected: word })),
    aPolicy({ healthFailureThreshold: threshold }),
  );

describe('an engine that answers and', () => {
  const cases: [string, Word, Word[], Health['kind']][] = [
    ['is connected is well, alone', true, [], 'HEALTHY'],
    ['is connected is well where another one is not', true, [false], 'HEALTHY'],
    ['says nothing of a connection is well, alone', null, [], 'HEALTHY'],
    ['says nothing of a connection is well where another one is connected', null, [true], 'HEALTHY'],
    ['is not connected is ill where another one is', false, [true], 'UNHEALTHY'],
    ['is not connected is ill where one of several others is', false, [false, null, true], 'UNHEALTHY'],
    ['is not connected is well, alone: it may be the network', false, [], 'HEALTHY'],
    ['is not connected is well where no other is either', false, [false, false], 'HEALTHY'],
    ['is not connected is well where no other says anything of it', false, [null, null], 'HEALTHY'],
  ];
  for (const [name, word, others, expected] of cases)
    test(name, () => assert.equal(askedAmong(word, others).health.kind, expected));

  test('is not connected, though others are, is ill like one that gives no answer: three times, and why', () => {
    const { health } = askedAmong(false, [true], 3);
    assert.deepEqual(health, healthy(1));
    assert.equal(
      problemOf(askedAmong(false, [true]).health),
      'it says that it is not connected, though others of its VPN are',
    );
  });
});

describe('what a probe leaves behind', () => {
  for (const word of [true, false, null]) {
    test(`the engine's word: ${word}`, () => {
      for (const others of [[], [true], [false]]) assert.equal(askedAmong(word, others).connected, word);
    });
  }

  test('no word of one that gave no answer, whatever it said before', () => {
    for (const connected of [true, false, null]) {
      const engine = anEngine(1, 'red', { connected });
      assert.equal(examined(engine, ill, probe(1), [], aPolicy()).connected, null);
    }
  });

  test('nothing else', () => {
    const engine = anEngine(1, 'red', { forwarded: true });
    for (const finding of [well, ill]) {
      const { health, connected, wasConnected, ...rest } = examined(engine, finding, probe(1), [], aPolicy());
      assert.deepEqual({ ...engine, ...rest }, engine);
    }
  });

  test('not even another object where it is as it was, for what is new is written down', () => {
    const fine = anEngine(1, 'red', { connected: true, wasConnected: true });
    assert.equal(examined(fine, { kind: 'well', connected: true }, probe(1), [], aPolicy()), fine);
    const sick = anEngine(1, 'red', {
      health: { kind: 'UNHEALTHY', fresh: false, since: now, problem: ill.problem },
    });
    assert.equal(examined(sick, ill, probe(1), [], aPolicy()), sick);
  });
});

describe('an engine that is remembered', () => {
  const remembered = (health: Health) => rememberedEngine(anEngine(1, 'red', { health }), now).health;

  test('is ill from now on, where the clock was set back behind the moment at which it fell ill', () =>
    assert.deepEqual(remembered(unhealthySince(now + seconds(3_600))), unhealthySince(now)));
  test('has been ill for as long as it was', () =>
    assert.deepEqual(remembered(unhealthySince(now - 1)), unhealthySince(now - 1)));
  test('is as well as it was', () => assert.equal(remembered(foundWell), foundWell));
});
