import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { realDocker } from '../support/docker/real-docker.ts';
import { embeddedWorld, realWorld, type World } from '../support/docker/world.ts';
import { type Case, creationCases } from './contract/creation.ts';
import { eventCases } from './contract/events.ts';
import { healthCases } from './contract/health.ts';
import { lifecycleCases } from './contract/lifecycle.ts';
import { lookingCases } from './contract/looking.ts';
import { namespaceCases } from './contract/namespaces.ts';
import { programCases } from './contract/programs.ts';

const cases: readonly Case[] = [
  ...creationCases,
  ...lifecycleCases,
  ...healthCases,
  ...eventCases,
  ...namespaceCases,
  ...lookingCases,
  ...programCases,
];

function contract(title: string, open: () => Promise<World>, skip: string | false): void {
  describe(title, { concurrency: 4, skip }, () => {
    for (const [name, run] of cases)
      it(name, { timeout: 40_000 }, async () => {
        await using world = await open();
        await run(world);
      });
  });
}

const real = await realDocker();

contract('the embedded daemon', embeddedWorld, false);
contract(
  'a real daemon',
  async () => {
    assert(real.here);
    return realWorld(real);
  },
  real.here ? false : `${real.why}. The embedded daemon was compared with nothing.`,
);

it('a real daemon is there when the environment demands it', () => {
  if (process.env.TANDEM_REQUIRE_DOCKER === '1') assert(real.here, real.here ? '' : real.why);
});
