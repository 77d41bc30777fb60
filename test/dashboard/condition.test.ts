import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { alarmOf, type Condition, conditionOf, madeAt } from '../../src/dashboard/condition.ts';
import type { Vpn } from '../../src/dashboard/shapes.ts';
import { anEngineTold, aStatusTold, aVpnTold, begin, failedVpnTold, iso } from '../support/picture.ts';

const stabilizing = (name: string, ms: number): Vpn =>
  aVpnTold(name, {
    state: 'STABILIZING',
    stabilizingUntil: iso(120_000),
    stabilizationRemainingSeconds: Math.max(0, 120 - ms / 1_000),
  });

describe('how things are', () => {
  const cases: [what: string, vpns: Vpn[], condition: Condition][] = [
    ['there is no VPN', [], 'WITHOUT_VPN'],
    ['all are READY', [aVpnTold('a'), aVpnTold('b')], 'NORMAL'],
    ['one is not known', [aVpnTold('a'), aVpnTold('b', { state: 'UNKNOWN' })], 'STARTING'],
    ['one is STABILIZING', [aVpnTold('a', { state: 'UNKNOWN' }), stabilizing('b', 0)], 'RECOVERING'],
    ['one of two has FAILED', [stabilizing('a', 0), failedVpnTold('b')], 'EMERGENCY'],
    ['all have FAILED', [failedVpnTold('a'), failedVpnTold('b')], 'OUTAGE'],
    ['the only one has FAILED', [failedVpnTold('a')], 'OUTAGE'],
  ];
  for (const [what, vpns, condition] of cases)
    test(`${what}: ${condition}`, () => assert.equal(conditionOf(aStatusTold(vpns)), condition));
});

describe('an alarm', () => {
  test('is none while no VPN has failed', () => {
    assert.equal(alarmOf(aStatusTold([aVpnTold('a'), stabilizing('b', 0)])), null);
  });

  test('names what failed and since when, why, and what goes on', () => {
    const engines = ['1', '2'].map((id) => anEngineTold(id));
    const alarm = alarmOf(aStatusTold([aVpnTold('a', { engines }), failedVpnTold('b')], 5_000));
    assert.deepEqual([alarm?.title, alarm?.since, alarm?.outage], ['b has failed', begin, false]);
    assert.deepEqual(alarm?.reasons, ['its container is exited']);
    assert.match(alarm?.meaning ?? '', /^2 engines go on behind a\./);
  });

  test('says what is kept when nothing is left', () => {
    const kept = failedVpnTold('b', { engines: [anEngineTold('1')] });
    const alarm = alarmOf(aStatusTold([failedVpnTold('a'), kept]));
    assert.deepEqual([alarm?.title, alarm?.outage], ['a and b have failed', true]);
    assert.match(alarm?.meaning ?? '', /1 engine is kept/);
  });

  test('says that nothing is ready while the others stabilize', () => {
    const alarm = alarmOf(aStatusTold([stabilizing('a', 0), failedVpnTold('b')]));
    assert.match(alarm?.meaning ?? '', /No VPN is ready/);
  });
});

describe('the moment of an answer, by the clock of the service', () => {
  test('is told by an emergency and by a stabilization, and else by nothing', () => {
    assert.equal(madeAt(aStatusTold([aVpnTold('a'), failedVpnTold('b')], 7_500)), begin + 7_500);
    assert.equal(madeAt(aStatusTold([stabilizing('a', 30_000)])), begin + 30_000);
    assert.equal(madeAt(aStatusTold([stabilizing('a', 130_000)])), null, 'it is over, nobody knows how long');
    assert.equal(madeAt(aStatusTold([aVpnTold('a')])), null);
  });
});
