import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { columns } from '../../src/cli/table.ts';
import { lasting } from '../../src/cli/words.ts';

describe('words for people', () => {
  for (const [seconds, words] of [
    [0, '0 s'],
    [-3, '0 s'],
    [0.2, '1 s'],
    [59.1, '1 min'],
    [61, '1 min 1 s'],
    [3_605, '1 h'],
    [3_661, '1 h 1 min'],
    [200_000, '2 d 7 h'],
  ] as const)
    test(`${seconds} seconds are ${words}`, () => assert.equal(lasting(seconds), words));

  test('columns stand below each other, whatever the letters and colours', () => {
    const lines = columns([
      ['VPN', 'COUNTRY', 'ENGINES'],
      ['\x1b[32mgluetun\x1b[39m', '日本', '5'],
      ['g', 'Türkiye', ''],
    ]);
    assert.deepEqual(lines, [
      'VPN      COUNTRY  ENGINES',
      '\x1b[32mgluetun\x1b[39m  日本     5',
      'g        Türkiye',
    ]);
  });
});
