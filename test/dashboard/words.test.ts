import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { clockFace, countdown, counted, listed, moment, spoken } from '../../src/dashboard/words.ts';

describe('words for people', () => {
  const clocks: [ms: number, face: string][] = [
    [-5_000, '0:00'],
    [0, '0:00'],
    [999, '0:00'],
    [1_000, '0:01'],
    [59_999, '0:59'],
    [60_000, '1:00'],
    [754_000, '12:34'],
    [3_599_999, '59:59'],
    [3_600_000, '1:00:00'],
    [90_061_000, '25:01:01'],
  ];
  for (const [ms, face] of clocks)
    test(`${ms} ms have gone: ${face}`, () => assert.equal(clockFace(ms), face));

  test('what remains is zero only when nothing does', () => {
    assert.deepEqual([1_000, 999, 1, 0, -1].map(countdown), ['0:01', '0:01', '0:01', '0:00', '0:00']);
  });

  const sounds: [ms: number, words: string][] = [
    [0, '0 seconds'],
    [1_000, '1 second'],
    [59_000, '59 seconds'],
    [61_000, '1 minute'],
    [150_000, '3 minutes'],
    [3_600_000, '1 hour'],
    [7_500_000, '2 hours 5 minutes'],
  ];
  for (const [ms, words] of sounds) test(`${ms} ms are ${words}`, () => assert.equal(spoken(ms), words));

  test('one is one, and more are more', () => {
    assert.deepEqual(
      [0, 1, 2].map((count) => counted(count, 'engine')),
      ['0 engines', '1 engine', '2 engines'],
    );
  });

  test('names are listed as they are spoken', () => {
    assert.deepEqual([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(listed), [
      '',
      'a',
      'a and b',
      'a, b and c',
    ]);
  });

  test('a moment has its day where that is not today', () => {
    const noon = new Date(2026, 10, 21, 12, 0, 5).getTime();
    assert.equal(moment(noon, noon + 60_000), '12:00:05');
    assert.equal(moment(noon, noon + 86_400_000), 'Nov 21, 12:00:05');
  });
});
