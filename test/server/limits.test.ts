import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { getIntrospectionQuery, parse } from 'graphql';
import { exampleOperations } from '../../src/server/examples.ts';
import * as operations from '../api/operations.ts';
import { serving } from '../support/serving.ts';
import { type Simulated, simulated } from '../support/simulated.ts';
import { type Asked, ways } from '../support/ways.ts';

const repeat = (times: number, what: (n: number) => string): string =>
  Array.from({ length: times }, (_, n) => what(n)).join(' ');
const nested = (levels: number) =>
  `{ engines { ${'vpn { engines { '.repeat(levels)}id${' } }'.repeat(levels)} } }`;
/** Each fragment doubles the one before: 2^40 fields. */
const bomb = `{ vpnStatus { ...f0 } } ${repeat(40, (n) => `fragment f${n} on VpnStatus { ...f${n + 1} ...f${n + 1} a: mode }`)} fragment f40 on VpnStatus { mode }`;

const refused: [what: string, asked: Asked, why: RegExp][] = [
  ['too many tokens', { query: `{ ${'mode '.repeat(2_001)} }` }, /more than 2000 tokens/],
  [
    'too many characters',
    { query: `{ fleet { running } } #${'x'.repeat(262_144)}` },
    /has 262167 characters; at most 262144/,
  ],
  [
    'too many aliases',
    { query: `{ ${repeat(51, (n) => `a${n}: lastEventId`)} }` },
    /too many aliases; at most 50/,
  ],
  [
    'too many aliases of __typename',
    { query: `{ ${repeat(51, (n) => `a${n}: __typename`)} }` },
    /too many aliases/,
  ],
  [
    'too many aliases in fragments',
    {
      query: `{ fleet { ${repeat(51, (n) => `...f${n}`)} } } ${repeat(51, (n) => `fragment f${n} on Fleet { a${n}: running }`)}`,
    },
    /too many aliases/,
  ],
  [
    'too many directives',
    { query: `{ ${repeat(21, () => '... @include(if: true) { lastEventId }')} }` },
    /too many directives; at most 20/,
  ],
  [
    'a directive given twice',
    { query: '{ lastEventId @skip(if: false) @skip(if: false) }' },
    /can only be used once/,
  ],
  [
    'a variable that would be lost',
    { query: 'query($__proto__: Int) { events(last: $__proto__) { nodes { id } } }' },
    /cannot be called "\$__proto__"; choose another/,
  ],
  ['too deep a query', { query: nested(6) }, /is 14 fields deep; at most 12/],
  [
    'pages of pages that cost too much',
    {
      query: `{ ${repeat(6, (n) => `a${n}: events(first: 500) { edges { node { id at type message ... on EngineChanged { engine { id name state health vpn { id name state engines { id name } } labels { key value } } } ... on EmergencyModeChanged { removedEngines { id name vpn { id name } } } } } }`)} }`,
    },
    /costs \d+.*at most 100000/,
  ],
  [
    'a page whose variables make it cost too much',
    {
      query: `query($n: Int) { ${repeat(50, (n) => `a${n}: events(first: $n) { nodes { id at type message } }`)} }`,
      variables: { n: 500 },
    },
    /costs \d+.*at most 100000/,
  ],
  [
    'more engines than one batch',
    {
      query: `mutation { ${repeat(2, (n) => `a${n}: provisionEngines(input: { count: 1000 }) { requested }`)} }`,
    },
    /50 for each engine to start; at most 100000/,
  ],
  [
    'more engines than one batch, in variables and fragments',
    {
      query:
        'mutation($input: ProvisionEnginesInput!) { ...a b: provisionEngines(input: $input) { requested } } fragment a on Mutation { provisionEngines(input: $input) { requested } }',
      variables: { input: { count: 999 } },
    },
    /50 for each engine to start/,
  ],
  ['many errors at once', { query: `{ ${repeat(400, (n) => `x${n}`)} }` }, /Cannot query field "x0"/],
  [
    'a fragment of itself',
    { query: '{ fleet { ...f } } fragment f on Fleet { running ...f }' },
    /Cannot spread fragment "f" within itself/,
  ],
  [
    'introspection that goes round',
    { query: '{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }' },
    /introspection depth/i,
  ],
  [
    'many variables that are wrong',
    {
      query: 'mutation($input: ProvisionEngineInput) { provisionEngine(input: $input) { __typename } }',
      variables: { input: { labels: Array.from({ length: 400 }, () => ({})) } },
    },
    /"\$input"/,
  ],
  [
    'a variable that is not one',
    { query: 'query($to: Int!) { fleet { running } }', variables: { to: 'x'.repeat(100_000) } },
    /"\$to"/,
  ],
];

