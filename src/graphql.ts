import './schema/scalars.ts';
import './resolvers/engine.ts';
import './resolvers/query.ts';
import './resolvers/mutation.ts';
import './resolvers/subscription.ts';
import { builder } from './schema/builder.ts';

export const schema = builder.toSchema();
