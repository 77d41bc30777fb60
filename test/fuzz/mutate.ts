import type { Random } from '../support/random.ts';

/** Names, strings, numbers and punctuators; whatever is none of them is one character. */
const token = /"""[\s\S]*?"""|"(?:[^"\\\n]|\\.)*"|[_A-Za-z]\w*|-?\d+(?:\.\d+)?|\.\.\.|[\s\S]/g;

const literals = [
  '99999999999999999999',
  '-0',
  '1e400',
  '0x10',
  '00',
  '1.',
  '"\\u0000"',
  '"\\u{110000}"',
  '"\\ud800"',
  '"""\n\u001b[2J\n"""',
  '"unended',
  'null',
  'true',
  '$a',
  '$',
  '[]',
  '[[[[[[]]]]]]',
  '{}',
  '{a: {a: {a: 1}}}',
  'ENUM',
  '__proto__',
  'constructor',
  '@skip(if: true)',
  '@include(if: $a)',
  '@deprecated',
  '@oneOf',
];
const punctuators = [
  ...'{}()[]:!=@$|&',
  '...',
  '#',
  '"',
  '"""',
  '\\',
  ',',
  ' ',
  '\n',
  '\ufeff',
  '\u0000',
  '\u2028',
  '\ud83d',
  '\u009b',
  '\u202e',
];
const pieces = [
  '__typename',
  '... { __typename }',
  '... on Query { __typename }',
  'fragment f on Query { ...f }',
  '...f',
  'query',
  'mutation',
  'subscription',
  'query($a: Int = 1)',
  '{ __schema { types { name fields { name type { name ofType { name } } } } } }',
  'a: __typename',
  'type T { a: Int }',
  'extend schema @a',
];

type Change = (tokens: string[], at: number, random: Random, names: readonly string[]) => void;

const changes: readonly Change[] = [
  (tokens, at) => tokens.splice(at, 1),
  (tokens, at) => tokens.splice(at, 0, tokens[at] ?? ''),
  (tokens, at, random) => tokens.splice(at, 0, ' ', random.pick(literals), ' '),
  (tokens, at, random) => tokens.splice(at, 1, random.pick(literals)),
  (tokens, at, random) => tokens.splice(at, 0, random.pick(punctuators)),
  (tokens, at, random) => tokens.splice(at, 0, ' ', random.pick(pieces), ' '),
  (tokens, at, random, names) => tokens.splice(nextName(tokens, at), 1, random.pick(names)),
  (tokens, at, random, names) => tokens.splice(nextName(tokens, at), 0, `${random.pick(names)}: `),
  (tokens, at, random) => tokens.splice(at, random.below(20)),
  (tokens, at, random) => {
    const other = random.below(tokens.length);
    [tokens[at], tokens[other]] = [tokens[other] ?? '', tokens[at] ?? ''];
  },
  // A block many times over, or within itself.
  (tokens, at, random) => {
    const block = tokens.slice(at, at + random.whole(1, 30));
    for (let times = 2 ** random.below(9); times > 0; times--) tokens.splice(at, 0, ...block);
  },
  (tokens, at, random) => {
    const depth = 2 ** random.below(11);
    tokens.splice(at, 0, random.pick(['{ a ', '[', '(a: {', '... {']).repeat(depth));
  },
  (tokens, at, random) =>
    tokens.splice(
      at,
      0,
      String.fromCharCode(...Array.from({ length: random.whole(1, 8) }, () => random.below(65_536))),
    ),
];

/** A document after a few accidents. */
export function mutate(document: string, random: Random, names: readonly string[]): string {
  const tokens = document.match(token) ?? [''];
  for (let times = random.pick([1, 1, 1, 2, 3, 8]); times > 0; times--)
    random.pick(changes)(tokens, random.below(Math.max(1, tokens.length)), random, names);
  return tokens.join('');
}

function nextName(tokens: readonly string[], at: number): number {
  const found = tokens.findIndex((each, index) => index >= at && /^\w/.test(each));
  return found === -1 ? at : found;
}

/** Values of whatever type, for variables that are asked for or not. */
export function anyValue(random: Random, depth = 3): unknown {
  const plain = [
    null,
    true,
    0,
    -1,
    1.5,
    1e308,
    2 ** 53,
    '',
    'gluetun',
    'x'.repeat(2_000),
    '\u0000',
    '\ud800',
    '__proto__',
    'READY',
  ];
  if (depth === 0 || random.chance(0.6)) return random.pick(plain);
  if (random.chance(0.5)) return Array.from({ length: random.below(5) }, () => anyValue(random, depth - 1));
  const keys = [
    'vpn',
    'states',
    'health',
    'id',
    'name',
    'count',
    'labels',
    'env',
    'key',
    'value',
    'idempotencyKey',
    '__proto__',
    'toString',
    '',
  ];
  return Object.fromEntries(
    Array.from({ length: random.below(5) }, () => [random.pick(keys), anyValue(random, depth - 1)]),
  );
}