describe('what one request may ask for', () => {
  let world: Simulated;
  before(async () => {
    world = await simulated({ env: { LOG_LEVEL: 'error' } });
  });
  after(() => world[Symbol.asyncDispose]());

  for (const [way, ask] of ways) {
    for (const [what, asked, why] of refused) {
      test(`${what} is refused over ${way}`, async () => {
        const { data, errors = [] } = await ask(world.tandem.url, asked);
        assert.equal(data ?? null, null);
        assert(
          errors.some(({ message }) => why.test(message)),
          JSON.stringify(errors).slice(0, 500),
        );
        assert(errors.length <= 21, `${errors.length} errors`);
        assert(errors.every(({ message }) => message.length < 1_100));
        assert(errors.every(({ extensions }) => extensions?.code !== 'INTERNAL_SERVER_ERROR'));
        assert.deepEqual(world.engineContainers(), []);
      });
    }

    test(`a subscription that costs too much is refused before it begins over ${way}`, async () => {
      const query = `subscription { vpnStatus { vpns { engines { ${'vpn { engines { '.repeat(5)}id${' } }'.repeat(5)} } } } }`;
      const { errors = [] } = await ask(world.tandem.url, { query });
      assert.match(errors[0]?.message ?? '', /fields deep; at most 12/);
    });

    test(`fragments that double each other take no time over ${way}`, async () => {
      const before = performance.now();
      const { errors = [] } = await ask(world.tandem.url, { query: bomb });
      assert.match(errors[0]?.message ?? '', /costs|aliases/);
      assert(performance.now() - before < 2_000);
    });
  }

  test('bounds let through what the playground and a large dashboard ask', async () => {
    const dashboard = readFileSync(new URL('./dashboard.graphql', import.meta.url), 'utf8');
    const documents = [
      getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true, oneOf: true }),
      exampleOperations,
      dashboard,
    ];
    for (const document of documents) {
      for (const definition of parse(document).definitions) {
        if (definition.kind !== 'OperationDefinition' || definition.operation !== 'query') continue;
        const { name } = definition;
        const query = document;
        const { body } = await world.tandem.answer(
          name
            ? { query, operationName: name.value }
            : { query: definition.loc?.source.body.slice(definition.loc.start, definition.loc.end) },
        );
        assert.deepEqual(body.errors ?? [], [], document.slice(0, 200));
      }
    }
    for (const [name, operation] of Object.entries(operations)) {
      const { body } = await world.tandem.answer({ query: operation.toString(), operationName: 'Nobody' });
      assert.match(body.errors?.[0]?.message ?? '', /Could not determine what operation/, name);
    }
  });

  test('a whole batch with all that there is to know of its engines may be asked for', async () => {
    const { provisionEngines } = await world.tandem.ask(operations.ProvisionEngines, {
      input: { count: 1_000 },
    });
    assert.equal(provisionEngines.requested, 1_000);
    assert.equal(provisionEngines.engines.length + provisionEngines.errors.length, 1_000);
  });
});

describe('a subscription', () => {
  const long = `subscription { events { id } } #${'x'.repeat(16_384)}`;
  for (const [what, asked] of [
    ['its document', { query: long }],
    [
      'a variable that it does not have',
      { query: 'subscription { events { id } }', variables: { x: 'x'.repeat(16_384) } },
    ],
    ['what nobody reads', { query: 'subscription { events { id } }', extensions: { x: 'x'.repeat(16_384) } }],
    [
      'types without end',
      {
        query: 'subscription ($types: [EventType!]) { events(types: $types) { id } }',
        variables: { types: Array.from({ length: 2_000 }, () => 'SCALING') },
      },
    ],
  ] as const)
    for (const [way, ask] of ways.slice(1))
      test(`that would keep too much, by ${what}, is refused over ${way}`, async () => {
        await using world = await serving();
        const { errors: [error] = [] } = await ask(world.url, asked);
        assert.match(error?.message ?? '', /kept .* this has \d+ characters; at most 16384/);
        assert.equal(error?.extensions?.code, 'LIMIT_EXCEEDED');
        assert.equal(world.events.followers, 0);
      });
});

describe('a large fleet', () => {
  test('may be asked for once over, and not for its square', async () => {
    await using world = await simulated({ env: { MAX_REPLICAS: '80', LOG_LEVEL: 'error' } });
    await world.tandem.ask(operations.ProvisionEngines, { input: { count: 80 } });
    await world.tandem.ask(operations.Engines);
    const { body } = await world.tandem.answer({ query: nested(2) });
    assert.match(body.errors?.[0]?.message ?? '', /costs \d+/);
  });
});

describe('a schema that is not told', () => {
  for (const [way, ask] of ways) {
    test(`is neither introspected nor guessed at over ${way}`, async () => {
      await using world = await simulated({ env: { GRAPHQL_INTROSPECTION: 'false' }, whenReady: false });
      const { url } = world.tandem;
      for (const query of ['{ __schema { queryType { name } } }', '{ __type(name: "Engine") { name } }'])
        assert.match(
          (await ask(url, { query })).errors?.[0]?.message ?? '',
          /introspection has been disabled/,
        );
      const misspelt: Asked[] = [
        { query: '{ engine { id } }' },
        { query: '{ flet { running } }' },
        { query: '{ fleet { runing } }' },
        { query: '{ engines(filtr: {}) { id } }' },
        { query: '{ engines(filter: { state: RUNING }) { id } }' },
        { query: 'query($f: EngineFiltr) { engines(filter: $f) { id } }' },
        {
          query: 'query($f: EngineFilter) { engines(filter: $f) { id } }',
          variables: { f: { state: 'RUNING' } },
        },
        {
          query: 'query($f: EngineFilter) { engines(filter: $f) { id } }',
          variables: { f: { states: ['RUNING'] } },
        },
      ];
      for (const asked of misspelt) {
        const { errors = [] } = await ask(url, asked);
        assert(errors.length > 0, asked.query);
        assert.doesNotMatch(JSON.stringify(errors), /did you mean/i, asked.query);
      }
      assert.deepEqual((await ask(url, { query: '{ __typename }' })).data, { __typename: 'Query' });
    });
  }
});
