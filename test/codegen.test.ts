import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  parse,
  validate,
} from 'graphql';
import { printed } from '../scripts/printed.ts';
import { schema, simulatedSchema } from '../src/graphql.ts';
import { exampleOperations } from '../src/server/examples.ts';

const root = join(import.meta.dirname, '..');

test('the printed schemas and the typed documents are those of today (else: npm run codegen)', () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/.bin/graphql-codegen'), '--config', 'codegen.ts', '--check'],
    { cwd: root, encoding: 'utf8' },
  );
  assert.equal(status, 0, `${stdout}\n${stderr}`);
  for (const [file, text] of Object.entries(printed))
    assert.equal(readFileSync(join(root, file), 'utf8'), text, file);
});

test('what is simulated is in no other schema than that of the embedded engine', () => {
  const [mutations, simulated] = [schema, simulatedSchema].map((each) =>
    Object.keys(each.getMutationType()?.getFields() ?? {}),
  );
  assert.deepEqual(simulated, [...(mutations ?? []), 'simulate'].sort());
  assert.doesNotMatch(printed['schema.graphql'] ?? '', /simulate\b/);
});

test('every type, field, argument and value has a description', () => {
  const bare: string[] = [];
  const check = (name: string, { description }: { description?: string | null | undefined }) => {
    if (!description) bare.push(name);
  };
  const own = Object.values(simulatedSchema.getTypeMap()).filter(
    ({ name }) => !name.startsWith('__') && !['String', 'Int', 'Float', 'Boolean', 'ID'].includes(name),
  );
  assert(own.length > 30);
  for (const type of own) {
    check(type.name, type);
    for (const member of membersOf(type)) {
      check(`${type.name}.${member.name}`, member);
      for (const argument of 'args' in member ? member.args : [])
        check(`${type.name}.${member.name}(${argument.name})`, argument);
    }
  }
  assert.deepEqual(bare, []);
});

test('every operation that the playground opens with is valid', () => {
  assert.deepEqual(validate(schema, parse(exampleOperations)), []);
});

function membersOf(type: GraphQLNamedType) {
  if (isObjectType(type) || isInterfaceType(type) || isInputObjectType(type))
    return Object.values(type.getFields());
  return isEnumType(type) ? type.getValues() : [];
}
