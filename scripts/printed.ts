import { GraphQLObjectType, lexicographicSortSchema, printSchema, printType } from 'graphql';
import { schema, simulatedSchema } from '../src/graphql.ts';

/** The schema for people and reviews, by file. Printed by graphql itself: codegen's printer loses the defaults of arguments. */
export const printed: Readonly<Record<string, string>> = {
  'schema.graphql': `${printSchema(lexicographicSortSchema(schema))}\n`,
  'simulated.graphql': `# What the embedded engine can do besides.\nextend ${printType(more())}\n`,
};

/** The mutations that only the embedded engine has. */
function more(): GraphQLObjectType {
  const [everywhere, there] = [schema, simulatedSchema].map((each) => each.getMutationType()?.toConfig());
  if (!everywhere || !there) throw new Error('there are no mutations to print');
  const fields = Object.entries(there.fields).filter(([name]) => !(name in everywhere.fields));
  return new GraphQLObjectType({ name: there.name, fields: Object.fromEntries(fields) });
}
