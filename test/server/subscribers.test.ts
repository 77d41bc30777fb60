import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildSchema, type ExecutionResult, parse } from 'graphql';
import { createYoga } from 'graphql-yoga';
import { countSubscribers } from '../../src/server/subscribers.ts';

/** What somebody follows for as long as `ticks` gives something, and how many do. */
async function followed(ticks: () => AsyncIterable<unknown>) {
  const live = new Set<symbol>();
  let executions = 0;
  const plugin = countSubscribers({
    subscribed: () => {
      const one = Symbol();
      live.add(one);
      return () => void live.delete(one);
    },
    executed: () => executions++,
  });
  const schema = buildSchema('type Query { no: Int } type Subscription { tick: Int }');
  const { subscribe } = createYoga({ schema, plugins: [plugin], maskedErrors: false }).getEnveloped({});
  const document = parse('subscription { tick }');
  const result = (await subscribe({
    schema,
    document,
    contextValue: {},
    rootValue: { tick: ticks },
  })) as AsyncIterableIterator<ExecutionResult>;
  return { live, result, executions: () => executions };
}

async function* two() {
  yield { tick: 1 };
  yield { tick: 2 };
}

test('whoever follows something to its end is counted until then', async () => {
  const { live, result, executions } = await followed(two);
  assert.equal(live.size, 1);
  for await (const _ of result) assert.equal(live.size, 1);
  assert.equal(live.size, 0);
  assert.equal(executions(), 2);
});

test('whoever leaves before is counted until then', async () => {
  const { live, result } = await followed(two);
  await result.next();
  await result.return?.();
  assert.equal(live.size, 0);
});

test('whoever follows what fails is counted until then', async () => {
  const { live, result } = await followed(async function* () {
    yield { tick: 1 };
    throw new Error('it fell behind');
  });
  await result.next();
  assert.equal(live.size, 1);
  await assert.rejects(result.next(), /fell behind/);
  assert.equal(live.size, 0);
});

test('whoever is refused is not counted', async () => {
  const { live, result } = await followed(() => {
    throw new Error('no such cursor');
  });
  assert('errors' in result);
  assert.equal(live.size, 0);
});

test('whoever leaves before anything came is counted until then', async () => {
  const { live, result } = await followed(two);
  assert.equal(live.size, 1);
  await result.return?.();
  assert.equal(live.size, 0);
});
