import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Simulated, simulated } from '../support/simulated.ts';
import { Engines, OneEngine, ProvisionEngine, ProvisionEngines, StopEngine } from './operations.ts';

const label = (key: string, value = 'x') => ({ labels: [{ key, value }] });
const variable = (name: string, value = 'x') => ({ env: [{ name, value }] });
const huge = 'a'.repeat(1_048_576);

const inputs: [what: string, field: string, input: object][] = [
  ['an empty label key', 'labels[0]', label('')],
  ["Tandem's own label", 'labels[0]', label('tandem.engine')],
  ["Tandem's own label in capitals", 'labels[0]', label('Tandem.Forwarded')],
  ["Docker's own label", 'labels[0]', label('com.docker.compose.project')],
  ['the label by which an instance knows its own', 'labels[0]', label('test.instance')],
  ['a label key with a line break', 'labels[0]', label('a\nb')],
  ['a label value with an escape', 'labels[0]', label('a', '\u001b[31m')],
  ['a label value with half a character', 'labels[0]', label('a', 'x\ud800')],
  ['a label value that steers old terminals', 'labels[0]', label('a', '\u009b31m')],
  ['a label key that programs lose', 'labels[0]', label('__proto__')],
  ['a huge label key', 'labels[0]', label(huge)],
  ['a huge label value', 'labels[0]', label('a', huge)],
  [
    'a label given twice',
    'labels[1]',
    {
      labels: [
        { key: 'a', value: '1' },
        { key: 'a', value: '2' },
      ],
    },
  ],
  [
    'too many labels',
    'labels',
    { labels: Array.from({ length: 65 }, (_, n) => ({ key: `k${n}`, value: '' })) },
  ],
  ['an empty variable name', 'env[0]', variable('')],
  ['a variable name with "="', 'env[0]', variable('A=B')],
  ['a variable name with a zero byte', 'env[0]', variable('A\u0000')],
  ['a variable that carries the ports', 'env[0]', variable('ACESTREAM_ARGS')],
  ['another variable that carries the ports', 'env[0]', variable('EXTRA_FLAGS')],
  ['a variable value with a zero byte', 'env[0]', variable('A', '\u0000')],
  ['a variable name with a space', 'env[0]', variable('A B')],
  ['a variable value with half a character', 'env[0]', variable('A', '\udc00')],
  ['a variable value with an escape', 'env[0]', variable('A', '\u001b]0;x\u0007')],
  ['a huge variable value', 'env[0]', variable('A', huge)],
  [
    'more environment than fits',
    'env',
    { env: Array.from({ length: 5 }, (_, n) => ({ name: `A${n}`, value: 'a'.repeat(32_000) })) },
  ],
  ['an empty idempotency key', 'idempotencyKey', { idempotencyKey: '' }],
  ['a huge idempotency key', 'idempotencyKey', { idempotencyKey: huge }],
  ['an idempotency key with a tab', 'idempotencyKey', { idempotencyKey: 'a\tb' }],
];

describe('bad input is refused, says where, and changes nothing:', () => {
  let world: Simulated;
  before(async () => {
    world = await simulated({ env: { CONTAINER_LABEL: 'test.instance=bad-input' } });
  });
  after(() => world[Symbol.asyncDispose]());

  const unchanged = () => assert.deepEqual(world.engineContainers(), []);

  for (const [what, field, input] of inputs) {
    test(what, async () => {
      const { provisionEngine } = await world.tandem.ask(ProvisionEngine, { input });
      assert(provisionEngine.__typename === 'InvalidInputError', JSON.stringify(provisionEngine));
      assert.equal(provisionEngine.field, field);
      assert(provisionEngine.message.length < 500, 'the message does not repeat a megabyte');
      assert.equal(provisionEngine.retryable, false);
      unchanged();
    });
  }

  for (const count of [0, -1, 1_001, 1_000_000_000]) {
    test(`a count of ${count}`, async () => {
      const { provisionEngines } = await world.tandem.ask(ProvisionEngines, { input: { count } });
      assert.deepEqual(provisionEngines.engines, []);
      assert.deepEqual(
        provisionEngines.errors.map((error) => [error.__typename, 'field' in error ? error.field : '']),
        [['InvalidInputError', 'count']],
      );
      unchanged();
    });
  }

  for (const count of ['1.5', '1e99', '"3"', 'null']) {
    test(`a count that is no Int: ${count}`, async () => {
      const query = `mutation { provisionEngines(input: { count: ${count} }) { requested } }`;
      const { body } = await world.tandem.answer({ query });
      assert.equal(body.errors?.length, 1);
      unchanged();
    });
  }

  for (const [what, value] of [
    ['empty', ''],
    ['a megabyte', huge],
    ['a path', '../../etc/passwd'],
    ['a URL', 'x/json?all=1'],
    ['with a line break', 'a\nb'],
  ] as const) {
    test(`an engine to stop that is ${what}`, async () => {
      for (const field of ['id', 'name', 'containerId'] as const) {
        const { stopEngine } = await world.tandem.ask(StopEngine, {
          engine:
            field === 'id' ? { id: value } : field === 'name' ? { name: value } : { containerId: value },
        });
        assert(stopEngine.__typename === 'InvalidInputError');
        assert.equal(stopEngine.field, `engine.${field}`);
        assert(stopEngine.message.length < 500);
      }
      await assert.rejects(world.tandem.ask(OneEngine, { by: { name: value } }), /BAD_USER_INPUT/);
    });
  }

  test('an engine to stop that is given twice, or not at all', async () => {
    for (const engine of ['{}', '{ id: "a", name: "b" }', '{ id: null }']) {
      const { body } = await world.tandem.answer({
        query: `mutation { stopEngine(engine: ${engine}) { __typename } }`,
      });
      assert.equal(body.errors?.length, 1, engine);
    }
  });

  test('a filter or a subscription for a VPN that does not exist', async () => {
    await assert.rejects(world.tandem.ask(Engines, { filter: { vpn: 'nobody' } }), /BAD_USER_INPUT.*|nobody/);
    const { body } = await world.tandem.answer({
      query: 'query { engines(filter: { vpn: "nobody" }) { id } }',
    });
    assert.equal(body.errors?.[0]?.extensions?.code, 'BAD_USER_INPUT');
  });

  test('nonsense instead of a document', async () => {
    for (const query of ['', '{', 'mutation { nothing }', '\u0000', '{ engines { id } } }']) {
      const { body } = await world.tandem.answer({ query });
      assert((body.errors?.length ?? 0) > 0, query);
    }
  });
});
