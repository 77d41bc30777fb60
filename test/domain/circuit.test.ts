import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type Circuit,
  circuitBegin,
  circuitEnd,
  circuitFreeAt,
  circuitShown,
  circuitWait,
  closedCircuit,
  type StartOutcome,
} from '../../src/domain/circuit.ts';
import { aPolicy, now, seconds } from '../support/build.ts';

const policy = aPolicy();
const closed = (failures: number): Circuit => ({ kind: 'CLOSED', failures });
const open = (until: number): Circuit => ({ kind: 'OPEN', until });
const trial: Circuit = { kind: 'HALF_OPEN', trial: 'trial' };

describe('the end of a start', () => {
  const cases: [string, Circuit, string, StartOutcome, Circuit][] = [
    ['CLOSED -> CLOSED, one failure more, when a start fails', closed(0), 'a', 'failure', closed(1)],
    ['CLOSED -> CLOSED on the fourth failure in a row', closed(3), 'a', 'failure', closed(4)],
    ['CLOSED -> OPEN on the fifth failure in a row', closed(4), 'a', 'failure', open(now + seconds(300))],
    ['CLOSED -> CLOSED, failures forgotten, when a start succeeds', closed(4), 'a', 'success', closed(0)],
    [
      'CLOSED -> CLOSED, failures kept, when the VPN or Docker was at fault',
      closed(4),
      'a',
      'neutral',
      closed(4),
    ],
    [
      'OPEN -> OPEN when a start that began earlier fails: the wait is not prolonged',
      open(now + 7),
      'a',
      'failure',
      open(now + 7),
    ],
    ['OPEN -> OPEN when a start that began earlier succeeds', open(now + 7), 'a', 'success', open(now + 7)],
    [
      'OPEN -> OPEN when a start that began earlier says nothing',
      open(now + 7),
      'a',
      'neutral',
      open(now + 7),
    ],
    ['HALF_OPEN -> CLOSED when the trial succeeds', trial, 'trial', 'success', closed(0)],
    [
      'HALF_OPEN -> OPEN for the whole wait when the trial fails',
      trial,
      'trial',
      'failure',
      open(now + seconds(300)),
    ],
    ['HALF_OPEN -> OPEN with no wait left when the trial says nothing', trial, 'trial', 'neutral', open(now)],
    ['HALF_OPEN -> HALF_OPEN when a start that began earlier succeeds', trial, 'a', 'success', trial],
    ['HALF_OPEN -> HALF_OPEN when a start that began earlier fails', trial, 'a', 'failure', trial],
    ['HALF_OPEN -> HALF_OPEN when a start that began earlier says nothing', trial, 'a', 'neutral', trial],
  ];
  for (const [name, circuit, engine, outcome, expected] of cases) {
    test(name, () => assert.deepEqual(circuitEnd(circuit, engine, outcome, now, policy), expected));
  }

  test('a threshold of one opens on the first failure', () => {
    assert.equal(
      circuitEnd(closedCircuit, 'a', 'failure', now, aPolicy({ circuitFailureThreshold: 1 })).kind,
      'OPEN',
    );
  });
});

describe('the beginning of a start', () => {
  test('OPEN -> HALF_OPEN: the first start after the wait is the trial', () => {
    assert.deepEqual(circuitBegin(open(now), 'trial'), trial);
  });
  test('CLOSED and HALF_OPEN stay as they are', () => {
    assert.deepEqual(circuitBegin(closed(2), 'a'), closed(2));
    assert.deepEqual(circuitBegin(trial, 'a'), trial);
  });
});

describe('the wait before a start', () => {
  const cases: [string, Circuit, number | null][] = [
    ['CLOSED: none', closed(4), null],
    ['OPEN: what is left', open(now + 1_234), 1_234],
    ['OPEN: one millisecond before the end', open(now + 1), 1],
    ['OPEN: none at the end', open(now), null],
    ['OPEN: none after the end', open(now - 1), null],
    ['HALF_OPEN: a second, for the trial to end', trial, 1_000],
  ];
  for (const [name, circuit, wait] of cases) test(name, () => assert.equal(circuitWait(circuit, now), wait));
});

describe('the moment from which on a start is let through', () => {
  const cases: [string, Circuit, number][] = [
    ['CLOSED: always was', closed(4), Number.NEGATIVE_INFINITY],
    ['OPEN: the end of the wait', open(now + 1_234), now + 1_234],
    ['OPEN and over: the end of the wait', open(now - 1_234), now - 1_234],
    ['HALF_OPEN: not known', trial, Number.POSITIVE_INFINITY],
  ];
  for (const [name, circuit, at] of cases) test(name, () => assert.equal(circuitFreeAt(circuit), at));

  test('is the one at which nothing is left to be waited for', () => {
    const at = circuitFreeAt(open(now + 1_234));
    assert.deepEqual([circuitWait(open(at), at - 1), circuitWait(open(at), at)], [1, null]);
  });
});

describe('what is shown', () => {
  const cases: [string, Circuit, Circuit['kind']][] = [
    ['CLOSED', closed(4), 'CLOSED'],
    ['OPEN while it waits', open(now + 1), 'OPEN'],
    ['HALF_OPEN as soon as nothing but the trial is missing', open(now), 'HALF_OPEN'],
    ['HALF_OPEN during the trial', trial, 'HALF_OPEN'],
  ];
  for (const [name, circuit, shown] of cases)
    test(name, () => assert.equal(circuitShown(circuit, now), shown));
});

test('an image that fails for good is tried five times, and then once per wait', () => {
  let circuit: Circuit = closedCircuit;
  let tries = 0;
  for (let at = now; at < now + seconds(1_000); at += seconds(1)) {
    if (circuitWait(circuit, at) !== null) continue;
    circuit = circuitBegin(circuit, `engine-${++tries}`);
    circuit = circuitEnd(circuit, `engine-${tries}`, 'failure', at, policy);
  }
  assert.equal(tries, 5 + 3);
});
