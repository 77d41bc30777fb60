import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type ExecutionResult,
  GraphQLInt,
  GraphQLInterfaceType,
  GraphQLList,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  parse,
} from 'graphql';
import { Place } from '../../src/async/place.ts';
import type { Viewer } from '../../src/context.ts';
import { Live } from '../../src/server/live/live.ts';
import { Shareable } from '../../src/server/live/sharing.ts';
import { aWorld } from '../support/build.ts';
import { until } from '../support/docker/until.ts';
import { Recorder } from '../support/outlets.ts';
import { metricsOf } from '../support/serving.ts';

const Thing = new GraphQLInterfaceType({ name: 'Thing', fields: { id: { type: GraphQLInt } } });
const Post: GraphQLObjectType = new GraphQLObjectType({
  name: 'Post',
  interfaces: [Thing],
  fields: () => ({
    id: { type: GraphQLInt },
    text: { type: GraphQLString },
    mine: { type: GraphQLString, extensions: { perViewer: true } },
    replies: { type: new GraphQLList(Post) },
  }),
});
const args = { after: { type: GraphQLString }, topic: { type: GraphQLString } };
const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { no: { type: GraphQLInt } } }),
  subscription: new GraphQLObjectType({
    name: 'Subscription',
    fields: {
      posts: { type: Post, args, extensions: { broadcast: 'EVENTS' } },
      front: { type: Post, args, extensions: { broadcast: 'STATE' } },
      inbox: { type: Post, args },
      odd: { type: Post, extensions: { broadcast: 'yes' } },
    },
  }),
});
const viewer: Viewer = { role: 'ALL' };
const sharing = (query: string, variableValues: Record<string, unknown> = {}, as = viewer) =>
  new Shareable().sharing({ schema, document: parse(query), variableValues }, as);

describe('a subscription is shared', () => {
  const cases: [why: string, query: string, variables: Record<string, unknown>, broadcast: string | null][] =
    [
      ['if its field says so', 'subscription { posts { id text } }', {}, 'EVENTS'],
      ['if its field says that it is a state', 'subscription { front { id } }', {}, 'STATE'],
      ['not if its field says nothing', 'subscription { inbox { id } }', {}, null],
      ['not if its field says what it does not know', 'subscription { odd { id } }', {}, null],
      [
        'not if a field that it selects is not the same for all',
        'subscription { posts { id mine } }',
        {},
        null,
      ],
      ['nor deep inside', 'subscription { posts { replies { replies { a: mine } } } }', {}, null],
      ['nor by a fragment', 'subscription { posts { ...F } } fragment F on Post { mine }', {}, null],
      [
        'nor by an inline fragment',
        'subscription { posts { ... on Thing { ... on Post { mine } } } }',
        {},
        null,
      ],
      [
        'also where its field is in a fragment',
        'subscription { ...F } fragment F on Subscription { posts { id } }',
        {},
        'EVENTS',
      ],
      ['also where it is in an inline fragment', 'subscription { ... { a: posts { id } } }', {}, 'EVENTS'],
      ['not if it is no subscription', '{ no }', {}, null],
      ['if "after" is null', 'subscription { posts(after: null) { id } }', {}, 'EVENTS'],
      ['not if "after" is written into it', 'subscription { posts(after: "7") { id } }', {}, null],
      [
        'also if "after" is a variable',
        'subscription ($a: String) { posts(after: $a) { id } }',
        { a: '7' },
        'EVENTS',
      ],
      [
        'not if that variable stands for something else too',
        'subscription ($a: String) { posts(after: $a, topic: $a) { id } }',
        { a: '7' },
        null,
      ],
    ];
  for (const [why, query, variables, broadcast] of cases)
    test(why, () => assert.equal(sharing(query, variables)?.broadcast ?? null, broadcast));

  test('by those who give it the same variables, those who began elsewhere included', () => {
    const query = 'subscription ($t: String, $a: String) { posts(topic: $t, after: $a) { id } }';
    const document = parse(query);
    const shareable = new Shareable();
    const keyOf = (variableValues: Record<string, unknown>, as = viewer) =>
      shareable.sharing({ schema, document, variableValues }, as)?.key;
    const one = keyOf({ t: 'x', a: '1' });
    assert.equal(keyOf({ a: '2', t: 'x' }), one);
    assert.equal(keyOf({ t: 'x' }), one);
    assert.equal(keyOf({ t: 'x', unknown: 'y' }), one);
    assert.notEqual(keyOf({ t: 'y' }), one);
    assert.notEqual(keyOf({}), one);
    assert.notEqual(keyOf({ t: 'x' }, { role: 'READ' }), one);
  });

  test('by those who give it the same, whatever its variable is called', () => {
    const query = 'subscription ($__proto__: String) { posts(topic: $__proto__) { id } }';
    const document = parse(query);
    const shareable = new Shareable();
    const [one, other] = ['x', 'y'].map((topic) =>
      shareable.sharing({ schema, document, variableValues: JSON.parse(`{"__proto__":"${topic}"}`) }, viewer),
    );
    assert.notEqual(one?.key, other?.key);
    assert.deepEqual(Object.entries(one?.variables ?? {}), [['__proto__', 'x']]);
  });

  test('or not, at once, however its fragments spread each other', () => {
    const doubling = Array.from(
      { length: 20 },
      (_, n) => `fragment F${n} on Subscription { ...F${n + 1} ...F${n + 1} }`,
    );
    const query = `subscription { ...F0 } ${doubling.join(' ')} fragment F20 on Subscription { posts { id } }`;
    assert.equal(sharing(query)?.broadcast, 'EVENTS');
  });

  test('by those who mean the same operation of a document', () => {
    const document = parse('subscription A { posts { id } } subscription B { front { id } }');
    const shareable = new Shareable();
    const of = (operationName?: string) => shareable.sharing({ schema, document, operationName }, viewer);
    assert.deepEqual(
      [of('A')?.broadcast, of('B')?.broadcast, of(), of('C')],
      ['EVENTS', 'STATE', null, null],
    );
  });
});

/** Gives numbers that take several turns to be executed. */
function numbered(from: number, to: number) {
  const place = new Place();
  place.at = from;
  async function* results(): AsyncGenerator<ExecutionResult> {
    while (place.at < to) {
      place.at++;
      place.given++;
      const data = { posts: { id: place.at } };
      for (let n = 0; n < 5; n++) await new Promise((resolve) => setImmediate(resolve));
      yield { data };
    }
    await new Promise(() => {});
  }
  return { results: results(), place };
}

test('what takes long to be executed is not lost when its reader joins the others', async () => {
  const live = new Live(async () => numbered(3, 10), { metrics: metricsOf(aWorld()), now: () => 0 });
  const outlet = new Recorder();
  const asked = { schema, document: parse('subscription ($a: String) { posts(after: $a) { id } }') };
  live.deliver({ asked, viewer, ...numbered(0, 10) }, outlet);
  await until('all have come', () => outlet.taken.length >= 10);
  assert.deepEqual(
    outlet.taken.map(({ data }) => data),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((id) => ({ posts: { id } })),
  );
});
