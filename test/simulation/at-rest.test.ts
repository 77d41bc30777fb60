import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engines, Status } from '../api/operations.ts';
import { leaping, minute, second } from '../support/leaping.ts';

const engines = 100;
const spanMs = 30 * minute;

test('half an hour at rest with a hundred engines changes nothing, tells nothing, and lists no more than twice a minute', async () => {
  await using world = await leaping({
    portsEach: engines,
    env: { MIN_REPLICAS: String(engines), MAX_REPLICAS: String(engines) },
  });
  const { time, docker, tandem, until } = world;
  const offered = async () => (await tandem.ask(Engines)).engines;
  await until('all run', minute, async () => {
    const running = (await offered()).filter(({ state }) => state === 'RUNNING');
    return running.length === engines;
  });
  // What the starts have set off comes to its end.
  await time.pass(2 * minute);
  const [before, { lastEventId }, heard] = [
    await offered(),
    await tandem.ask(Status),
    docker.audit.entries.length,
  ];

  await time.pass(spanMs);
  const calls = docker.audit.entries.slice(heard);
  assert.deepEqual(
    calls.filter(({ method }) => method !== 'GET'),
    [],
  );
  assert.equal((await tandem.ask(Status)).lastEventId, lastEventId);
  assert.deepEqual(await offered(), before);

  const listings = calls.filter(({ path }) => path === '/containers/json');
  assert(listings.length > 0, 'nobody looked');
  const pauses = listings.slice(1).map(({ at }, index) => at - (listings[index]?.at ?? 0));
  const shortest = Math.min(...pauses) / second;
  assert(shortest >= 29, `${shortest} s between two listings`);
  assert(listings.length <= spanMs / (30 * second), `${listings.length} listings`);
});
