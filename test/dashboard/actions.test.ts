import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Client } from '../../src/client/client.ts';
import { ClientError } from '../../src/client/error.ts';
import { actionsOf } from '../../src/dashboard/actions.ts';
import { FakeClock } from '../support/fake-clock.ts';

const nobody: Client = {
  ask: () => Promise.reject(new ClientError('UNREACHABLE', 'nobody answers')),
  async *follow() {},
  [Symbol.asyncDispose]: async () => {},
};

test('each notice has a number of its own, whichever key it came by', () => {
  const ids: number[] = [];
  for (const _key of ['one', 'another']) {
    const actions = actionsOf(
      nobody,
      (message) => {
        if (message.kind === 'NOTICE' && message.notice.tone === 'busy') ids.push(message.notice.id);
      },
      new FakeClock(),
    );
    actions.resetCircuit();
    actions.provision(1);
  }
  assert.equal(new Set(ids).size, 4, `${ids}`);
});
