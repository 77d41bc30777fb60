import './schema/scalars.ts';
import './resolvers/engine.ts';
import './resolvers/query.ts';
import './resolvers/mutation.ts';
import './resolvers/simulation.ts';
import './resolvers/subscription.ts';
import { GraphQLObjectType, GraphQLSchema } from 'graphql';
import { builder } from './schema/builder.ts';

/** On the embedded engine, where VPNs can be told how to be. */
export const simulatedSchema = builder.toSchema();

/** Everywhere else: there is one builder for the process, so what is simulated is taken out again. */
export const schema = withoutSimulation(simulatedSchema);

function withoutSimulation(whole: GraphQLSchema): GraphQLSchema {
  const { mutation, types, ...rest } = whole.toConfig();
  if (!mutation) throw new Error('there is no mutation to take out');
  const { fields, ...named } = mutation.toConfig();
  const { simulate: _, ...others } = fields;
  const left = new GraphQLObjectType({ ...named, fields: others });
  return new GraphQLSchema({
    ...rest,
    mutation: left,
    types: types.map((type) => (type === mutation ? left : type)),
  });
}
