import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { serverAudits } from 'graphql-http';
import { type Simulated, simulated } from '../support/simulated.ts';

describe('GraphQL over HTTP, as graphql-http audits it:', () => {
  let world: Simulated;
  before(async () => {
    world = await simulated({ env: { LOG_LEVEL: 'error' }, whenReady: false });
  });
  after(() => world[Symbol.asyncDispose]());

  const audits = serverAudits({ url: () => `${world.tandem.url}/graphql`, fetchFn: fetch });
  for (const audit of audits) {
    test(`${audit.id}: ${audit.name}`, async () => {
      const result = await audit.fn();
      assert.equal(result.status, 'ok', 'reason' in result ? result.reason : '');
    });
  }

  test('there are sixty-one of them', () => assert.equal(audits.length, 61));
});
