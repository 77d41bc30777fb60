import assert from 'node:assert/strict';
import { test } from 'node:test';
import { provisioned } from '../../src/dashboard/outcome.ts';

const ids = (count: number) => Array.from({ length: count }, () => ({}));

test('a batch that runs is good news', () => {
  assert.deepEqual(provisioned({ requested: 1, engines: ids(1), errors: [] }, 0), {
    tone: 'good',
    text: '1 engine runs.',
    details: [],
  });
});

test('what did not start is told once for each reason, with how often and the longest wait', () => {
  const errors = [
    { message: 'MAX_REPLICAS is reached', retryAfterSeconds: null },
    { message: 'no VPN is READY', retryAfterSeconds: 10 },
    { message: 'no VPN is READY', retryAfterSeconds: 30 },
    { message: 'no VPN is READY' },
  ];
  assert.deepEqual(provisioned({ requested: 6, engines: ids(2), errors }, 1_000), {
    tone: 'bad',
    text: '2 of 6 run.',
    details: [
      { text: 'MAX_REPLICAS is reached', count: 1, retryAt: null },
      { text: 'no VPN is READY', count: 3, retryAt: 31_000 },
    ],
  });
});
