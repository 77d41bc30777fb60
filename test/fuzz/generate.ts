import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';
import type { Random } from '../support/random.ts';

/** Values that are of the right type, and at the edge of what is meant. */
const strings = [
  '',
  'gluetun',
  'acestream-1',
  '000000000001-00000000',
  'x'.repeat(300),
  '<script>',
  '\u001b[31m',
  '\ud83d\ude00',
  '__proto__',
  "' OR 1=1",
];
const numbers = [0, 1, -1, 2, 3, 50, 500, 501, 2_147_483_647, -2_147_483_648];

/** An operation that fits the schema, of whatever it offers. */
export function generate(schema: GraphQLSchema, random: Random): string {
  const kind = random.pick(['query', 'query', 'query', 'mutation', 'subscription'] as const);
  const root = schema.getRootType(kind as never);
  if (!root) throw new Error(`the schema has no ${kind}`);
  const fields = Object.values(root.getFields());
  // Now and then deeper than is let through.
  const depth = random.chance(0.1) ? 16 : random.whole(1, 7);
  const most = kind === 'query' ? random.whole(1, 4) : 1;
  const chosen = Array.from(
    { length: most },
    (_, n) => `a${n}: ${field(random.pick(fields), schema, random, depth)}`,
  );
  const name = random.chance(0.3) ? ' Fuzz' : '';
  return `${kind}${name} { ${chosen.join(' ')} }`;
}

function field(
  it: GraphQLField<unknown, unknown>,
  schema: GraphQLSchema,
  random: Random,
  depth: number,
): string {
  const args = it.args
    .filter((arg) => isRequiredArgument(arg) || random.chance(0.4))
    .map((arg) => `${arg.name}: ${literal(arg.type, random)}`);
  const directive = random.chance(0.03)
    ? ` @${random.pick(['skip', 'include'])}(if: ${random.chance(0.5)})`
    : '';
  return `${it.name}${args.length > 0 ? `(${args.join(', ')})` : ''}${directive}${selection(getNamedType(it.type), schema, random, depth)}`;
}

function selection(
  type: GraphQLNamedOutputType,
  schema: GraphQLSchema,
  random: Random,
  depth: number,
): string {
  if (isLeafType(type)) return '';
  const parts: string[] = [];
  if (isAbstractType(type)) {
    parts.push('__typename');
    for (const possible of schema.getPossibleTypes(type))
      if (random.chance(0.4))
        parts.push(`... on ${possible.name}${selection(possible, schema, random, depth - 1)}`);
  }
  if (isObjectType(type)) {
    for (const each of Object.values(type.getFields())) {
      const leaf = isLeafType(getNamedType(each.type));
      if (leaf ? random.chance(0.4) : depth > 0 && random.chance(depth > 7 ? 0.5 : 0.25)) {
        const alias = random.chance(0.05) ? `b${random.below(9)}: ` : '';
        parts.push(`${alias}${field(each, schema, random, depth - 1)}`);
      }
    }
  }
  return ` { ${parts.length === 0 ? '__typename' : parts.join(' ')} }`;
}

/** A value for an argument, as it is written. */
export function literal(type: GraphQLInputType, random: Random): string {
  if (isNonNullType(type)) return literal(type.ofType, random);
  if (random.chance(0.03)) return 'null';
  if (isListType(type))
    return `[${Array.from({ length: random.below(4) }, () => literal(type.ofType, random)).join(', ')}]`;
  if (isEnumType(type)) return random.pick(type.getValues()).name;
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields());
    const given = type.isOneOf
      ? [random.pick(fields)]
      : fields.filter((each) => isNonNullType(each.type) || random.chance(0.3));
    return `{ ${given.map((each) => `${each.name}: ${literal(each.type, random)}`).join(', ')} }`;
  }
  switch (type.name) {
    case 'Int':
      return String(random.pick(numbers));
    case 'Float':
      return String(random.pick(numbers) / 3);
    case 'Boolean':
      return String(random.chance(0.5));
    default:
      return JSON.stringify(random.pick(strings));
  }
}
