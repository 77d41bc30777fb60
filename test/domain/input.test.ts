import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkCount, checkRequest, type EngineRequest } from '../../src/domain/input.ts';

const instanceKey = 'my.instance';
const request = (changes: Partial<EngineRequest>): EngineRequest => ({
  labels: [],
  env: [],
  idempotencyKey: null,
  ...changes,
});
const label = (key: string, value = 'x') => request({ labels: [{ key, value }] });
const variable = (name: string, value = 'x') => request({ env: [{ name, value }] });
const key = (idempotencyKey: string) => request({ idempotencyKey });
const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

const bad: [string, EngineRequest, field: string, message: RegExp][] = [
  ['a label without a key', label(''), 'labels[0]', /key is empty/],
  ["a label key of Tandem's", label('tandem.engine'), 'labels[0]', /"tandem.engine" is reserved/],
  ["a label key of Tandem's in capitals", label('Tandem.Engine'), 'labels[0]', /reserved/],
  ["a label key that only begins like Tandem's", label('tandem.'), 'labels[0]', /reserved/],
  ['the label by which this instance knows its own', label(instanceKey), 'labels[0]', /reserved/],
  ["a label key of Docker's", label('com.docker.compose.project'), 'labels[0]', /reserved/],
  ["a label key of Docker's own in capitals", label('COM.DOCKER.x'), 'labels[0]', /reserved/],
  ["another label key of Docker's", label('io.docker.x'), 'labels[0]', /reserved/],
  ["a third label key of Docker's", label('org.dockerproject.x'), 'labels[0]', /reserved/],
  [
    'a label key of 129 characters',
    label('k'.repeat(129)),
    'labels[0]',
    /key has 129 characters; at most 128/,
  ],
  [
    'a label key of a million characters',
    label('k'.repeat(1_000_000)),
    'labels[0]',
    /key has 1000000 characters/,
  ],
  ['a label key with a line feed', label('a\nb'), 'labels[0]', /key contains a control character/],
  ['a label key with a NUL', label('a\0b'), 'labels[0]', /key contains a control character/],
  ['a label key with an escape', label('\u001b[31m'), 'labels[0]', /key contains a control character/],
  ['a label key with a DEL', label('a\u007f'), 'labels[0]', /key contains a control character/],
  ['a label key with a C1 control', label('a\u0085'), 'labels[0]', /key contains a control character/],
  [
    'a label value with a carriage return',
    label('a', 'x\ry'),
    'labels[0]',
    /value contains a control character/,
  ],
  ['a label value with a tab', label('a', 'x\ty'), 'labels[0]', /value contains a control character/],
  [
    'a label value of 4097 characters',
    label('a', 'v'.repeat(4_097)),
    'labels[0]',
    /value has 4097 characters; at most 4096/,
  ],
  [
    '65 labels',
    request({ labels: many(65, (index) => ({ key: `k${index}`, value: '' })) }),
    'labels',
    /65 labels are too many/,
  ],
  [
    'the same label key twice',
    request({
      labels: [
        { key: 'a', value: '1' },
        { key: 'b', value: '2' },
        { key: 'a', value: '1' },
      ],
    }),
    'labels[2]',
    /"a" is given twice/,
  ],
  [
    'a bad label behind good ones, by its index',
    request({
      labels: [
        { key: 'a', value: '' },
        { key: '', value: '' },
      ],
    }),
    'labels[1]',
    /key is empty/,
  ],
  ['a variable without a name', variable(''), 'env[0]', /name "" is not a variable's name/],
  ["a variable's name that begins with a digit", variable('1A'), 'env[0]', /not a variable's name/],
  ['a variable\'s name with "="', variable('A=B'), 'env[0]', /not a variable's name/],
  ['a variable\'s name with "-"', variable('A-B'), 'env[0]', /not a variable's name/],
  ["a variable's name with a space", variable('A B'), 'env[0]', /not a variable's name/],
  ["a variable's name with a letter beyond ASCII", variable('ÄB'), 'env[0]', /not a variable's name/],
  ["a variable's name with a line feed at its end", variable('A\n'), 'env[0]', /control character/],
  ["a variable's name with a NUL", variable('A\0'), 'env[0]', /control character/],
  ["a variable's name of 129 characters", variable('A'.repeat(129)), 'env[0]', /name has 129 characters/],
  [
    'the variable that carries the ports: ACESTREAM_ARGS',
    variable('ACESTREAM_ARGS'),
    'env[0]',
    /set by Tandem/,
  ],
  ['the variable that carries the ports: EXTRA_FLAGS', variable('EXTRA_FLAGS'), 'env[0]', /set by Tandem/],
  [
    'the variable that carries the ports: ALLOW_REMOTE_ACCESS',
    variable('ALLOW_REMOTE_ACCESS'),
    'env[0]',
    /set by Tandem/,
  ],
  [
    'the same variable twice',
    request({
      env: [
        { name: 'A', value: '1' },
        { name: 'A', value: '2' },
      ],
    }),
    'env[1]',
    /"A" is given twice/,
  ],
  ["a variable's value with a NUL", variable('A', 'x\0'), 'env[0]', /value contains a control character/],
  [
    "a variable's value with an escape",
    variable('A', '\u001b'),
    'env[0]',
    /value contains a control character/,
  ],
  [
    "a variable's value of 32769 characters",
    variable('A', 'v'.repeat(32_769)),
    'env[0]',
    /value has 32769 characters; at most 32768/,
  ],
  [
    '65 variables',
    request({ env: many(65, (index) => ({ name: `A${index}`, value: '' })) }),
    'env',
    /65 variables are too many/,
  ],
  [
    'variables of one character too many in all',
    request({
      env: [
        ...many(3, (index) => ({ name: `A${index}`, value: 'v'.repeat(32_766) })),
        { name: 'LAST', value: 'v'.repeat(32_765) },
      ],
    }),
    'env',
    /env holds 131073 characters/,
  ],
  ['an empty idempotencyKey', key(''), 'idempotencyKey', /^idempotencyKey is empty/],
  [
    'an idempotencyKey of 256 characters',
    key('k'.repeat(256)),
    'idempotencyKey',
    /^idempotencyKey has 256 characters; at most 255/,
  ],
  [
    'an idempotencyKey with a line feed',
    key('a\nb'),
    'idempotencyKey',
    /^idempotencyKey contains a control character/,
  ],
];

const good: [string, EngineRequest][] = [
  ['nothing', request({})],
  ['64 labels', request({ labels: many(64, (index) => ({ key: `k${index}`, value: '' })) })],
  ['a label key of 128 characters', label('k'.repeat(128))],
  ['a label value of 4096 characters', label('a', 'v'.repeat(4_096))],
  ['an empty label value', label('a', '')],
  ['label keys in other alphabets', label('Ünïcödé 日本 🚀', '日本')],
  ["a label key that only looks like Tandem's", label('tandem')],
  ["a label key that begins like the instance's", label(`${instanceKey}.more`)],
  [
    'label keys that differ in case',
    request({
      labels: [
        { key: 'a', value: '' },
        { key: 'A', value: '' },
      ],
    }),
  ],
  ['64 variables', request({ env: many(64, (index) => ({ name: `A${index}`, value: '' })) })],
  ['a variable\'s name that begins with "_"', variable('_a1')],
  ["a variable's value with line feeds and tabs", variable('A', 'a\r\n\tb')],
  [
    'variables of 131072 characters in all',
    request({ env: many(4, (index) => ({ name: `A${index}`, value: 'v'.repeat(32_766) })) }),
  ],
  ['a variable whose name only begins like a reserved one', variable('ACESTREAM_ARGS_2')],
  ['an idempotencyKey of 255 characters', key('k'.repeat(255))],
  ['an idempotencyKey with spaces', key(' ')],
];

describe('a request is refused for', () => {
  for (const [name, input, field, message] of bad) {
    test(name, () => {
      const wrong = checkRequest(input, instanceKey);
      assert.equal(wrong?.field, field);
      assert.match(wrong?.message ?? '', message);
      assert.equal(wrong?.retryable, false);
    });
  }

  test('its labels before its variables before its key', () => {
    const allBad = { labels: [{ key: '', value: '' }], env: [{ name: '', value: '' }], idempotencyKey: '' };
    assert.equal(checkRequest(allBad, instanceKey)?.field, 'labels[0]');
    assert.equal(checkRequest({ ...allBad, labels: [] }, instanceKey)?.field, 'env[0]');
    assert.equal(checkRequest({ ...allBad, labels: [], env: [] }, instanceKey)?.field, 'idempotencyKey');
  });
});

describe('a request may have', () => {
  for (const [name, input] of good) test(name, () => assert.equal(checkRequest(input, instanceKey), null));
});

describe('what a complaint repeats', () => {
  test('never a value: it may be secret', () => {
    const secret = 'hunter2';
    for (const input of [
      label('a', `${secret}\n`),
      variable('A', `${secret}\0`),
      variable('ACESTREAM_ARGS', secret),
      variable('1', secret),
      key(`${secret}\n`),
    ]) {
      const { message } = checkRequest(input, instanceKey) ?? assert.fail('it was let through');
      assert.ok(!message.includes(secret), message);
    }
  });

  test('never more than a line, however long the input', () => {
    for (const input of [
      label(`tandem.${'x'.repeat(100)}`),
      variable('-'.repeat(128)),
      label('k'.repeat(1_000_000)),
    ]) {
      assert.ok((checkRequest(input, instanceKey)?.message.length ?? Number.POSITIVE_INFINITY) < 250);
    }
  });
});

describe('a count', () => {
  for (const count of [
    0,
    -0,
    -1,
    1_001,
    1e9,
    2 ** 31,
    1.5,
    0.999,
    1000.1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ]) {
    test(`${Object.is(count, -0) ? '-0' : count} is refused`, () =>
      assert.equal(checkCount(count)?.field, 'count'));
  }
  for (const count of [1, 2, 999, 1_000])
    test(`${count} is taken`, () => assert.equal(checkCount(count), null));
});
