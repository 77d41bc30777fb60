import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Connection, Connections } from '../../src/server/connections.ts';
import { range } from '../support/build.ts';
import { FakeClock } from '../support/fake-clock.ts';

const everyMs = 12_000;

test('of a thousand clients each is pinged once in the interval, and never more than a hundred at once', async () => {
  const clock = new FakeClock();
  const pinged: { readonly who: number; readonly at: number }[] = [];
  const connections = new Connections(10_000);
  for (const who of range(1, 1_000)) {
    const nothing = () => {};
    const beat = () => pinged.push({ who, at: clock.now() });
    const connection: Connection = { grants: [], beat, evict: nothing, drain: nothing, destroy: nothing };
    connections.add(connection);
  }
  const ending = new AbortController();
  const beating = connections.keepAlive(clock, everyMs, ending.signal);
  for (const _ of range(1, 10)) await clock.advance(everyMs / 10);
  assert.deepEqual(
    pinged.map(({ who }) => who),
    range(1, 1_000),
  );
  const together = Map.groupBy(pinged, ({ at }) => at);
  assert.deepEqual(
    [...together.values()].map((some) => some.length),
    range(1, 10).map(() => 100),
  );
  ending.abort();
  await beating;
});
